import { writeFileSync } from "node:fs"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CommandFailed } from "./failure.ts"
import { junitXml, type Tested } from "./junit.ts"
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

const writeReport = (file: string, tested: ReadonlyArray<Tested>): Effect.Effect<void, CommandFailed> =>
  Effect.try({
    try: () => writeFileSync(file, junitXml(tested)),
    catch: (cause) =>
      new CommandFailed({
        exitCode: 1,
        reason: `the report was not written: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: "npm run gatehouse -- test --junit <file in a directory that is there>"
      })
  })

/** `gatehouse test`: scenario files on virtual time; alerts expected and silence expected. */
export const testCommand = (load: () => Promise<ScenarioParts>) =>
  Command.make(
    "test",
    {
      scenarios: Argument.String("scenario").pipe(
        Argument.withDescription("Scenario files or directories (default: config/scenarios)"),
        Argument.variadic()
      ),
      json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object per scenario"), Flag.withDefault(false)),
      junit: Flag.String("junit").pipe(
        Flag.withMetavar("file"),
        Flag.withDescription("Also write the outcomes to this file, as JUnit XML for CI"),
        Flag.optional
      )
    },
    Effect.fn("test")(function* ({ scenarios, json, junit }) {
      const { run, files } = yield* Effect.promise(load)
      const paths = scenarios.length > 0 ? scenarios : ["config/scenarios"]
      const refused = (retry: string) => (cause: unknown) =>
        new CommandFailed({
          exitCode: 1,
          reason: cause instanceof Error ? cause.message : String(cause),
          next: `npm run gatehouse -- test ${retry}`
        })
      const list = yield* Effect.try({ try: () => files(paths), catch: refused("config/scenarios") })
      const tested: Array<Tested> = []
      for (const file of list) {
        const outcomes = yield* Effect.tryPromise({ try: async () => run(file), catch: refused(file) }).pipe(
          // One that cannot be played has failed; the others are played all the same.
          Effect.catch(({ message }) => Effect.succeed([{ name: file, passed: false, problems: [message] }]))
        )
        for (const outcome of outcomes) {
          tested.push({ file, ...outcome })
          if (json) sayJson({ file, ...outcome })
          else say(`${outcome.passed ? paint("green", "✔") : paint("red", "✖")} ${outcome.name}`)
          for (const problem of json ? [] : outcome.problems) say(indented(problem))
        }
      }
      if (Option.isSome(junit)) yield* writeReport(junit.value, tested)
      const failed = tested.filter((outcome) => !outcome.passed).map(({ file }) => file)
      const passed = tested.length - failed.length
      if (failed.length === 0) return tell(`${passed} passed\nnext: npm run gatehouse -- simulate ${list[0] ?? ""}`)
      return yield* new CommandFailed({
        exitCode: 1,
        reason: `${passed} passed, ${failed.length} failed`,
        next: `npm run gatehouse -- test ${[...new Set(failed)].join(" ")}`
      })
    })
  ).pipe(Command.withDescription("Run scenario files on virtual time: alerts expected, and silence expected"))
