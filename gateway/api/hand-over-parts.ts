import type { HandedAlert, HandedGap, HandOverReport } from "../domain/hand-over.ts"

/** The cells of a row. */
export type Row = ReadonlyArray<string>

/** One list of a report, as a page and a terminal both show it. */
export interface Part {
  readonly title: string
  readonly heads: Row
  readonly rows: ReadonlyArray<Row>
  /** How many there were, where the list is cut. */
  readonly total?: number
}

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

/** The report as its lists. `clock`: an instant in the words of the site. */
export const partsOf = (report: HandOverReport, clock: (at: number) => string): ReadonlyArray<Part> => {
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

/** Instants by the wall clock of a zone: 27 Nov 2026, 12:24. */
export const clockOf = (timeZone: string) => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" })
  return (at: number): string => format.format(at)
}

/** How many alerts came and went, in a sentence. */
export const countsOf = ({ raised, closed }: HandOverReport): string => {
  const total = raised.reduce((sum, count) => sum + count, 0)
  const byPriority = raised.map((count, nth) => `${count} ${(priorities[nth] ?? "").toLowerCase()}`).join(", ")
  const outcomes = Object.entries(closed)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcomeWords[outcome as keyof typeof outcomeWords]}`)
  return `${total} ${total === 1 ? "alert" : "alerts"} raised (${byPriority}); closed: ${outcomes.length === 0 ? "none" : outcomes.join(", ")}`
}
