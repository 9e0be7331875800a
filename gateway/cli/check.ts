import { existsSync } from "node:fs"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { countProblems, type Problem, renderProblem } from "../settings/problem.ts"
import { CommandFailed } from "./failure.ts"
import { paint, say, sayJson, tell } from "./output.ts"

/** What `check` needs of the gateway; loaded only when the command runs. */
export interface Checks {
  /** The configuration's problems and a line that sums it up. */
  readonly settings: (paths: ReadonlyArray<string>) => {
    readonly problems: ReadonlyArray<Problem>
    readonly summary: string
    /** What is allowed and worth a second thought, in sentences. */
    readonly notes: ReadonlyArray<string>
    /** Runs the tests that its profiles carry; left out where there are no profiles. */
    readonly profileTests?: () => { readonly passed: number; readonly problems: ReadonlyArray<Problem> }
  }
  /** The JSON Schema of a configuration, or of a rule pack, as text. */
  readonly editorSchema: (of: "config" | "rules") => string
}

const present = (problem: Problem) => ({ severity: problem.severity, ...problem.place, message: problem.message })

/** `gatehouse check`: reads configuration and profiles, runs the profiles' own tests, starts nothing. */
export const checkCommand = (load: () => Promise<Checks>) =>
  Command.make(
    "check",
    {
      paths: Argument.String("path").pipe(
        Argument.withDescription(
          "A configuration file or directory (default: config/gatehouse.yaml, else config/demo)"
        ),
        Argument.variadic()
      ),
      json: Flag.Boolean("json").pipe(
        Flag.withDescription("One JSON object per problem, then a summary"),
        Flag.withDefault(false)
      ),
      schema: Flag.Literals("schema", ["config", "rules"]).pipe(
        Flag.withDescription("Print the JSON Schema that an editor completes such a file by, and check nothing"),
        Flag.optional
      )
    },
    Effect.fn("check")(function* ({ paths, json, schema }) {
      if (Option.isSome(schema)) {
        const { editorSchema } = yield* Effect.promise(load)
        return say(editorSchema(schema.value).trimEnd())
      }
      const targets =
        paths.length > 0 ? paths : [existsSync("config/gatehouse.yaml") ? "config/gatehouse.yaml" : "config/demo"]
      const checks = yield* Effect.promise(load)
      const { problems: found, summary, notes, profileTests } = checks.settings(targets)
      const profiles = profileTests?.() ?? { passed: 0, problems: [] }
      const problems = [...found, ...profiles.problems]
      const errors = problems.filter((problem) => problem.severity === "error")
      if (json) {
        for (const problem of problems) sayJson(present(problem))
        sayJson({ ok: errors.length === 0, problems: problems.length, profileTests: profiles.passed })
      } else {
        for (const problem of problems) say(renderProblem(problem, paint))
        if (problems.length > 0) say(countProblems(problems))
      }
      if (errors.length > 0)
        return yield* new CommandFailed({ exitCode: 1, next: `npm run gatehouse -- check ${targets.join(" ")}` })
      if (!json) {
        say(`${paint("green", "✔")} ${summary}; ${profiles.passed} profile tests passed`)
        for (const note of notes) tell(note)
        tell(`next: npm run gatehouse -- serve --config ${targets[0]}`)
      }
    })
  ).pipe(Command.withDescription("Check configuration and profiles; starts nothing"))
