import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CommandFailed } from "./failure.ts"
import { paint, say, sayJson, tell } from "./output.ts"

/** How one scenario file went. */
export interface ScenarioOutcome {
  readonly name: string
  readonly passed: boolean
  /** What was expected and did not come, or came unexpected. */
  readonly problems: ReadonlyArray<string>
}

/** Runs a scenario file on virtual time. Throws, with the place, when the file cannot be read. */
export type RunScenario = (file: string) => ReadonlyArray<ScenarioOutcome> | Promise<ReadonlyArray<ScenarioOutcome>>

/** What `test` needs of the gateway. */
export interface ScenarioParts {
  readonly run: RunScenario
  /** The scenario files behind files and directories. Throws when there is none. */
  readonly files: (paths: ReadonlyArray<string>) => ReadonlyArray<string>
}

const indented = (problem: string): string => problem.replace(/^/gm, "    ")

/** `gatehouse test`: scenario files on virtual time; alerts expected and silence expected. */
export const testCommand = (load: () => Promise<ScenarioParts>) =>
  Command.make(
    "test",
    {
      scenarios: Argument.String("scenario").pipe(
        Argument.withDescription("Scenario files or directories (default: config/scenarios)"),
        Argument.variadic()
      ),
      json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object per scenario"), Flag.withDefault(false))
    },
    Effect.fn("test")(function* ({ scenarios, json }) {
      const { run, files } = yield* Effect.promise(load)
      const paths = scenarios.length > 0 ? scenarios : ["config/scenarios"]
      const refused = (retry: string) => (cause: unknown) =>
        new CommandFailed({
          exitCode: 1,
          reason: cause instanceof Error ? cause.message : String(cause),
          next: `npm run gatehouse -- test ${retry}`
        })
      const list = yield* Effect.try({ try: () => files(paths), catch: refused("config/scenarios") })
      let passed = 0
      const failed: Array<string> = []
      for (const file of list) {
        const outcomes = yield* Effect.tryPromise({ try: async () => run(file), catch: refused(file) })
        for (const outcome of outcomes) {
          if (outcome.passed) passed++
          else failed.push(file)
          if (json) sayJson({ file, ...outcome })
          else say(`${outcome.passed ? paint("green", "✔") : paint("red", "✖")} ${outcome.name}`)
          for (const problem of json ? [] : outcome.problems) say(indented(problem))
        }
      }
      if (failed.length === 0) return tell(`${passed} passed\nnext: npm run gatehouse -- simulate ${list[0] ?? ""}`)
      return yield* new CommandFailed({
        exitCode: 1,
        reason: `${passed} passed, ${failed.length} failed`,
        next: `npm run gatehouse -- test ${[...new Set(failed)].join(" ")}`
      })
    })
  ).pipe(Command.withDescription("Run scenario files on virtual time: alerts expected, and silence expected"))
