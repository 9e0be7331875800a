import { Schema } from "effect"
import { EpochMs } from "./ids.ts"
import { ScheduleRef } from "./schedule.ts"

/** Whether somebody in an area is somebody who should not be there. */
export const ArmingState = Schema.Literals(["armed", "disarmed"])
export type ArmingState = typeof ArmingState.Type

/** When an area is armed: one of these. An area without it is as the one it lies in. */
export const Arming = Schema.Struct({
  /** Armed while the schedule holds, disarmed otherwise. */
  armedDuring: Schema.optionalKey(ScheduleRef),
  /** Disarmed while the schedule holds, armed otherwise. */
  armedOutside: Schema.optionalKey(ScheduleRef),
  always: Schema.optionalKey(ArmingState)
}).annotate({ identifier: "Arming" })
export type Arming = typeof Arming.Type

/** An officer's word on an area, for a time: it never lasts until somebody remembers it. */
export const ArmingOverride = Schema.Struct({
  state: ArmingState,
  at: EpochMs,
  /** From here on the schedule holds again. */
  until: EpochMs,
  by: Schema.NonEmptyString,
  reason: Schema.NonEmptyString
}).annotate({ identifier: "ArmingOverride" })
export type ArmingOverride = typeof ArmingOverride.Type

/**
 * How an area stands. `because`: what decided it, in words. An area that lies in an overridden one and has no arming of
 * its own stands as that one does; `override` is there only for the area that was itself overridden.
 */
export const AreaStanding = Schema.Struct({
  state: ArmingState,
  since: EpochMs,
  because: Schema.String,
  override: Schema.optionalKey(ArmingOverride)
}).annotate({ identifier: "AreaStanding" })
export type AreaStanding = typeof AreaStanding.Type
