import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Result } from "effect"
import { describe, expect, it, test } from "vitest"
import type { Picture, Unable } from "../../../adapters/adapter.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { Faults } from "../../../simulators/onvif/faults.ts"
import { camera, listen, openDevice } from "./peers.ts"

/** A camera that is online, and a way to ask it for a picture. */
const watched = async (faults: Partial<Faults> = {}, configured: Partial<Device> = {}) => {
  const peer = await openDevice(camera, faults, {}, configured)
  const link = listen(peer)
  await link.online()
  const snapshot = link.abilities.get("device")?.snapshot
  if (snapshot === undefined) throw new Error("the camera gives no pictures")
  return {
    peer,
    picture: (): Promise<Result.Result<Picture, Unable>> => Effect.runPromise(Effect.result(snapshot)),
    both: () => Effect.runPromise(Effect.all([Effect.result(snapshot), Effect.result(snapshot)], { concurrency: 2 })),
    stop: async () => {
      await link.stop()
      await peer.stop()
    }
  }
}

const reasonOf = (result: Result.Result<Picture, Unable>): string =>
  Result.isFailure(result) ? result.failure.reason : "there is a picture"

describe("a picture of a camera", () => {
  it("is a JPEG, and its address is asked for once", async () => {
    const { peer, picture, stop } = await watched()
    const askedAt = Date.now()
    const first = Result.getOrThrow(await picture())
    expect([...first.bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff])
    expect(first.receivedAt).toBeGreaterThanOrEqual(askedAt)
    Result.getOrThrow(await picture())
    expect(peer.device.counters.requests("GetSnapshotUri")).toBe(1)
    expect(peer.device.counters.requests("Snapshot")).toBeGreaterThanOrEqual(2)
    await stop()
  })

  it("is fetched where the camera is called, whatever address it advertises", async () => {
    const { picture, stop } = await watched({ advertisedHost: { authority: "192.0.2.1" } })
    expect(Result.isSuccess(await picture())).toBe(true)
    await stop()
  })

  const spoilt: ReadonlyArray<readonly [Faults["snapshot"], RegExp]> = [
    ["html", /a JPEG or PNG picture was asked for and text\/html.* came/],
    ["huge", /there is no picture: .*4194304 bytes/],
    ["redirect", /not followed/],
    ["slow", /there is no picture: no answer within 5 s/],
    ["unavailable", /HTTP 503/],
    ["empty", /empty/]
  ]
  test.each(spoilt)("that is %s is none, the link lives on, and the next one is good", async (snapshot, reason) => {
    const { peer, picture, stop } = await watched({ snapshot })
    expect(reasonOf(await picture())).toMatch(reason)
    peer.device.setFaults({ snapshot: "good" })
    expect(Result.isSuccess(await picture())).toBe(true)
    // After a failure its address is asked for anew: it may hold until the next restart only.
    expect(peer.device.counters.requests("GetSnapshotUri")).toBe(2)
    await stop()
  })

  it("is taken for one whatever the camera calls it", async () => {
    const { picture, stop } = await watched({ snapshot: "wrong-type" })
    expect(Result.isSuccess(await picture())).toBe(true)
    await stop()
  })

  it("is a PNG where the camera has nothing else", async () => {
    const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")
    const server = createServer((_, response) => response.end(png)).listen(0, "127.0.0.1")
    await once(server, "listening")
    const snapshotUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/picture`
    const { picture, stop } = await watched({}, { parameters: { snapshotUri } })
    expect(Buffer.from(Result.getOrThrow(await picture()).bytes)).toEqual(png)
    await stop()
    server.close()
  })

  it("is taken one after the other", async () => {
    const { both, stop } = await watched()
    const [first, second] = await both()
    const times = [Result.getOrThrow(first).receivedAt, Result.getOrThrow(second).receivedAt]
    expect(times[0]).not.toBeUndefined()
    expect(times[1]).not.toBeUndefined()
    await stop()
  })

  it("is taken from the address that the configuration gives", async () => {
    const first = await watched()
    const port = first.peer.device.port
    const override = `http://127.0.0.1:${port}/nowhere.jpg`
    const { peer, picture, stop } = await watched({}, { parameters: { snapshotUri: override } })
    expect(reasonOf(await picture())).toContain("there is no picture")
    expect(peer.device.counters.requests("GetSnapshotUri")).toBe(0)
    await stop()
    await first.stop()
  })

  it("is taken from the media profile that the configuration names", async () => {
    const { picture, stop } = await watched({}, { parameters: { mediaProfile: "no & such" } })
    expect(reasonOf(await picture())).toMatch(/there is no picture: the device refuses/)
    await stop()
  })
})
