import { Data } from "effect"
import type { Problem } from "./problem.ts"

/** The configuration has errors; nothing was started. Each problem says where, what was expected and what to do. */
export class SettingsRefused extends Data.TaggedError("SettingsRefused")<{
  readonly problems: ReadonlyArray<Problem>
}> {
  override get message(): string {
    return this.problems
      .map(({ place, message }) => `${place.file}:${place.line}:${place.column} ${message}`)
      .join("\n")
  }
}
