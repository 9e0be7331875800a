import { Effect, Exit, Random, type Scope } from "effect"
import { type CredentialsRejected, type LinkContext, LinkLost } from "../adapter.ts"
import { certificateIn, certificateOfFile, tellCertificate } from "../certificate.ts"
import { type Connection, openConnection } from "./session/connection.ts"
import { closeSession, type Live, openLive } from "./session/session.ts"
import type { Broken } from "./session/failures.ts"
import { type Library, loadLibrary } from "./session/library.ts"
import { watchPath } from "./session/liveness.ts"
import { hear } from "./subscription/publishing.ts"
import { rememberedOf } from "./subscription/remembered.ts"
import { mayResume, type OpcuaSettings } from "./settings.ts"
import type { Mapping } from "./sources.ts"
import { type Linked, subscribe } from "./subscription/subscribe.ts"
import { makeTypeChains } from "./nodes/type-chains.ts"
import { makeWrites } from "./commands/write-back.ts"

/**
 * A server that was heard less long ago than this is not lost: its connection is opened again at once, within the attempt,
 * and nothing is told. Longer away, the link is lost, and the supervisor goes on.
 */
export const pathLostMs = 7000

/** Connections that hold no longer than this one after the other are opened again less and less often. */
const heldMs = 5000
const firstPauseMs = 100
const shortPauseMs = 500
const lastPauseMs = 2000

/** A server that has not let us in by then, all of its nodes looked at, is not reachable. */
const openWithinMs = 60_000

/** Closes the session in good order where the link is ended by us; otherwise it is left for the next connection. */
const leaveInOrder = ({ remembered, settings }: Linked): Effect.Effect<void, never, Scope.Scope> =>
  Effect.addFinalizer((exit) => {
    if (!Exit.hasInterrupts(exit)) return Effect.void
    remembered.write()
    // The next process takes the subscription over, where it can.
    return closeSession(remembered, mayResume(settings))
  })

const offerAbilities = (linked: Linked, live: Live): Effect.Effect<void, never, Scope.Scope> => {
  const { context, mapping, remembered, settings } = linked
  const abilities = mapping.abilities(makeWrites(live, remembered, settings.acknowledge))
  return Effect.forEach(abilities, ([device, ability]) => context.able(device, ability), { discard: true })
}

/** The certificates that the link rests on: the server's and ours of a secured channel, and the one that we log in by. */
const tellCertificates = ({ certificate, certificates }: Connection, { context, settings }: Linked): void => {
  const shown = certificate === undefined ? undefined : certificateIn(certificate)
  if (shown !== undefined) {
    tellCertificate(context, { holder: "peer", certificate: shown, source: settings.endpoint })
    tellCertificate(context, { holder: "ours", certificate: certificates.own, source: settings.pki })
  }
  const { user } = settings
  const login = typeof user === "object" && "certificate" in user ? certificateOfFile(user.certificate) : undefined
  if (login !== undefined)
    tellCertificate(context, { holder: "ours", name: "user", certificate: login, source: settings.endpoint })
}

/** A session that is open, and the subscription that is heard on it. */
const open = Effect.fnUntraced(function* (library: Library, linked: Linked) {
  const { remembered, settings } = linked
  const connection = yield* openConnection(library, settings, remembered)
  yield* leaveInOrder(linked)
  const { live, resumed } = yield* openLive(connection, settings, remembered)
  const chains = makeTypeChains(live)
  const subscribed = yield* subscribe(live, chains, linked, resumed)
  return { live, chains, subscribed }
})

/** What is known of a connection from outside: it, once it was online, and since when (monotonic milliseconds). */
interface Tried {
  online: { readonly connection: Connection; readonly since: number } | undefined
}

/** One connection, from its opening to its end. It is given up when it is not open in time. */
const connectOnce = Effect.fnUntraced(function* (
  library: Library,
  linked: Linked,
  tried: Tried,
  patienceMs: number
): Effect.fn.Return<never, LinkLost | CredentialsRejected | Broken, Scope.Scope> {
  const { context, mapping, remembered, settings } = linked
  const { live, chains, subscribed } = yield* open(library, linked).pipe(
    Effect.timeoutOrElse({
      duration: patienceMs,
      orElse: () => Effect.fail(new LinkLost({ reason: `${settings.endpoint} does not let us in in time` }))
    })
  )
  const { connection } = live
  tellCertificates(connection, linked)
  yield* offerAbilities(linked, live)
  tried.online = { connection, since: performance.now() }
  yield* context.online
  const hearing = { live, chains, subscription: subscribed.subscription, remembered, mapping }
  const holding = Effect.raceFirst(connection.ended, watchPath(live))
  return yield* Effect.raceFirst(holding, hear(linked, hearing, subscribed))
})

/** ±20 %, so that panels that lose their switch together do not come back together. */
const jittered = (ms: number): Effect.Effect<number> => Effect.map(Random.next, (chance) => ms * (0.8 + 0.4 * chance))

/** One connection after the other, for as long as the server is never away for too long. */
const keepConnected = Effect.fnUntraced(function* (
  library: Library,
  linked: Linked
): Effect.fn.Return<never, LinkLost | CredentialsRejected> {
  let last: Connection | undefined
  let tries = 0
  for (;;) {
    const tried: Tried = { online: undefined }
    const leftMs = last === undefined ? openWithinMs : pathLostMs - (performance.now() - last.heardAt())
    const error = yield* Effect.flip(Effect.scoped(connectOnce(library, linked, tried, leftMs)))
    if (error._tag === "CredentialsRejected") return yield* error
    // What ends a link that was online is for the supervisor; what keeps it from being so again may pass.
    if (error._tag === "LinkLost" && (last === undefined || tried.online !== undefined)) return yield* error
    if (tried.online !== undefined) {
      last = tried.online.connection
      if (performance.now() - tried.online.since >= heldMs) tries = 0
    }
    const pauseMs = yield* jittered(Math.min(firstPauseMs * 2 ** tries++, tried.online ? shortPauseMs : lastPauseMs))
    const heardAt = last?.heardAt() ?? Number.NEGATIVE_INFINITY
    if (performance.now() + pauseMs - heardAt >= pathLostMs) return yield* new LinkLost({ reason: error.reason })
    yield* Effect.sleep(pauseMs)
  }
})

/** A link to one OPC UA server; see the adapter contract. */
export const opcuaLink = (
  settings: OpcuaSettings,
  mapping: Mapping,
  context: LinkContext
): Effect.Effect<never, LinkLost | CredentialsRejected> =>
  Effect.gen(function* () {
    const library = yield* loadLibrary
    const remembered = rememberedOf(context.memory, settings.state, context.link, settings.endpoint)
    return yield* keepConnected(library, { settings, mapping, context, remembered })
  })
