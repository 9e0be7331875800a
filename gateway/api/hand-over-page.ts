import { createHash } from "node:crypto"
import type { Campus } from "../domain/campus.ts"
import type { HandedAlert, HandedGap, HandOverReport } from "../domain/hand-over.ts"
import type { HandOver } from "../domain/shift.ts"

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

const style = `
@page { margin: 18mm 16mm }
body { font: 11pt/1.4 "DejaVu Sans", system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 190mm; margin: 0 auto; padding: 12px }
h1 { font-size: 16pt; margin: 0 0 4pt }
h2 { font-size: 12pt; margin: 14pt 0 4pt; border-bottom: 1pt solid #777; break-after: avoid }
table { width: 100%; border-collapse: collapse; font-size: 10pt }
th, td { text-align: left; vertical-align: top; padding: 3pt 8pt 3pt 0; border-bottom: .5pt solid #bbb }
tr { break-inside: avoid }
p { margin: 2pt 0 }
.none { color: #555 }
.signatures { display: grid; grid-template-columns: 1fr 1fr; gap: 24pt; margin-top: 24pt; break-inside: avoid }
.signatures p { border-top: 1pt solid #1a1a1a; padding-top: 3pt }
`

/** Nothing is loaded and nothing runs; only this style applies. */
const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; frame-ancestors 'self'`

type Row = ReadonlyArray<string>

const table = (heads: Row, rows: ReadonlyArray<Row>): string =>
  `<table><thead><tr>${heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join("")}</tr></thead><tbody>` +
  rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("") +
  "</tbody></table>"

interface Part {
  readonly title: string
  readonly heads: Row
  readonly rows: ReadonlyArray<Row>
  /** How many there were, where the list is cut. */
  readonly total?: number
}

const partHtml = ({ title, heads, rows, total = rows.length }: Part): string =>
  `<h2>${escaped(title)}${total === 0 ? "" : ` (${total})`}</h2>` +
  (rows.length === 0 ? '<p class="none">None.</p>' : table(heads, rows)) +
  (total > rows.length ? `<p class="none">${total - rows.length} more are not listed.</p>` : "")

const priorities = ["Critical", "High", "Medium", "Low"]

const outcomeWords: Readonly<Record<keyof HandOverReport["closed"], string>> = {
  real: "real",
  "nuisance-hardware": "nuisance of hardware",
  "nuisance-user": "nuisance of users",
  "test-drill": "test or drill",
  unknown: "unknown"
}

/** What came of the sound test, in words. */
const soundWords = {
  heard: "alarm heard",
  "not-heard": "alarm NOT heard",
  "no-sound": "nothing sounds at their place"
} as const

const alertHeads = ["Priority", "What", "Where", "Since", "Owner"]

/** The report as parts: what a page and a terminal both show. `clock`: an instant in the words of the site. */
const partsOf = (report: HandOverReport, clock: (at: number) => string): ReadonlyArray<Part> => {
  const alertRow = ({ priority, title, where, raisedAt, owner, acknowledged }: HandedAlert): Row => [
    priorities[priority - 1] ?? "",
    title,
    where,
    clock(raisedAt),
    owner ?? (acknowledged ? "" : "nobody")
  ]
  const gapRow = ({ title, owner, reason, until }: HandedGap): Row => [
    title,
    owner,
    reason,
    until === undefined ? "" : clock(until)
  ]
  const gapHeads = ["What", "Owner", "Why", "Ends"]
  return [
    {
      title: "On shift",
      heads: ["Who", "Since", "Sound test"],
      rows: report.onShift.map(({ name, since, sound }) => [name, clock(since), soundWords[sound]])
    },
    {
      title: "Came and went",
      heads: ["When", "Who", "What"],
      rows: report.turns.map(({ at, name, turn, sound }) => [
        clock(at),
        name,
        `${turn === "on" ? "signed on" : "signed off"}${sound === undefined ? "" : `, ${soundWords[sound]}`}`
      ])
    },
    { title: "Open alerts", heads: alertHeads, rows: report.open.items.map(alertRow), total: report.open.total },
    {
      title: "Shelved and out of service",
      heads: gapHeads,
      rows: report.outOfService.items.map(gapRow),
      total: report.outOfService.total
    },
    { title: "Faults", heads: gapHeads, rows: report.faults.items.map(gapRow), total: report.faults.total },
    {
      title: "Incidents",
      heads: ["Case", "What", "State", "By"],
      rows: report.incidents.items.map(({ id, title, state, owner }) => [id, title, state, owner ?? ""]),
      total: report.incidents.total
    },
    {
      title: "Tests and drills",
      heads: alertHeads,
      rows: report.drills.items.map(alertRow),
      total: report.drills.total
    },
    {
      title: "Doors with the most nuisance alerts",
      heads: ["Door", "Alerts"],
      rows: report.nuisance.map(({ name, count }) => [name, String(count)])
    },
    {
      title: "Notes",
      heads: ["When", "By", "Note"],
      rows: report.notes.map(({ at, by, note }) => [clock(at), by, note])
    }
  ]
}

const clockOf = (timeZone: string) => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" })
  return (at: number): string => format.format(at)
}

const countsOf = ({ raised, closed }: HandOverReport): string => {
  const total = raised.reduce((sum, count) => sum + count, 0)
  const byPriority = raised.map((count, nth) => `${count} ${(priorities[nth] ?? "").toLowerCase()}`).join(", ")
  const outcomes = Object.entries(closed)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcomeWords[outcome as keyof typeof outcomeWords]}`)
  return `${total} ${total === 1 ? "alert" : "alerts"} raised (${byPriority}); closed: ${outcomes.length === 0 ? "none" : outcomes.join(", ")}`
}

/** A hand-over as one page to print, and the policy that it is served under. */
export const handOverPage = (
  { handOver, report }: { readonly handOver: HandOver; readonly report: HandOverReport },
  campus: Campus | undefined
): { readonly html: string; readonly policy: string } => {
  const clock = clockOf(campus?.site.timeZone ?? "UTC")
  const title = `Shift hand-over ${handOver.id}`
  const signed = handOver.signed.map(({ by, at }) => `Taken over by ${by}, ${clock(at)}`).join("; ")
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head><body><main>
<h1>${escaped(title)}</h1>
<p>${escaped(campus?.site.name ?? "")}</p>
<p>From ${escaped(clock(report.from))} until ${escaped(clock(report.to))}</p>
<p>${escaped(countsOf(report))}</p>
${partsOf(report, clock).map(partHtml).join("\n")}
<div class="signatures"><p>Handed over by ${escaped(handOver.by)}, ${escaped(clock(handOver.at))}</p><p>${escaped(signed === "" ? "Not taken over yet" : signed)}</p></div>
</main></body></html>
`
  return { html, policy }
}
