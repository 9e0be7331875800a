import type { Device } from "../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { ProfileIssue } from "./compile.ts"

/** The hour at which a profile's own tests hear their first message. */
export const firstReceivedAt = Date.parse("2026-01-15T12:00:00Z")

/** How long after the message before it a test's message comes, when the test does not say. */
export const usualAfterMs = 1000

/** What came of a test's last message. */
export interface Came {
  readonly observations: ReadonlyArray<Observation>
  readonly outcome: string
}

interface Case {
  readonly name: string
  readonly outcome?: string
  readonly expect: ReadonlyArray<unknown>
}

export interface TrialResult {
  readonly passed: number
  /** Each at its place in the file. */
  readonly failures: ReadonlyArray<ProfileIssue>
}

/** Whether `actual` has all that `expected` names, at any depth; `null` stands for what must not be there. */
const includes = (actual: unknown, expected: unknown): boolean => {
  if (expected === null) return actual === undefined
  if (typeof expected !== "object") return actual === expected
  if (typeof actual !== "object" || actual === null) return false
  return Object.entries(expected).every(([key, value]) => includes((actual as Record<string, unknown>)[key], value))
}

/** The one configured device of a test. */
export const trialDevice = (
  profile: string,
  {
    address,
    invert,
    parameters
  }: {
    readonly address: string
    readonly invert?: ReadonlyArray<string>
    readonly parameters?: Readonly<Record<string, string>>
  }
): Device => ({
  id: DeviceId.make("device"),
  link: LinkId.make("link"),
  profile,
  address,
  ...(invert === undefined ? {} : { invert }),
  ...(parameters === undefined ? {} : { parameters })
})

const whyNot = (test: Case, { observations, outcome }: Came): string | undefined => {
  const came = JSON.stringify(observations)
  if (test.outcome !== undefined && test.outcome !== outcome) return `the outcome is "${outcome}": ${came}`
  if (observations.length !== test.expect.length) return `${observations.length} observations came: ${came}`
  const missed = test.expect.findIndex((expected, index) => !includes(observations[index], expected))
  return missed < 0 ? undefined : `observation ${missed} is ${JSON.stringify(observations[missed])}`
}

/** Runs the tests that a profile carries. `run` gives what came of one, or in words why it cannot be run. */
export const runTests = <C extends Case>(tests: ReadonlyArray<C>, run: (test: C) => Came | string): TrialResult => {
  const failures = tests.flatMap((test, index): ReadonlyArray<ProfileIssue> => {
    const came = run(test)
    const why = typeof came === "string" ? came : whyNot(test, came)
    return why === undefined ? [] : [{ path: ["tests", index, "expect"], message: `"${test.name}" fails: ${why}` }]
  })
  return { passed: tests.length - failures.length, failures }
}
