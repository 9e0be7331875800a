import { existsSync } from "node:fs"
import { Effect } from "effect"
import { Flag } from "effect/cli"
import type { Settings } from "../settings/load-settings.ts"
import type { CommandFailed } from "./failure.ts"
import { tell } from "./output.ts"
import { settingsOrFail } from "./refused.ts"

/** The configuration that is meant when none is named. */
export const usualConfig = "config/gatehouse.yaml"

/** `--config`, for commands that can do without one. */
export const configFlag = Flag.String("config").pipe(
  Flag.withAlias("c"),
  Flag.withDescription(`The configuration (default: ${usualConfig}, where there is one)`),
  Flag.optional
)

/**
 * The configuration that is named, else the usual one where there is one. Where it is not `needed`, a usual one that has
 * errors is told of and done without.
 */
export const usualSettings = (
  read: (paths: ReadonlyArray<string>) => Settings,
  config: string | undefined,
  needed: boolean
): Effect.Effect<Settings | undefined, CommandFailed> => {
  if (config !== undefined) return settingsOrFail(read, config)
  if (!existsSync(usualConfig)) return Effect.succeed(undefined)
  const usual = settingsOrFail(read, usualConfig)
  if (needed) return usual
  return Effect.catch(usual, () =>
    Effect.sync(() => {
      tell(`${usualConfig} has errors: what of it is configured already cannot be told`)
      return undefined
    })
  )
}
