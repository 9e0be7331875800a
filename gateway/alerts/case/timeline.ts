import { Effect } from "effect"
import type { Alert } from "../../domain/alert.ts"
import type { Campus } from "../../domain/campus.ts"
import type { EpochMs } from "../../domain/ids.ts"
import type { CaseAct, Incident } from "../../domain/incident.ts"
import type { Entry } from "../../log/entry.ts"
import type { EntryQuery, SecurityLog, StoreUnavailable } from "../../log/security-log.ts"
import { happenedAt, saidOf, type SaidKind } from "./said.ts"

/** One line of a case's course. */
export interface TimelineItem {
  readonly at: EpochMs
  /** Log entry; absent for what is told of the case itself. */
  readonly seq?: number
  readonly kind: SaidKind
  readonly text: string
}

export interface Timeline {
  readonly items: ReadonlyArray<TimelineItem>
  /** More was recorded than is listed here; the log has all. */
  readonly cut: boolean
}

/** So much around what happened belongs to the case (console reference: ±15 min). */
export const aroundMs = 15 * 60_000

/** So many entries are read on either side of an alert, of its door and of each of its devices. */
const entriesMax = 400

/** A case has so many lines at most, those of the alerts and officers first. */
export const itemsMax = 500

type Log = Pick<SecurityLog["Service"], "entries">

/** Entries around a position of the log, as long as they were recorded within the time. */
const around = Effect.fnUntraced(function* (
  log: Log,
  query: Omit<EntryQuery, "limit" | "after" | "before">,
  seq: number,
  span: { readonly from: EpochMs; readonly to: EpochMs }
): Effect.fn.Return<ReadonlyArray<Entry>, StoreUnavailable> {
  const before = yield* log.entries({ ...query, before: seq + 1, limit: entriesMax })
  const after = yield* log.entries({ ...query, after: seq, limit: entriesMax })
  return [...before, ...after].filter(({ recordedAt }) => recordedAt >= span.from && recordedAt <= span.to)
})

const deviceOf = (point: string): string => point.slice(0, point.indexOf("/"))

/** The devices that can tell something of where the alert was, and the points of its door. */
const witnesses = (alert: Alert, campus: Campus | undefined) => {
  const door = campus?.doors.find(({ id }) => id === alert.door)
  const { position, lock, rex = [], accessPoints = [], tamper = [], alarm, mode } = door ?? {}
  const readers = accessPoints.map(({ reader }) => reader)
  const points = [position, lock, ...rex, ...readers, ...tamper, alarm, mode].filter((one) => one !== undefined)
  const cameras = (door?.cameras ?? []).flatMap(
    (id) => campus?.cameras.find((camera) => camera.id === id)?.device ?? []
  )
  const own = alert.device === undefined ? [] : [alert.device]
  return { points: new Set<string>(points), cameras: new Set<string>([...cameras, ...own]) }
}

/** A panel tells of many doors: only what it says of this one belongs here. */
const concerns = (
  entry: Entry,
  points: ReadonlySet<string>,
  cameras: ReadonlySet<string>,
  door: string | undefined
) => {
  if (entry.door !== undefined) return entry.door === door
  const event = "event" in entry ? entry.event : undefined
  if (event === undefined) return entry._tag === "Fact" && entry.device === undefined
  if ("point" in event) return points.has(event.point) || cameras.has(deviceOf(event.point))
  return true
}

const ofAlert = Effect.fnUntraced(function* (log: Log, alert: Alert, campus: Campus | undefined) {
  const span = { from: alert.occurredAt - aroundMs, to: alert.occurredAt + aroundMs }
  const { points, cameras } = witnesses(alert, campus)
  const devices = new Set([...[...points].map(deviceOf), ...cameras])
  const own = yield* log.entries({ alert: alert.id, after: 0, limit: 1000 })
  const here = alert.door === undefined ? [] : yield* around(log, { door: alert.door }, alert.raisedBy, span)
  const told = yield* Effect.forEach(devices, (device) => around(log, { device }, alert.raisedBy, span))
  const whole = yield* around(log, { ofAll: true }, alert.raisedBy, span)
  const others = [...here, ...told.flat(), ...whole].filter(
    (entry) => entry._tag !== "Alert" && concerns(entry, points, cameras, alert.door)
  )
  return { own, others }
})

const ofCase = ({ what, at, by, note }: CaseAct): TimelineItem => ({
  at,
  kind: "case",
  text: `Case ${what.replaceAll("-", " ")} by ${by}${note === undefined ? "" : `: ${note}`}`
})

/** Gaps, alerts and officers are what a reader needs most; of doors and devices there may be very many. */
const rank = ({ kind }: TimelineItem): number => (kind === "device" ? 2 : kind === "door" || kind === "camera" ? 1 : 0)

/** The lines that fit, in the order of time. */
const fitting = (items: ReadonlyArray<TimelineItem>): Timeline => {
  const inTime = (a: TimelineItem, b: TimelineItem): number => a.at - b.at || (a.seq ?? 0) - (b.seq ?? 0)
  const kept = items.length <= itemsMax ? items : [...items].sort((a, b) => rank(a) - rank(b)).slice(0, itemsMax)
  return { items: [...kept].sort(inTime), cut: kept.length < items.length }
}

/** The course of a case, put together from the log: its alerts, what was recorded around them, and what was done to the case. */
export const timelineOf = Effect.fn("Incidents.timeline")(function* (
  log: Log,
  incident: Incident,
  alerts: ReadonlyArray<Alert>,
  campus: Campus | undefined
) {
  const found = new Map<number, Entry>()
  for (const alert of alerts) {
    const { own, others } = yield* ofAlert(log, alert, campus)
    for (const entry of [...own, ...others]) found.set(entry.seq, entry)
    yield* Effect.yieldNow
  }
  const items = [...found.values()].flatMap((entry): ReadonlyArray<TimelineItem> => {
    const said = saidOf(entry, campus)
    return said === undefined ? [] : [{ at: happenedAt(entry), seq: entry.seq, ...said }]
  })
  return fitting([...items, ...incident.acts.map(ofCase)])
})
