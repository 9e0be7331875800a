import { join } from "node:path"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import type { Settings } from "../settings/load-settings.ts"
import { say, tell } from "./output.ts"
import { settingsOrFail, startFailed } from "./refused.ts"
import type { RunningGateway, Starter } from "./running.ts"

/** Where people are configured they come in by themselves, and a token is for programs. */
const announce = (running: RunningGateway, { campus, dataDir }: Settings): void => {
  const { url, firstToken, invitations } = running
  const staffed = (campus.people ?? []).length > 0
  const fragment = firstToken === undefined || staffed ? "" : `#token=${firstToken}`
  say(`Console  ${url}/${fragment}`)
  for (const { name, path } of invitations) say(`Enrol    ${name}: ${url}${path}`)
  if (invitations.length > 0) tell("By an enrolment link they set their password, once, within 24 hours.")
  if (firstToken !== undefined) {
    if (staffed) say(`Token    ${firstToken}  (for programs: GATEHOUSE_TOKEN)`)
    return tell("This token is shown once and kept only as a hash. Keep it safe.")
  }
  const file = join(dataDir, "tokens.json")
  tell(`Its token was shown at the first start. Lost? Remove ${file} and start again: a new one is made.`)
}

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
          announce(running, settings)
          return yield* Effect.never
        })
      )
    })
  ).pipe(Command.withDescription("Run the gateway until it is told to stop"))
