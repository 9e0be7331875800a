import { firstReceivedAt, runTests, trialDevice, type TrialResult, usualAfterMs } from "../../profile/trial.ts"
import { makeOnvifMapping, type MessageContext } from "./normalize.ts"
import type { Items, Nested, Notification } from "../messages/notification.ts"
import { makeIsWithheld } from "../messages/notification-secret.ts"
import { parameterProblems } from "./parameters.ts"
import type { OnvifProfile } from "./profile.ts"
import type { OnvifTest } from "./profile-file.ts"
import { canonicalTopic } from "../messages/topic.ts"

type Sent = Pick<
  OnvifTest,
  "topic" | "operation" | "source" | "key" | "data" | "elements" | "utc" | "resubscribed" | "subscription" | "afterMs"
>

/** Profiles' own tests may write a prefix as vendors' documents do. */
const prefixes: ReadonlyMap<string, string> = new Map([["tns1", "http://www.onvif.org/ver10/topics"]])

const itemsOf = (written: Sent["source"], isWithheld: (name: string) => boolean): Items =>
  Object.assign(
    Object.create(null) as Record<string, string>,
    Object.fromEntries(
      Object.entries(written ?? {}).flatMap(([name, value]) => (isWithheld(name) ? [] : [[name, String(value)]]))
    )
  ) as Items

const notificationOf = (sent: Sent): Notification | undefined => {
  const topic = canonicalTopic(sent.topic, prefixes)
  if (topic === undefined) return undefined
  const type = sent.data?.["IdentifierType"]
  const isWithheld = makeIsWithheld(topic.text, type === undefined ? undefined : String(type))
  const source = itemsOf(sent.source, isWithheld)
  return {
    topic: topic.text,
    lenient: topic.lenient,
    operation: sent.operation,
    utcTime: sent.utc,
    source,
    key: itemsOf(sent.key, isWithheld),
    data: itemsOf(sent.data, isWithheld),
    sourceNames: Object.keys(source),
    elements: (sent.elements ?? {}) as Readonly<Record<string, Nested>>,
    raw: () => ""
  }
}

const contextOf = ({ resubscribed = false, subscription = "first" }: Sent, receivedAt: number): MessageContext => ({
  receivedAt,
  names: new Map(),
  subscription,
  resubscribed
})

/** Runs the tests that a profile carries, with the profiles it builds on. */
export const testProfile = (profile: OnvifProfile): TrialResult =>
  runTests(profile.file.tests, (test) => {
    const { invert, parameters } = test
    const device = trialDevice(profile.name, {
      address: "device",
      ...(invert === undefined ? {} : { invert }),
      ...(parameters === undefined ? {} : { parameters })
    })
    const [problem] = parameterProblems(profile, device)
    if (problem !== undefined) return problem.message
    const mapping = makeOnvifMapping(profile, device, "UTC")
    let receivedAt = firstReceivedAt
    let came: ReturnType<typeof mapping.normalize> | undefined
    for (const [index, sent] of [...(test.before ?? []), test].entries()) {
      if (index > 0) receivedAt += sent.afterMs ?? usualAfterMs
      const notification = notificationOf(sent)
      if (notification === undefined) return `"${sent.topic}" is no topic`
      came = mapping.normalize(notification, contextOf(sent, receivedAt))
    }
    if (test.dueAfterSeconds === undefined) return came!
    return { observations: mapping.due(receivedAt + test.dueAfterSeconds * 1000), outcome: came!.outcome }
  })
