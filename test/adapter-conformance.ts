import { Effect, Exit, Fiber, Result, Schema } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Adapter, NotKept, type Report } from "../adapters/adapter.ts"
import type { Device } from "../gateway/domain/campus.ts"

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

interface Told {
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
      const value = had.shift()
      return value === undefined ? new Promise((resolve) => wanted.push(resolve)) : Promise.resolve(value)
    },
    idle: (): ReadonlyArray<A> => had
  }
}

const isGap = ({ observations }: Report): boolean => observations.every(({ _tag }) => _tag === "Gap")

/** One link of the adapter to the peer. Gaps are settled at once and counted; every other report waits for the test. */
const startLink = (adapter: Adapter<unknown>, peer: Peer, raw: unknown = peer.settings) => {
  const told = waiting<Told>()
  const online = waiting<void>()
  const refused: Array<string> = []
  let gaps = 0
  const settings = Result.getOrThrow(Schema.decodeUnknownResult(adapter.Settings)(raw))
  const fiber = Effect.runFork(
    adapter.link(settings, {
      link: "link",
      devices: peer.devices,
      timeZone: "UTC",
      profilesDirectory: peer.profilesDirectory,
      report: (report, settled) => {
        if (!isGap(report)) return told.came({ report, settled })
        gaps++
        setImmediate(settled)
      },
      online: Effect.sync(() => online.came()),
      refused: (who, what) => void refused.push(`${who}: ${what}`),
      now: Date.now,
      count: () => {}
    })
  )
  return {
    told,
    online: online.next,
    refused,
    gaps: () => gaps,
    ended: () => Effect.runPromise(Fiber.await(fiber)),
    stop: () => Effect.runPromise(Fiber.interrupt(fiber))
  }
}

const failureOf = (exit: Exit.Exit<never, unknown>): string =>
  Exit.isFailure(exit) ? String((Exit.findErrorOption(exit) as { value?: { _tag?: string } }).value?._tag) : "success"

const words = ({ report }: Told): string => JSON.stringify(report.observations)

/** What every adapter promises, whatever its protocol; see the contract in adapters/adapter.ts. */
export const conforms = (
  name: string,
  adapter: Adapter<unknown>,
  openPeer: () => Promise<Peer>,
  /** What the peer can do; a peer that the adapter itself is can neither vanish nor refuse. */
  can: { readonly vanish: boolean; readonly refuse: boolean }
): void => {
  describe(`the adapter contract, kept by ${name}`, () => {
    let peer: Peer
    beforeEach(async () => {
      peer = await openPeer()
    })
    afterEach(() => peer.stop())

    it("reports what a device says, once the link is online", async () => {
      const link = startLink(adapter, peer)
      await link.online()
      await peer.say("first")
      const told = await link.told.next()
      expect(words(told)).toContain("first")
      told.settled()
      await link.stop()
    })

    it("tells the device's side nothing before the report has settled: cut off, the message comes again", async () => {
      const first = startLink(adapter, peer)
      await first.online()
      await peer.say("unsettled")
      expect(words(await first.told.next())).toContain("unsettled")
      await first.stop()
      const second = startLink(adapter, peer)
      const again = await second.told.next()
      expect(words(again)).toContain("unsettled")
      again.settled()
      await second.stop()
    })

    it("does not ask again for what has settled", async () => {
      const first = startLink(adapter, peer)
      await first.online()
      await peer.say("settled")
      ;(await first.told.next()).settled()
      await peer.say("mark")
      ;(await first.told.next()).settled()
      await peer.say("after")
      await first.told.next()
      await first.stop()
      const second = startLink(adapter, peer)
      const next = await second.told.next()
      expect(words(next)).toContain("after")
      next.settled()
      await second.stop()
    })

    it("loses nothing that was refused: it comes again when the store keeps", async () => {
      const first = startLink(adapter, peer)
      await first.online()
      await peer.say("refused")
      ;(await first.told.next()).settled(new NotKept({ reason: "the disk is full" }))
      const again = await Promise.race([
        first.told.next(),
        first
          .ended()
          .then(() => startLink(adapter, peer))
          .then(async (second) => {
            const told = await second.told.next()
            told.settled()
            await second.stop()
            return told
          })
      ])
      expect(words(again)).toContain("refused")
      again.settled()
      await first.stop()
    })

    it("reports what it cannot read as an observation, and goes on", async () => {
      const link = startLink(adapter, peer)
      await link.online()
      await peer.babble()
      const babble = await link.told.next()
      expect(babble.report.observations).toMatchObject([{ _tag: "Unreadable" }])
      babble.settled()
      await peer.say("sense")
      const sense = await link.told.next()
      expect(words(sense)).toContain("sense")
      sense.settled()
      await link.stop()
    })

    it("leaves no socket and no timer behind when it is stopped, however often", async () => {
      await peer.hush()
      const resources = () =>
        process.getActiveResourcesInfo().filter((kind) => /^(TCP|TLS|Timeout|Immediate)/.test(kind)).length
      const before = resources()
      for (let round = 0; round < 5; round++) {
        const link = startLink(adapter, peer)
        await link.online()
        await link.stop()
      }
      await expect.poll(resources, { timeout: 5000 }).toBeLessThanOrEqual(before)
    })

    it("ends at once when it is stopped before it was ever online", async () => {
      const link = startLink(adapter, peer)
      const exit = await link.stop().then(link.ended)
      expect(Exit.hasInterrupts(exit)).toBe(true)
    })

    it.runIf(can.vanish)("fails with LinkLost when the peer goes away", async () => {
      const link = startLink(adapter, peer)
      await link.online()
      await peer.vanish?.()
      expect(failureOf(await link.ended())).toBe("LinkLost")
    })

    it.runIf(can.refuse)("fails with CredentialsRejected when the peer refuses who we are", async () => {
      const link = startLink(adapter, peer, peer.wrongSettings)
      expect(failureOf(await link.ended())).toBe("CredentialsRejected")
    })
  })
}
