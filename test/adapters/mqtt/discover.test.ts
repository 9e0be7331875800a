import { createServer, type Server } from "node:net"
import { Aedes, type AedesOptions } from "aedes"
import { Cause, Effect, Exit, Option } from "effect"
import mqtt from "mqtt"
import { afterEach, describe, expect, test } from "vitest"
import { CredentialsRejected, LinkLost } from "../../../adapters/adapter.ts"
import { accessOf, listen } from "../../../adapters/mqtt/discover.ts"
import type { Message } from "../../../adapters/mqtt/mapping.ts"
import { freePort } from "../../road/peers.ts"

const stops: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** A broker that speaks MQTT 3.1.1 only, as aedes 1 and Gatehouse's own do. */
const oldBroker = async (options: AedesOptions = {}) => {
  const port = await freePort()
  const broker = await Aedes.createBroker(options)
  const server: Server = createServer(broker.handle)
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done))
  stops.push(async () => {
    await new Promise<void>((done) => broker.close(() => done()))
    await new Promise<void>((done) => server.close(() => done()))
  })
  return { url: `mqtt://127.0.0.1:${port}`, broker, server }
}

const failureOf = <E>(exit: Exit.Exit<unknown, E>): E | undefined =>
  Exit.isFailure(exit) ? Option.getOrUndefined(Cause.findErrorOption(exit.cause)) : undefined

describe("listening at a broker", () => {
  test("falls back to MQTT 3.1.1, hears what was kept and what comes, and leaves nothing behind", async () => {
    const { url, broker } = await oldBroker()
    const client = await mqtt.connectAsync(url, { protocolVersion: 4 })
    stops.push(() => client.endAsync())
    await client.publishAsync("kept", "1", { qos: 1, retain: true })
    const heard: Array<Message> = []
    const ids: Array<string> = []
    broker.on("client", ({ id }) => void ids.push(id))
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const { refused } = yield* listen({ url }, [["#"]], (message) => heard.push(message))
          expect(refused).toEqual([])
          yield* Effect.promise(() => client.publishAsync("live", "2", { qos: 1 }))
          while (heard.length < 2) yield* Effect.sleep("10 millis")
        })
      )
    )
    expect(heard.map(({ topic, retained }) => [topic, retained])).toEqual([
      ["kept", true],
      ["live", false]
    ])
    expect(ids).toEqual([expect.stringMatching(/^gh-discover-[0-9a-f]{10}$/)])
    await expect.poll(() => broker.connectedClients).toBe(1)
  })

  test("asks for less when everything is refused, and tells what it may not hear", async () => {
    const { url } = await oldBroker({
      authorizeSubscribe: (_, subscription, decide) =>
        decide(null, subscription.topic === "mine/#" ? subscription : null)
    })
    const { refused } = await Effect.runPromise(
      Effect.scoped(listen({ url }, [["#"], ["mine/#", "yours/#"]], () => {}))
    )
    expect(refused).toEqual(["#", "yours/#"])
  })

  test("is refused where it may hear nothing at all, or is not who it says", async () => {
    const deaf = await oldBroker({ authorizeSubscribe: (_, __, decide) => decide(null, null) })
    const nothing = failureOf(
      await Effect.runPromiseExit(Effect.scoped(listen({ url: deaf.url }, [["#"], ["a/#"]], () => {})))
    )
    expect(nothing).toBeInstanceOf(CredentialsRejected)
    expect(nothing?.reason).toBe("the broker lets us hear nothing: not #, a/#")
    const strict = await oldBroker({
      authenticate: (_, __, ___, done) => done(Object.assign(new Error("no"), { returnCode: 4 }), false)
    })
    const stranger = failureOf(
      await Effect.runPromiseExit(Effect.scoped(listen({ url: strict.url }, [["#"]], () => {})))
    )
    expect(stranger).toBeInstanceOf(CredentialsRejected)
    expect(stranger?.reason).toContain("the broker refuses us")
  })

  test("tells that the broker went away while it listened", async () => {
    const { url, broker } = await oldBroker()
    const failure = failureOf(
      await Effect.runPromiseExit(
        Effect.scoped(
          Effect.gen(function* () {
            const { lost } = yield* listen({ url }, [["#"]], () => {})
            yield* Effect.promise(() => new Promise<void>((done) => broker.close(() => done())))
            return yield* lost
          })
        )
      )
    )
    expect(failure).toBeInstanceOf(LinkLost)
    expect(failure?.reason).toBe("the connection was closed")
  })

  test("gives up on what answers but is no broker", async () => {
    const server = createServer((socket) => void socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n"))
    const port = await freePort()
    await new Promise<void>((done) => server.listen(port, "127.0.0.1", done))
    stops.push(() => new Promise((done) => void server.close(() => done())))
    const failure = failureOf(
      await Effect.runPromiseExit(Effect.scoped(listen({ url: `mqtt://127.0.0.1:${port}` }, [["#"]], () => {})))
    )
    expect(failure).toBeInstanceOf(LinkLost)
  })
})

test("a link's broker is found where its devices find it", () => {
  const embedded = { broker: "embedded", host: "0.0.0.0", port: 1884 } as const
  expect(accessOf(embedded)).toEqual({ url: "mqtt://127.0.0.1:1884" })
  expect(accessOf({ ...embedded, host: "::1", tls: { cert: "c", key: "k" } })).toEqual({ url: "mqtts://[::1]:1884" })
  const outside = {
    url: "mqtts://b",
    clientId: "gw",
    protocolVersion: 4,
    keepaliveSeconds: 30,
    sessionExpirySeconds: 60
  }
  expect(accessOf({ ...embedded, broker: { ...outside, protocolVersion: 4 } })).toMatchObject({ url: "mqtts://b" })
})
