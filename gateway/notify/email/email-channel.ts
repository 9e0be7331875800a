import { readFileSync } from "node:fs"
import { Effect, Schema } from "effect"
import { SecretReference } from "../../../adapters/secret.ts"
import type { Channel, ChannelContext, Message, OpenChannel, Sent } from "../channel.ts"
import { secretOf } from "../secret.ts"

const Address = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[^\s@<>,;"]+@[^\s@<>,;"]+$/, { expected: "a mail address such as desk@example.org" }))
)

const Settings = Schema.Struct({
  host: Schema.NonEmptyString.annotate({ description: "The mail server that takes our mail" }),
  port: Schema.Int.pipe(
    Schema.check(Schema.isBetween({ minimum: 1, maximum: 65_535 })),
    Schema.withDecodingDefaultKey(Effect.succeed(587))
  ),
  tls: Schema.Literals(["starttls", "implicit", "none"])
    .annotate({ description: "starttls (usual on port 587), implicit (on 465), or none" })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("starttls" as const))),
  user: Schema.optionalKey(Schema.NonEmptyString),
  password: Schema.optionalKey(SecretReference),
  from: Address.annotate({ description: "Whom the mail is from" }),
  caFile: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "A PEM file of the authority that the server's certificate is from" })
  )
}).annotate({ identifier: "EmailSettings" })
type Settings = typeof Settings.Type

/** Shorter than what an attempt may take, so that a server that hangs leaves no connection behind in the pool. */
const waitMs = 8000

/** Connections to the server at the most. */
const connectionsMax = 3

/** An id of a message's own: the same for every copy, so that the mailbox can tell them (RFC 5322, section 3.6.4). */
const messageIdOf = (key: string, site: string): string =>
  `<${key.replaceAll(/[^A-Za-z0-9.-]/g, "_")}@${site}.gatehouse>`

/** What a refusal of the server is about; `undefined`: nothing for good. RFC 5321: 4yz is for now, 5yz for good. */
const refusalOf = (code: unknown, responseCode: unknown): "channel" | "recipient" | undefined => {
  if (code === "EAUTH" || code === "ENOAUTH" || code === "EOAUTH2") return "channel"
  if (typeof responseCode !== "number" || responseCode < 500) return undefined
  return code === "EENVELOPE" || [550, 551, 553].includes(responseCode) ? "recipient" : "channel"
}

/** What nodemailer's failure means for a message. */
export const sentOfFailure = (cause: unknown): Sent => {
  const { code, responseCode } = cause as { readonly code?: unknown; readonly responseCode?: unknown }
  const reason = cause instanceof Error ? cause.message : String(cause)
  const scope = refusalOf(code, responseCode)
  return scope === undefined ? { _tag: "TryLater", reason } : { _tag: "Refused", scope, reason }
}

/** The mail of a message. Mails of one alert have one root to hang from, which no mail is. */
export const mailOf = (message: Message, { from }: Pick<Settings, "from">): Record<string, unknown> => {
  const { key, recipient, subject, text, thread, urgency, site } = message
  const root = messageIdOf(thread, site.id)
  return {
    from,
    to: recipient.address,
    subject,
    text,
    messageId: messageIdOf(key, site.id),
    references: root,
    inReplyTo: root,
    ...(urgency === "life-safety" ? { priority: "high" } : {}),
    // RFC 3834: no out-of-office is to answer it.
    headers: { "Auto-Submitted": "auto-generated", "Idempotency-Key": key }
  }
}

const transportOf = (
  { createTransport }: typeof import("nodemailer"),
  settings: Settings,
  password: string | undefined
) => {
  const { host, port, tls, user, caFile } = settings
  return createTransport({
    pool: true,
    maxConnections: connectionsMax,
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    connectionTimeout: waitMs,
    greetingTimeout: waitMs,
    socketTimeout: waitMs,
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
    ...(caFile === undefined ? {} : { tls: { ca: readFileSync(caFile) } })
  })
}

/** What cannot be made ready answers so to every message, and is no reason not to start. */
const unusable = (sent: Sent): OpenChannel => ({ send: () => Effect.succeed(sent), selfTest: Effect.succeed(sent) })

const asked = (work: () => Promise<Sent>): Effect.Effect<Sent> =>
  Effect.promise(() => work().catch((cause: unknown) => sentOfFailure(cause)))

const open = Effect.fnUntraced(function* (settings: Settings, _context: ChannelContext) {
  const secret = settings.password === undefined ? undefined : secretOf(settings.password)
  if (secret !== undefined && "missing" in secret) return unusable(secret.missing)
  // It takes a while to load: who only reads settings, as `check` does, goes without.
  const mailer = yield* Effect.promise(() => import("nodemailer"))
  const made = yield* Effect.exit(
    Effect.try({ try: () => transportOf(mailer, settings, secret?.value), catch: (cause) => cause })
  )
  if (made._tag === "Failure")
    return unusable({
      _tag: "Refused",
      scope: "channel",
      reason: `its caFile cannot be read: ${String(settings.caFile)}`
    })
  const transport = made.value
  yield* Effect.addFinalizer(() => Effect.sync(() => transport.close()))
  return {
    send: (message) =>
      asked(async () => {
        const { response } = await transport.sendMail(mailOf(message, settings))
        return { _tag: "HandedOver", detail: response }
      }),
    selfTest: asked(async () => {
      await transport.verify()
      return { _tag: "HandedOver", detail: "the server lets us in" }
    })
  } satisfies OpenChannel
})

/** Mail through a server of the site's own or of a provider. What the server takes is handed over, and no more. */
export const emailChannel: Channel<Settings> = {
  kind: "email",
  Settings: Settings as unknown as Schema.Codec<Settings, unknown>,
  recipients: "address",
  addressFault: (address) =>
    /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(address) ? undefined : `"${address}" is no mail address`,
  weaknesses: ({ tls, host }) =>
    tls === "none" && !["127.0.0.1", "::1", "localhost"].includes(host)
      ? ["it has no TLS: whoever is between can read it, and the password"]
      : [],
  open
}
