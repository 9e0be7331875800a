import type { Server } from "node:net"
import { Aedes, type AedesOptions, type Client } from "aedes"
import { Deferred, Effect, Exit } from "effect"
import { CredentialsRejected, type LinkContext, LinkLost } from "../adapter.ts"
import { certificateOfFile, tellCertificate } from "../certificate.ts"
import { makeAsker } from "./asks.ts"
import { type Access, makeAccess } from "./broker-access.ts"
import { called, type Clients, isAnothers, makeClients } from "./broker-clients.ts"
import { hearClient } from "./broker-hearing.ts"
import { type Keep, makeKeep } from "./broker-keeper.ts"
import { makeMayRetain, makePassOn, type MayRetain } from "./broker-passing.ts"
import { connectWithinMs, type Guarded, makeBrokerSocket } from "./broker-socket.ts"
import { keepGap } from "./gap.ts"
import { Listened } from "./listened.ts"
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
  (clients: Clients, listened: Listened, context: LinkContext): NonNullable<AedesOptions["authorizeSubscribe"]> =>
  (client, subscription, decide) => {
    const user = clients.admitted.get(client)
    if (user?.maySubscribe(subscription.topic) === true) {
      listened.granted(subscription.topic)
      return decide(null, subscription)
    }
    context.refused(
      called(client, clients),
      `subscribed to ${subscription.topic}, which ${user?.name ?? "nobody"} may not`
    )
    decide(null, null)
  }

/**
 * Keeps what aedes itself reads, messages of QoS 2 and last wills, before aedes acknowledges it: aedes answers before it
 * publishes, and only this hook comes earlier. An error closes the client without an answer; the device sends again.
 */
const keepBeforeAcknowledging =
  (keep: Keep, mayRetain: MayRetain): NonNullable<AedesOptions["authorizePublish"]> =>
  (client: Client | null, packet, decide) => {
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload
    const { topic, qos, messageId, dup, retain } = packet
    keep(client, { topic, payload, qos, messageId, dup, retain }, (refusal) => {
      if (refusal !== undefined) return decide(refusal)
      if (retain) packet.retain = mayRetain(topic)
      decide(null)
    })
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
      const clients = makeClients()
      const listened = new Listened()
      const aedes = await Aedes.createBroker({
        connectTimeout: connectWithinMs,
        authenticate: authenticate(makeAccess(at.users), clients, context),
        authorizeSubscribe: authorizeSubscribe(clients, listened, context)
      })
      aedes.on("clientDisconnect", (client) => {
        if (clients.owners.get(client.id)?.client === client) clients.owners.delete(client.id)
      })
      const connected = (guarded: Guarded): void => {
        clients.connections.set(guarded.stream, guarded)
        tellClient(guarded, context)
        aedes.handle(guarded.stream)
      }
      return { aedes, clients, listened, ...makeBrokerSocket(at.tls, context.refused, connected) }
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
      const { server, aedes, clients, listened } = yield* Effect.acquireRelease(open(at, context), (opened) =>
        Effect.callback<void>((resume) => {
          opened.destroy()
          opened.aedes.close(() => resume(Effect.void))
        })
      )
      const ask = yield* makeAsker(context, (asks) => publish(aedes, asks))
      const keep = makeKeep(mapping, clients, context, ask)
      const mayRetain = makeMayRetain()
      aedes.authorizePublish = keepBeforeAcknowledging(keep, mayRetain)
      const passOn = makePassOn(aedes, listened, mayRetain)
      aedes.on("clientReady", (client) => {
        const guarded = clients.connections.get(client.conn)
        if (guarded !== undefined) hearClient(client, guarded, keep, passOn)
      })
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
