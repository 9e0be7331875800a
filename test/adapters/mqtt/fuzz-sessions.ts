/**
 * Mutated broker sessions: a broker whose packets are cut, flipped, doubled, swapped or made up, and the client of the
 * outside link. After each the same link meets a broker that behaves.
 *
 *     node test/adapters/mqtt/fuzz-sessions.ts [--count 20000] [--seed 1]
 *
 * Exits 0 when each ended as it may, the attempt after it worked, and nothing was left behind.
 */
import { monitorEventLoopDelay } from "node:perf_hooks"
import { parseArgs } from "node:util"
import { Effect, Exit, Fiber } from "effect"
import type { LinkContext } from "../../../adapters/adapter.ts"
import { outsideLink } from "../../../adapters/mqtt/client.ts"
import type { Mapping } from "../../../adapters/mqtt/mapping.ts"
import { behave, type Packet, packetsOf, type Session, startFakeBroker, types } from "../../road/fake-broker.ts"
import { chances, type Chances, heapMb, mutated, watchUncaught } from "./fuzz-bytes.ts"

/** Whatever is said becomes an observation: nothing is hidden behind a profile. */
const mapping: Mapping = {
  filters: ["a/#", "b/+/c"],
  normalize: ({ topic, payload }) => ({
    observations: [{ _tag: "Unreadable", why: "fuzz", source: topic, raw: Buffer.from(payload).toString("latin1") }],
    outcome: "unreadable"
  })
}

const topics = ["a", "a/b", "b/x/c", "$SYS/broker/publish/messages/dropped", ""] as const

/** What a broker may say once it has let somebody in, all at once and more. */
const sayings = (version: 4 | 5, by: Chances): ReadonlyArray<Buffer> => {
  const { connack, publish, pubrel, pingresp, disconnect } = packetsOf(version)
  const message = () =>
    publish({
      topic: by.one(topics),
      payload: by.bytes(by.below(40)),
      qos: by.one([0, 1, 1, 2]),
      messageId: by.below(4),
      dup: by.below(2) === 1,
      retain: by.below(2) === 1
    })
  const others = [
    () => pubrel(by.below(4)),
    pingresp,
    () => connack(),
    () => disconnect(by.one([0, 0x81, 0x8b, 0x8e])),
    () => Buffer.from([by.one([types.puback, types.pubrec, types.pubcomp]) << 4, 2, 0, by.below(4)]),
    () => Buffer.from([0xf0, 2, 0x18, 0])
  ]
  return Array.from({ length: by.below(8) }, () => (by.below(4) === 0 ? by.one(others)() : message()))
}

/** Sends it in pieces of any size, as TCP may. */
const inPieces = ({ socket }: Session, bytes: Buffer, by: Chances): void => {
  for (let at = 0; at < bytes.length;) {
    const size = 1 + by.below(by.one([4, 60, 4000]))
    socket.write(bytes.subarray(at, at + size))
    at += size
  }
}

/** One broken session: what is answered to the client is right, or not; then the connection ends, or is left. */
const breakDown = (version: 4 | 5, packet: Packet, session: Session, by: Chances): void => {
  const { connack, suback, pingresp } = packetsOf(version)
  // A session that gets nowhere tests little: what lets the client in is mostly whole.
  const broken = (bytes: Buffer, oneIn = 2): Buffer => (by.below(oneIn) === 0 ? mutated(bytes, by) : bytes)
  const said = (): Buffer => Buffer.concat(sayings(version, by).map((bytes) => broken(bytes, 3)))
  const { socket } = session
  if (socket.destroyed) return
  if (packet.type === types.connect) {
    const code = by.below(20) === 0 ? by.below(256) : 0
    inPieces(session, broken(connack(code, by.below(2) === 1), 6), by)
    inPieces(session, said(), by)
  }
  if (packet.type === types.subscribe) {
    inPieces(session, broken(suback(packet, by.one([1, 1, 0, 2, 0x80, 0x87])), 6), by)
    inPieces(session, said(), by)
  }
  if (packet.type === types.pingreq) socket.write(pingresp())
  // What the client makes of it takes a turn or two; then the line is gone, whatever state it is in.
  setTimeout(() => (by.below(2) === 0 ? socket.destroy() : socket.end()), by.below(4))
}

export interface SessionRun {
  readonly sessions: number
  /** How the broken sessions ended, by the name of the failure. */
  readonly ended: Readonly<Record<string, number>>
  /** Attempts at the broker that behaves which did not go online and bring a message. */
  readonly failedAfter: number
  /** Reports that came in broken sessions. */
  readonly reports: number
  /** Exceptions and rejections nobody caught, in words. */
  readonly uncaught: ReadonlyArray<string>
  /** Sockets and timers before and after. */
  readonly resources: readonly [number, number]
  readonly heapMb: readonly [number, number]
  readonly stalledMs: number
  readonly seconds: number
}

const resources = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /^(TCP|TLS|Timeout|Immediate)/.test(kind)).length

/** A session that should have ended long ago. */
const stuckAfterMs = 10_000

const endedAs = (exit: Exit.Exit<never, unknown> | undefined): string => {
  if (exit === undefined) return "stuck"
  const error = Exit.isFailure(exit) ? Exit.findErrorOption(exit) : undefined
  const failure = error?._tag === "Some" ? (error.value as { readonly _tag: string })._tag : undefined
  return failure ?? (Exit.isFailure(exit) && Exit.hasInterrupts(exit) ? "interrupted" : "defect")
}

export const fuzzSessions = async (options: { readonly count: number; readonly seed: number }): Promise<SessionRun> => {
  const startedAt = Date.now()
  const uncaught = watchUncaught()
  let by = chances(options.seed)
  let version: 4 | 5 = 5
  let isBroken = true
  const broker = await startFakeBroker((packet, session) => {
    if (isBroken) return breakDown(version, packet, session, by)
    behave(version, packet, session)
    if (packet.type === types.subscribe) session.send(packetsOf(version).publish({ topic: "a", payload: "well" }))
  })
  const settings = ([4, 5] as const).map((protocolVersion) => ({
    url: broker.url,
    clientId: "g",
    protocolVersion,
    keepaliveSeconds: 30,
    sessionExpirySeconds: 600
  }))
  let reports = 0
  const attempt = (told: (what: "online" | "report") => void) => {
    const context: LinkContext = {
      link: "mqtt",
      devices: [],
      timeZone: "UTC",
      profilesDirectory: "",
      report: ({ observations }, settled) => {
        if (observations.some(({ _tag }) => _tag === "Unreadable")) told("report")
        setImmediate(settled)
      },
      online: Effect.sync(() => told("online")),
      refused: () => {},
      now: Date.now,
      count: () => {},
      granted: () => {},
      able: () => Effect.void,
      memory: new Map()
    }
    const fiber = Effect.runFork(outsideLink(settings[version - 4]!, mapping, context))
    return {
      ended: (): Promise<Exit.Exit<never, unknown> | undefined> => {
        let timer: NodeJS.Timeout | undefined
        const late = new Promise<undefined>((resolve) => {
          timer = setTimeout(() => resolve(undefined), stuckAfterMs)
        })
        return Promise.race([Effect.runPromise(Fiber.await(fiber)), late]).finally(() => clearTimeout(timer))
      },
      stop: () => Effect.runPromise(Fiber.interrupt(fiber))
    }
  }
  const ended: Record<string, number> = {}
  let failedAfter = 0
  const session = async (nth: number): Promise<void> => {
    by = chances(options.seed * 1_000_003 + nth)
    version = nth % 2 === 0 ? 5 : 4
    isBroken = true
    const broken = attempt((what) => void (what === "report" && reports++))
    const how = endedAs(await broken.ended())
    ended[how] = (ended[how] ?? 0) + 1
    await broken.stop()
    isBroken = false
    const whole = await new Promise<boolean>((resolve) => {
      const seen = new Set<string>()
      const timer = setTimeout(() => resolve(false), stuckAfterMs)
      const well = attempt((what) => {
        seen.add(what)
        if (seen.size < 2) return
        clearTimeout(timer)
        void well.stop().then(() => resolve(true))
      })
      void well.ended().then(() => {
        clearTimeout(timer)
        resolve(seen.size === 2)
      })
    })
    if (!whole) failedAfter++
  }
  try {
    const warm = Math.ceil(options.count / 10)
    for (let nth = 0; nth < warm; nth++) await session(nth)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const before = { resources: resources(), heapMb: heapMb() }
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    for (let nth = warm; nth < options.count; nth++) await session(nth)
    delay.disable()
    await new Promise((resolve) => setTimeout(resolve, 50))
    return {
      sessions: options.count,
      ended,
      failedAfter,
      reports,
      uncaught: uncaught.stop(),
      resources: [before.resources, resources()],
      heapMb: [before.heapMb, heapMb()],
      stalledMs: delay.max / 1e6,
      seconds: (Date.now() - startedAt) / 1000
    }
  } finally {
    uncaught.stop()
    await broker.stop()
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { count: { type: "string", default: "20000" }, seed: { type: "string", default: "1" } }
  })
  const run = await fuzzSessions({ count: Number(values.count), seed: Number(values.seed) })
  console.log(JSON.stringify({ ...run, uncaught: run.uncaught.length, first: run.uncaught.slice(0, 3) }, undefined, 2))
  const { LinkLost = 0, CredentialsRejected = 0 } = run.ended
  const [before, after] = run.heapMb
  const fine =
    LinkLost + CredentialsRejected === run.sessions &&
    run.failedAfter === 0 &&
    run.uncaught.length === 0 &&
    run.resources[1] <= run.resources[0] &&
    after - before < 20 &&
    run.stalledMs < 200
  process.exitCode = fine ? 0 : 1
}
