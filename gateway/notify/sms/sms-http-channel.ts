import { Effect, Schema } from "effect"
import { readSecret, SecretMissing, SecretReference } from "../../../adapters/secret.ts"
import { openAnswerKey } from "../answer-key.ts"
import type { Channel, ChannelContext, Message, OpenChannel, Sent } from "../channel.ts"
import { exchange, whyNoAnswer } from "../http-exchange.ts"
import { filled, HttpTemplate, whyNotTaken, wrongTemplate } from "../http-template.ts"
import { makeTried, smsOf } from "./sms-message.ts"
import { telephoneNumber } from "./sms-text.ts"

const parts = Schema.optionalKey(
  Schema.Int.annotate({ description: "A text takes so many parts at most; what is longer is cut (2)" }).pipe(
    Schema.check(Schema.isBetween({ minimum: 1, maximum: 6 }))
  )
)

/** What a template may ask for, besides its secrets. */
const placeholders = ["to", "toDigits", "text", "from", "key", "receipt"] as const

/** Text messages by a provider's HTTP interface. */
export const SmsHttpSettings = Schema.Struct({
  http: HttpTemplate,
  secrets: Schema.optionalKey(
    Schema.Record(Schema.String, SecretReference).annotate({
      description: "Keys and passwords that the request needs, by the name that it asks for them with"
    })
  ),
  from: Schema.optionalKey(Schema.NonEmptyString.annotate({ description: "The sender's number or name: {{from}}" })),
  publicUrl: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "How the provider reaches this gateway, for delivery receipts: {{receipt}} is an address below it"
    }).pipe(Schema.check(Schema.isPattern(/^https?:\/\//, { expected: "an http: or https: address" })))
  ),
  replies: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Answers come back (inbound.sms): each text says how to acknowledge" })
  ),
  partsMax: parts
})
  .annotate({ identifier: "SmsHttpSettings" })
  .pipe(
    Schema.check(
      Schema.makeFilter(({ http, secrets = {}, publicUrl }) => {
        if (publicUrl === undefined && JSON.stringify(http).includes("{{receipt}}")) {
          return "the request asks for {{receipt}}, and there is no publicUrl to make it of"
        }
        return wrongTemplate(http, [...placeholders, ...Object.keys(secrets)])
      })
    )
  )
export type SmsHttpSettings = typeof SmsHttpSettings.Type

/** Where a provider tells that a phone has received a text. */
export const receiptAddress = (publicUrl: string, key: string, proof: string): string =>
  `${publicUrl.replace(/\/$/, "")}/api/v1/inbound/receipts?notification=${encodeURIComponent(key)}&proof=${proof}`

const secretsOf = ({ secrets = {} }: SmsHttpSettings): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(secrets).map(([name, reference]) => [name, readSecret(reference)]))

const retryAfterMs = (header: string | null): number | undefined =>
  header !== null && /^\d+$/.test(header) ? Number(header) * 1000 : undefined

/** A provider that refuses the key or the account refuses everybody; of anything else it may be this number. */
const refusedScope = (status: number): "channel" | "recipient" =>
  status === 401 || status === 402 || status === 403 || status === 404 ? "channel" : "recipient"

const exchanged = async (
  settings: SmsHttpSettings,
  values: Readonly<Record<string, string>>,
  signal: AbortSignal
): Promise<Sent> => {
  const { retryAfter, ...answer } = await exchange(filled(settings.http, values), signal)
  const { status } = answer
  const why = whyNotTaken(settings.http.takenWhen ?? {}, answer)
  if (why === undefined) return { _tag: "HandedOver" }
  if (status === 429 || status === 408 || status >= 500) {
    const afterMs = retryAfterMs(retryAfter)
    return { _tag: "TryLater", reason: why, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  // A provider that answers 200 to everything says in its body that it refuses: nobody knows whether for good.
  return status < 400
    ? { _tag: "TryLater", reason: why }
    : { _tag: "Refused", scope: refusedScope(status), reason: why }
}

/** What becomes of a message, or of a try, at a provider. */
const asked = (work: (signal: AbortSignal) => Promise<Sent>): Effect.Effect<Sent> =>
  Effect.tryPromise({ try: work, catch: (failure) => failure }).pipe(
    Effect.catch((failure) =>
      Effect.succeed<Sent>(
        failure instanceof SecretMissing
          ? { _tag: "Refused", scope: "channel", reason: failure.message }
          : { _tag: "TryLater", reason: whyNoAnswer(failure) }
      )
    )
  )

const open = (settings: SmsHttpSettings, { dataDir }: ChannelContext): OpenChannel => {
  const { from = "", publicUrl, replies = false, partsMax = 2 } = settings
  const answers = openAnswerKey(dataDir)
  const tried = makeTried()
  const send = (message: Message): Effect.Effect<Sent> => {
    const to = telephoneNumber(message.recipient.address ?? "")
    if (to === undefined)
      return Effect.succeed({ _tag: "Refused", scope: "recipient", reason: "they have no telephone number" })
    const { key } = message
    const text = smsOf(message, { answers: replies ? answers : undefined, again: tried.again(key), partsMax })
    const receipt = publicUrl === undefined ? "" : receiptAddress(publicUrl, key, answers.proofOf(key))
    return asked(async (signal) =>
      exchanged(settings, { ...secretsOf(settings), to, toDigits: to.slice(1), text, from, key, receipt }, signal)
    )
  }
  // Nothing is sent: that the provider's name resolves, that it is reached, and, by HTTPS, that it is who it says.
  const selfTest = asked(async (signal) => {
    secretsOf(settings)
    const { origin } = new URL(settings.http.url)
    const { status } = await fetch(origin, { method: "HEAD", signal, redirect: "manual" })
    return { _tag: "HandedOver", detail: `${origin} is reached (${status}); no text was sent` }
  })
  return { send, selfTest }
}

/** Text messages by the HTTP interface of any provider, as its template says. */
export const smsHttpChannel: Channel<SmsHttpSettings> = {
  kind: "sms-http",
  Settings: SmsHttpSettings,
  recipients: "address",
  addressFault: (address) =>
    telephoneNumber(address) === undefined
      ? 'is no telephone number with its country, such as "+1 555 010 0100"'
      : undefined,
  weaknesses: ({ http, replies }) => [
    ...(/^http:\/\/(?!127\.0\.0\.1|localhost|\[::1\])/.test(http.url)
      ? ["texts, numbers and the provider's key go in clear over the network"]
      : []),
    ...(replies === true ? [] : ["nobody can acknowledge by answering a text (replies)"])
  ],
  open: (settings, context) => Effect.sync(() => open(settings, context))
}
