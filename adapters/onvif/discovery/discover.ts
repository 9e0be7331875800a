import { randomUUID } from "node:crypto"
import { createSocket, type RemoteInfo, type Socket } from "node:dgram"
import { lookup } from "node:dns/promises"
import { isIP } from "node:net"
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os"
import { Effect, type Scope } from "effect"
import { LinkLost } from "../../adapter.ts"
import { type Answered, Answers } from "./discover-answers.ts"
import { plainUuid, probedTypes, probeText, readDatagram } from "./ws-discovery.ts"

/** WS-Discovery (April 2005), section 2.4: the port, and the groups of IPv4 and IPv6. */
export const discoveryPort = 3702
const group4 = "239.255.255.250"
const group6 = "ff02::c"

/**
 * SOAP-over-UDP (September 2004), appendix I: a message may be lost and is sent again, after a time by chance between
 * the first two, doubled each time up to the third.
 */
const delayLeastMs = 50
const delayMostMs = 250
const delayUpperMs = 500
const sendings = 3

/** A name that is not found by then is not found in time. */
const lookupMs = 3000

/** More than this comes from no campus: what is over is counted and not looked at. */
const datagramsMax = 10_000

/** Where to ask: one device (or whatever answers there), when it is not in reach of multicast. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** Who answered until now, and what came besides. */
export interface Discovered {
  readonly devices: ReadonlyArray<Answered>
  /** Datagrams that nobody can read, or larger than an answer is. */
  readonly malformed: number
  /** Answers to other people's questions, and greetings. */
  readonly stray: number
  /** What came when there was enough. */
  readonly dropped: number
}

export interface Discovering {
  /** Where was asked: `239.255.255.250 on eth0 (10.0.0.5)`, `10.1.0.7:3702`. */
  readonly asked: ReadonlyArray<string>
  /** Where asking failed, and why. */
  readonly unasked: ReadonlyArray<string>
  /** How many devices there seem to be until now. */
  readonly count: () => number
  readonly found: () => Discovered
}

/** A socket to be opened, and where its questions go. */
interface Way {
  readonly kind: "udp4" | "udp6"
  readonly bind: string
  /** Which interface multicast leaves by; absent for a single place. */
  readonly by?: string
  readonly host: string
  readonly port: number
  readonly called: string
}

const way4 = (name: string, address: string): Way => ({
  kind: "udp4",
  bind: address,
  by: address,
  host: group4,
  port: discoveryPort,
  called: `${group4} on ${name} (${address})`
})

/** A link-local address is needed: devices answer to where the question came from, and they are on the link. */
const way6 = (name: string, address: string): Way => ({
  kind: "udp6",
  bind: `${address}%${name}`,
  by: `::%${name}`,
  host: `${group6}%${name}`,
  port: discoveryPort,
  called: `${group6} on ${name}`
})

const isLinkLocal = ({ family, address }: NetworkInterfaceInfo): boolean =>
  family === "IPv6" && /^fe[89ab]/i.test(address)

/** Each IPv4 address, loopback too (a simulated device may listen there), and each interface's way by IPv6. */
const multicastWays = (interfaces: NodeJS.Dict<Array<NetworkInterfaceInfo>>): ReadonlyArray<Way> =>
  Object.entries(interfaces).flatMap(([name, addresses = []]) => {
    const local = addresses.find(isLinkLocal)
    return [
      ...addresses.filter(({ family }) => family === "IPv4").map(({ address }) => way4(name, address)),
      ...(local === undefined ? [] : [way6(name, local.address)])
    ]
  })

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** The way to one place; a name is looked up. */
const wayTo = ({ host, port }: Place): Effect.Effect<Way, string> =>
  Effect.tryPromise({
    try: async (): Promise<Way> => {
      const { address, family } = await lookup(host)
      const six = family === 6
      const shown = isIP(host) === 6 ? `[${host}]` : host
      return {
        kind: six ? "udp6" : "udp4",
        bind: six ? "::" : "0.0.0.0",
        host: address,
        port,
        called: `${shown}:${port}`
      }
    },
    catch: (cause) => `${host}: no address is known (${reasonOf(cause)})`
  }).pipe(
    Effect.timeoutOrElse({
      duration: lookupMs,
      orElse: () => Effect.fail(`${host}: no address was found within ${lookupMs / 1000} s`)
    })
  )

/** A socket that is open, and by which nothing was sent yet. */
interface Open {
  readonly way: Way
  readonly socket: Socket
}

const opened = (
  way: Way,
  hear: (datagram: Buffer, from: RemoteInfo) => void
): Effect.Effect<Open, string, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Open, string>((resume) => {
      const socket = createSocket({ type: way.kind, ipv6Only: way.kind === "udp6" })
      const fail = (error: unknown): void => {
        socket.close()
        resume(Effect.fail(`${way.called}: ${reasonOf(error)}`))
      }
      socket.once("error", fail)
      socket.bind({ address: way.bind, port: 0 }, () => {
        socket.off("error", fail)
        // What cannot be delivered is lost, as datagrams are.
        socket.on("error", () => {})
        try {
          if (way.by !== undefined) socket.setMulticastInterface(way.by)
        } catch (error) {
          return fail(error)
        }
        socket.on("message", hear)
        resume(Effect.succeed({ way, socket }))
      })
    }),
    ({ socket }) => Effect.callback<void>((resume) => void socket.close(() => resume(Effect.void)))
  )

const sent = ({ way, socket }: Open, text: string): Effect.Effect<void, string> =>
  Effect.callback((resume) => {
    socket.send(text, way.port, way.host, (error) =>
      resume(error === null ? Effect.void : Effect.fail(`${way.called}: ${error.message}`))
    )
  })

/** Sends every question by every way, and again; completes when the first round is out. */
const ask = Effect.fnUntraced(function* (sockets: ReadonlyArray<Open>, questions: ReadonlyArray<string>) {
  const [asked, unasked] = yield* Effect.partition(sockets, (open) =>
    Effect.as(
      Effect.forEach(questions, (question) => sent(open, question)),
      open
    )
  )
  const again = Effect.gen(function* () {
    let delayMs = delayLeastMs + Math.random() * (delayMostMs - delayLeastMs)
    for (let nth = 1; nth < sendings; nth++) {
      yield* Effect.sleep(delayMs)
      for (const open of asked) for (const question of questions) yield* Effect.ignore(sent(open, question))
      delayMs = Math.min(delayUpperMs, 2 * delayMs)
    }
  })
  yield* Effect.forkScoped(again)
  return { asked: asked.map(({ way }) => way.called), unasked }
})

/**
 * Asks which ONVIF devices are there and listens until the scope closes. By multicast on every interface, or the places
 * given alone. No credentials are sent, and nothing that answers is believed or spoken to. Fails when nothing could be
 * asked anywhere.
 */
export const discover = Effect.fn("onvif.discover")(function* (
  places: ReadonlyArray<Place>
): Effect.fn.Return<Discovering, LinkLost, Scope.Scope> {
  const answers = new Answers()
  const ids = probedTypes.map((type) => ({ type, id: randomUUID() }))
  const ours = new Set(ids.map(({ id }) => plainUuid(id)))
  let [malformed, stray, dropped, seen] = [0, 0, 0, 0]
  const hear = (datagram: Buffer, from: RemoteInfo): void => {
    if (++seen > datagramsMax) return void dropped++
    const heard = readDatagram(datagram, (id) => ours.has(id))
    if (heard._tag === "Malformed") malformed++
    else if (heard._tag === "Stray") stray++
    else for (const match of heard.matches) if (!answers.add(match, from.address)) dropped++
  }
  const [ways, unknown] =
    places.length === 0
      ? [multicastWays(networkInterfaces()), []]
      : yield* Effect.partition(places, wayTo, { concurrency: "unbounded" })
  const [sockets, unopened] = yield* Effect.partition(ways, (way) => opened(way, hear))
  const questions = ids.map(({ type, id }) => probeText(`urn:uuid:${id}`, type))
  const { asked, unasked } = yield* ask(sockets, questions)
  const failures = [...unknown, ...unopened, ...unasked]
  if (asked.length === 0) {
    const why = failures.length === 0 ? "this machine has no network interface" : failures.join("; ")
    return yield* new LinkLost({ reason: `nobody could be asked: ${why}` })
  }
  const count = (): number => answers.count
  return { asked, unasked: failures, count, found: () => ({ devices: answers.devices(), malformed, stray, dropped }) }
})
