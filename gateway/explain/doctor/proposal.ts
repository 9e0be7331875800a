import type { Campus, Door } from "../../domain/campus.ts"
import type { CompleteDoorTimes, DoorTimes } from "../../domain/door.ts"
import { type TimesBySchedule, timesBySchedule } from "./by-schedule.ts"
import type { Diagnosis, NuisanceCause } from "./nuisance.ts"
import type { Happening } from "./door-past.ts"
import { timesText } from "./time-of-day.ts"

/** A happening with what it was put down to. */
export interface Diagnosed {
  readonly happening: Happening
  readonly diagnosis: Diagnosis
}

/** What could be done about a door's nuisance: its times, and what a person has to look at there. */
export interface Remedy {
  readonly times: DoorTimes
  /** Where those do not help: other times at a time of the day. */
  readonly during: ReadonlyArray<TimesBySchedule>
  readonly advice: ReadonlyArray<string>
}

/** A request to exit is never proposed to last longer: by then somebody else stands at the door. Ours. */
const rexValidAtMostSeconds = 10

/** A signal of 400 ms has to be processed, whatever the configuration says (IEC 60839-11-1). */
const debounceAtMostMs = 400

/** Longer after a closing it is somebody, and no latch: 5 s, as Alarmo waits when it arms. */
const relatchAtMostMs = 5000

/** No door is proposed to stand open for longer before anybody is told: Brivo's default, the longest of those that were found. */
const heldAtMostSeconds = 120

/** Of so many happenings in ten the new time has to hold: one outlier must not make a door blind. Ours. */
const share = 0.9

const percentile = (values: ReadonlyArray<number>): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)]

const msOf = (diagnosed: ReadonlyArray<Diagnosed>, of: (one: Diagnosed) => number | undefined): number | undefined =>
  percentile(diagnosed.flatMap((one) => of(one) ?? []))

const roundedUp = (value: number, to: number): number => Math.ceil(value / to) * to

const byCause = (diagnosed: ReadonlyArray<Diagnosed>, cause: NuisanceCause): ReadonlyArray<Diagnosed> =>
  diagnosed.filter(({ diagnosis }) => diagnosis.cause === cause)

const longerExit = (diagnosed: ReadonlyArray<Diagnosed>, times: CompleteDoorTimes): DoorTimes => {
  const early = msOf(byCause(diagnosed, "late-exit"), ({ diagnosis: { ms = 0 } }) => (ms < 0 ? -ms : undefined))
  if (early === undefined) return {}
  const seconds = Math.min(rexValidAtMostSeconds, roundedUp(early / 1000 + 0.5, 1))
  return seconds > times.rexValidSeconds ? { rexValidSeconds: seconds } : {}
}

const longerLatch = (diagnosed: ReadonlyArray<Diagnosed>, times: CompleteDoorTimes): DoorTimes => {
  const own = byCause(diagnosed, "latch").filter(({ diagnosis }) => diagnosis.ms !== undefined)
  const bounces = own.filter(
    ({ happening: { opening } }) => (opening.closedAt ?? Infinity) - opening.at <= debounceAtMostMs
  )
  const bounced = msOf(bounces, ({ diagnosis }) => diagnosis.ms)
  const reopened = msOf(
    own.filter((one) => !bounces.includes(one)),
    ({ diagnosis }) => diagnosis.ms
  )
  const debounceMs = bounced === undefined ? 0 : Math.min(debounceAtMostMs, roundedUp(bounced + 1, 50))
  const relatchMs = reopened === undefined ? 0 : Math.min(relatchAtMostMs, roundedUp(reopened + 1, 500))
  return {
    ...(debounceMs > times.debounceMs ? { debounceMs } : {}),
    ...(relatchMs > times.relatchMs ? { relatchMs } : {})
  }
}

/** A door that stands open for long again and again, at the same time or in bursts, is used so. */
const longerHeld = (diagnosed: ReadonlyArray<Diagnosed>, times: CompleteDoorTimes): DoorTimes => {
  const habits = [...byCause(diagnosed, "schedule"), ...byCause(diagnosed, "chatter")]
  const lasted = msOf(habits, ({ happening: { condition, opening } }) =>
    condition === "DoorOpenTooLong" && opening.closedAt !== undefined ? opening.closedAt - opening.at : undefined
  )
  if (lasted === undefined) return {}
  const seconds = roundedUp(lasted / 1000 + 1, 5)
  if (seconds > heldAtMostSeconds || seconds <= times.heldOpenSeconds) return {}
  const before = times.heldOpenSeconds - times.heldPreAlarmSeconds
  return { heldOpenSeconds: seconds, heldPreAlarmSeconds: seconds - before }
}

const atTimes = (diagnosed: ReadonlyArray<Diagnosed>): string =>
  timesText(diagnosed.flatMap(({ diagnosis: { time } }) => time ?? []))

/** What a person has to look at, given all that has the cause. */
const advices: Readonly<Partial<Record<NuisanceCause, string | ((of: ReadonlyArray<Diagnosed>) => string)>>> = {
  sensor: "Look at the contact and its wiring: it is lost or at fault around the openings",
  "late-exit": "Aim the exit sensor at the handle: it sees people only after they have pushed the door, or long before",
  latch: "Have the closer and the strike adjusted: the door does not latch",
  chatter: "Look at the contact and the gap of the door: it tells the same again and again within a minute",
  schedule: (of) => `Give the door a schedule for ${atTimes(of)}, or somebody who watches it then`,
  wind: "Have the closer made stronger and the seal looked at: it opens for moments with nobody about"
}

const adviceOn = (diagnosed: ReadonlyArray<Diagnosed>): ReadonlyArray<string> =>
  [...Map.groupBy(diagnosed, ({ diagnosis }) => diagnosis.cause)].flatMap(([cause, of]) => {
    const advice = advices[cause]
    return typeof advice === "function" ? advice(of) : (advice ?? [])
  })

/** A door as it stood when it was examined, and where. */
export interface Patient {
  readonly door: Door
  readonly times: CompleteDoorTimes
  readonly campus: Campus
}

/** What the diagnoses of one door call for. Its times stay within their limits; some causes only a person can cure. */
export const remedyFor = (diagnosed: ReadonlyArray<Diagnosed>, patient: Patient): Remedy => {
  const { times } = patient
  const habitual = byCause(diagnosed, "schedule").map(({ happening }) => happening)
  const held = longerHeld(diagnosed, times)
  return {
    times: { ...longerExit(diagnosed, times), ...longerLatch(diagnosed, times), ...held },
    during: held.heldOpenSeconds === undefined ? timesBySchedule(habitual, patient) : [],
    advice: adviceOn(diagnosed)
  }
}
