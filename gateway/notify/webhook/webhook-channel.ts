import { Effect, Schema } from "effect"
import { SecretReference } from "../../../adapters/secret.ts"
import type { Channel, Message, OpenChannel, Sent } from "../channel.ts"
import { secretOf } from "../secret.ts"
import { signedHeaders } from "../signature.ts"
import { postJson } from "./post-json.ts"

const Settings = Schema.Struct({
  url: Schema.String.annotate({
    description: "Where messages are posted to, such as https://hooks.example/gatehouse"
  }).pipe(
    Schema.check(
      Schema.isPattern(/^https?:\/\/[^\s/@]+(\/\S*)?$/, { expected: "an address such as https://host/path" })
    )
  ),
  /** What both sides know; each message is signed with it. */
  secret: Schema.optionalKey(SecretReference),
  /** Sent as `Authorization: Bearer …`, for receivers that ask for it. */
  token: Schema.optionalKey(SecretReference),
  caFile: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "A PEM file of the authority that the other side's certificate is from"
    })
  )
}).annotate({ identifier: "WebhookSettings" })
type Settings = typeof Settings.Type

const isOnThisMachine = (url: string): boolean => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(url)

const weaknesses = ({ url, secret }: Settings): ReadonlyArray<string> => [
  ...(url.startsWith("http:") && !isOnThisMachine(url)
    ? ["it has no TLS: whoever is between can read and change it"]
    : []),
  ...(secret === undefined ? ["it has no secret: the other side cannot tell our messages from others'"] : [])
]

/** What is posted. Never an address of anybody. */
export const bodyOf = ({ recipient, alert, ...message }: Message, now: number): string => {
  const { key, kind, urgency, thread, round, site, subject, text, link } = message
  const told =
    alert === undefined
      ? {}
      : {
          alert: {
            id: alert.id,
            condition: alert.condition,
            key: alert.key,
            priority: alert.priority,
            title: alert.title,
            active: alert.active,
            count: alert.count,
            occurredAt: new Date(alert.occurredAt).toISOString(),
            raisedAt: new Date(alert.raisedAt).toISOString(),
            ...(alert.door === undefined ? {} : { door: alert.door }),
            ...(alert.device === undefined ? {} : { device: alert.device }),
            ...(alert.area === undefined ? {} : { area: alert.area })
          }
        }
  return JSON.stringify({
    version: 1,
    type: kind === "test" ? "test" : "alert.notification",
    key,
    urgency,
    site,
    ...told,
    ...(recipient.person === undefined ? {} : { person: recipient.person }),
    thread,
    round,
    subject,
    text,
    ...(link === undefined ? {} : { link }),
    sentAt: new Date(now).toISOString()
  })
}

const open = (settings: Settings, now: () => number, site: Message["site"], channel: string): OpenChannel => {
  const { url, caFile } = settings
  const secret = settings.secret === undefined ? undefined : secretOf(settings.secret)
  const token = settings.token === undefined ? undefined : secretOf(settings.token)
  const missing = [secret, token].find((one) => one !== undefined && "missing" in one)
  if (missing !== undefined && "missing" in missing)
    return { send: () => Effect.succeed(missing.missing), selfTest: Effect.succeed(missing.missing) }
  const signedBy = secret !== undefined && "value" in secret ? secret.value : undefined
  const bearer = token !== undefined && "value" in token ? token.value : undefined
  const send = (message: Message): Effect.Effect<Sent> =>
    Effect.suspend(() => {
      const at = now()
      const body = bodyOf(message, at)
      const headers = {
        "idempotency-key": message.key,
        ...(signedBy === undefined ? {} : signedHeaders(signedBy, body, at)),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` })
      }
      return postJson({ url, caFile, headers, body })
    })
  const probe = (): Message => ({
    key: `test:${channel}:${now()}`,
    kind: "test",
    urgency: "usual",
    recipient: {},
    thread: `test:${channel}`,
    round: 1,
    site,
    subject: `TEST: ${site.name} tests this webhook`,
    text: "Nothing has happened, and nothing is asked.",
    short: "TEST"
  })
  return { send, selfTest: Effect.suspend(() => send(probe())) }
}

/** Messages as signed JSON to another system: an on-call service, a chat, a siren's controller. */
export const webhookChannel: Channel<Settings> = {
  kind: "webhook",
  Settings: Settings as unknown as Schema.Codec<Settings, unknown>,
  recipients: "system",
  weaknesses,
  open: (settings, { now, site, channel }) => Effect.sync(() => open(settings, now, site, channel))
}
