import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import type { Device } from "../../gateway/domain/campus.ts"
import { fromBase64 } from "./decode-base64.ts"
import type { Message } from "./mapping.ts"
import { makeMapping } from "./normalize.ts"
import type { CompiledProfile, ProfileIssue } from "./profile.ts"
import { parameterProblems } from "./profile-parameters.ts"

type Case = CompiledProfile["file"]["tests"][number]
type Sent = Pick<Case, "topic" | "payload" | "bytes" | "retained" | "afterMs">

/** The hour at which a profile's own tests hear their first message. */
const firstReceivedAt = Date.parse("2026-01-15T12:00:00Z")

/** Whether `actual` has all that `expected` names, at any depth; `null` stands for what must not be there. */
const includes = (actual: unknown, expected: unknown): boolean => {
  if (expected === null) return actual === undefined
  if (typeof expected !== "object") return actual === expected
  if (typeof actual !== "object" || actual === null) return false
  return Object.entries(expected).every(([key, value]) => includes((actual as Record<string, unknown>)[key], value))
}

const bytesOf = ({ payload, bytes }: Sent): Uint8Array => {
  if (bytes !== undefined) return fromBase64(bytes) ?? Buffer.from("not base64")
  return Buffer.from(typeof payload === "string" ? payload : payload === undefined ? "" : JSON.stringify(payload))
}

/** The messages of a case in their order, each at its time; the last is the one that is looked at. */
const messagesOf = (test: Case): ReadonlyArray<Message> => {
  let receivedAt = firstReceivedAt
  return [...(test.before ?? []), test].map((sent, index) => {
    if (index > 0) receivedAt += sent.afterMs ?? 1000
    return { topic: sent.topic, payload: bytesOf(sent), retained: sent.retained ?? false, receivedAt }
  })
}

const deviceOf = (profile: CompiledProfile, { address, invert, parameters }: Case): Device => ({
  id: DeviceId.make("device"),
  link: LinkId.make("link"),
  profile: profile.name,
  address,
  ...(invert === undefined ? {} : { invert }),
  ...(parameters === undefined ? {} : { parameters })
})

const runCase = (profile: CompiledProfile, test: Case): string | undefined => {
  const device = deviceOf(profile, test)
  const [problem] = parameterProblems(profile, device)
  if (problem !== undefined) return problem.message
  const mapping = makeMapping([profile], [device], "UTC")
  const results = messagesOf(test).map((message) => mapping.normalize(message))
  const { observations, outcome } = results.at(-1)!
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
