import { readFileSync } from "node:fs"
import { Effect, Schema, type Scope } from "effect"
import mqtt, { type IClientOptions, type MqttClient } from "mqtt"
import { readSecret, SecretMissing, SecretReference } from "../../adapters/secret.ts"
import type { Channel, ChannelContext, Message, OpenChannel, Sent } from "./channel.ts"

const topicPattern = /^[^+#\0]+$/

/** Messages to a topic of a broker, for whatever listens there: a siren, a wall of lamps, another system. */
export const MqttChannelSettings = Schema.Struct({
  url: Schema.NonEmptyString.pipe(
    Schema.check(
      Schema.isPattern(/^(?:mqtts?|wss?):\/\/[^/\s]+/, { expected: "an mqtt:, mqtts:, ws: or wss: address" })
    )
  ),
  topic: Schema.NonEmptyString.annotate({
    description: "Where alerts are told; {site} and {alert} stand for the site's and the alert's ids"
  }).pipe(Schema.check(Schema.isPattern(topicPattern, { expected: "a topic to publish to, without + and #" }))),
  clientId: Schema.optionalKey(Schema.NonEmptyString),
  username: Schema.optionalKey(Schema.NonEmptyString),
  password: Schema.optionalKey(SecretReference),
  /** 5 is MQTT 5, 4 is MQTT 3.1.1; absent: 5. */
  protocolVersion: Schema.optionalKey(Schema.Literals([4, 5])),
  /** The certificate authority that the broker's certificate is of; absent: those of the machine. */
  caFile: Schema.optionalKey(Schema.NonEmptyString),
  retainMinutes: Schema.optionalKey(
    Schema.Int.annotate({
      description:
        "The broker keeps the newest message of each topic for so long, for who subscribes later; absent: it keeps none"
    }).pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1440 })))
  )
})
  .annotate({ identifier: "MqttChannelSettings" })
  .pipe(
    Schema.check(
      Schema.makeFilter(({ protocolVersion, retainMinutes }) =>
        protocolVersion === 4 && retainMinutes !== undefined
          ? "MQTT 3.1.1 (protocolVersion 4) knows no end of what is retained: an alert would stand there for ever; leave out retainMinutes"
          : undefined
      )
    )
  )
export type MqttChannelSettings = typeof MqttChannelSettings.Type

/** MQTT 5, section 2.4: these say that asking again changes nothing. */
const forGood: ReadonlyMap<number, string> = new Map([
  [0x84, "unsupported protocol version"],
  [0x85, "client identifier not valid"],
  [0x86, "bad user name or password"],
  [0x87, "not authorized"],
  [0x8a, "banned"],
  [0x8c, "bad authentication method"],
  [0x90, "topic name invalid"],
  [0x99, "payload format invalid"],
  [0x9a, "retain not supported"]
])

/** The same of MQTT 3.1.1, section 3.2.2.3. */
const refusedConnections: ReadonlyMap<number, string> = new Map([
  [1, "unacceptable protocol version"],
  [2, "identifier rejected"],
  [4, "bad user name or password"],
  [5, "not authorized"]
])

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined

const reasonOf = (error: unknown): string =>
  error instanceof Error && error.message !== "" ? error.message : String(error)

const sentOf = (error: unknown): Sent => {
  const code = codeOf(error)
  const refused = code === undefined ? undefined : (forGood.get(code) ?? refusedConnections.get(code))
  return refused === undefined
    ? { _tag: "TryLater", reason: reasonOf(error) }
    : { _tag: "Refused", scope: "channel", reason: `the broker refuses: ${refused}` }
}

const bodyOf = ({ key, kind, urgency, round, thread, recipient, alert, site, subject, text, link }: Message): string =>
  JSON.stringify({
    key,
    kind,
    urgency,
    thread,
    round,
    site,
    subject,
    text,
    ...(recipient.person === undefined ? {} : { for: recipient.person.name }),
    ...(alert === undefined
      ? {}
      : {
          alert: {
            ...alert,
            occurredAt: new Date(alert.occurredAt).toISOString(),
            raisedAt: new Date(alert.raisedAt).toISOString()
          }
        }),
    ...(link === undefined ? {} : { link })
  })

const optionsOf = (
  { clientId, username, password, caFile, protocolVersion = 5 }: MqttChannelSettings,
  context: ChannelContext
): IClientOptions => ({
  protocolVersion,
  clientId: clientId ?? `gatehouse-${context.site.id}-${context.channel}`,
  clean: true,
  keepalive: 15,
  connectTimeout: 10_000,
  reconnectPeriod: 2000,
  // A password may be put right at the broker.
  reconnectOnConnackError: true,
  // What is not taken now is the outbox's to try again, not the client's.
  queueQoSZero: false,
  resubscribe: false,
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password: readSecret(password) }),
  ...(caFile === undefined ? {} : { ca: readFileSync(caFile) })
})

/** The connection, and what kept it from being there when it is not. */
interface Line {
  readonly client: MqttClient
  readonly fault: () => unknown
}

const openLine = (settings: MqttChannelSettings, context: ChannelContext): Line => {
  const client = mqtt.connect(settings.url, optionsOf(settings, context))
  let fault: unknown
  client.on("connect", () => void (fault = undefined))
  client.on("error", (error) => void (fault = error))
  client.on("disconnect", ({ reasonCode }) => {
    fault = Object.assign(new Error("the broker ended the connection"), { code: reasonCode })
  })
  client.on("close", () => void (fault ??= new Error("the connection to the broker is lost")))
  return { client, fault: () => fault }
}

/** A first connection takes a moment; so long it is waited for. */
const connectWithinMs = 8000

const connected = ({ client, fault }: Line, signal: AbortSignal): Promise<void> =>
  new Promise((done, fail) => {
    if (client.connected) return done()
    const timer = setTimeout(() => end(() => fail(fault() ?? new Error("the broker does not answer"))), connectWithinMs)
    const onConnect = (): void => end(done)
    const onError = (error: unknown): void => end(() => fail(error))
    const onAbort = (): void => end(() => fail(signal.reason))
    const end = (then: () => void): void => {
      clearTimeout(timer)
      client.off("connect", onConnect).off("error", onError)
      signal.removeEventListener("abort", onAbort)
      then()
    }
    client.on("connect", onConnect).on("error", onError)
    signal.addEventListener("abort", onAbort)
  })

interface Outgoing {
  readonly to: string
  readonly body: string
  readonly key: string
  readonly retainMinutes: number | undefined
}

/**
 * Publishes with QoS 1: completes with the broker's confirmation. Lost or given up before that, the client does not go on
 * with it later.
 */
const published = (client: MqttClient, out: Outgoing, signal: AbortSignal): Promise<void> =>
  new Promise((done, fail) => {
    const { to, body, key, retainMinutes } = out
    const expiry = retainMinutes === undefined ? {} : { messageExpiryInterval: retainMinutes * 60 }
    const properties = { contentType: "application/json", userProperties: { "idempotency-key": key }, ...expiry }
    const end = (then: () => void): void => {
      client.off("close", lost)
      signal.removeEventListener("abort", lost)
      then()
    }
    client.publish(to, body, { qos: 1, retain: retainMinutes !== undefined, properties }, (error) =>
      end(() => (error === undefined || error === null ? done() : fail(error)))
    )
    const sent = client.getLastMessageId()
    const lost = (): void =>
      end(() => {
        client.removeOutgoingMessage(sent)
        fail(new Error("the connection to the broker was lost before it confirmed"))
      })
    client.on("close", lost)
    signal.addEventListener("abort", lost)
  })

const channelOf = (settings: MqttChannelSettings, line: Line): OpenChannel => {
  const { topic, retainMinutes } = settings
  const publish = async (message: Message, signal: AbortSignal): Promise<void> => {
    await connected(line, signal)
    const to = topic.replaceAll("{site}", message.site.id).replaceAll("{alert}", message.alert?.id ?? "test")
    await published(line.client, { to, body: bodyOf(message), key: message.key, retainMinutes }, signal)
  }
  const attempt = (work: (signal: AbortSignal) => Promise<void>, done: Sent): Effect.Effect<Sent> =>
    Effect.tryPromise({ try: work, catch: (error) => error }).pipe(
      Effect.as(done),
      Effect.catch((error) => Effect.succeed(sentOf(error)))
    )
  return {
    send: (message) => attempt((signal) => publish(message, signal), { _tag: "HandedOver" }),
    selfTest: attempt((signal) => connected(line, signal), { _tag: "HandedOver", detail: "the broker lets us in" })
  }
}

const refusing = (reason: string): OpenChannel => {
  const refused = Effect.succeed<Sent>({ _tag: "Refused", scope: "channel", reason })
  return { send: () => refused, selfTest: refused }
}

const open = (settings: MqttChannelSettings, context: ChannelContext): Effect.Effect<OpenChannel, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => openLine(settings, context)),
    ({ client }) => Effect.promise(() => client.endAsync(true))
  ).pipe(
    Effect.map((line) => channelOf(settings, line)),
    Effect.catchDefect((cause) =>
      Effect.succeed(
        refusing(
          cause instanceof SecretMissing ? cause.message : `the broker's settings cannot be used: ${reasonOf(cause)}`
        )
      )
    )
  )

/** Messages to a topic of an MQTT broker, with QoS 1: handed over when the broker has confirmed. */
export const mqttChannel: Channel<MqttChannelSettings> = {
  kind: "mqtt",
  Settings: MqttChannelSettings,
  recipients: "system",
  weaknesses: ({ url }) =>
    /^(?:mqtt|ws):\/\/(?!127\.0\.0\.1|localhost|\[::1\])/.test(url)
      ? ["what is told of alerts, and the password, can be read and changed on the way (no TLS)"]
      : [],
  open
}
