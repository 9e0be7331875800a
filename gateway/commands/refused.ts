import { Schema } from "effect"

/** The campus has no such door. */
export class UnknownDoor extends Schema.TaggedError<UnknownDoor>()("UnknownDoor", { door: Schema.String }) {
  override get message(): string {
    return `there is no door ${this.door}`
  }
}

/** The door cannot be commanded, or not so: asking again does not help. */
export class DoorTakesNoCommand extends Schema.TaggedError<DoorTakesNoCommand>()("DoorTakesNoCommand", {
  door: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `door ${this.door} cannot be told so: ${this.reason}`
  }
}

/** Nobody is there to take the command. It is not kept for later: by then nobody may want it any more. */
export class DoorOutOfReach extends Schema.TaggedError<DoorOutOfReach>()("DoorOutOfReach", {
  door: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `door ${this.door} cannot be reached: ${this.reason}. Nothing was sent`
  }
}

/** The door's device has not answered the command before this one. */
export class DoorBusy extends Schema.TaggedError<DoorBusy>()("DoorBusy", {
  door: Schema.String,
  command: Schema.String
}) {
  override get message(): string {
    return `door ${this.door} has not answered the command before (${this.command}). Nothing was sent`
  }
}

/** The caller used this key for another command of the door. */
export class KeyReused extends Schema.TaggedError<KeyReused>()("KeyReused", { command: Schema.String }) {
  override get message(): string {
    return `this Idempotency-Key was used for another command (${this.command}); take a new key for a new command`
  }
}

/** Why a command was not sent. */
export type CommandRefused = UnknownDoor | DoorTakesNoCommand | DoorOutOfReach | DoorBusy | KeyReused
