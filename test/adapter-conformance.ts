import { Exit } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Adapter, NotKept } from "../adapters/adapter.ts"
import { type Peer, startLink, type Told } from "./adapters/start-link.ts"

const failureOf = (exit: Exit.Exit<never, unknown>): string =>
  Exit.isFailure(exit) ? String((Exit.findErrorOption(exit) as { value?: { _tag?: string } }).value?._tag) : "success"

const words = ({ report }: Told): string => JSON.stringify(report.observations)

/** What every adapter promises, whatever its protocol; see the contract in adapters/adapter.ts. */
export const conforms = (
  name: string,
  adapter: Adapter<unknown>,
  openPeer: () => Promise<Peer>,
  /**
   * What the peer can do; a peer that the adapter itself is can neither vanish nor refuse. `ack: false`: the protocol has no
   * acknowledgement, so what was handed over and not kept is held by the link alone, and is lost with it (a gap says so).
   */
  can: { readonly vanish: boolean; readonly refuse: boolean; readonly ack?: false }
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

    const whenIt = (does: boolean) => (does ? it : () => {})
    whenIt(can.ack ?? true)(
      "tells the device's side nothing before the report has settled: cut off, the message comes again",
      async () => {
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
      }
    )

    whenIt(can.ack ?? true)("does not ask again for what has settled", async () => {
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
      await expect.poll(resources).toBeLessThanOrEqual(before)
    })

    it("ends at once when it is stopped before it was ever online", async () => {
      const link = startLink(adapter, peer)
      const exit = await link.stop().then(link.ended)
      expect(Exit.hasInterrupts(exit)).toBe(true)
    })

    whenIt(can.vanish)("fails with LinkLost when the peer goes away", async () => {
      const link = startLink(adapter, peer)
      await link.online()
      await peer.vanish?.()
      expect(failureOf(await link.ended())).toBe("LinkLost")
    })

    whenIt(can.refuse)("fails with CredentialsRejected when the peer refuses who we are", async () => {
      const link = startLink(adapter, peer, peer.wrongSettings)
      expect(failureOf(await link.ended())).toBe("CredentialsRejected")
    })
  })
}
