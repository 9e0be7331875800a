import { markWords } from "../procedure-life.ts"
import type { Alert } from "../../domain/alert.ts"
import type { Step } from "../../domain/checklist.ts"
import { markOf, pathOf } from "../../domain/checklist-path.ts"
import type { Frame, PictureType } from "../../domain/evidence.ts"
import type { EpochMs } from "../../domain/ids.ts"
import type { Incident } from "../../domain/incident.ts"
import type { CaseFile, RealityMark } from "./case-file.ts"

/** A name and what is said of it. */
export type Row = readonly [name: string, words: string]

/** A picture of the report, or why it is not there. */
export interface ReportPicture {
  readonly words: string
  readonly hash: string
  readonly picture?: { readonly bytes: Uint8Array; readonly mediaType: PictureType }
}

export interface ReportStep {
  readonly sign: "✓" | "–" | "○"
  readonly text: string
  readonly said: string
}

export interface ReportProcedure {
  readonly name: string
  readonly steps: ReadonlyArray<ReportStep>
}

/** A report in words, whatever it is printed as. */
export interface Report {
  readonly number: string
  readonly mark: RealityMark
  readonly title: string
  readonly site: string
  /** What, where, when, and what came of it. */
  readonly facts: ReadonlyArray<Row>
  /** The fields of the Clery log; empty where it does not belong there. */
  readonly clery: ReadonlyArray<Row>
  readonly people: ReadonlyArray<readonly [name: string, role: string, note: string]>
  readonly narrative: string
  readonly alerts: ReadonlyArray<readonly [id: string, what: string, course: string]>
  readonly pictures: ReadonlyArray<ReportPicture>
  readonly procedures: ReadonlyArray<ReportProcedure>
  readonly timeline: ReadonlyArray<readonly [at: string, kind: string, text: string]>
  /** Why the timeline is not whole; empty where it is. */
  readonly timelineNote: string
  readonly notes: ReadonlyArray<readonly [at: string, by: string, text: string]>
  /** Below every page: which revision, who wrote it, who printed it when. */
  readonly foot: string
  readonly hash: string
}

/** So many pictures tell what happened; the export names all. */
export const picturesMax = 5

/** So many lines of the timeline fit a report of three pages; the export has all. */
export const linesMax = 60

type Kept = Extract<Frame, { readonly hash: string }>

/** What is told best by a frame: the moment itself, then what led to it and what came of it. */
const worth = [0, -5, 5, -10, 10]

/** The pictures that the report shows: the moment of each alert first. */
export const picturesOf = (alerts: ReadonlyArray<Alert>): ReadonlyArray<Kept & { readonly alert: string }> =>
  alerts
    .flatMap(({ id, evidence = [] }) => evidence.flatMap((frame) => ("hash" in frame ? [{ ...frame, alert: id }] : [])))
    .sort((a, b) => worth.indexOf(a.offsetSeconds) - worth.indexOf(b.offsetSeconds) || a.takenAt - b.takenAt)
    .filter((frame, nth, all) => all.findIndex(({ hash }) => hash === frame.hash) === nth)
    .slice(0, picturesMax)
    .sort((a, b) => a.takenAt - b.takenAt)

/** `2026-03-02 10:02:11` by the clocks of the zone. */
export const clockIn = (timeZone: string): ((at: EpochMs) => string) => {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" })
  return (at) => format.format(at)
}

type Clock = ReturnType<typeof clockIn>

const levels = [
  "no call for help",
  "an unverified alarm",
  "somebody is likely there",
  "a threat to property",
  "a threat to life"
]

const dispositions = { real: "Real", nuisance: "Nuisance", test: "Test", drill: "Drill" } as const

const occurredWords = ({ occurredAt, occurredUntil }: Incident, clock: Clock): string =>
  `${clock(occurredAt)}${occurredUntil === undefined ? "" : ` to ${clock(occurredUntil)}`}`

const outcomeWords = (incident: Incident): string => {
  const { disposition, closing } = incident
  if (disposition === undefined) return "Open"
  const cause = disposition.cause === undefined ? "" : ` (${disposition.cause})`
  return `${dispositions[disposition.kind]}${cause}: ${closing ?? ""}`
}

const acknowledgedWords = (alerts: ReadonlyArray<Alert>, clock: Clock): string => {
  const first = alerts
    .flatMap(({ acknowledgedAt, acknowledgedBy }) =>
      acknowledgedAt === undefined ? [] : [{ at: acknowledgedAt, by: acknowledgedBy ?? "" }]
    )
    .sort((a, b) => a.at - b.at)[0]
  return first === undefined ? "–" : `${clock(first.at)} by ${first.by}`
}

const factsOf = ({ incident, alerts, where }: CaseFile, clock: Clock): ReadonlyArray<Row> => {
  const level = Math.max(0, ...alerts.map(({ validationLevel }) => validationLevel))
  return [
    ["What", incident.title],
    ["Where", where.join("; ") || incident.generalLocation || "–"],
    ["Validation (TMA-AVS-01)", alerts.length === 0 ? "–" : `Level ${level}: ${levels[level] ?? ""}`],
    ["Occurred", occurredWords(incident, clock)],
    ["Reported", clock(incident.reportedAt)],
    ["Acknowledged", acknowledgedWords(alerts, clock)],
    ["Closed", incident.closedAt === undefined ? "–" : `${clock(incident.closedAt)} by ${incident.closedBy ?? ""}`],
    ["Outcome", outcomeWords(incident)]
  ]
}

/** The last second before it: what is due at the end of a day is not told as the next one's. */
const lastSecond = (at: EpochMs, clock: Clock): string => clock(at - 1)

const entryWords = ({ cleryEnteredAt, cleryDue, cleryOverdue }: Incident, clock: Clock): string => {
  const due = cleryDue === undefined ? "" : `due ${lastSecond(cleryDue, clock)}`
  if (cleryEnteredAt === undefined) return `not made yet${cleryOverdue === true ? ", OVERDUE" : ""}, ${due}`
  const late = cleryDue !== undefined && cleryEnteredAt > cleryDue ? ", late" : ""
  return `made ${clock(cleryEnteredAt)}${due === "" ? "" : ` (${due}${late})`}`
}

const cleryOf = ({ incident, mark }: CaseFile, clock: Clock): ReadonlyArray<Row> => {
  if (mark !== "REAL") return []
  if (incident.clery === "does-not-belong" || (incident.clery === "undecided" && incident.cleryDue === undefined))
    return []
  return [
    ["Nature", incident.nature || "–"],
    ["Date and time reported", clock(incident.reportedAt)],
    ["Date and time occurred", occurredWords(incident, clock)],
    ["General location", incident.generalLocation || "–"],
    ["Disposition", incident.disposition === undefined ? "Open" : dispositions[incident.disposition.kind]],
    [
      "Entry in the log",
      incident.clery === "undecided" ? `undecided; ${entryWords(incident, clock)}` : entryWords(incident, clock)
    ]
  ]
}

const courseOf = (alert: Alert, clock: Clock): string =>
  [
    `occurred ${clock(alert.occurredAt)}`,
    ...(alert.acknowledgedAt === undefined
      ? []
      : [`acknowledged ${clock(alert.acknowledgedAt)} by ${alert.acknowledgedBy}`]),
    alert.closedAt === undefined ? "open" : `closed ${clock(alert.closedAt)} by ${alert.closedBy}: ${alert.outcome}`
  ].join("; ")

const stepOf = (alert: Alert, step: Step, clock: Clock): ReportStep => {
  const mark = alert.checklist === undefined ? undefined : markOf(alert.checklist, step.id)
  if (mark === undefined)
    return { sign: "○", text: step.text, said: step.required === false ? "not needed" : "nothing said" }
  return {
    sign: mark.how === "skipped" ? "–" : "✓",
    text: step.text,
    said: `${markWords(mark)}, ${mark.by}, ${clock(mark.at)}`
  }
}

const proceduresOf = (alerts: ReadonlyArray<Alert>, clock: Clock): ReadonlyArray<ReportProcedure> =>
  alerts.flatMap((alert) =>
    alert.checklist === undefined
      ? []
      : [
          {
            name: `${alert.checklist.name}, version ${alert.checklist.version} (${alert.id})`,
            steps: pathOf(alert.checklist).map((step) => stepOf(alert, step, clock))
          }
        ]
  )

/** What people did, gaps and alerts come before what doors and devices told, where not all fits. */
const weights: Readonly<Record<string, number>> = { door: 1, camera: 1, device: 2 }

const linesOf = ({ timeline, timelineCut }: CaseFile, clock: Clock): Pick<Report, "timeline" | "timelineNote"> => {
  const kept =
    timeline.length <= linesMax
      ? timeline
      : [...timeline].sort((a, b) => (weights[a.kind] ?? 0) - (weights[b.kind] ?? 0) || a.at - b.at).slice(0, linesMax)
  const left = timeline.length - kept.length
  return {
    timeline: [...kept]
      .sort((a, b) => a.at - b.at || (a.seq ?? 0) - (b.seq ?? 0))
      .map(({ at, kind, text }) => [clock(at), kind, text] as const),
    timelineNote:
      left > 0 || timelineCut ? `${left > 0 ? `${left} more lines are` : "More is"} in the export and in the log.` : ""
  }
}

/** Who prints it, when, and what a picture's hash leads to. */
export interface Printed {
  readonly by: string
  readonly at: EpochMs
  readonly hash: string
  readonly cameraName: (id: string) => string
  readonly pictureOf: (hash: string) => ReportPicture["picture"]
}

/** A case as a report tells it. */
export const reportOf = (file: CaseFile, { by, at, hash, cameraName, pictureOf }: Printed): Report => {
  const { incident, alerts, site, mark } = file
  const clock = clockIn(site.timeZone)
  return {
    number: incident.id,
    mark,
    title: incident.title,
    site: site.name,
    facts: factsOf(file, clock),
    clery: cleryOf(file, clock),
    people: incident.people.map(({ name, role, note }) => [name, role, note ?? ""]),
    narrative: incident.narrative,
    alerts: alerts.map((alert) => [alert.id, alert.title, courseOf(alert, clock)]),
    pictures: picturesOf(alerts).map((frame) => {
      const picture = pictureOf(frame.hash)
      const words = `${cameraName(frame.camera)}, ${clock(frame.takenAt)} (${frame.alert})`
      return { words, hash: frame.hash, ...(picture === undefined ? {} : { picture }) }
    }),
    procedures: proceduresOf(alerts, clock),
    ...linesOf(file, clock),
    notes: incident.notes.map((note) => [clock(note.at), note.by, note.text]),
    foot: `${mark === "REAL" ? "" : `${mark} · `}${incident.id} · revision ${incident.revision} · written by ${incident.author} · printed by ${by}, ${clock(at)} (${site.timeZone})`,
    hash
  }
}
