import { Effect, Fiber, Result, Schema } from "effect"
import type { Abilities, Adapter, NotKept, Report } from "../../adapters/adapter.ts"
import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"

/** The device's side of one adapter: a real peer on a real socket, that outlives the links to it. */
export interface Peer {
  /** The link's settings as an operator writes them. */
  readonly settings: unknown
  readonly devices: ReadonlyArray<Device>
  readonly profilesDirectory: string
  /** The device says something that becomes one observation; `word` is found again in it. Completes once it is sent. */
  readonly say: (word: string) => Promise<void>
  /** The device sends what nobody can read. */
  readonly babble: () => Promise<void>
  /** The device falls silent for good and holds no socket, so that only the link's own resources are counted. */
  readonly hush: () => Promise<void>
  /** The same link with credentials that the peer refuses; left out where the adapter is the one that accepts. */
  readonly wrongSettings?: unknown
  /** The peer goes away without a word, and does not come back. */
  readonly vanish?: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** A report that waits for the test to settle it. */
export interface Told {
  readonly report: Report
  readonly settled: (refusal?: NotKept) => void
}

/** Something a test waits for: nothing is polled, and nothing is slept for. */
const waiting = <A>() => {
  const had: Array<A> = []
  const wanted: Array<(value: A) => void> = []
  return {
    came: (value: A): void => {
      const next = wanted.shift()
      if (next === undefined) had.push(value)
      else next(value)
    },
    next: (): Promise<A> => {
      if (had.length > 0) return Promise.resolve(had.shift() as A)
      return new Promise((resolve) => wanted.push(resolve))
    }
  }
}

const isGap = ({ observations }: Report): boolean => observations.every(({ _tag }) => _tag === "Gap")

type Certificate = Extract<Observation, { _tag: "Certificate" }>

const isCertificate = ({ observations }: Report): boolean => observations.every(({ _tag }) => _tag === "Certificate")

/** One link of the adapter to the peer. Gaps and certificates are settled at once; every other report waits for the test. */
export const startLink = (
  adapter: Adapter<unknown>,
  peer: Pick<Peer, "settings" | "devices" | "profilesDirectory">,
  raw: unknown = peer.settings,
  /** What an earlier attempt left. */
  memory: Map<string, unknown> = new Map(),
  now: () => number = Date.now
) => {
  const told = waiting<Told>()
  const online = waiting<void>()
  const refused = waiting<string>()
  const gaps = waiting<string>()
  const certificates = waiting<Certificate>()
  const gapsTold: Array<Extract<Observation, { _tag: "Gap" }>> = []
  const counts: Record<string, number> = {}
  const abilities = new Map<string, Abilities>()
  let granted: Readonly<Record<string, number>> = {}
  const settings = Result.getOrThrow(Schema.decodeUnknownResult(adapter.Settings)(raw))
  const fiber = Effect.runFork(
    adapter.link(settings, {
      link: "link",
      devices: peer.devices,
      timeZone: "UTC",
      profilesDirectory: peer.profilesDirectory,
      report: (report, settled) => {
        if (isCertificate(report)) {
          for (const seen of report.observations) if (seen._tag === "Certificate") certificates.came(seen)
          return void setImmediate(settled)
        }
        if (!isGap(report)) return told.came({ report, settled })
        for (const gap of report.observations) {
          if (gap._tag !== "Gap") continue
          gapsTold.push(gap)
          gaps.came(`${gap.cause}: ${gap.detail}`)
        }
        setImmediate(settled)
      },
      online: Effect.sync(() => online.came()),
      refused: (who, what) => {
        counts["refused"] = (counts["refused"] ?? 0) + 1
        refused.came(`${who} ${what}`)
      },
      now,
      count: (name, amount = 1) => void (counts[name] = (counts[name] ?? 0) + amount),
      granted: (levels) => void (granted = levels),
      able: (device, ability) =>
        Effect.acquireRelease(
          Effect.sync(() => abilities.set(device, ability)),
          () => Effect.sync(() => abilities.delete(device))
        ),
      memory
    })
  )
  return {
    told,
    online: online.next,
    /** Senders that were turned away, as they come. */
    refused: refused.next,
    /** Gaps, as they come: cause and detail. */
    gap: gaps.next,
    /** Certificates that the link rests on, as they are told. */
    certificate: certificates.next,
    /** Every gap so far. */
    gaps: gapsTold,
    counts,
    /** What the other side grants, as it was told last. */
    granted: () => granted,
    /** What the devices can do now. */
    abilities,
    ended: () => Effect.runPromise(Fiber.await(fiber)),
    stop: () => Effect.runPromise(Fiber.interrupt(fiber))
  }
}
