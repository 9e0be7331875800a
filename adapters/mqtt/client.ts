import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { Deferred, Effect, Exit, Queue } from "effect"
import mqtt, { type IClientOptions, type IConnackPacket, type MqttClient } from "mqtt"
import { CredentialsRejected, type LinkContext, LinkLost } from "../adapter.ts"
import { deliveryOf } from "./delivery.ts"
import { droppedTopic, makeDropWatch } from "./dropped.ts"
import { keepGap } from "./gap.ts"
import type { Mapping } from "./mapping.ts"
import { type OutsideBroker, readSecret, SecretMissing } from "./settings.ts"
import { Unsettled, unsettledMax } from "./unsettled.ts"

type LinkError = LinkLost | CredentialsRejected

/** MQTT 3.1.1 return codes 4 and 5, MQTT 5 reason codes 0x86 and 0x87: who we are is refused. */
const refusesUs: ReadonlySet<number> = new Set([4, 5, 0x86, 0x87])

const readPem = (what: string, path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new SecretMissing(`tls.${what} cannot be read: ${error instanceof Error ? error.message : path}`)
  }
}

const optionsOf = (broker: OutsideBroker): IClientOptions => {
  const file = (name: "ca" | "cert" | "key") => {
    const path = broker.tls?.[name]
    return path === undefined ? {} : { [name]: readPem(name, path) }
  }
  return {
    clientId: broker.clientId,
    clean: false,
    protocolVersion: broker.protocolVersion,
    keepalive: broker.keepaliveSeconds,
    // One attempt a link: the product has one reconnect policy, and it is the supervisor's.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    manualConnect: true,
    ...(broker.username === undefined ? {} : { username: broker.username }),
    ...(broker.password === undefined ? {} : { password: readSecret(broker.password) }),
    ...file("ca"),
    ...file("cert"),
    ...file("key"),
    ...(broker.protocolVersion === 5
      ? { properties: { sessionExpiryInterval: broker.sessionExpirySeconds, receiveMaximum: unsettledMax } }
      : {})
  }
}

const isRefusal = (granted: unknown): boolean => typeof granted !== "number" || granted >= 0x80

/** Every filter, at QoS 1; answers those that the broker refuses. `rh: 1` asks for retained messages only for a new subscription; `rap: false` marks them. */
const subscribe = (
  client: MqttClient,
  filters: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, LinkLost> =>
  Effect.callback((resume) => {
    if (filters.length === 0) return resume(Effect.succeed([]))
    const wanted = Object.fromEntries(filters.map((filter) => [filter, { qos: 1 as const, rh: 1, rap: false }]))
    client.subscribe(wanted, (error, _, suback) => {
      // mqtt.js makes an error of one refused filter; the answer itself says which (MQTT 5, 3.9.3: 0x80 and above).
      if (suback !== undefined)
        return resume(Effect.succeed(filters.filter((__, nth) => isRefusal(suback.granted[nth]))))
      resume(Effect.fail(new LinkLost({ reason: `the subscription failed: ${error?.message ?? "no answer"}` })))
    })
  })

/** One connection: its session's name, whether the broker resumed the session before it, and whether all is told. */
interface Connection {
  readonly session: string
  resumed: boolean
  /** What waits until the gap before this session is on disk; `undefined` once it is. */
  waiting: Array<() => void> | undefined
  /** Told how many messages the broker says it has thrown away since it last said so. */
  dropped: (count: number) => void
}

/**
 * PUBACK goes out only when the message's rows are on disk. Work in `on("message")` would be acknowledged before it is
 * done: mqtt.js acknowledges when `handleMessage` calls back.
 */
const handleMessages = (
  client: MqttClient,
  mapping: Mapping,
  context: LinkContext,
  connection: Connection,
  lose: (error: LinkError) => void
): void => {
  const unsettled = new Unsettled(client)
  const drops = makeDropWatch()
  client.handleMessage = (packet, goOn) => {
    if (packet.topic === droppedTopic) {
      connection.dropped(drops.see(packet.payload.toString()))
      const answered = unsettled.take(goOn)
      answered.settle()
      return answered.goOn()
    }
    const receivedAt = context.now()
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload
    const message = { topic: packet.topic, payload, retained: packet.retain, receivedAt }
    const { observations, outcome } = mapping.normalize(message)
    context.count(outcome)
    const taken = unsettled.take(goOn)
    const delivery =
      packet.qos === 0 || packet.messageId === undefined
        ? {}
        : { delivery: deliveryOf(packet, `${packet.messageId}`, connection.session, packet.dup && connection.resumed) }
    const report = (): void =>
      context.report({ observations, receivedAt, ...delivery }, (refusal) =>
        refusal === undefined
          ? taken.settle()
          : lose(new LinkLost({ reason: `a message was not kept: ${refusal.reason}` }))
      )
    if (observations.length === 0) taken.settle()
    else if (connection.waiting === undefined) report()
    else connection.waiting.push(report)
    taken.goOn()
  }
}

const connackError = (code: number, text: string): LinkError =>
  refusesUs.has(code)
    ? new CredentialsRejected({
        reason: `the broker refuses our credentials (${text}); check clientId, username, password`
      })
    : new LinkLost({ reason: `the broker refuses the connection (${text})` })

interface Opened {
  readonly client: MqttClient
  readonly connection: Connection
}

const openClient = (
  broker: OutsideBroker,
  mapping: Mapping,
  context: LinkContext,
  accepted: () => void,
  lose: (error: LinkError) => void
): Opened => {
  const client = mqtt.connect(broker.url, optionsOf(broker))
  const connection: Connection = { session: randomUUID(), resumed: false, waiting: [], dropped: () => {} }
  handleMessages(client, mapping, context, connection, lose)
  // Before anything of this session is read: the packet after CONNACK may be a message.
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "connack") connection.resumed = (packet as IConnackPacket).sessionPresent
  })
  client.on("connect", accepted)
  client.on("error", (error) => {
    const code = "code" in error && typeof error.code === "number" ? error.code : undefined
    lose(code === undefined ? new LinkLost({ reason: error.message }) : connackError(code, error.message))
  })
  client.on("close", () => lose(new LinkLost({ reason: "the connection was closed" })))
  client.connect()
  return { client, connection }
}

/** Ends the client for good: no socket, no timer. Its own listeners stay until then, for they clear its timers. */
const end = ({ client }: Opened): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    client.end(true, {}, () => resume(Effect.void))
  })

/**
 * Another client's queue may have been the full one: whose messages were dropped, the broker does not say. So no reading
 * becomes unknown by it, or whoever reads slowly could blind us.
 */
const keepDrops = (context: LinkContext, count: number): Effect.Effect<void> =>
  keepGap(context, "QueueDropped", `the broker has thrown away ${count} messages; raise its max_queued_messages`, {
    devices: [],
    count
  })

/** Once the broker has accepted us: tells what was missed, lets messages in, asks for all that is wanted, and goes on. */
const settleIn = Effect.fnUntraced(function* ({ client, connection }: Opened, mapping: Mapping, context: LinkContext) {
  // The counter comes once in a while; each of its steps is told in its turn.
  const drops = yield* Queue.unbounded<number>()
  connection.dropped = (count) => {
    if (count > 0) Queue.offerUnsafe(drops, count)
  }
  if (!connection.resumed) {
    yield* keepGap(context, "SessionLost", "the broker has no session of ours: what came meanwhile is lost")
  }
  const waiting = connection.waiting ?? []
  connection.waiting = undefined
  for (const report of waiting) report()
  const refused = yield* subscribe(client, mapping.filters)
  if (refused.length > 0) {
    const detail = `the broker refuses the subscription to ${refused.join(", ")}; allow it for this client id`
    yield* keepGap(context, "SubscriptionRefused", detail)
  }
  // A broker that counts nothing, or does not tell us, refuses it: that is no gap.
  yield* subscribe(client, [droppedTopic])
  yield* context.online
  return yield* Queue.take(drops).pipe(
    Effect.flatMap((count) => keepDrops(context, count)),
    Effect.forever
  )
})

const refusedBySettings = (cause: unknown): LinkError =>
  cause instanceof SecretMissing
    ? new CredentialsRejected({ reason: cause.message })
    : new LinkLost({ reason: cause instanceof Error ? cause.message : String(cause) })

/** A link to a broker of the campus's own; see the adapter contract. */
export const outsideLink = (
  broker: OutsideBroker,
  mapping: Mapping,
  context: LinkContext
): Effect.Effect<never, LinkError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const lost = yield* Deferred.make<never, LinkError>()
      const accepted = yield* Deferred.make<void>()
      const opened = yield* Effect.acquireRelease(
        Effect.try({
          try: () =>
            openClient(
              broker,
              mapping,
              context,
              () => void Deferred.doneUnsafe(accepted, Exit.void),
              (error) => void Deferred.doneUnsafe(lost, Exit.fail(error))
            ),
          catch: refusedBySettings
        }),
        end
      )
      const living = Deferred.await(accepted).pipe(Effect.andThen(settleIn(opened, mapping, context)))
      return yield* Effect.raceFirst(Deferred.await(lost), living)
    })
  )
