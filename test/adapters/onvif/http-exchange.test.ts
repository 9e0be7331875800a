import { Effect } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { type HttpRequest, makeExchange } from "../../../adapters/onvif/wire/http-exchange.ts"
import { startDevice, type WireDevice } from "./wire-device.ts"

/** Asks twice; in between our own loop stands still for so long, and sees nothing of what sockets do. */
const askTwice = (device: WireDevice, idleMs: number, standsStillMs: number): Promise<void> => {
  const request: HttpRequest = { url: new URL(device.url), method: "POST", headers: {}, body: "", maxBytes: 1000 }
  return Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const exchange = yield* makeExchange({}, idleMs)
        yield* exchange.send(request)
        const until = performance.now() + standsStillMs
        while (performance.now() < until);
        yield* exchange.send(request)
      })
    )
  )
}

describe("an idle connection", () => {
  let device: WireDevice
  afterEach(() => device.close())

  it("is taken up again for the next request", async () => {
    device = await startDevice((_, response) => void response.end("ok"))
    await askTwice(device, 60_000, 0)
    expect(device.asked[1]?.socket).toBe(device.asked[0]?.socket)
  })

  it("is not, once it has been idle too long by the clock: the device may have closed it while we stood still", async () => {
    device = await startDevice((_, response) => void response.end("ok"))
    await askTwice(device, 60, 70)
    expect(device.asked).toHaveLength(2)
    expect(device.asked[1]?.socket).not.toBe(device.asked[0]?.socket)
  })
})
