import { Data } from "effect"

/**
 * How a command ends (the codes of the README): 1 checked and found wrong, 2 bad usage, 3 the gateway or a device could
 * not be reached, 4 refused, 5 a replay differs, 6 a replay misses a real incident or calls for it later. 0 is done, 130
 * interrupted.
 */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6

/** A command that did not do what it was asked. `next` is what to paste to get further. */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly exitCode: ExitCode
  /** Absent when the command has told everything already. */
  readonly reason?: string
  readonly next: string
}> {
  override get message(): string {
    return this.reason ?? "the command failed"
  }
}

/** What was typed cannot be meant. */
export const usage = (reason: string, next: string): CommandFailed => new CommandFailed({ exitCode: 2, reason, next })
