import { Schema } from "effect"
import { HandOverReport } from "./hand-over.ts"
import { type ChannelId, EpochMs, PersonId } from "./ids.ts"
import { SoundTest } from "./sound-test.ts"

/** Somebody who signed on, and has not signed off. */
export const ShiftStanding = Schema.Struct({
  /** As the log names them. */
  name: Schema.NonEmptyString,
  /** Absent where no people are configured. */
  person: Schema.optionalKey(PersonId),
  since: EpochMs,
  sound: SoundTest
}).annotate({ identifier: "ShiftStanding" })
export type ShiftStanding = typeof ShiftStanding.Type

/** Somebody came on shift, or went off it. */
export const ShiftTurn = Schema.Struct({
  at: EpochMs,
  name: Schema.NonEmptyString,
  turn: Schema.Literals(["on", "off"]),
  /** What came of the sound test, of who came on. */
  sound: Schema.optionalKey(SoundTest),
  /** Who ended it, where it was not themselves. */
  endedBy: Schema.optionalKey(Schema.NonEmptyString)
}).annotate({ identifier: "ShiftTurn" })
export type ShiftTurn = typeof ShiftTurn.Type

/** What somebody wrote down for whoever comes next. */
export const ShiftNote = Schema.Struct({
  at: EpochMs,
  by: Schema.NonEmptyString,
  note: Schema.NonEmptyString
}).annotate({ identifier: "ShiftNote" })
export type ShiftNote = typeof ShiftNote.Type

/** A hand-over that was signed by who goes; who comes signs it too. Its report stands in the log entry `seq`. */
export const HandOver = Schema.Struct({
  /** `H-<seq>`. */
  id: Schema.NonEmptyString,
  seq: Schema.Finite,
  at: EpochMs,
  /** Of who hands over. */
  by: Schema.NonEmptyString,
  from: EpochMs,
  /** Who has taken over, in the order in which they signed. */
  signed: Schema.Array(Schema.Struct({ by: Schema.NonEmptyString, at: EpochMs }))
}).annotate({ identifier: "HandOver" })
export type HandOver = typeof HandOver.Type

/** A person's own device said that it had something by this channel: they were reachable then. */
export interface ReachProved {
  readonly person: PersonId
  readonly channel: ChannelId
  readonly at: EpochMs
}

/** Who works, as far as people said so, and can be called. Plain JSON, oldest first; the log has what is forgotten here. */
export interface Shift {
  readonly on: ReadonlyArray<ShiftStanding>
  /** Who signed off while on shift by plan: until then they are off it all the same; without an end, until they sign on. */
  readonly left: ReadonlyArray<{ readonly name: string; readonly until?: EpochMs }>
  readonly turns: ReadonlyArray<ShiftTurn>
  readonly notes: ReadonlyArray<ShiftNote>
  readonly handOvers: ReadonlyArray<HandOver>
  /** The last proof of each person and channel. */
  readonly reached: ReadonlyArray<ReachProved>
}

const who = { by: Schema.NonEmptyString, person: Schema.optionalKey(PersonId) }

/** What people on shift enter into the log. */
export const shiftFacts = {
  /** Somebody comes on shift, has heard the alarm or not, and takes over from those who leave. */
  ShiftBegan: {
    at: EpochMs,
    ...who,
    sound: SoundTest,
    /** The names of those whose shift this ends, and whose open alerts they take over. */
    relieves: Schema.optionalKey(Schema.Array(Schema.NonEmptyString))
  },
  /** Somebody goes off shift. `whose`: another one ends it for them, and says why. */
  ShiftEnded: {
    at: EpochMs,
    by: Schema.NonEmptyString,
    whose: Schema.optionalKey(Schema.NonEmptyString),
    reason: Schema.optionalKey(Schema.NonEmptyString)
  },
  ShiftNoted: { at: EpochMs, by: Schema.NonEmptyString, note: Schema.NonEmptyString },
  /** Who goes has signed what they leave. */
  HandedOver: { at: EpochMs, ...who, report: HandOverReport },
  /** Who comes has read it. `handOver`: the entry of what they signed. */
  HandOverSigned: { at: EpochMs, ...who, handOver: Schema.Finite }
} as const
