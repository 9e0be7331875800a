import { once } from "node:events"
import { connect, type Socket } from "node:net"
import mqttClient, { type MqttClient } from "mqtt"
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { adapters } from "../../../adapters/adapters.ts"
import { NotKept } from "../../../adapters/adapter.ts"
import { packetsOf, types } from "../../road/fake-broker.ts"
import { freePort } from "../../road/peers.ts"
import { startLink } from "../start-link.ts"
import { chances } from "./fuzz-bytes.ts"
import { button, profilesDirectory } from "./peers.ts"

const mqtt = adapters["mqtt"]!
const { publish, pubrel } = packetsOf(4)

let port: number
let link: ReturnType<typeof startLink>

beforeEach(async () => {
  port = await freePort()
  link = startLink(mqtt, { settings: { broker: "embedded", port }, devices: [button], profilesDirectory })
  await link.online()
})
afterEach(() => link.stop())

const client = async (options: mqttClient.IClientOptions = {}): Promise<MqttClient> => {
  const connected = await mqttClient.connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options
  })
  connected.on("error", () => {})
  onTestFinished(() => void connected.end(true))
  return connected
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

const packet = (first: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first, body.length]), body])
}

/** MQTT 3.1.1, 3.1: a clean session. */
const hello = (id: string, keepaliveSeconds = 0): Buffer =>
  packet(types.connect << 4, text("MQTT"), Buffer.from([4, 0x02, 0, keepaliveSeconds]), text(id))

const subscribe = (filter: string): Buffer =>
  packet((types.subscribe << 4) | 2, Buffer.from([0, 1]), text(filter), Buffer.from([1]))

const pingreq = Buffer.from([types.pingreq << 4, 0])
const pingresp = "d000"
const connack = "20020000"

const press = (nth: number, more: object = {}): Buffer =>
  publish({ topic: "zigbee2mqtt/button", payload: `{"action":"press ${nth}"}`, messageId: nth, ...more })

/** A device that speaks in bytes: `said` is what the broker has answered, each piece as it came, in hexadecimal. */
const rawDevice = async () => {
  const socket = connect(port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  const said: Array<string> = []
  socket.on("error", () => {})
  socket.on("data", (bytes: Buffer) => said.push(bytes.toString("hex")))
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
  await once(socket, "connect")
  return { socket, said, closed, all: () => said.join("") }
}

const letIn = async (id = "raw", keepaliveSeconds = 0) => {
  const device = await rawDevice()
  device.socket.write(hello(id, keepaliveSeconds))
  await expect.poll(device.all).toBe(connack)
  device.said.length = 0
  return device
}

const words = ({ report }: Awaited<ReturnType<typeof link.told.next>>): string =>
  report.observations.map((one) => JSON.stringify(one)).join()

const answered = (...ids: ReadonlyArray<number>): string =>
  ids.map((id) => `4002${id.toString(16).padStart(4, "0")}`).join("")

/** Sends it in pieces of any size, as TCP may. */
const inPieces = async (socket: Socket, bytes: Buffer, seed: number): Promise<void> => {
  const by = chances(seed)
  for (let at = 0; at < bytes.length;) {
    const size = 1 + by.below(by.one([3, 40, 2000]))
    socket.write(bytes.subarray(at, at + size))
    at += size
    if (by.below(3) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

describe("a device's messages", () => {
  it("are answered in their order, those of one commit in one piece", async () => {
    const { socket, said, all } = await letIn()
    socket.write(Buffer.concat([press(1), press(2), publish({ topic: "nobody/reads", payload: "", messageId: 3 })]))
    const [first, second] = [await link.told.next(), await link.told.next()]
    second.settled()
    socket.write(pingreq)
    // The ping has been answered after everything that is answered yet.
    await expect.poll(all).toBe(pingresp)
    first.settled()
    await expect.poll(all).toBe(pingresp + answered(1, 2, 3))
    expect(said).toHaveLength(2)
  })

  it("are heard once each and in their order, whatever pieces they come in and whatever comes between", async () => {
    const { socket, all } = await letIn()
    const ids = Array.from({ length: 300 }, (_, nth) => nth + 1)
    const isOfQos2 = (nth: number): boolean => nth % 30 === 0
    const saying = (nth: number): ReadonlyArray<Buffer> =>
      isOfQos2(nth) ? [press(nth, { qos: 2 }), pingreq, pubrel(nth)] : [press(nth)]
    void inPieces(socket, Buffer.concat(ids.flatMap(saying)), 3)
    for (const nth of ids) {
      const told = await link.told.next()
      expect(words(told)).toContain(`press ${nth}"`)
      told.settled()
    }
    const count = (answer: RegExp): number => all().match(answer)?.length ?? 0
    await expect.poll(() => [count(/d000/g), count(/5002/g), count(/7002/g)]).toEqual([10, 10, 10])
    const pubacks = (): ReadonlyArray<string> => all().match(/4002[0-9a-f]{4}/g) ?? []
    await expect.poll(() => pubacks().length).toBe(290)
    expect(pubacks()).toEqual(ids.filter((nth) => !isOfQos2(nth)).map((nth) => answered(nth)))
  })

  it("that come before it was let in are heard as soon as it is, as many as they are", async () => {
    const { socket, all } = await rawDevice()
    const ids = Array.from({ length: 100 }, (_, nth) => nth + 1)
    socket.write(Buffer.concat([hello("hasty"), ...ids.map((nth) => press(nth))]))
    for (const nth of ids) {
      const told = await link.told.next()
      expect(words(told)).toContain(`press ${nth}`)
      told.settled()
    }
    await expect.poll(all).toBe(connack + answered(...ids))
  })

  it("that it sends and does not wait for are kept, though it has gone", async () => {
    const { socket } = await rawDevice()
    socket.end(Buffer.concat([hello("brief"), press(1, { qos: 0 }), press(2), Buffer.from([types.disconnect << 4, 0])]))
    expect(words(await link.told.next())).toContain("press 1")
    expect(words(await link.told.next())).toContain("press 2")
  })

  it("of QoS 2 are answered when they are kept", async () => {
    const device = await client()
    let sent = false
    const sending = device
      .publishAsync("zigbee2mqtt/button", '{"action":"double"}', { qos: 2 })
      .then(() => void (sent = true))
    const told = await link.told.next()
    expect(sent).toBe(false)
    told.settled()
    await sending
  })

  it("end with the one that the store refuses: none after it is answered", async () => {
    const { socket, closed, all } = await letIn()
    socket.write(Buffer.concat([press(1), press(2), press(3)]))
    const [first, second, third] = [await link.told.next(), await link.told.next(), await link.told.next()]
    first.settled()
    await expect.poll(all).toBe(answered(1))
    second.settled(new NotKept({ reason: "disk full" }))
    third.settled()
    await closed
    expect(all()).toBe(answered(1))
  })

  it("that are still to be kept when another connects by its name are answered to neither", async () => {
    const first = await letIn("same")
    first.socket.write(press(1))
    const told = await link.told.next()
    const second = await letIn("same")
    await first.closed
    told.settled()
    second.socket.write(pingreq)
    await expect.poll(second.all).toBe(pingresp)
    expect(first.all()).toBe("")
  })

  it("that are still to be kept when the broker ends leave nothing behind", async () => {
    const { socket, closed, all } = await letIn()
    socket.write(press(1))
    const told = await link.told.next()
    await link.stop()
    await closed
    told.settled()
    await new Promise((resolve) => setImmediate(resolve))
    expect(all()).toBe("")
  })

  it("are read no further while 500 of them wait, and then all are, though it has hung up meanwhile", async () => {
    const { socket } = await letIn()
    const ids = Array.from({ length: 3000 }, (_, nth) => nth + 1)
    socket.end(Buffer.concat(ids.map((nth) => press(nth))))
    const first = []
    for (let nth = 0; nth < 500; nth++) first.push(await link.told.next())
    await letIn("another")
    expect(link.counts["mapped"]).toBe(500)
    for (const { settled } of first) settled()
    for (const nth of ids.slice(500)) {
      const told = await link.told.next()
      expect(words(told)).toContain(`press ${nth}"`)
      told.settled()
    }
  })

  it("are read no further while 256 kB of them wait, and then all are", async () => {
    const { socket, all } = await letIn()
    const ids = Array.from({ length: 12 }, (_, nth) => nth + 1)
    const x = "x".repeat(200_000)
    const large = (nth: number) =>
      publish({ topic: "zigbee2mqtt/button", payload: JSON.stringify({ action: `press ${nth}`, x }), messageId: nth })
    socket.write(Buffer.concat(ids.map(large)))
    const first = [await link.told.next(), await link.told.next()]
    const third = link.told.next()
    const none = Symbol("none")
    expect(await Promise.race([third, new Promise((resolve) => setTimeout(resolve, 100, none))])).toBe(none)
    for (const { settled } of first) settled()
    ;(await third).settled()
    for (const _ of ids.slice(3)) (await link.told.next()).settled()
    await expect.poll(all).toBe(answered(...ids))
  })

  it("cut it where one is under a name that nobody may use: what came before is kept, what follows is not heard", async () => {
    const { socket, closed, all } = await letIn("spoof")
    socket.write(Buffer.concat([press(1), publish({ topic: "$SYS/broker/uptime", payload: "1" }), press(2)]))
    expect(await link.refused()).toContain("spoof at 127.0.0.1 published to $SYS/broker/uptime")
    const told = await link.told.next()
    expect(words(told)).toContain("press 1")
    await closed
    told.settled()
    await letIn("next")
    expect(all()).toBe("")
    expect(link.counts["mapped"]).toBe(1)
  })

  it.each([
    ["without a topic", publish({ topic: "", payload: "x" })],
    ["for every topic", publish({ topic: "a/#", payload: "x" })],
    ["for any topic", publish({ topic: "a/+", payload: "x" })],
    ["of a hundred and one levels", publish({ topic: "a/".repeat(100), payload: "x" })],
    ["cut off", Buffer.from([0x32, 3, 0, 5, 0x61])],
    ["of QoS 3", publish({ topic: "a", payload: "x", qos: 3 as 2 })]
  ])("cut it where one is %s, and nobody else", async (_, bytes) => {
    const other = await client()
    const { socket, closed, all } = await letIn()
    socket.write(Buffer.concat([bytes, press(2)]))
    await closed
    expect(all()).toBe("")
    await other.publishAsync("somewhere/else", "x", { qos: 1 })
    expect(link.counts["mapped"]).toBeUndefined()
  })

  it("cut it where one comes before it has said who it is", async () => {
    const { socket, closed } = await rawDevice()
    socket.write(press(1))
    await closed
    expect(link.counts["mapped"]).toBeUndefined()
  })
})

describe("a device's messages, and who listens for them", () => {
  /** What a client has heard, in words; each piece waited for. */
  const listening = (to: MqttClient) => {
    const heard: Array<string> = []
    to.on("message", (topic, payload, { qos, retain, dup }) =>
      heard.push(`${topic} ${payload.toString()} qos ${qos}${retain ? " retained" : ""}${dup ? " again" : ""}`)
    )
    return heard
  }

  it("reach them at the QoS that they asked for, and not before they are kept", async () => {
    const [low, high, device] = [await client(), await client(), await client()]
    const heard = [listening(low), listening(high)]
    await low.subscribeAsync("zigbee2mqtt/#", { qos: 0 })
    await high.subscribeAsync("zigbee2mqtt/+", { qos: 2 })
    const sent = device.publishAsync("zigbee2mqtt/button", '{"action":"a"}', { qos: 1 })
    const told = await link.told.next()
    await low.publishAsync("zigbee2mqtt", "others go on", { qos: 1 })
    await expect.poll(() => heard[0]).toEqual(["zigbee2mqtt others go on qos 0"])
    told.settled()
    await sent
    await expect.poll(() => heard[0]?.at(-1)).toBe('zigbee2mqtt/button {"action":"a"} qos 0')
    await expect.poll(() => heard[1]).toEqual(['zigbee2mqtt/button {"action":"a"} qos 1'])
  })

  it("reach the device itself where it asks for them, in the same breath too", async () => {
    const { socket, all } = await letIn()
    const message = publish({ topic: "to/myself", payload: "x", qos: 0 })
    socket.write(Buffer.concat([subscribe("to/myself"), message]))
    await expect.poll(all).toBe(`9003000101${message.toString("hex")}`)
  })

  it("are kept by the broker for later ones where they are to be, the last of each topic", async () => {
    const device = await client()
    for (const state of ["old", "new"]) await device.publishAsync("a/state", state, { qos: 1, retain: true })
    await device.publishAsync("a/other", "x", { qos: 0, retain: true })
    await device.publishAsync("a/gone", "x", { qos: 1, retain: true })
    await device.publishAsync("a/gone", "", { qos: 1, retain: true })
    const later = await client()
    const heard = listening(later)
    await later.subscribeAsync("a/#", { qos: 1 })
    await expect.poll(() => heard.toSorted()).toEqual(["a/other x qos 0 retained", "a/state new qos 1 retained"])
  })

  it("wait for one who is away and comes back", async () => {
    const options = { clientId: "comes back", clean: false }
    const first = await client(options)
    await first.subscribeAsync("a/#", { qos: 1 })
    await first.endAsync()
    const device = await client()
    await device.publishAsync("a/state", "meanwhile", { qos: 1 })
    const heard = new Promise<string>((resolve) => {
      const again = mqttClient.connect(`mqtt://127.0.0.1:${port}`, { ...options, protocolVersion: 4 })
      onTestFinished(() => void again.end(true))
      again.on("message", (_, payload) => resolve(payload.toString()))
    })
    expect(await heard).toBe("meanwhile")
  })

  it("reach them though the device has gone meanwhile, and one that was sent again does not say so", async () => {
    const listener = await client()
    const heard = listening(listener)
    await listener.subscribeAsync("zigbee2mqtt/#", { qos: 1 })
    const { socket, closed } = await letIn()
    socket.write(press(1, { dup: true }))
    const told = await link.told.next()
    expect(told.report.delivery?.redelivered).toBe(true)
    socket.destroy()
    await closed
    told.settled()
    await expect.poll(() => heard).toEqual(['zigbee2mqtt/button {"action":"press 1"} qos 1'])
  })

  it("are read no further while one who listens does not read, until it is gone", async () => {
    const deaf = await letIn("deaf")
    deaf.socket.write(subscribe("a/#"))
    await expect.poll(deaf.all).toBe("9003000101")
    deaf.socket.pause()
    const device = await client()
    const payload = Buffer.alloc(200_000)
    const count = 200
    for (let nth = 0; nth < count; nth++) device.publish("a/b", payload, { qos: 0 })
    const heard = (): number => link.counts["unknown-topic"] ?? 0
    let before = -1
    while (heard() !== before) {
      before = heard()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(heard()).toBeLessThan(count)
    deaf.socket.destroy()
    await expect.poll(heard).toBe(count)
  })
})

describe("a device with a keepalive", () => {
  it("that only publishes is not cut, one that falls silent is", async () => {
    const { socket, closed } = await letIn("talker", 1)
    let open = true
    void closed.then(() => (open = false))
    for (let nth = 0; nth < 10; nth++) {
      socket.write(publish({ topic: "somewhere/else", payload: "x", qos: 0 }))
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(open).toBe(true)
    await closed
    expect(link.counts["unknown-topic"]).toBe(10)
  })
})
