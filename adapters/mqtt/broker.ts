import { createHash, randomUUID, timingSafeEqual } from "node:crypto"
import { createServer, type Server, type Socket } from "node:net"
import { Duplex } from "node:stream"
import { Aedes, type AedesOptions, type Client, type PublishPacket } from "aedes"
import { Deferred, Effect, Exit } from "effect"
import { CredentialsRejected, type Delivery, type LinkContext, LinkLost } from "../adapter.ts"
import { deliveryOf } from "./delivery.ts"
import { FrameGuard } from "./frame-guard.ts"
import { keepGap } from "./gap.ts"
import type { Mapping } from "./mapping.ts"
import { type BrokerUser, readSecret, SecretMissing } from "./settings.ts"

/** The gateway as the broker: where it listens, and who may connect (nobody named: everybody, on loopback alone). */
export interface EmbeddedBroker {
  readonly host: string
  readonly port: number
  readonly users: ReadonlyArray<BrokerUser>
}

/** MQTT 3.1.1, 3.2.2.3: bad user name or password. */
const badCredentials = 4

const digest = (text: string | Buffer): Buffer => createHash("sha256").update(text).digest()

/** Lets in whom the configuration names. Digests are compared, so that no length and no timing tells a password. */
const authenticate = (users: ReadonlyArray<BrokerUser>, context: LinkContext): AedesOptions["authenticate"] => {
  const passwords = new Map(users.map((user) => [user.name, digest(readSecret(user.password))]))
  return (client, name, password, done) => {
    const expected = name === undefined ? undefined : passwords.get(name)
    const same = timingSafeEqual(expected ?? digest(""), digest(password ?? ""))
    if (users.length === 0 || (expected !== undefined && same)) return done(null, true)
    context.refused(
      client.id,
      `connected as ${name === undefined ? "nobody" : `"${name}"`} with a wrong name or password`
    )
    done(Object.assign(new Error("wrong name or password"), { returnCode: badCredentials }), false)
  }
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

/**
 * Keeps a device's message before aedes acknowledges it: aedes writes PUBACK before it publishes, and only this hook
 * comes earlier. An error closes the client without a PUBACK; the device sends again.
 */
const keepBeforeAcknowledging = (mapping: Mapping, context: LinkContext): Aedes["authorizePublish"] => {
  const deliveryFor = deliveries()
  return (client: Client | null, packet, decide) => {
    if (packet.topic.startsWith("$")) {
      if (client !== null) context.refused(client.id, `published to ${packet.topic}, which is the broker's own`)
      return decide(new Error("topics that begin with $ are the broker's own"))
    }
    const receivedAt = context.now()
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload
    // A publish with the retain flag is news to us: the flag only asks the broker to keep it for others.
    const { observations, outcome } = mapping.normalize({ topic: packet.topic, payload, retained: false, receivedAt })
    context.count(outcome)
    if (observations.length === 0) return decide(null)
    const delivery = deliveryFor(client, packet)
    const report = { observations, receivedAt, ...(delivery === undefined ? {} : { delivery }) }
    context.report(report, (refusal) => decide(refusal === undefined ? null : refusal))
  }
}

/** The client's socket with the guard in front of what it sends. */
const guarded = (socket: Socket, context: LinkContext): Duplex => {
  const guard = new FrameGuard()
  guard.once("error", (error) => {
    context.refused(socket.remoteAddress ?? "unknown address", error.message)
    socket.destroy()
  })
  socket.once("error", () => guard.destroy())
  socket.once("close", () => guard.destroy())
  return Duplex.from({ readable: socket.pipe(guard), writable: socket })
}

const listen = (server: Server, { host, port }: EmbeddedBroker): Effect.Effect<void, LinkLost> =>
  Effect.callback<void, LinkLost>((resume) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const hint = error.code === "EADDRINUSE" ? "; another program listens there, choose another port" : ""
      resume(Exit.fail(new LinkLost({ reason: `cannot listen on ${host}:${port}: ${error.message}${hint}` })))
    })
    server.listen(port, host, () => resume(Exit.void))
  })

const open = (at: EmbeddedBroker, mapping: Mapping, context: LinkContext) =>
  Effect.tryPromise({
    try: async () => {
      const admit = authenticate(at.users, context)
      const aedes = await Aedes.createBroker(admit === undefined ? {} : { authenticate: admit })
      aedes.authorizePublish = keepBeforeAcknowledging(mapping, context)
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.once("close", () => sockets.delete(socket))
        aedes.handle(guarded(socket, context))
      })
      return { aedes, server, sockets }
    },
    catch: (cause) =>
      cause instanceof SecretMissing
        ? new CredentialsRejected({ reason: cause.message })
        : new LinkLost({ reason: `the embedded broker cannot start: ${String(cause)}` })
  })

/** The gateway as the broker; see the adapter contract. */
export const embeddedLink = (
  at: EmbeddedBroker,
  mapping: Mapping,
  context: LinkContext
): Effect.Effect<never, LinkLost | CredentialsRejected> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { server } = yield* Effect.acquireRelease(open(at, mapping, context), (opened) =>
        Effect.callback<void>((resume) => {
          opened.server.close()
          for (const socket of opened.sockets) socket.destroy()
          opened.aedes.close(() => resume(Effect.void))
        })
      )
      // Before anybody can speak: what devices said while there was no broker is lost, and earlier readings with it.
      yield* keepGap(context, "SessionLost", "the broker was not there: what devices said meanwhile is unknown")
      yield* listen(server, at)
      const lost = yield* Deferred.make<never, LinkLost>()
      server.on("error", (error) => void Deferred.doneUnsafe(lost, Exit.fail(new LinkLost({ reason: error.message }))))
      yield* context.online
      return yield* Deferred.await(lost)
    })
  )
