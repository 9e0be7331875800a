import { monitorEventLoopDelay } from "node:perf_hooks"
import { isDeepStrictEqual } from "node:util"
import mqttClient, { type MqttClient } from "mqtt"
import { describe, expect, it, type TestContext } from "vitest"
import { type Broker, type BrokerOptions, openBroker } from "../../road/broker.ts"
import { behave, packetsOf, type Session, startFakeBroker, types } from "../../road/fake-broker.ts"
import { hasMosquitto } from "../../road/peers.ts"
import { type Proxy, startProxy } from "../../road/proxy.ts"
import { deviceOf, type Supervised, superviseLink } from "../../road/supervised.ts"

/** Asks again until the answer is the one that is expected; `expect.poll` cannot be used in tests that run side by side. */
const until = async <A>(read: () => A | Promise<A>, expected: A): Promise<void> => {
  const giveUpAt = Date.now() + 60_000
  for (;;) {
    const answer = await read()
    if (isDeepStrictEqual(answer, expected)) return
    if (Date.now() > giveUpAt) return expect(answer).toEqual(expected)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Decoded settings of a link to an outside broker. */
const to = (url: string, more: object = {}): unknown => ({
  broker: { url, clientId: "gatehouse", protocolVersion: 5, keepaliveSeconds: 5, sessionExpirySeconds: 3600, ...more },
  host: "127.0.0.1",
  port: 1883
})

type Finished = TestContext["onTestFinished"]

/** Opens what a test needs; closed in the opposite order when the test ends, however it ends. */
const open = (finished: Finished) => ({
  supervise: async (...of: Parameters<typeof superviseLink>): Promise<Supervised> => {
    const link = await superviseLink(...of)
    finished(link.stop)
    return link
  },
  mosquitto: async (options?: BrokerOptions): Promise<Broker> => {
    const broker = await openBroker(options)
    finished(broker.close)
    return broker
  },
  proxyTo: async (port: number): Promise<Proxy> => {
    const proxy = await startProxy(port)
    finished(proxy.stop)
    return proxy
  },
  fake: async (hears: Parameters<typeof startFakeBroker>[0]) => {
    const broker = await startFakeBroker(hears)
    finished(broker.stop)
    return broker
  },
  device: async (url: string, more: mqttClient.IClientOptions = {}): Promise<MqttClient> => {
    const client = await mqttClient.connectAsync(url, {
      clientId: "device",
      clean: false,
      reconnectPeriod: 50,
      ...more
    })
    client.on("error", () => {})
    finished(() => void client.end(true))
    return client
  }
})

const press = (client: MqttClient, action: string) =>
  client.publishAsync("zigbee2mqtt/button", JSON.stringify({ action }), { qos: 1 })

const online = (link: Supervised) => until(link.state, "Online")

const gapsOf = async (link: Supervised) => (await link.seen("Gap")).filter(({ cause }) => cause === "SessionLost")

describe("a broker that is not well", () => {
  it.concurrent.for([
    [4, 3, "Server unavailable"],
    [5, 0x88, "Server unavailable"],
    [5, 0x97, "Quota exceeded"]
  ] as const)(
    "that refuses once, MQTT version %i, code %i, is asked again",
    async ([version, code, words], { onTestFinished }) => {
      const { supervise, fake } = open(onTestFinished)
      const broker = await fake((packet, session) => {
        const refuses = session.nth === 1 && packet.type === types.connect
        if (refuses) session.send(packetsOf(version).connack(code))
        else behave(version, packet, session)
      })
      const link = await supervise(to(broker.url, { protocolVersion: version }))
      await online(link)
      expect(broker.opened()).toBe(2)
      await expect.poll(() => link.states()).toEqual(["Connecting", "Offline", "Online"])
      const [, offline] = await link.facts("LinkChanged")
      expect(JSON.stringify(offline)).toContain(words)
    }
  )

  it.concurrent("that sends after a cut what it had counted before it makes no loss begin later than it did", async ({
    onTestFinished
  }) => {
    const { supervise, fake } = open(onTestFinished)
    const { publish, connack, suback } = packetsOf(5)
    const counted = (count: number, retain: boolean) =>
      publish({ topic: "$SYS/broker/publish/messages/dropped", payload: String(count), qos: 0, retain })
    let cut = Number.NaN
    const broker = await fake((packet, session) => {
      const again = session.nth > 1
      if (packet.type === types.connect) return session.send(connack(0, again), ...(again ? [counted(5, false)] : []))
      if (packet.type !== types.subscribe) return behave(5, packet, session)
      const isCounter = packet.body.includes("$SYS")
      session.send(suback(packet), ...(isCounter ? [counted(again ? 95 : 5, true)] : []))
      if (!isCounter || again) return
      setTimeout(() => {
        cut = Date.now()
        session.socket.destroy()
      }, 50)
    })
    const link = await supervise(to(broker.url))
    const drops = async () => (await link.seen("Gap")).filter(({ cause }) => cause === "QueueDropped")
    await until(async () => (await drops()).map(({ count }) => count), [90])
    expect((await drops())[0]?.from).toBeLessThanOrEqual(cut)
  })

  it.concurrent("that accepts and drops at once is asked less and less often, and does not fill the log", async ({
    onTestFinished
  }) => {
    const { supervise, fake } = open(onTestFinished)
    const broker = await fake((packet, session) => {
      behave(5, packet, session)
      const all = session.received.filter(({ type }) => type === types.subscribe).length === 2
      if (all) setTimeout(() => session.socket.destroy(), 20)
    })
    const link = await supervise(to(broker.url))
    await new Promise((resolve) => setTimeout(resolve, 8000))
    expect(broker.opened()).toBeGreaterThan(2)
    expect(broker.opened()).toBeLessThan(8)
    expect(await link.states()).toContain("Online")
    expect(link.head()).toBeLessThan(60)
  })

  it.concurrent("that lets us in and never answers a subscription is given up", async ({ onTestFinished }) => {
    const { supervise, fake } = open(onTestFinished)
    const broker = await fake((packet, session) => {
      const silent = session.nth === 1 && packet.type === types.subscribe
      if (!silent) behave(5, packet, session)
    })
    const link = await supervise(to(broker.url))
    await online(link)
    expect(broker.opened()).toBe(2)
    const offline = (await link.facts("LinkChanged")).filter(({ state }) => state._tag === "Offline")
    expect(JSON.stringify(offline)).toContain("did not answer the subscription")
  })

  it.concurrent.for([
    [0x8b, "Server shutting down"],
    [0x8e, "another client connected as gatehouse: give each gateway a clientId of its own"]
  ] as const)("that ends the connection says why, and so do we: code %i", async ([code, words], { onTestFinished }) => {
    const { supervise, fake } = open(onTestFinished)
    const sessions: Array<Session> = []
    const broker = await fake((packet, session) => {
      behave(5, packet, session)
      if (packet.type === types.subscribe) sessions.push(session)
    })
    const link = await supervise(to(broker.url))
    await online(link)
    sessions[0]?.socket.end(packetsOf(5).disconnect(code))
    await until(link.states, ["Connecting", "Online", "Offline", "Online"])
    const offline = (await link.facts("LinkChanged")).filter(({ state }) => state._tag === "Offline")
    expect(JSON.stringify(offline)).toContain(words)
  })

  it.concurrent("that uses a topic alias it may not is left, and heard again when it does not", async ({
    onTestFinished
  }) => {
    const { supervise, fake } = open(onTestFinished)
    const alias = Buffer.from([0x23, 0, 1])
    const broker = await fake((packet, session) => {
      behave(5, packet, session)
      if (packet.type !== types.subscribe) return
      const properties = session.nth === 1 ? alias : Buffer.alloc(0)
      session.send(packetsOf(5).publish({ topic: "zigbee2mqtt/button", payload: '{"action":"single"}', properties }))
    })
    const link = await supervise(to(broker.url))
    await until(async () => (await link.presses()).includes("single"), true)
    expect(broker.opened()).toBe(2)
    await online(link)
  })

  it.concurrent("that claims a packet of 200 MB is left before the packet is held", async ({ onTestFinished }) => {
    const { supervise, fake } = open(onTestFinished)
    let sent = 0
    const broker = await fake((packet, session) => {
      behave(5, packet, session)
      if (session.nth > 1 || packet.type !== types.subscribe) return
      session.send(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x60]))
      const fill = (): void => {
        if (session.socket.destroyed) return
        sent += 1 << 20
        session.socket.write(Buffer.alloc(1 << 20), fill)
      }
      fill()
    })
    const link = await supervise(to(broker.url))
    await until(() => broker.opened(), 2)
    await online(link)
    expect(sent).toBeLessThan(32 << 20)
    const offline = (await link.facts("LinkChanged")).filter(({ state }) => state._tag === "Offline")
    expect(JSON.stringify(offline)).toContain("larger than")
  })
})

/** What the gateway has answered to the message with this id, in order. */
const answersTo = (session: Session | undefined, messageId: number): ReadonlyArray<number> =>
  (session?.received ?? []).flatMap(({ type, body }) =>
    type >= types.puback && type <= types.pubcomp && body.readUInt16BE(0) === messageId ? [type] : []
  )

describe.each([5, 4] as const)("a message of QoS 2, MQTT version %i", (version) => {
  it.concurrent("is answered when it is kept, and again when it comes again, but kept once", async ({
    onTestFinished
  }) => {
    const { supervise, fake } = open(onTestFinished)
    const sessions: Array<Session> = []
    const broker = await fake((packet, session) => {
      const { connack, publish, pubrel } = packetsOf(version)
      if (packet.type === types.connect) return session.send(connack(0, session.nth > 1))
      behave(version, packet, session)
      const message = { topic: "zigbee2mqtt/button", payload: '{"action":"double"}', qos: 2, messageId: 7 } as const
      if (packet.type === types.subscribe && sessions[session.nth - 1] === undefined) {
        sessions.push(session)
        session.send(publish({ ...message, dup: session.nth > 1 }))
      }
      if (packet.type !== types.pubrec) return
      if (session.nth === 1) session.socket.destroy()
      else session.send(pubrel(7))
    })
    const link = await supervise(to(broker.url, { protocolVersion: version }))
    await until(() => answersTo(sessions[1], 7), [types.pubrec, types.pubcomp])
    expect(answersTo(sessions[0], 7)).toEqual([types.pubrec])
    expect(await link.presses()).toEqual(["double"])
    expect(link.status().counts.duplicates).toBe(1)
  })
})

describe.skipIf(!hasMosquitto())("a Mosquitto and the network before it", () => {
  it.concurrent("whose password was changed while it was down waits for a person", async ({ onTestFinished }) => {
    const { supervise, mosquitto } = open(onTestFinished)
    process.env["GATEHOUSE_TEST_BROKER"] = "first"
    const broker = await mosquitto({ password: "first" })
    const login = { username: "gatehouse", password: { env: "GATEHOUSE_TEST_BROKER" } }
    const link = await supervise(to(broker.url, login))
    await online(link)
    broker.setPassword("second")
    await broker.restart("kept")
    await until(link.state, "Rejected")
    expect(link.reason()).toContain("refuses our credentials")
  })

  it.concurrent("that is restarted with its sessions has lost nothing, and no gap is told", async ({
    onTestFinished
  }) => {
    const { supervise, mosquitto, device } = open(onTestFinished)
    const broker = await mosquitto()
    const link = await supervise(to(broker.url))
    await online(link)
    const button = await device(broker.url)
    await press(button, "before")
    await until(link.presses, ["before"])
    await broker.restart("kept")
    await press(button, "after")
    await until(link.presses, ["before", "after"])
    expect(await gapsOf(link)).toHaveLength(1)
  })

  it.concurrent("that is restarted without its sessions leaves a gap from when it was last heard to when it is heard again", async ({
    onTestFinished
  }) => {
    const { supervise, mosquitto, device } = open(onTestFinished)
    const broker = await mosquitto()
    const link = await supervise(to(broker.url))
    await online(link)
    const [first] = await gapsOf(link)
    expect(first?.from).toBeUndefined()
    const button = await device(broker.url)
    await press(button, "before")
    await until(link.presses, ["before"])
    const pressed = (await link.facts("Observed")).find(({ observation }) => observation._tag === "Occurrence")
    const down = Date.now()
    await broker.restart("lost")
    await until(async () => (await gapsOf(link)).length, 2)
    const [, second] = await gapsOf(link)
    expect(second?.from).toBeGreaterThanOrEqual(pressed?.receivedAt ?? Infinity)
    expect(second?.from).toBeLessThanOrEqual(down + 50)
    expect(second?.to).toBeGreaterThanOrEqual(down)
    await online(link)
    await press(button, "after")
    await until(link.presses, ["before", "after"])
  })

  it.concurrent("whose session has run out while we were away leaves a gap with its span", async ({
    onTestFinished
  }) => {
    const { supervise, mosquitto, proxyTo, device } = open(onTestFinished)
    const broker = await mosquitto()
    const proxy = await proxyTo(broker.port)
    const link = await supervise(to(proxy.url, { sessionExpirySeconds: 1 }))
    await online(link)
    const cut = Date.now()
    proxy.refuse(true)
    await until(link.state, "Offline")
    const button = await device(broker.url)
    await press(button, "unheard")
    await new Promise((resolve) => setTimeout(resolve, 2500))
    proxy.refuse(false)
    await until(async () => (await gapsOf(link)).length, 2)
    const [, gap] = await gapsOf(link)
    expect(gap?.from).toBeLessThanOrEqual(cut + 50)
    expect(gap?.to).toBeGreaterThanOrEqual(cut + 2500)
    await online(link)
    await press(button, "heard")
    await until(link.presses, ["heard"])
  })

  it.concurrent("that has gone silent without closing is noticed within one and a half times the keepalive", async ({
    onTestFinished
  }) => {
    const { supervise, mosquitto, proxyTo, device } = open(onTestFinished)
    const broker = await mosquitto()
    const proxy = await proxyTo(broker.port)
    const link = await supervise(to(proxy.url))
    await online(link)
    proxy.freeze()
    const frozen = Date.now()
    // What a busy machine takes from our own clock is not the link's doing.
    const stalls = monitorEventLoopDelay()
    stalls.enable()
    const button = await device(broker.url)
    await press(button, "during")
    await until(link.state, "Offline")
    const noticedMs = Date.now() - frozen
    stalls.disable()
    expect(noticedMs).toBeLessThan(7500 + 1000 + (4 * stalls.max) / 1e6)
    expect(link.reason()).toMatch(/keepalive/i)
    await until(link.presses, ["during"])
    await online(link)
  })

  it.concurrent("that has thrown messages away while we were away says how many, and since when", async ({
    onTestFinished
  }) => {
    const { supervise, mosquitto, proxyTo, device } = open(onTestFinished)
    const queued = 10
    const broker = await mosquitto({ more: [`max_queued_messages ${queued}`, "sys_interval 1"] })
    const proxy = await proxyTo(broker.port)
    const link = await supervise(to(proxy.url))
    await online(link)
    const watching = await device(broker.url, { clientId: "watching" })
    let dropped = Number.NaN
    watching.on("message", (_, payload) => void (dropped = Number(payload.toString())))
    await watching.subscribeAsync("$SYS/broker/publish/messages/dropped")
    await until(async () => Number.isNaN(dropped), false)
    proxy.refuse(true)
    await until(link.state, "Offline")
    // What had come before may have been read a moment after the cut, but not after this.
    const away = Date.now()
    const before = dropped
    const button = await device(broker.url)
    for (let nth = 0; nth < 100; nth++) await press(button, `press ${nth}`)
    // It counts once a second: the gateway is to find all of it in one reading.
    await until(async () => dropped - before >= 100 - queued, true)
    proxy.refuse(false)
    await online(link)
    await until(async () => (await link.seen("Gap")).filter(({ cause }) => cause === "QueueDropped").length, 1)
    const [gap] = (await link.seen("Gap")).filter(({ cause }) => cause === "QueueDropped")
    // The broker counts what it threw away for whomever, so ours are among them; what it kept may still be on its way.
    await until(async () => 100 - (await link.presses()).length <= (gap?.count ?? 0), true)
    await until(async () => (gap?.count ?? Number.NaN) <= dropped - before, true)
    expect(gap?.from).toBeLessThanOrEqual(away)
    expect(gap?.to).toBeGreaterThan(away)
  })

  it.concurrent("that is slow, 4 kB a second, is not taken for dead", async ({ onTestFinished }) => {
    const { supervise, mosquitto, proxyTo, device } = open(onTestFinished)
    const broker = await mosquitto()
    const proxy = await proxyTo(broker.port)
    proxy.throttle(4000)
    const link = await supervise(to(proxy.url))
    await online(link)
    const button = await device(broker.url)
    await button.publishAsync("zigbee2mqtt/button", JSON.stringify({ action: "long", x: "x".repeat(45_000) }), {
      qos: 1
    })
    for (let nth = 0; nth < 20; nth++) await press(button, "short")
    await until(async () => (await link.presses()).length, 21)
    expect(await link.states()).toEqual(["Connecting", "Online"])
    expect(link.status().counts.duplicates).toBe(0)
  }, 60_000)

  it("that hands us 20,000 retained messages at once is taken for what it remembers", async ({ onTestFinished }) => {
    const { supervise, mosquitto, device } = open(onTestFinished)
    const broker = await mosquitto()
    const devices = Array.from({ length: 20_000 }, (_, nth) => deviceOf(`contact-${nth}`))
    const publisher = await device(broker.url)
    const publish = ({ address }: { readonly address: string }) =>
      publisher.publishAsync(`zigbee2mqtt/${address}`, '{"contact":false,"tamper":true}', { qos: 1, retain: true })
    for (let nth = 0; nth < devices.length; nth += 500) await Promise.all(devices.slice(nth, nth + 500).map(publish))
    const before = process.memoryUsage().heapUsed
    const link = await supervise(to(broker.url), devices)
    await until(() => link.counts()["mapped"], 20_000)
    await until(() => link.status().queued, 0)
    const readings = await link.seen("Reading")
    expect(readings).toHaveLength(40_000)
    expect(readings.every(({ origin }) => origin === "recovery")).toBe(true)
    expect(link.alerts()).toBe(0)
    expect(await link.states()).toEqual(["Connecting", "Online"])
    globalThis.gc?.()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(300 << 20)
  }, 120_000)

  it.concurrent("that keeps a message larger than we read loses that message alone, and the log says so", async ({
    onTestFinished
  }) => {
    const { supervise, mosquitto, device } = open(onTestFinished)
    const broker = await mosquitto()
    const publisher = await device(broker.url)
    const huge = JSON.stringify({ action: "huge", x: "x".repeat(2_000_000) })
    await publisher.publishAsync("zigbee2mqtt/button", huge, { qos: 1, retain: true })
    const link = await supervise(to(broker.url))
    await until(async () => (await link.seen("Unreadable")).length, 1)
    const [unread] = await link.seen("Unreadable")
    expect(unread?.why).toContain("expected at most")
    expect(unread?.raw.length).toBeLessThan(5000)
    await press(publisher, "after")
    await until(link.presses, ["after"])
    expect(await link.states()).toEqual(["Connecting", "Online"])
  })

  it.concurrent("that has a QoS 2 subscription of ours from before delivers it, once it is kept", async ({
    onTestFinished
  }) => {
    const { supervise, mosquitto, device } = open(onTestFinished)
    const broker = await mosquitto()
    const old = {
      clientId: "gatehouse",
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 600 }
    } as const
    const earlier = await mqttClient.connectAsync(broker.url, old)
    await earlier.subscribeAsync("zigbee2mqtt/#", { qos: 2 })
    await earlier.endAsync()
    const button = await device(broker.url)
    for (const action of ["one", "two", "three"]) {
      await button.publishAsync("zigbee2mqtt/button", JSON.stringify({ action }), { qos: 2 })
    }
    const link = await supervise(to(broker.url))
    await until(link.presses, ["one", "two", "three"])
    await press(button, "four")
    await until(link.presses, ["one", "two", "three", "four"])
    expect(await gapsOf(link)).toEqual([])
  })

  it.concurrent("with two gateways of one name goes on serving one of them, and neither melts down", async ({
    onTestFinished
  }) => {
    const { supervise, mosquitto, proxyTo, device } = open(onTestFinished)
    const broker = await mosquitto()
    const proxies = [await proxyTo(broker.port), await proxyTo(broker.port)] as const
    const one = await supervise(to(proxies[0].url))
    const two = await supervise(to(proxies[1].url))
    await new Promise((resolve) => setTimeout(resolve, 8000))
    expect(proxies[0].opened() + proxies[1].opened()).toBeLessThan(16)
    expect(two.head()).toBeLessThan(60)
    await one.stop()
    await online(two)
    await press(await device(broker.url), "for the one that is left")
    await until(two.presses, ["for the one that is left"])
  }, 60_000)
})
