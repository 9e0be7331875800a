import { Schema } from "effect"
import { DoorCommand } from "./command.ts"
import { DoorMode, DoorPhysicalState } from "./door.ts"
import { CommandId, DoorId, EpochMs } from "./ids.ts"

/** What became of the sending. `unknown`: nobody can say whether the device heard it. */
export const CommandOutcome = Schema.Literals(["accepted", "refused", "unknown"]).annotate({
  identifier: "CommandOutcome"
})
export type CommandOutcome = typeof CommandOutcome.Type

/**
 * How far a command has come. `sent` waits for the device's answer; `accepted` and `unknown` wait for a reading that
 * proves it. The others are final: `overtaken` by a later command that the device accepted before this one was proved.
 */
export const CommandState = Schema.Literals([
  "sent",
  "accepted",
  "unknown",
  "refused",
  "proved",
  "not-proved",
  "overtaken"
]).annotate({ identifier: "CommandState" })
export type CommandState = typeof CommandState.Type

/** One command given to a door, and how far it has come. */
export const CommandRecord = Schema.Struct({
  id: CommandId,
  door: DoorId,
  command: DoorCommand,
  by: Schema.String,
  reason: Schema.optionalKey(Schema.String),
  /** When it was given. */
  at: EpochMs,
  state: CommandState,
  /** What the door's device said, or why nothing is known of it. */
  answer: Schema.optionalKey(
    Schema.Struct({ at: EpochMs, outcome: CommandOutcome, detail: Schema.optionalKey(Schema.String) })
  ),
  /**
   * The first reading that shows it done, and whether the door itself was closed then: a mode says nothing of that. Of
   * one that was not proved in time it may still come, late.
   */
  proof: Schema.optionalKey(Schema.Struct({ at: EpochMs, mode: DoorMode, position: DoorPhysicalState }))
}).annotate({ identifier: "CommandRecord" })
export type CommandRecord = typeof CommandRecord.Type
