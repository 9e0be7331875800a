import { Effect } from "effect"
import type { CallFailed } from "../wire/connection.ts"
import type { MeasuredClock } from "../../adapter.ts"
import { callFailed } from "./probe-failure.ts"
import type { Found, StepFailed } from "../../probing/steps.ts"

/** Beyond this a clock is not set by NTP; Home Assistant warns from there on too. */
const offMostMs = 5000

const spans = [
  [2 * 365 * 86_400_000, 365 * 86_400_000, "years"],
  [2 * 86_400_000, 86_400_000, "days"],
  [2 * 3_600_000, 3_600_000, "hours"],
  [120_000, 60_000, "min"]
] as const

/** "7.2 s", "3 hours", "20 years". */
const span = (ms: number): string => {
  const found = spans.find(([least]) => ms >= least)
  return found === undefined ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / found[1])} ${found[2]}`
}

const setIt =
  "set the device's clock by NTP, and this machine's: what it tells is put right by what was measured here, but its own log and the stamps in its pictures are not, and a login by WS-UsernameToken fails once it is minutes off"

/** Whether a clock is so far off that a login by it may fail. */
export const isFarOff = (clock: MeasuredClock | undefined): boolean =>
  clock !== undefined && Math.abs(clock.offsetMs) > offMostMs

const measured = (clock: MeasuredClock): Found<MeasuredClock> => {
  const { offsetMs, uncertaintyMs } = clock
  const by = Math.abs(offsetMs)
  const said =
    by <= uncertaintyMs
      ? `it agrees with ours, within ${span(uncertaintyMs)}`
      : `it is ${span(by)} ${offsetMs > 0 ? "ahead of" : "behind"} ours, give or take ${span(uncertaintyMs)}`
  const found = { value: clock, said, facts: { offsetMs, uncertaintyMs } }
  return isFarOff(clock) ? { ...found, doubt: setIt } : found
}

/** What was learnt of the device's clock when it was asked; `undefined` where it does not tell. */
export const judgeClock = (
  clock: MeasuredClock | undefined,
  failure: CallFailed | undefined
): Effect.Effect<Found<MeasuredClock | undefined>, StepFailed> => {
  if (clock !== undefined) return Effect.succeed(measured(clock))
  if (failure === undefined || failure.kind === "fault") {
    return Effect.succeed({
      value: undefined,
      said: `the device does not tell its time${failure === undefined ? "" : ` (${failure.reason})`}`,
      doubt: "its times can only be taken as they come: set its clock by NTP, and look for newer firmware"
    })
  }
  if (failure.kind === "unauthorized") {
    return Effect.succeed({
      value: undefined,
      said: "the device tells its time to nobody before it has let him in",
      leftOut: true
    })
  }
  return Effect.fail(callFailed("it does not tell its time", failure))
}
