import type { Frozen } from "../correlation/snapshot.ts"
import { snapshotFormat, thaw } from "../correlation/snapshot.ts"
import type { Judgement } from "../correlation/door-verdict.ts"
import type { Alert } from "../domain/alert.ts"
import type { Campus, Door } from "../domain/campus.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { History, Placed } from "../log/history.ts"
import { campusHeard } from "./campus-heard.ts"
import type { WhoAt } from "./weighed.ts"
import { whoIn } from "./who.ts"
import { explainAlert } from "./alert-explained.ts"
import { type Base, foldCourse, fromTheBeginning } from "./door-course.ts"
import { explainDoor, lookAheadMs, lookBackMs } from "./door-explained.ts"
import type { AlertExplanation, ConfigInForce, DoorExplanation } from "./explanation.ts"

type Configuration = ReturnType<History["configurations"]> extends Iterable<infer C> ? C : never

/** Entries of an alert that an explanation carries at most. */
const timelineAtMost = 1000

/** A snapshot of this release's form; another one is passed over, and the facts before it are folded. */
const situationIn = (body: unknown) => ((body as Frozen).format === snapshotFormat ? thaw(body as Frozen) : undefined)

const baseUpTo = (history: History, seq: number): Base => {
  const found = history.snapshotUpTo(seq, situationIn)
  return found === undefined ? fromTheBeginning : { seq: found.seq, situation: found.made }
}

const deviceOf = (ref: string): string => ref.slice(0, ref.indexOf("/"))

const pointsOf = (door: Door): ReadonlyArray<string> => [
  ...[door.position, door.lock, door.alarm, door.mode].filter((ref) => ref !== undefined),
  ...(door.rex ?? []),
  ...(door.tamper ?? []),
  ...(door.accessPoints ?? []).map(({ reader }) => reader)
]

/**
 * The devices that can tell something of these doors in one configuration: their own, those of their cameras, and
 * the bridges that these are behind.
 */
const devicesOf = (campus: Campus, doors: ReadonlySet<string>): ReadonlySet<string> => {
  const own = campus.doors.filter(({ id }) => doors.has(id))
  const cameras = new Set(own.flatMap((door) => door.cameras ?? []))
  const seeing = campus.cameras.flatMap(({ id, device }) => (cameras.has(id) && device !== undefined ? [device] : []))
  const found = new Set<string>([...own.flatMap((door) => pointsOf(door).map(deviceOf)), ...seeing])
  const via = new Map(campus.devices.map((device) => [device.id as string, device.via as string | undefined]))
  for (const id of found) {
    const bridge = via.get(id)
    if (bridge !== undefined) found.add(bridge)
  }
  return found
}

/** The devices that could ever tell something of these doors, over all configurations. */
export const devicesEver = (campuses: Iterable<Campus>, doors: ReadonlySet<string>): ReadonlyArray<string> => {
  const all = new Set<string>()
  for (const campus of campuses) for (const id of devicesOf(campus, doors)) all.add(id)
  return [...all].sort()
}

const inForce = ({ seq, fact }: Configuration): ConfigInForce => ({
  version: fact.version,
  by: fact.by,
  at: fact.at,
  seq
})

/** The log's facts that can tell something of some doors, from the newest snapshot up to a position on. */
export interface DoorsPast {
  readonly base: Base
  readonly facts: Iterable<Placed>
  readonly configurations: ReadonlyArray<Configuration>
}

/** What is to be folded of the log for these doors: begun before `from`, gone on up to `upTo`. */
export const pastOf = (
  history: History,
  doors: ReadonlyArray<string>,
  span: { readonly from: number; readonly upTo: number }
): DoorsPast => {
  const configurations = [...history.configurations(span.upTo)]
  const base = baseUpTo(history, span.from)
  const campuses = [
    ...configurations.map(({ fact }) => fact.campus),
    ...(base.situation.campus === undefined ? [] : [base.situation.campus])
  ]
  const devices = devicesEver(campuses, new Set(doors))
  return {
    base,
    facts: history.facts({ after: base.seq, upTo: span.upTo, devices, doors }),
    configurations
  }
}

/** How far beyond an instant one can look: no farther than the log tells, for what is yet to come may be prevented. */
export const knownUntil = (history: History, at: EpochMs): EpochMs =>
  Math.min(at + lookAheadMs, Math.max(at, history.newestAt()))

/** Why a door did, or did not, alarm around an instant; `undefined`: no configuration of that time has the door. */
export const doorExplanation = (history: History, door: string, at: EpochMs): DoorExplanation | undefined => {
  const until = knownUntil(history, at)
  const from = history.seqAt(at - lookBackMs)
  const { base, facts, configurations } = pastOf(history, [door], { from, upTo: history.seqAt(until) })
  const config = configurations.findLast(({ fact }) => fact.at <= at)
  const whoAt: WhoAt = (seq) => whoIn(history.entry(seq))
  return explainDoor({
    door,
    at,
    until,
    base,
    facts,
    whoAt,
    campus: campusHeard(history, { at, from: at - lookBackMs, until }),
    config: config === undefined ? undefined : inForce(config)
  })
}

const judgementsFor = (history: History, { door, raisedBy, raisedAt, occurredAt }: Alert): ReadonlyArray<Judgement> => {
  if (door === undefined) return []
  const until = knownUntil(history, raisedAt)
  const from = history.seqAt(Math.min(occurredAt, raisedAt) - lookAheadMs)
  const upTo = Math.max(raisedBy, history.seqAt(until))
  const { base, facts } = pastOf(history, [door], { from, upTo })
  const judgements: Array<Judgement> = []
  foldCourse(
    base,
    facts,
    { at: raisedAt, until },
    {
      judged: (id, judgement) => {
        if (id === door && judgement.opening.at >= occurredAt - keptMs) judgements.push(judgement)
      }
    }
  )
  return judgements
}

/** Openings that began longer before an alert say nothing of it; one held from the day before does. */
const keptMs = 24 * 3_600_000

/** Why an alert fired; `undefined`: the log has no such alert. */
export const alertExplanation = (history: History, id: string): AlertExplanation | undefined => {
  const alert = history.alert(id)
  if (alert === undefined) return undefined
  const config = [...history.configurations(alert.raisedBy)].at(-1)
  return explainAlert({
    alert,
    timeline: history.entriesOfAlert(id, timelineAtMost),
    entry: (seq) => history.entry(seq),
    config: config === undefined ? undefined : inForce(config),
    campus: config?.fact.campus,
    judgements: judgementsFor(history, alert)
  })
}
