import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import type { Device } from "../../gateway/domain/campus.ts"
import { makeMapping } from "./normalize.ts"
import type { CompiledProfile, ProfileIssue } from "./profile.ts"

type Case = CompiledProfile["file"]["tests"][number]

/** The hour at which a profile's own tests hear their messages. */
const receivedAt = Date.parse("2026-01-15T12:00:00Z")

/** Whether `actual` has all that `expected` names, at any depth. */
const includes = (actual: unknown, expected: unknown): boolean => {
  if (typeof expected !== "object" || expected === null) return actual === expected
  if (typeof actual !== "object" || actual === null) return false
  return Object.entries(expected).every(([key, value]) => includes((actual as Record<string, unknown>)[key], value))
}

const runCase = (profile: CompiledProfile, test: Case): string | undefined => {
  const device: Device = {
    id: DeviceId.make("device"),
    link: LinkId.make("link"),
    profile: profile.name,
    address: test.address,
    ...(test.invert === undefined ? {} : { invert: test.invert })
  }
  const text = typeof test.payload === "string" ? test.payload : JSON.stringify(test.payload)
  const message = { topic: test.topic, payload: Buffer.from(text), retained: test.retained ?? false, receivedAt }
  const { observations, outcome } = makeMapping([profile], [device], "UTC").normalize(message)
  const came = JSON.stringify(observations)
  if (test.outcome !== undefined && test.outcome !== outcome) return `the outcome is "${outcome}": ${came}`
  if (observations.length !== test.expect.length) return `${observations.length} observations came: ${came}`
  const missed = test.expect.findIndex((expected, index) => !includes(observations[index], expected))
  return missed < 0 ? undefined : `observation ${missed} is ${JSON.stringify(observations[missed])}`
}

/** Runs the tests that a profile carries; each that fails is a problem at its place in the file. */
export const testProfile = (
  profile: CompiledProfile
): { readonly passed: number; readonly failures: ReadonlyArray<ProfileIssue> } => {
  const failures = profile.file.tests.flatMap((test, index): ReadonlyArray<ProfileIssue> => {
    const why = runCase(profile, test)
    return why === undefined ? [] : [{ path: ["tests", index, "expect"], message: `"${test.name}" fails: ${why}` }]
  })
  return { passed: profile.file.tests.length - failures.length, failures }
}
