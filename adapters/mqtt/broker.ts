import { randomUUID } from "node:crypto"
import type { Server } from "node:net"
import { Aedes, type AedesOptions, type Client, type PublishPacket } from "aedes"
import { Deferred, Effect, Exit } from "effect"
import { CredentialsRejected, type Delivery, type LinkContext, LinkLost } from "../adapter.ts"
import { certificateOfFile, tellCertificate } from "../certificate.ts"
import { type Access, type Admitted, makeAccess } from "./broker-access.ts"
import { connectWithinMs, type Guarded, makeBrokerSocket } from "./broker-socket.ts"
import { type Asker, makeAsker } from "./asks.ts"
import { deliveryOf } from "./delivery.ts"
import { keepGap } from "./gap.ts"
import type { Ask, Mapping } from "./mapping.ts"
import { type BrokerTls, type BrokerUser, SecretMissing } from "./settings.ts"

/** The gateway as the broker: where it listens, and who may connect (nobody named: everybody, on loopback alone). */
export interface EmbeddedBroker {
  readonly host: string
  readonly port: number
  readonly users: ReadonlyArray<BrokerUser>
  readonly tls: BrokerTls | undefined
}

/** MQTT 3.1.1, 3.2.2.3: bad user name or password. */
const badCredentials = 4

/** The broker keeps the last message of at most this many topics for later subscribers; of others none. */
const retainedMax = 10_000

/** Who is connected, by aedes' clients and their streams. */
interface Clients {
  readonly connections: WeakMap<object, Pick<Guarded, "address" | "certificate">>
  readonly admitted: WeakMap<Client, Admitted>
  /** Whose each connected client id is: another user may not take it over, and its last will with it. */
  readonly owners: Map<string, { readonly client: Client; readonly name: string }>
}

/** A client in words: its id, and where it comes from. */
const called = (client: Client, { connections }: Clients): string =>
  `${client.id} at ${connections.get(client.conn)?.address ?? "unknown address"}`

const isAnothers = (id: string, name: string, { owners }: Clients): boolean => {
  const owner = owners.get(id)
  return owner !== undefined && owner.name !== name
}

const authenticate =
  (access: Access, clients: Clients, context: LinkContext): NonNullable<AedesOptions["authenticate"]> =>
  (client, name, password, done) => {
    const certificate = clients.connections.get(client.conn)?.certificate
    const presented = { name, password: password === undefined ? undefined : Buffer.from(password), certificate }
    const user = access.admit(presented)
    if (user !== undefined && !isAnothers(client.id, user.name, clients)) {
      clients.admitted.set(client, user)
      clients.owners.set(client.id, { client, name: user.name })
      return done(null, true)
    }
    const as = name ?? certificate
    const what = user === undefined ? "a wrong name or password" : "the client id of another user who is connected"
    context.refused(called(client, clients), `connected as ${as === undefined ? "nobody" : `"${as}"`} with ${what}`)
    done(Object.assign(new Error(what), { returnCode: badCredentials }), false)
  }

const authorizeSubscribe =
  (clients: Clients, context: LinkContext): NonNullable<AedesOptions["authorizeSubscribe"]> =>
  (client, subscription, decide) => {
    const user = clients.admitted.get(client)
    if (user?.maySubscribe(subscription.topic) === true) return decide(null, subscription)
    context.refused(
      called(client, clients),
      `subscribed to ${subscription.topic}, which ${user?.name ?? "nobody"} may not`
    )
    decide(null, null)
  }

/** What a client's packet is as a delivery. Each connection is a session of its own. */
const deliveries = (): ((client: Client | null, packet: PublishPacket) => Delivery | undefined) => {
  const sessions = new WeakMap<Client, string>()
  return (client, packet) => {
    if (client === null || packet.qos === 0 || packet.messageId === undefined) return undefined
    const session = sessions.get(client) ?? randomUUID()
    sessions.set(client, session)
    return deliveryOf(packet, `${client.id} ${packet.messageId}`, session, packet.dup)
  }
}

/** Why a client may not publish there; `undefined` when it may. */
const forbidden = (client: Client | null, topic: string, { admitted }: Clients): string | undefined => {
  if (topic.startsWith("$")) return `published to ${topic}, which is the broker's own`
  const user = client === null ? undefined : admitted.get(client)
  return user?.mayPublish(topic) === true ? undefined : `published to ${topic}, which ${user?.name ?? "nobody"} may not`
}

/**
 * Keeps a device's message before aedes acknowledges it: aedes writes PUBACK before it publishes, and only this hook
 * comes earlier. An error closes the client without a PUBACK; the device sends again.
 */
const keepBeforeAcknowledging = (
  mapping: Mapping,
  clients: Clients,
  context: LinkContext,
  ask: Asker
): NonNullable<AedesOptions["authorizePublish"]> => {
  const deliveryFor = deliveries()
  const retained = new Set<string>()
  return (client: Client | null, packet, decide) => {
    const why = forbidden(client, packet.topic, clients)
    if (why !== undefined) {
      context.refused(client === null ? "the broker" : called(client, clients), why)
      return decide(new Error(why))
    }
    if (packet.retain && retained.size >= retainedMax && !retained.has(packet.topic)) packet.retain = false
    if (packet.retain) retained.add(packet.topic)
    const receivedAt = context.now()
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload
    // A publish with the retain flag is news to us: the flag only asks the broker to keep it for others.
    const said = mapping.normalize({ topic: packet.topic, payload, retained: false, receivedAt })
    const { observations, outcome, asks } = said
    context.count(outcome)
    ask(asks)
    if (observations.length === 0) return decide(null)
    const delivery = deliveryFor(client, packet)
    const source = client === null ? {} : { source: client.id }
    const report = { observations, receivedAt, ...source, ...(delivery === undefined ? {} : { delivery }) }
    context.report(report, (refusal) => decide(refusal === undefined ? null : refusal))
  }
}

const listen = (server: Server, { host, port }: EmbeddedBroker): Effect.Effect<void, LinkLost> =>
  Effect.callback<void, LinkLost>((resume) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const hint = error.code === "EADDRINUSE" ? "; another program listens there, choose another port" : ""
      resume(Exit.fail(new LinkLost({ reason: `cannot listen on ${host}:${port}: ${error.message}${hint}` })))
    })
    server.listen(port, host, () => resume(Exit.void))
  })

const openFailed = (cause: unknown): LinkLost | CredentialsRejected =>
  cause instanceof SecretMissing
    ? new CredentialsRejected({ reason: cause.message })
    : new LinkLost({
        reason: `the embedded broker cannot start: ${cause instanceof Error ? cause.message : String(cause)}`
      })

/** The certificate of a client that has one. */
const tellClient = ({ address, certificate: name, shown }: Guarded, context: LinkContext): void => {
  if (name !== undefined && shown !== undefined)
    tellCertificate(context, { holder: "client", name, certificate: shown, source: address })
}

/** The certificate that our broker shows to its clients. */
const tellOwn = ({ tls }: EmbeddedBroker, context: LinkContext): void => {
  const own = tls === undefined ? undefined : certificateOfFile(tls.cert)
  if (own !== undefined) tellCertificate(context, { holder: "ours", certificate: own, source: tls?.cert ?? "" })
}

const open = (at: EmbeddedBroker, context: LinkContext) =>
  Effect.tryPromise({
    try: async () => {
      const clients: Clients = { connections: new WeakMap(), admitted: new WeakMap(), owners: new Map() }
      const aedes = await Aedes.createBroker({
        connectTimeout: connectWithinMs,
        authenticate: authenticate(makeAccess(at.users), clients, context),
        authorizeSubscribe: authorizeSubscribe(clients, context)
      })
      aedes.on("clientDisconnect", (client) => {
        if (clients.owners.get(client.id)?.client === client) clients.owners.delete(client.id)
      })
      const connected = (guarded: Guarded): void => {
        clients.connections.set(guarded.stream, guarded)
        tellClient(guarded, context)
        aedes.handle(guarded.stream)
      }
      return { aedes, clients, ...makeBrokerSocket(at.tls, context.refused, connected) }
    },
    catch: openFailed
  })

/** Hands questions to whoever of the clients listens for them. */
const publish = (aedes: Aedes, asks: ReadonlyArray<Ask>): Effect.Effect<void, Error> =>
  Effect.forEach(
    asks,
    ({ topic, payload }) =>
      Effect.callback<void, Error>((resume) => {
        const packet = {
          cmd: "publish",
          topic,
          payload: Buffer.from(payload),
          qos: 0,
          retain: false,
          dup: false
        } as const
        aedes.publish(packet, (error) => resume(error ? Effect.fail(error) : Effect.void))
      }),
    { discard: true }
  )

/** The gateway as the broker; see the adapter contract. */
export const embeddedLink = (
  at: EmbeddedBroker,
  mapping: Mapping,
  context: LinkContext
): Effect.Effect<never, LinkLost | CredentialsRejected> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { server, aedes, clients } = yield* Effect.acquireRelease(open(at, context), (opened) =>
        Effect.callback<void>((resume) => {
          opened.destroy()
          opened.aedes.close(() => resume(Effect.void))
        })
      )
      const ask = yield* makeAsker(context, (asks) => publish(aedes, asks))
      aedes.authorizePublish = keepBeforeAcknowledging(mapping, clients, context, ask)
      // Before anybody can speak: what devices said while there was no broker is lost, and earlier readings with it.
      yield* keepGap(context, "SessionLost", "the broker was not there: what devices said meanwhile is unknown")
      tellOwn(at, context)
      yield* listen(server, at)
      const lost = yield* Deferred.make<never, LinkLost>()
      server.on("error", (error) => void Deferred.doneUnsafe(lost, Exit.fail(new LinkLost({ reason: error.message }))))
      yield* context.online
      return yield* Deferred.await(lost)
    })
  )
