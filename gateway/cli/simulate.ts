import { Effect, type Scope } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CommandFailed } from "./failure.ts"
import { say, sayJson } from "./output.ts"

/** Plays a scenario file's steps, in real time, on the devices' own protocols; completes when the last step is done. */
export type Simulate = (options: {
  readonly scenario: string
  readonly config: string
  readonly url: string
  readonly onStep: (step: string) => void
}) => Effect.Effect<void, Error, Scope.Scope>

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
        Flag.withDescription("The campus whose devices are simulated"),
        Flag.withDefault("config/demo")
      ),
      json: Flag.Boolean("json").pipe(Flag.withDescription("Steps as newline-delimited JSON"), Flag.withDefault(false))
    },
    Effect.fn("simulate")(function* ({ scenario, url, config, json }) {
      const simulate = yield* Effect.promise(load)
      const onStep = (step: string): void => (json ? sayJson({ event: "step", text: step }) : say(step))
      yield* Effect.scoped(simulate({ scenario, config, url, onStep })).pipe(
        Effect.mapError((cause) =>
          cause instanceof CommandFailed
            ? cause
            : new CommandFailed({ exitCode: 3, reason: cause.message, next: `npm run gatehouse -- test ${scenario}` })
        )
      )
    })
  ).pipe(Command.withDescription("Play a scenario with simulated devices against a running broker, in real time"))
