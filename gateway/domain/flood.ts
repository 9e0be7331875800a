import { Schema } from "effect"
import { EpochMs } from "./ids.ts"

/**
 * When alerts come faster than people can look at them: a flood begins with so many new ones in the time, and ends once fewer
 * came in it (ANSI/ISA-18.2 and IEC 62682: from 10 in 10 minutes, until below 5).
 */
export const FloodLimits = Schema.Struct({
  beginWith: Schema.Int.annotate({ description: "A flood begins with so many new alerts in the time" }).pipe(
    Schema.check(Schema.isBetween({ minimum: 2, maximum: 1000 }))
  ),
  endBelow: Schema.Int.annotate({ description: "It ends once fewer came in the time; below `beginWith`" }).pipe(
    Schema.check(Schema.isBetween({ minimum: 1, maximum: 999 }))
  ),
  minutes: Schema.Int.annotate({ description: "The time that new alerts are counted in" }).pipe(
    Schema.check(Schema.isBetween({ minimum: 1, maximum: 60 }))
  )
}).annotate({ identifier: "FloodLimits" })
export type FloodLimits = typeof FloodLimits.Type

export const usualFloodLimits: FloodLimits = { beginWith: 10, endBelow: 5, minutes: 10 }

/** A flood of alerts that goes on. */
export const Flood = Schema.Struct({
  since: EpochMs,
  /** How many new alerts came since, those that began it included. */
  count: Schema.Finite
}).annotate({ identifier: "Flood" })
export type Flood = typeof Flood.Type
