import { readFileSync } from "node:fs"
import { isAbsolute, relative } from "node:path"
import { Result, Schema } from "effect"
import { eventWords, expectationVerbs, silenceVerbs } from "./expectation-verbs.ts"
import { type ScenarioProblem, ScenarioRefused } from "./problem.ts"
import type { Expectation, Scenario, Silence, Step } from "./scenario.ts"
import { readSource, type Source } from "./source.ts"
import { stepVerbs } from "./step-verbs.ts"
import { decode, Duration, faultToProblem, readItem, type Verb } from "./written.ts"

/** How long after the last step and expectation a scenario is watched when it does not say. */
const settleMs = 60_000

/** There is no 30th of February: it would be taken for the 2nd of March. */
const isTime = (written: string): boolean => {
  const at = Date.parse(`${written}Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(written)
}

/** What a wall clock shows; whose it is, the campus says. */
const LocalTime = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter((written) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/.test(written) && isTime(written)
        ? undefined
        : 'Expected a day and time of the site\'s clock, such as "2026-03-02T23:30"'
    )
  )
)

const fields = {
  name: Schema.NonEmptyString,
  description: Schema.optionalKey(Schema.NonEmptyString),
  /** What it is after: a standard, a field report. */
  source: Schema.optionalKey(Schema.NonEmptyString),
  /** The configuration whose doors and devices it is about. */
  campus: Schema.optionalKey(Schema.NonEmptyString),
  broker: Schema.optionalKey(Schema.Literals(["embedded", "outside"])),
  settle: Schema.optionalKey(Duration),
  starts: Schema.optionalKey(LocalTime),
  steps: Schema.Array(Schema.Unknown),
  /** An empty list is silence; it must be written. */
  expect: Schema.Array(Schema.Unknown),
  silence: Schema.optionalKey(Schema.Array(Schema.Unknown))
}

const Head = Schema.Struct(fields)

const readList = <A>(
  source: Source,
  section: string,
  length: number,
  verbs: Readonly<Record<string, Verb<A>>>
): { readonly items: ReadonlyArray<A>; readonly problems: ReadonlyArray<ScenarioProblem> } => {
  const read = Array.from({ length }, (_, index) => readItem(source, [section, index], verbs))
  return {
    items: read.flatMap(({ value }) => (value === undefined ? [] : [value])),
    problems: read.flatMap(({ problems }) => problems)
  }
}

const wordProblems = (source: Source, section: string, items: ReadonlyArray<unknown>): ReadonlyArray<ScenarioProblem> =>
  items.flatMap((item, index) => {
    const word = (item as { readonly event?: unknown } | null)?.event
    if (typeof word !== "string" || eventWords.includes(word)) return []
    const message = `there is no event "${word}"`
    return [source.problem([section, index, "event"], message, "value", { word, known: eventWords })]
  })

const clockProblems = (source: Source, steps: ReadonlyArray<unknown>): ReadonlyArray<ScenarioProblem> =>
  steps.flatMap((step, index) => {
    if (typeof step !== "object" || step === null || !("clock" in step)) return []
    if ("ahead" in step !== "behind" in step) return []
    return [source.problem(["steps", index, "clock"], `steps[${index}] needs "ahead" or "behind", one of them`, "key")]
  })

/** A silence over no time would hold whatever comes. */
const silenceProblems = (source: Source, silence: ReadonlyArray<Silence>): ReadonlyArray<ScenarioProblem> =>
  silence.flatMap(({ span: { fromMs, untilMs } }, index) =>
    fromMs < untilMs
      ? []
      : [
          source.problem(
            ["silence", index],
            `from ${fromMs / 1000} s until ${untilMs / 1000} s is no time to be silent`
          )
        ]
  )

/** In order of time; what falls together stays in the order of the file. */
const ordered = (steps: ReadonlyArray<ReadonlyArray<Step>>): ReadonlyArray<Step> =>
  steps.flat().toSorted((a, b) => (a.atMs === b.atMs ? 0 : a.atMs < b.atMs ? -1 : 1))

/** Reads the text of a scenario file. Throws `ScenarioRefused` with everything that is wrong with it. */
export const readScenario = (file: string, text: string): Scenario => {
  const source = readSource(file, text)
  if (source.problems.length > 0) throw new ScenarioRefused(source.problems)
  const head = decode(Head as unknown as Schema.Codec<(typeof Head)["Type"], unknown>, source.value)
  if (Result.isFailure(head))
    throw new ScenarioRefused(head.failure.map((fault) => faultToProblem(source, [], fault, Object.keys(fields))))
  const written = head.success
  const steps = readList<ReadonlyArray<Step>>(source, "steps", written.steps.length, stepVerbs)
  const expect = readList<Expectation>(source, "expect", written.expect.length, expectationVerbs)
  const silence = readList<Silence>(source, "silence", written.silence?.length ?? 0, silenceVerbs)
  const problems = [
    ...steps.problems,
    ...clockProblems(source, written.steps),
    ...expect.problems,
    ...wordProblems(source, "expect", written.expect),
    ...silence.problems,
    ...wordProblems(source, "silence", written.silence ?? []),
    ...(silence.problems.length > 0 ? [] : silenceProblems(source, silence.items))
  ]
  if (problems.length > 0) throw new ScenarioRefused(problems)
  return {
    file,
    text,
    name: written.name,
    description: written.description,
    campus: written.campus,
    broker: written.broker,
    starts: written.starts,
    steps: ordered(steps.items),
    expect: expect.items,
    silence: silence.items,
    expectPlace: source.placeOf(["expect"], "key"),
    settleMs: written.settle ?? settleMs
  }
}

/** A file as people name it: from where they are, when it lies below. */
const display = (file: string): string => {
  const near = relative(process.cwd(), file)
  return near === "" || near.startsWith("..") || isAbsolute(near) ? file : near
}

/** `readScenario` of a file. Throws what the system says when it cannot be read. */
export const readScenarioFile = (file: string): Scenario => readScenario(display(file), readFileSync(file, "utf8"))
