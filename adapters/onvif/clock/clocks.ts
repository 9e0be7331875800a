import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { MeasuredClock } from "../../adapter.ts"
import type { Connection } from "../wire/connection.ts"
import { type ClockOffset, type ClockReading, estimateOf, measuredOffset, narrowed } from "./device-clock.ts"
import type { TimeAsked } from "./device-time.ts"

/** An answer is on its way for less than this: a pull tells the time at which it was answered (ONVIF Core, 9.1.2). */
const deliveryMs = 1000

/** A clock that drifts is asked again after this, before it can be off by half a second. */
const askAgainMs = 30 * 60_000

/** A device that tells two times at odds is asked which one holds no oftener than this. */
const askAtOddsMs = 60_000

/**
 * What is known of one device's clock: measured when it is asked, and with every pull. The clock of its events need not
 * be the one it shows when it is asked; WS-UsernameToken is checked against the latter.
 */
export const makeClocks = (connection: Connection, now: () => EpochMs) => {
  let events: ClockOffset | undefined
  let askedAt: EpochMs | undefined
  /** `set`: the device told a time that its clock cannot show unless it was set. `unclear`: a pull may explain it. */
  let odds: "set" | "unclear" | undefined
  /** It tells with a pull when that began, not when it was answered. */
  let tellsBeginning = false

  return {
    /** The device is being asked for its time, whether it answers or not. */
    asking: (): void => void (askedAt = now()),
    /** It showed its clock. */
    asked: ({ clock, answer }: TimeAsked): void => {
      if (clock === undefined) return
      const seen = measuredOffset(clock)
      const shared = narrowed(events, seen)
      if (shared !== undefined && odds === "unclear") tellsBeginning = true
      // Where its events have just told otherwise, they go by another clock.
      if (shared !== undefined || odds !== "set") events = shared ?? seen
      odds = undefined
      // The connection makes its times by the wall clock; ours may be on its way to it.
      connection.setClockOffset(clock.shown + clock.resolutionMs / 2 - (answer.receivedAt - answer.tookMs / 2))
    },
    /** The device told its time along with an answer to something else. */
    told: (clock: ClockReading | undefined): void => {
      if (clock === undefined) return
      const whole = measuredOffset(clock)
      const askedNoSooner = Math.max(clock.askedAt, clock.answeredAt - deliveryMs)
      const close = tellsBeginning ? whole : measuredOffset({ ...clock, askedAt: askedNoSooner })
      const agreed = narrowed(events, close)
      const explained = agreed ?? narrowed(events, whole)
      if (agreed === undefined) odds = explained === undefined ? "set" : "unclear"
      events = explained ?? close
    },
    /** Whether the device should be asked for its time now. */
    wantsAsking: (): boolean =>
      askedAt === undefined || now() - askedAt >= (odds === undefined ? askAgainMs : askAtOddsMs),
    estimate: (): MeasuredClock | undefined => (events === undefined ? undefined : estimateOf(events, now())),
    /** The device's time now, as well as we know it. */
    deviceNow: (): EpochMs => now() + (events === undefined ? 0 : estimateOf(events, now()).offsetMs)
  }
}

export type Clocks = ReturnType<typeof makeClocks>
