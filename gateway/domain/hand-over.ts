import { Schema } from "effect"
import { AlertCondition, Outcome, Priority } from "./alert.ts"
import { GapKind } from "./gap.ts"
import { AlertId, DoorId, EpochMs, PersonId } from "./ids.ts"
import { SoundTest } from "./sound-test.ts"

/** An alert as a hand-over names it. */
export const HandedAlert = Schema.Struct({
  id: AlertId,
  condition: AlertCondition,
  title: Schema.String,
  priority: Priority,
  where: Schema.String,
  raisedAt: EpochMs,
  acknowledged: Schema.Boolean,
  /** Whose it is: who claimed it, or else who acknowledged it. */
  owner: Schema.optionalKey(Schema.String),
  outcome: Schema.optionalKey(Outcome)
}).annotate({ identifier: "HandedAlert" })
export type HandedAlert = typeof HandedAlert.Type

/** Something out of service, or a fault, as a hand-over names it. */
export const HandedGap = Schema.Struct({
  kind: GapKind,
  title: Schema.String,
  owner: Schema.String,
  reason: Schema.String,
  since: Schema.optionalKey(EpochMs),
  until: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "HandedGap" })
export type HandedGap = typeof HandedGap.Type

/** A case of the period, or one that is still open. */
export const HandedIncident = Schema.Struct({
  id: Schema.String,
  title: Schema.String,
  state: Schema.String,
  owner: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "HandedIncident" })
export type HandedIncident = typeof HandedIncident.Type

/** A list that may be cut: `total` says how many there were. */
const listOf = <S extends Schema.Top>(item: S) => Schema.Struct({ total: Schema.Finite, items: Schema.Array(item) })

/** What one shift leaves to the next, filled from the log. */
export const HandOverReport = Schema.Struct({
  from: EpochMs,
  to: EpochMs,
  /** Who was on shift at the end. */
  onShift: Schema.Array(
    Schema.Struct({
      name: Schema.NonEmptyString,
      person: Schema.optionalKey(PersonId),
      since: EpochMs,
      sound: SoundTest
    })
  ),
  /** Who came and went in the period. */
  turns: Schema.Array(
    Schema.Struct({
      at: EpochMs,
      name: Schema.NonEmptyString,
      turn: Schema.Literals(["on", "off"]),
      sound: Schema.optionalKey(SoundTest)
    })
  ),
  /** Alerts raised in the period, of each priority from 1 to 4. */
  raised: Schema.Array(Schema.Finite),
  /** Alerts closed in the period, by outcome. */
  closed: Schema.Record(Outcome, Schema.Finite),
  open: listOf(HandedAlert),
  /** What people took out of service or shelved, with its end. */
  outOfService: listOf(HandedGap),
  /** Devices, links, clocks and cameras that do not do their work. */
  faults: listOf(HandedGap),
  incidents: listOf(HandedIncident),
  /** Alerts of the period that were a test or a drill. */
  drills: listOf(HandedAlert),
  /** Doors with the most nuisance alerts of the period. */
  nuisance: Schema.Array(Schema.Struct({ door: DoorId, name: Schema.String, count: Schema.Finite })),
  notes: Schema.Array(Schema.Struct({ at: EpochMs, by: Schema.NonEmptyString, note: Schema.NonEmptyString }))
}).annotate({ identifier: "HandOverReport" })
export type HandOverReport = typeof HandOverReport.Type
