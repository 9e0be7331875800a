import { Effect } from "effect"
import { countProblems, renderProblem } from "../settings/problem.ts"
import type { Settings } from "../settings/load-settings.ts"
import { SettingsRefused } from "../settings/settings-refused.ts"
import { CommandFailed } from "./failure.ts"
import { paint, tell } from "./output.ts"

/** Reads the settings for a command that wants to start; shows every problem and gives up when there is one. */
export const settingsOrFail = (
  read: (paths: ReadonlyArray<string>) => Settings,
  path: string,
  otherwise?: Pick<CommandFailed, "next"> & { readonly nothingWas: string }
): Effect.Effect<Settings, CommandFailed> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(read([path]))
    } catch (cause) {
      if (!(cause instanceof SettingsRefused)) return Effect.die(cause)
      for (const problem of cause.problems) tell(renderProblem(problem, paint))
      return Effect.fail(
        new CommandFailed({
          exitCode: 1,
          reason: `nothing was ${otherwise?.nothingWas ?? "started"}: ${countProblems(cause.problems)}`,
          next: otherwise?.next ?? `npm run gatehouse -- check ${path}`
        })
      )
    }
  })

/** A gateway that could not start: what happened, and what to do about it. */
export const startFailed =
  (path: string) =>
  (cause: Error): CommandFailed =>
    new CommandFailed({
      exitCode: 1,
      reason: `the gateway did not start: ${cause.message}`,
      next: /EADDRINUSE/.test(cause.message)
        ? `ss -ltnp   # who listens there; or set another api.port in ${path}`
        : `npm run gatehouse -- check ${path}`
    })
