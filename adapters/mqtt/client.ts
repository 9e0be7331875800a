import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { TLSSocket } from "node:tls"
import { Deferred, Effect, Exit, Queue } from "effect"
import mqtt, { type IClientOptions, type IConnackPacket, type MqttClient, ReasonCodes, Store } from "mqtt"
import { CredentialsRejected, type LinkContext, LinkLost } from "../adapter.ts"
import { certificateOfFile, tellCertificate } from "../certificate.ts"
import { askingAt, type Asker, makeAsker } from "./asks.ts"
import { digestOf } from "./delivery.ts"
import { droppedTopic } from "./dropped.ts"
import { keepGap } from "./gap.ts"
import { brokerPacketMaxBytes, hearMessages, type Reading } from "./incoming.ts"
import { keepAlive } from "./liveness.ts"
import type { Mapping } from "./mapping.ts"
import type { Publish } from "./publish-packet.ts"
import { type Remembered, rememberedOf } from "./remembered.ts"
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

/** Who we are at the broker. */
const identityOf = (broker: OutsideBroker): IClientOptions => {
  const file = (name: "ca" | "cert" | "key") => {
    const path = broker.tls?.[name]
    return path === undefined ? {} : { [name]: readPem(name, path) }
  }
  return {
    protocolVersion: broker.protocolVersion,
    ...(broker.username === undefined ? {} : { username: broker.username }),
    ...(broker.password === undefined ? {} : { password: readSecret(broker.password) }),
    ...file("ca"),
    ...file("cert"),
    ...file("key")
  }
}

const optionsOf = (broker: OutsideBroker): IClientOptions => {
  return {
    ...identityOf(broker),
    clientId: broker.clientId,
    clean: false,
    keepalive: broker.keepaliveSeconds,
    // One attempt a link: the product has one reconnect policy, and it is the supervisor's.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    manualConnect: true,
    // Left to itself, it puts together lines for a debugger with every packet.
    log: () => {},
    // mqtt.js goes on with packets it has read when it was ended meanwhile: the stores it made itself would throw then.
    incomingStore: new Store({ clean: false }),
    outgoingStore: new Store({ clean: false }),
    ...(broker.protocolVersion === 5
      ? {
          properties: {
            sessionExpiryInterval: broker.sessionExpirySeconds,
            receiveMaximum: unsettledMax,
            maximumPacketSize: brokerPacketMaxBytes
          }
        }
      : {})
  }
}

const isRefusal = (granted: unknown): boolean => typeof granted !== "number" || granted >= 0x80

/** A broker whose keepalive holds and that has not answered a subscription for so many of them never will. */
const keepalivesToSubscribe = 3

/**
 * Every filter, at QoS 1; answers those that the broker refuses. `rh: 1` (MQTT 5, 3.8.3.1) asks for what is retained only
 * for a new subscription, 0 each time; `rap: false` has it marked.
 */
const subscribe = (
  client: MqttClient,
  filters: ReadonlyArray<string>,
  rh: 0 | 1 = 1
): Effect.Effect<ReadonlyArray<string>, LinkLost> =>
  Effect.callback<ReadonlyArray<string>, LinkLost>((resume) => {
    if (filters.length === 0) return resume(Effect.succeed([]))
    const wanted = Object.fromEntries(filters.map((filter) => [filter, { qos: 1 as const, rh, rap: false }]))
    client.subscribe(wanted, (error, _, suback) => {
      // mqtt.js makes an error of one refused filter; the answer itself says which (MQTT 5, 3.9.3: 0x80 and above).
      if (suback !== undefined)
        return resume(Effect.succeed(filters.filter((__, nth) => isRefusal(suback.granted[nth]))))
      resume(Effect.fail(new LinkLost({ reason: `the subscription failed: ${error?.message ?? "no answer"}` })))
    })
  }).pipe(
    Effect.timeoutOrElse({
      duration: `${client.keepalive * keepalivesToSubscribe} seconds`,
      orElse: () => Effect.fail(new LinkLost({ reason: "the broker did not answer the subscription" }))
    })
  )

/** One connection: its session's name, whether the broker resumed the session before it, and whether all is told. */
interface Connection {
  readonly session: string
  /** What is known of the broker from earlier ones. */
  readonly remembered: Remembered
  resumed: boolean
  /** What a device says from now on reaches us: the session was resumed, or all is subscribed to. */
  hears: boolean
  /** What waits until the gap before this session is on disk; `undefined` once it is. */
  waiting: Array<() => void> | undefined
  /** What the broker counts from now on comes as it counts: our subscription of this connection is answered. */
  counts: boolean
  /** Told when the broker says that it has thrown messages away. */
  dropped: () => void
  /** What messages make us ask of the devices' side. */
  ask: Asker
}

/**
 * Hears the messages of one connection. A message is answered when its rows are on disk, one of QoS 2 too, which a broker
 * may send by a subscription of ours made before this gateway's: it is answered by PUBREC when it is kept.
 */
const handleMessages = (
  client: MqttClient,
  version: 4 | 5,
  mapping: Mapping,
  context: LinkContext,
  connection: Connection,
  lose: (error: LinkError) => void
): Reading => {
  const { remembered } = connection
  const hear = (packet: Publish): void => {
    const waiting = unsettled.take(packet)
    const receivedAt = context.now()
    if (connection.hears) remembered.heardAt = receivedAt
    const { topic, payload } = packet
    if (topic === droppedTopic) {
      // A broker may send first what it could not send before a cut: that is how it counted then, and says nothing of now.
      const isOfNow = packet.retain || connection.counts
      if (isOfNow && remembered.drops.see(payload.toString(), receivedAt)) connection.dropped()
      return unsettled.settle(waiting)
    }
    const { observations, outcome, asks } = mapping.normalize({ topic, payload, retained: packet.retain, receivedAt })
    context.count(outcome)
    connection.ask(asks)
    if (observations.length === 0) return unsettled.settle(waiting)
    const { session, resumed } = connection
    const redelivered = packet.dup && resumed
    const delivery =
      packet.messageId === undefined
        ? {}
        : { delivery: { slot: `${packet.messageId}`, session, redelivered, digest: digestOf(packet) } }
    const report = (): void =>
      context.report({ observations, receivedAt, ...delivery }, (refusal) =>
        refusal === undefined
          ? unsettled.settle(waiting)
          : lose(new LinkLost({ reason: `a message was not kept: ${refusal.reason}` }))
      )
    if (connection.waiting === undefined) report()
    else connection.waiting.push(report)
  }
  const reading = hearMessages(client, {
    version,
    message: hear,
    released: (messageId) => unsettled.complete(messageId),
    isFull: () => unsettled.isFull,
    broken: (problem) => lose(new LinkLost({ reason: `the broker sends what nobody reads: ${problem}` }))
  })
  const answer = (bytes: Buffer): void => {
    if (!client.stream.destroyed) client.stream.write(bytes)
  }
  const unsettled = new Unsettled(answer, reading.goOn)
  keepAlive(client, () => unsettled.isFull)
  return reading
}

const connackError = (code: number, text: string): LinkError =>
  refusesUs.has(code)
    ? new CredentialsRejected({
        reason: `the broker refuses our credentials (${text}); check clientId, username, password`
      })
    : new LinkLost({ reason: `the broker refuses the connection (${text})` })

/** MQTT 5, 3.14.2.1: the code by which a broker says that another client has taken our session. */
const sessionTakenOver = 0x8e

const disconnectedBy = (clientId: string, code: number | undefined): LinkLost =>
  code === sessionTakenOver
    ? new LinkLost({ reason: `another client connected as ${clientId}: give each gateway a clientId of its own` })
    : new LinkLost({
        reason: `the broker ended the connection (${ReasonCodes[(code ?? 0) as keyof typeof ReasonCodes] || "no reason given"})`
      })

interface Opened {
  readonly client: MqttClient
  readonly connection: Connection
  readonly reading: Reading
}

const welcomed = ({ sessionPresent, returnCode, reasonCode }: IConnackPacket, connection: Connection): void => {
  if ((returnCode ?? reasonCode) !== 0) return
  connection.resumed = sessionPresent
  connection.hears = sessionPresent
  const { remembered } = connection
  if (!sessionPresent) remembered.owed ??= { from: remembered.heardAt }
}

const openClient = (
  broker: OutsideBroker,
  mapping: Mapping,
  context: LinkContext,
  accepted: () => void,
  lose: (error: LinkError) => void
): Opened => {
  const client = mqtt.connect(broker.url, optionsOf(broker))
  const remembered = rememberedOf(broker)
  const connection: Connection = {
    session: randomUUID(),
    remembered,
    resumed: false,
    hears: false,
    counts: false,
    waiting: [],
    dropped: () => {},
    ask: () => {}
  }
  const reading = handleMessages(client, broker.protocolVersion, mapping, context, connection, lose)
  // Before anything of this session is read: the packet after CONNACK may be a message.
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "connack") welcomed(packet, connection)
    if (connection.hears) remembered.heardAt = context.now()
  })
  client.on("disconnect", ({ reasonCode }) => lose(disconnectedBy(broker.clientId, reasonCode)))
  client.on("connect", accepted)
  client.on("error", (error) => {
    const code = "code" in error && typeof error.code === "number" ? error.code : undefined
    lose(code === undefined ? new LinkLost({ reason: error.message }) : connackError(code, error.message))
  })
  client.on("close", () => lose(new LinkLost({ reason: "the connection was closed" })))
  client.connect()
  return { client, connection, reading }
}

/** Ends the client for good: no socket, no timer. Its own listeners stay until then, for they clear its timers. */
const end = ({ client, reading }: Opened): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    reading.stop()
    client.end(true, {}, () => resume(Effect.void))
  })

/**
 * Another client's queue may have been the full one: whose messages were dropped, the broker does not say. So no reading
 * becomes unknown by it, or whoever reads slowly could blind us.
 */
const keepDrops = (context: LinkContext, { drops }: Remembered): Effect.Effect<void> =>
  Effect.suspend(() => {
    const untold = drops.untold()
    if (untold === undefined) return Effect.void
    const detail = `the broker has thrown away ${untold.count} messages; raise its max_queued_messages`
    return keepGap(context, "QueueDropped", detail, { devices: [], ...untold }).pipe(
      Effect.andThen(Effect.sync(() => drops.told(untold)))
    )
  })

const keepSessionLost = (context: LinkContext, remembered: Remembered): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { owed } = remembered
    if (owed === undefined) return Effect.void
    const span = owed.from === undefined ? {} : { from: owed.from, to: context.now() }
    return keepGap(context, "SessionLost", "the broker has no session of ours: what came meanwhile is lost", span).pipe(
      Effect.andThen(Effect.sync(() => void (remembered.owed = undefined)))
    )
  })

/** The broker's certificate, and ours where it asks for one. */
const tellCertificates = ({ client }: Opened, { url, tls }: OutsideBroker, context: LinkContext): void => {
  const shown = client.stream instanceof TLSSocket ? client.stream.getPeerX509Certificate() : undefined
  if (shown !== undefined) tellCertificate(context, { holder: "peer", certificate: shown, source: new URL(url).host })
  const own = tls?.cert === undefined ? undefined : certificateOfFile(tls.cert)
  if (own !== undefined) tellCertificate(context, { holder: "ours", certificate: own, source: tls?.cert ?? "" })
}

/** Once the broker has accepted us: tells what was missed, lets messages in, asks for all that is wanted, and goes on. */
const settleIn = Effect.fnUntraced(function* (
  opened: Opened,
  broker: OutsideBroker,
  mapping: Mapping,
  context: LinkContext
) {
  const { client, connection } = opened
  const { remembered } = connection
  tellCertificates(opened, broker, context)
  connection.ask = yield* makeAsker(
    context,
    askingAt(broker.url, { ...identityOf(broker), clientId: `${broker.clientId}-asks` })
  )
  // The counter comes once in a while; each of its steps is told in its turn.
  const dropped = yield* Queue.unbounded<void>()
  connection.dropped = () => void Queue.offerUnsafe(dropped, undefined)
  yield* keepSessionLost(context, remembered)
  const waiting = connection.waiting ?? []
  connection.waiting = undefined
  for (const report of waiting) report()
  const refused = yield* subscribe(client, mapping.filters)
  connection.hears = true
  if (refused.length > 0) {
    const detail = `the broker refuses the subscription to ${refused.join(", ")}; allow it for this client id`
    yield* keepGap(context, "SubscriptionRefused", detail)
  }
  // A broker that counts nothing, or does not tell us, refuses it: that is no gap.
  yield* subscribe(client, [droppedTopic], 0)
  connection.counts = true
  yield* context.online
  return yield* keepDrops(context, remembered).pipe(Effect.andThen(Queue.take(dropped)), Effect.forever)
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
      const living = Deferred.await(accepted).pipe(Effect.andThen(settleIn(opened, broker, mapping, context)))
      return yield* Effect.raceFirst(Deferred.await(lost), living)
    })
  )
