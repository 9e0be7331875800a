import { firstReceivedAt, runTests, trialDevice, type TrialResult, usualAfterMs } from "../profile/trial.ts"
import { fromBase64 } from "./decode-base64.ts"
import type { Message } from "./mapping.ts"
import { makeMapping } from "./normalize.ts"
import type { CompiledProfile } from "./profile.ts"
import { parameterProblems } from "./profile-parameters.ts"

type Case = CompiledProfile["file"]["tests"][number]
type Sent = Pick<Case, "topic" | "payload" | "bytes" | "retained" | "afterMs">

const bytesOf = ({ payload, bytes }: Sent): Uint8Array => {
  if (bytes !== undefined) return fromBase64(bytes) ?? Buffer.from("not base64")
  return Buffer.from(typeof payload === "string" ? payload : payload === undefined ? "" : JSON.stringify(payload))
}

/** The messages of a case in their order, each at its time; the last is the one that is looked at. */
const messagesOf = (test: Case): ReadonlyArray<Message> => {
  let receivedAt = firstReceivedAt
  return [...(test.before ?? []), test].map((sent, index) => {
    if (index > 0) receivedAt += sent.afterMs ?? usualAfterMs
    return { topic: sent.topic, payload: bytesOf(sent), retained: sent.retained ?? false, receivedAt }
  })
}

/** Runs the tests that a profile carries; each that fails is a problem at its place in the file. */
export const testProfile = (profile: CompiledProfile): TrialResult =>
  runTests(profile.file.tests, (test) => {
    const device = trialDevice(profile.name, test)
    const [problem] = parameterProblems(profile, device)
    if (problem !== undefined) return problem.message
    const mapping = makeMapping([profile], [device], "UTC")
    return messagesOf(test)
      .map((message) => mapping.normalize(message))
      .at(-1)!
  })
