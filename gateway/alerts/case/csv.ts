import type { Incident } from "../../domain/incident.ts"
import type { EpochMs } from "../../domain/ids.ts"
import { type CaseFile, markOfCase } from "./case-file.ts"

/** What a spreadsheet would take for a formula is text (OWASP, CSV injection). */
const formula = /^[=+\-@\t\r]/

const cell = (value: string): string => {
  const text = formula.test(value) ? `'${value}` : value
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180, with the mark by which spreadsheets know UTF-8. */
const csvOf = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  `\uFEFF${[heads, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`

type Clock = (at: EpochMs) => string

const optional = (at: EpochMs | undefined, clock: Clock): string => (at === undefined ? "" : clock(at))

/** Cases, one a line. */
export const incidentsCsv = (incidents: ReadonlyArray<Incident>, clock: Clock): string =>
  csvOf(
    [
      "number",
      "mark",
      "title",
      "state",
      "disposition",
      "cause",
      "occurred",
      "occurred until",
      "reported",
      "opened",
      "author",
      "closed",
      "closed by",
      "general location",
      "nature",
      "doors",
      "alerts",
      "revision"
    ],
    incidents.map((incident) => [
      incident.id,
      markOfCase(incident),
      incident.title,
      incident.closed ? "closed" : "open",
      incident.disposition?.kind ?? "",
      incident.disposition?.cause ?? "",
      clock(incident.occurredAt),
      optional(incident.occurredUntil, clock),
      clock(incident.reportedAt),
      clock(incident.openedAt),
      incident.author,
      optional(incident.closedAt, clock),
      incident.closedBy ?? "",
      incident.generalLocation,
      incident.nature,
      [...new Set(incident.alerts.flatMap(({ door }) => door ?? []))].join(" "),
      incident.alerts.map(({ id }) => id).join(" "),
      String(incident.revision)
    ])
  )

/** The Clery Act's daily crime log: only what it asks for (34 CFR 668.46(f)(1)), by the date that it was reported. */
export const cleryCsv = (incidents: ReadonlyArray<Incident>, clock: Clock): string =>
  csvOf(
    [
      "case",
      "nature",
      "date and time reported",
      "date and time occurred",
      "occurred until",
      "general location",
      "disposition",
      "entered in the log"
    ],
    [...incidents]
      .sort((a, b) => a.reportedAt - b.reportedAt)
      .map((incident) => [
        incident.id,
        incident.nature,
        clock(incident.reportedAt),
        clock(incident.occurredAt),
        optional(incident.occurredUntil, clock),
        incident.generalLocation,
        incident.disposition?.kind ?? "open",
        optional(incident.cleryEnteredAt, clock)
      ])
  )

/** The course of one case, one line each. */
export const timelineCsv = ({ timeline }: CaseFile, clock: Clock): string =>
  csvOf(
    ["time", "log entry", "kind", "what"],
    timeline.map(({ at, seq, kind, text }) => [clock(at), seq === undefined ? "" : String(seq), kind, text])
  )
