import { Effect, Option, type Scope } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CommandFailed } from "./failure.ts"
import { say, sayJson, tell } from "./output.ts"

/** Plays a scenario file's steps, in real time, on the devices' own protocols; completes when the last step is done. */
export type Simulate = (options: {
  readonly scenario: string
  /** The campus; absent: the scenario's own. */
  readonly config: string | undefined
  readonly url: string
  /** For a broker with users. */
  readonly username: string | undefined
  readonly password: string | undefined
  readonly onStep: (step: string) => void
}) => Effect.Effect<void, Error, Scope.Scope>

/** Where the password of the broker's user is: never a flag, which others on the machine can read. */
const passwordVariable = "GATEHOUSE_BROKER_PASSWORD"

/** `gatehouse simulate`: lets simulated devices play a scenario against a broker. */
export const simulateCommand = (load: () => Promise<Simulate>) =>
  Command.make(
    "simulate",
    {
      scenario: Argument.String("scenario").pipe(
        Argument.withDescription("A scenario file, such as config/scenarios/forced.yaml")
      ),
      url: Flag.String("url").pipe(Flag.withDescription("The broker"), Flag.withDefault("mqtt://127.0.0.1:1883")),
      config: Flag.String("config").pipe(
        Flag.withAlias("c"),
        Flag.withDescription("The campus whose devices are simulated (default: the scenario's, else config/demo)"),
        Flag.optional
      ),
      username: Flag.String("username").pipe(
        Flag.withDescription(`A user of the broker; the password is read from ${passwordVariable}`),
        Flag.optional
      ),
      json: Flag.Boolean("json").pipe(Flag.withDescription("Steps as newline-delimited JSON"), Flag.withDefault(false))
    },
    Effect.fn("simulate")(function* ({ scenario, url, config, username, json }) {
      const simulate = yield* Effect.promise(load)
      const onStep = (step: string): void => (json ? sayJson({ event: "step", text: step }) : say(step))
      const play = simulate({
        scenario,
        config: Option.getOrUndefined(config),
        url,
        username: Option.getOrUndefined(username),
        password: process.env[passwordVariable],
        onStep
      })
      yield* Effect.scoped(play).pipe(
        Effect.mapError((cause) =>
          cause instanceof CommandFailed
            ? cause
            : new CommandFailed({
                exitCode: 3,
                reason: cause.message,
                next: `npm run gatehouse -- serve --config ${Option.getOrElse(config, () => "config/demo")}`
              })
        )
      )
      if (!json) tell("next: npm run gatehouse -- watch")
    })
  ).pipe(Command.withDescription("Play a scenario with simulated devices against a running broker, in real time"))
