import { Effect, Schema } from "effect"
import { openAnswerKey } from "../answer-key.ts"
import type { Channel, ChannelContext, Message, OpenChannel, Sent } from "../channel.ts"
import { type PushDevices, openPushDevices } from "./push-devices.ts"
import { pushPayload } from "./push-payload.ts"
import { push, type Pushed, type PushOptions, usualServices, wrongEndpoint } from "./push-service.ts"
import { openVapid, wrongSubject } from "./vapid.ts"

/** Web push to the browsers and phones that people have registered in the console. */
export const PushSettings = Schema.Struct({
  subject: Schema.String.annotate({
    description: "Whom a push service may write to about this gateway: a mailto: or https: address of a real domain"
  }).pipe(Schema.check(Schema.makeFilter((subject) => wrongSubject(subject)))),
  console: Schema.String.annotate({ description: "Where the console is opened: its https: address" }).pipe(
    Schema.check(
      Schema.isPattern(/^https:\/\/|^http:\/\/(?:localhost|127\.0\.0\.1)(?:[:/]|$)/, {
        expected: "an https: address: browsers register for push over no other"
      })
    )
  ),
  ttlSeconds: Schema.optionalKey(
    Schema.Int.annotate({ description: "So long a push service keeps a message for a phone that is away (600)" }).pipe(
      Schema.check(Schema.isBetween({ minimum: 30, maximum: 86_400 }))
    )
  ),
  services: Schema.optionalKey(
    Schema.Array(Schema.NonEmptyString).annotate({
      description: `Hosts of push services that devices may register with; absent: ${usualServices.join(", ")}`
    })
  )
}).annotate({ identifier: "PushSettings" })
export type PushSettings = typeof PushSettings.Type

/** Of an alert that asks now: longer than an officer is out of reach of a network, shorter than it is news. */
const ttlUsualSeconds = 600

const sentOf = (outcomes: ReadonlyArray<Pushed>): Sent => {
  const taken = outcomes.filter(({ is }) => is === "taken").length
  if (taken > 0) return { _tag: "HandedOver", detail: `by ${taken} of ${outcomes.length} devices' push services` }
  const later = outcomes.find((outcome) => outcome.is === "later")
  if (later?.is === "later") {
    return { _tag: "TryLater", reason: later.why, ...(later.afterMs === undefined ? {} : { afterMs: later.afterMs }) }
  }
  const refused = outcomes.find((outcome) => outcome.is === "refused")
  if (refused?.is === "refused") return { _tag: "Refused", scope: "channel", reason: refused.why }
  return { _tag: "Refused", scope: "recipient", reason: "no device of theirs is registered any more" }
}

/** Removes a device that has ended its subscription, and says so to whoever keeps the log. */
const prune = (devices: PushDevices, { deviceEnded }: ChannelContext, person: string, device: string, reason: string) =>
  Effect.suspend(() =>
    devices.forget(person, device) && deviceEnded !== undefined ? deviceEnded({ person, device, reason }) : Effect.void
  )

const open = (settings: PushSettings, context: ChannelContext): OpenChannel => {
  const { dataDir, now } = context
  const devices = openPushDevices(dataDir)
  const vapid = openVapid(dataDir)
  const answers = openAnswerKey(dataDir)
  const services = settings.services ?? usualServices

  const optionsOf = (message: Message): PushOptions => ({
    keys: vapid,
    subject: settings.subject,
    ttlSeconds: settings.ttlSeconds ?? ttlUsualSeconds,
    urgency: "high",
    topic: message.thread,
    now: now()
  })

  const send = Effect.fnUntraced(function* (message: Message): Effect.fn.Return<Sent> {
    const person = message.recipient.person?.id
    if (person === undefined)
      return { _tag: "Refused", scope: "recipient", reason: "push goes to people, and names none" }
    const registered = devices.of(person)
    if (registered.length === 0)
      return { _tag: "Refused", scope: "unregistered", reason: "no device of theirs is registered" }
    const proof = answers.proofOf(message.key)
    const options = optionsOf(message)
    const payloadFor = (device: string): Buffer => pushPayload(message, { proof, device, console: settings.console })
    const outcomes = yield* Effect.forEach(
      registered,
      (device) => {
        const wrong = wrongEndpoint(device.endpoint, services)
        const sent: Effect.Effect<Pushed> =
          wrong === undefined
            ? Effect.promise((signal) => push(device, payloadFor(device.id), options, signal))
            : Effect.succeed({ is: "gone", why: wrong })
        return Effect.tap(sent, (outcome) =>
          outcome.is === "gone" ? prune(devices, context, person, device.id, outcome.why) : Effect.void
        )
      },
      { concurrency: "unbounded" }
    )
    return sentOf(outcomes)
  })

  // What can be proved without a word on anybody's phone: that there are keys, and somebody to write to.
  const selfTest = Effect.sync((): Sent => ({
    _tag: "HandedOver",
    detail: `people with a device: ${devices.people().size}`
  }))
  return { send, selfTest, registered: devices.people }
}

/** Keys that cannot be read are no reason not to start: everything is refused, with the reason. */
const unusable = (cause: unknown): OpenChannel => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const refused = Effect.succeed<Sent>({ _tag: "Refused", scope: "channel", reason })
  return { send: () => refused, selfTest: refused }
}

/** Web push (RFC 8030, 8291, 8292), with declarative messages and receipts of the console's service worker. */
export const pushChannel: Channel<PushSettings> = {
  kind: "web-push",
  Settings: PushSettings,
  recipients: "registered",
  receipts: true,
  open: (settings, context) =>
    Effect.sync(() => {
      try {
        return open(settings, context)
      } catch (cause) {
        return unusable(cause)
      }
    })
}
