import { describe, expect, it } from "vitest"
import { linesOf } from "../../../gateway/alerts/case/pdf-lines.ts"
import { reportHtml } from "../../../gateway/alerts/case/report-html.ts"
import { reportPdf } from "../../../gateway/alerts/case/report-pdf.ts"
import type { Incident } from "../../../gateway/domain/incident.ts"
import { canReadPdf, pagesOf } from "./pdf-words.ts"
import { burglary, reportedAs } from "./report-stage.ts"

const setting = { width: 100, weight: "regular", measure: (text: string) => Array.from(text).length * 5 } as const
const seen = (text: string): ReadonlyArray<string> =>
  linesOf(text, setting).map(({ units }) => units.map((unit) => unit.text).join(""))

describe("a text that is set in lines", () => {
  it("is broken at blanks, and a word that is wider than the line within itself; no sign of it is left out", () => {
    expect(seen("one two three four five six")).toEqual(["one two three four", "five six"])
    const lines = seen("x".repeat(50))
    expect(lines).toEqual(["x".repeat(20), "x".repeat(20), "x".repeat(10)])
    expect(seen("a\n\nb")).toEqual(["a", "", "b"])
  })

  it("runs from right to left where it is written so, with what is not among it as it is", () => {
    // From the left: the last word, the bracket that closes as it is seen, what stands in it, the first word.
    expect(seen("שלום (A 12) עולם")).toEqual(["עולם (A 12) שלום"])
    expect(linesOf("שלום", setting)[0]?.rightToLeft).toBe(true)
    expect(linesOf("witness שלום", setting)[0]?.rightToLeft).toBe(false)
  })

  it("is set in another face where the first has no such sign, and broken between signs that stand for words", () => {
    const [line] = linesOf("Name 山田", setting)
    expect(line?.units.map(({ text, face }) => `${text} ${face}`)).toEqual([
      "Name regular",
      "  regular",
      "山 other",
      "田 other"
    ])
    expect(seen("山".repeat(25))).toEqual(["山".repeat(20), "山".repeat(5)])
  })
})

describe("the report of a case", () => {
  it("says what, where, when, who, what was done and what came of it", () => {
    const { facts, clery, procedures, alerts, foot } = reportedAs(burglary)
    expect(Object.fromEntries(facts)).toMatchObject({
      What: "Burglary at the Science Hall",
      Where: "Science Hall · Ground floor · East exit",
      "Validation (TMA-AVS-01)": "Level 2: somebody is likely there",
      Occurred: "2026-03-02 11:04:11",
      Acknowledged: "2026-03-02 11:04:20 by R. Alvarez",
      Outcome: "Real: the police have it"
    })
    expect(Object.fromEntries(clery)).toMatchObject({ Nature: "Burglary", "General location": "Science Hall" })
    expect(procedures[0]?.steps.map(({ sign, said }) => `${sign} ${said}`)).toEqual([
      "✓ done, R. Alvarez, 2026-03-02 11:04:23",
      "– left out: the patrol was there, J. Brandt, 2026-03-02 11:04:51",
      "○ not needed"
    ])
    expect(alerts[0]?.[2]).toContain("closed 2026-03-02 11:14:11 by R. Alvarez: real")
    expect(foot).toContain("I-4900 · revision 7 · written by R. Alvarez · printed by S. Chen")
  })

  it("shows the moment and what led to it and came of it, at most five pictures, each with its hash", () => {
    const { pictures } = reportedAs(burglary)
    expect(pictures.map(({ hash }) => hash[0])).toEqual(["a", "b", "c", "d", "e"])
    expect(pictures[2]?.words).toBe("East camera, 2026-03-02 11:04:11 (A-4821)")
    expect(pictures[4]).not.toHaveProperty("picture")
  })

  it("is a drill's as soon as it was opened as one, or turned out to be one; and then no Clery log has it", () => {
    expect(reportedAs({ ...burglary, reality: "exercise" }).mark).toBe("DRILL")
    const { mark, clery } = reportedAs({ ...burglary, disposition: { kind: "drill" } })
    expect([mark, clery]).toEqual(["DRILL", []])
    expect(reportedAs({ ...burglary, disposition: { kind: "test" } }).mark).toBe("TEST")
    expect(reportedAs(burglary).mark).toBe("REAL")
  })

  it("leaves out of a long timeline what doors and devices told, and says how much that is", () => {
    const { timeline, timelineNote } = reportedAs(burglary, 200)
    expect(timeline).toHaveLength(60)
    expect(timeline.filter(([, kind]) => kind === "officer")).toHaveLength(50)
    expect(timelineNote).toBe("140 more lines are in the export and in the log.")
  })
})

describe("the report as HTML", () => {
  it("has all that it needs inside, and lets nothing that was written become markup", () => {
    const html = reportHtml(reportedAs({ ...burglary, narrative: "<script>alert(1)</script> & more" }))
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more")
    expect(html).not.toMatch(/<script|<link|https?:\/\//)
    expect(html.match(/src="data:image\/jpeg;base64,/g)).toHaveLength(4)
    expect(html).toContain("No longer kept, or not readable")
    expect(html).toContain("محمد العربي")
  })
})

describe("the report as PDF", () => {
  const hard: Incident = {
    ...burglary,
    reality: "exercise",
    disposition: { kind: "drill" },
    title: `Übung ${"sehr ".repeat(30)}lang`,
    narrative: [
      "الباب مفتوح (Door A-12) منذ 10:02 ".repeat(20),
      "x".repeat(900),
      "扉が開いていました。".repeat(60),
      "Long text. ".repeat(900)
    ].join("\n"),
    notes: Array.from({ length: 40 }, (_, id) => ({
      id,
      text: `נרשמה הערה ${id} ${"words ".repeat(40)}`,
      by: "J. Brandt",
      at: burglary.openedAt
    }))
  }

  it("is a PDF with its fonts inside, whatever pictures are missing or damaged", async () => {
    const pdf = Buffer.from(await reportPdf(reportedAs(burglary), "America/Chicago"))
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-")
    const text = pdf.toString("latin1")
    expect(text.match(/\/FontFile2/g)?.length).toBeGreaterThanOrEqual(2)
    expect(text).toContain("/MediaBox [0 0 612 792]")
    expect(text.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(2)
  }, 30_000)

  it.skipIf(!canReadPdf)(
    "can be read back, names of any script included, with its number and hash on every page",
    async () => {
      const pages = pagesOf(await reportPdf(reportedAs(burglary), "America/Chicago"))
      const whole = pages.join("\n").normalize("NFKC")
      for (const words of ["REAL", "I-4900", "山田太郎", "Łukasz Żółć", "محمد", "The police have it".toLowerCase()])
        expect(whole).toContain(words)
      expect(whole).toContain("The picture is damaged")
      expect(pages.length).toBeLessThanOrEqual(3)
      for (const [nth, page] of pages.entries()) {
        expect(page).toContain(`page ${nth + 1} of ${pages.length}`)
        expect(page).toContain("0".repeat(64))
      }
    },
    30_000
  )

  it.skipIf(!canReadPdf)(
    "loses nothing of a very long case, and says on every page that it is a drill",
    async () => {
      const pages = pagesOf(await reportPdf(reportedAs(hard, 400), "Europe/Berlin"))
      const whole = pages.join("\n").replaceAll(/\s+/g, " ")
      for (const word of [/\bLong\b/g, /\btext\./g]) expect(whole.match(word)).toHaveLength(900)
      expect(whole.match(/x{5,}/g)?.join("")).toHaveLength(900)
      expect(whole.match(/J\. Brandt/g)?.length).toBeGreaterThanOrEqual(40)
      for (const page of pages) expect(page).toContain("DRILL")
    },
    60_000
  )
})
