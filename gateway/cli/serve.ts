import { join } from "node:path"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { say, tell } from "./output.ts"
import { settingsOrFail, startFailed } from "./refused.ts"
import type { Starter } from "./running.ts"

/** `gatehouse serve`: checks the configuration, starts the gateway, runs until it is told to stop. */
export const serveCommand = (load: () => Promise<Starter>) =>
  Command.make(
    "serve",
    {
      config: Flag.String("config").pipe(
        Flag.withAlias("c"),
        Flag.withDescription("Configuration: a YAML file, or a directory of them"),
        Flag.withDefault("config/gatehouse.yaml")
      )
    },
    Effect.fn("serve")(function* ({ config }) {
      const starter = yield* Effect.promise(load)
      const settings = yield* settingsOrFail(starter.settings, config)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const running = yield* starter.start(settings, [config]).pipe(Effect.mapError(startFailed(config)))
          say(`Gatehouse serves ${settings.campus.site.name} (configuration ${settings.configVersion})`)
          if (running.firstToken !== undefined) {
            say(`Console  ${running.url}/#token=${running.firstToken}`)
            tell("This token is shown once and kept only as a hash. Keep it safe.")
          } else {
            say(`Console  ${running.url}/`)
            const file = join(settings.dataDir, "tokens.json")
            tell(`Its token was shown at the first start. Lost? Remove ${file} and start again: a new one is made.`)
          }
          return yield* Effect.never
        })
      )
    })
  ).pipe(Command.withDescription("Run the gateway until it is told to stop"))
