import { Schema } from "effect"
import { Outcome } from "../../domain/alert.ts"
import { DoorTimes } from "../../domain/door.ts"
import { AlertId, DoorId, EpochMs } from "../../domain/ids.ts"
import { Schedule, ScheduleRef } from "../../domain/schedule.ts"
import { nuisanceCauses } from "./nuisance.ts"

export const NuisanceCause = Schema.Literals(nuisanceCauses).annotate({ identifier: "NuisanceCause" })

/** One happening that an alert stands for, and what it was put down to. */
export const HappeningReport = Schema.Struct({
  alert: AlertId,
  condition: Schema.Literals(["DoorForcedOpen", "DoorOpenTooLong", "ProbableExit"]),
  at: EpochMs,
  cause: NuisanceCause,
  text: Schema.String,
  /** What officers closed its alert as; absent while it is open. */
  outcome: Schema.optionalKey(Outcome)
}).annotate({ identifier: "HappeningReport" })

/** A change of a door's times, and what it would have done to the alerts of the span. */
export const ProposalReport = Schema.Struct({
  /** The times that change, as they would be. */
  times: DoorTimes,
  /** Other times at a time of the day, where those of the door itself do not help; `added`: the schedule, where it is new. */
  during: Schema.optionalKey(
    Schema.Array(Schema.Struct({ schedule: ScheduleRef, times: DoorTimes, added: Schema.optionalKey(Schedule) }))
  ),
  /** The door's times as they would be written, as a part of a configuration in YAML: what `replay --rules` takes. */
  patch: Schema.String,
  /** Happenings that would have raised nothing. */
  hides: Schema.Finite,
  /** Those of them whose alert officers closed as real: what the change would cost. */
  hidesReal: Schema.Finite,
  /** Those of them whose alert nobody has judged yet. */
  hidesUnjudged: Schema.Finite,
  /** Happenings that there would be anew. */
  adds: Schema.Finite
}).annotate({ identifier: "ProposalReport" })

export const DoorReport = Schema.Struct({
  door: DoorId,
  name: Schema.String,
  /** How often each cause was found. */
  causes: Schema.Record(NuisanceCause, Schema.Finite),
  /** Happenings whose alert officers closed as real. */
  real: Schema.Finite,
  happenings: Schema.Array(HappeningReport),
  /** What a person has to look at. */
  advice: Schema.Array(Schema.String),
  proposal: Schema.optionalKey(ProposalReport)
}).annotate({ identifier: "DoorReport" })
export type DoorReport = typeof DoorReport.Type

/** What the alerts of a span at each door were put down to, worst door first. */
export const DoctorReport = Schema.Struct({
  from: EpochMs,
  to: EpochMs,
  doors: Schema.Array(DoorReport),
  /** Doors with fewer alerts that were not looked at. */
  leftOut: Schema.Finite,
  facts: Schema.Finite
}).annotate({ identifier: "DoctorReport" })
export type DoctorReport = typeof DoctorReport.Type
