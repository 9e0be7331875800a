import type { Alert } from "../../domain/alert.ts"
import type { DeviceEvent } from "../../domain/device-event.ts"
import type { EpochMs } from "../../domain/ids.ts"
import type { PointValue } from "../../domain/observation.ts"
import type { IndexedPoint } from "../campus-index.ts"
import type { UnnamedEvent } from "../draft.ts"

/** Something that rules may hear: an event of a device or door, or the coming of an alert. */
export interface Signal {
  /** Its word: `AccessDenied`, `DoorOpened`; of an alert `alert:<condition>`. */
  readonly word: string
  readonly at: EpochMs
  /** How far off `at` may be, by its device's clock. */
  readonly uncertaintyMs: number
  /** Log entry of the fact that made it. */
  readonly seq: number
  /** Which of what that fact has made: what came of it later has more. */
  readonly nth: number
  /** Told late, of its own time: it may explain, and raises nothing. */
  readonly history: boolean
  readonly device?: string | undefined
  readonly point?: string | undefined
  readonly door?: string | undefined
  readonly area?: string | undefined
  /** What its point is to which doors, where that is known already. */
  readonly roles?: IndexedPoint["roles"] | undefined
  /** The alert that it is the coming of. */
  readonly alert?: string | undefined
  /** Its own fields, for conditions. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** No device's clock is believed to be off by more than this: a wider window would let strangers meet. */
export const uncertaintyMaxMs = 10_000

/** The word an event is heard by. */
export const wordOf = (event: UnnamedEvent | DeviceEvent): string => {
  if (event._tag === "PointChanged") return event.name
  return event._tag === "Occurred" ? event.occurrence._tag : event._tag
}

export const alertWord = (condition: string): string => `alert:${condition}`

/** `reading:motion=on`: a point that has come to this value, by an edge or by being known again. */
export const readingWord = ({ kind }: Pick<PointValue, "kind">): string => {
  const known = readingWords.get(kind)
  if (known !== undefined) return known
  const word = `reading:${kind}`
  readingWords.set(kind, word)
  return word
}

/** Each put together once: there are few kinds. */
const readingWords = new Map<string, string>()

/** `standing`: a door that has come to stand otherwise. */
export const standingWord = "standing"

const fieldsOf = (event: UnnamedEvent): Readonly<Record<string, unknown>> => {
  if (event._tag === "Occurred") return event.occurrence
  if (event._tag === "PointChanged") return { kind: event.to.kind, from: event.from.value, to: event.to.value }
  if (event._tag === "StateRecovered") return { kind: event.to.kind, to: event.to.value }
  return event
}

/** An event as rules hear it, by one of its words. */
export const signalOf = (
  event: UnnamedEvent,
  word: string,
  seq: number,
  nth: number,
  uncertaintyMs: number,
  roles?: IndexedPoint["roles"]
): Signal => ({
  seq,
  nth,
  uncertaintyMs,
  word,
  at: event.at,
  history: event._tag === "Occurred" && event.history === true,
  device: event.device,
  door: event.door,
  point: "point" in event ? event.point : undefined,
  area: "area" in event ? event.area : undefined,
  roles,
  alert: undefined,
  fields: fieldsOf(event)
})

/** The coming of an alert as rules hear it. */
export const alertSignal = (alert: Alert, at: EpochMs, seq: number, nth: number, uncertaintyMs: number): Signal => ({
  seq,
  nth,
  uncertaintyMs,
  word: alertWord(alert.condition),
  at,
  history: false,
  device: alert.device,
  door: alert.door,
  point: undefined,
  area: alert.area,
  roles: undefined,
  alert: alert.id,
  fields: {
    condition: alert.condition,
    key: alert.key,
    title: alert.title,
    rule: alert.rule,
    priority: alert.priority
  }
})

/** The word by which those hear it who watch for a state that lasts; `undefined`: it tells of none. */
export const stateWordOf = (event: UnnamedEvent): string | undefined => {
  switch (event._tag) {
    case "PointChanged":
    case "StateRecovered":
      return readingWord(event.to)
    case "DoorStandingChanged":
      return standingWord
    default:
      return undefined
  }
}
