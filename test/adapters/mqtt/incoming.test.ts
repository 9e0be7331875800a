import { PassThrough, Writable } from "node:stream"
import { describe, expect, it } from "vitest"
import { brokerPacketMaxBytes, Incoming } from "../../../adapters/mqtt/incoming.ts"
import { type Publish, readPublish } from "../../../adapters/mqtt/publish-packet.ts"
import { packetsOf } from "../../road/fake-broker.ts"
import { chances } from "./fuzz-bytes.ts"

const { connack, publish, pubrel, pingresp } = packetsOf(5)

/** A reader with a broker to speak for: what it hears, in order, and how long mqtt.js takes for each of its own packets. */
const reader = (turnsOfOthers = 0) => {
  const heard: Array<string> = []
  let full = false
  const broker = new PassThrough()
  const others = new Writable({
    write: (bytes: Buffer, _, done) => {
      const read = (turns: number): void => {
        if (turns > 0) return void setImmediate(() => read(turns - 1))
        heard.push(bytes.toString("hex"))
        done()
      }
      read(turnsOfOthers)
    }
  })
  const incoming = new Incoming(broker, others, {
    version: 5,
    message: ({ topic, payload, messageId }: Publish) => void heard.push(`${topic} ${messageId} ${payload.toString()}`),
    released: (messageId) => void heard.push(`release ${messageId}`),
    isFull: () => full,
    broken: (problem) => void heard.push(`broken: ${problem}`)
  })
  return {
    heard,
    broker,
    fill: () => void (full = true),
    drain: () => {
      full = false
      incoming.goOn()
    },
    stop: () => incoming.stop()
  }
}

const aThousand = Array.from({ length: 1000 }, (_, nth) => publish({ topic: "a", payload: "x", messageId: nth + 1 }))

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

describe("what a broker sends", () => {
  it("is heard in its order, whatever pieces it comes in and however long mqtt.js takes for what is not ours", async () => {
    const by = chances(7)
    const said: Array<Buffer> = [connack()]
    const expected = [hex(connack())]
    for (let nth = 1; nth <= 400; nth++) {
      const kind = by.below(10)
      const payload = "x".repeat(by.below(by.one([3, 200, 20_000])))
      const one =
        kind === 0 ? pingresp() : kind === 1 ? pubrel(nth) : publish({ topic: `a/${nth}`, payload, messageId: nth })
      said.push(one)
      expected.push(kind === 0 ? hex(one) : kind === 1 ? `release ${nth}` : `a/${nth} ${nth} ${payload}`)
    }
    const bytes = Buffer.concat(said)
    const { heard, broker } = reader(2)
    for (let at = 0; at < bytes.length;) {
      const size = 1 + by.below(by.one([2, 60, 70_000]))
      broker.write(bytes.subarray(at, at + size))
      at += size
      if (by.below(3) === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(() => heard.length).toBe(expected.length)
    expect(heard).toEqual(expected)
  })

  it("lets others have their turn in the midst of many messages, and loses nothing by it", async () => {
    const { heard, broker } = reader()
    const counts: Array<number> = []
    broker.write(connack())
    await expect.poll(() => heard.length).toBe(1)
    broker.write(Buffer.concat(aThousand))
    while (counts.at(-1) !== 1001) {
      await new Promise((resolve) => setImmediate(resolve))
      counts.push(heard.length)
    }
    const most = Math.max(...counts.map((count, nth) => count - (counts[nth - 1] ?? 1)))
    expect(most).toBeLessThanOrEqual(200)
    expect(heard.slice(1)).toEqual(aThousand.map((_, nth) => `a ${nth + 1} x`))
  })

  it("is heard as far as it had come when the connection closes, before anybody is told so", async () => {
    const { heard, broker } = reader()
    broker.write(connack())
    await expect.poll(() => heard.length).toBe(1)
    const closed = new Promise<number>((resolve) => broker.once("close", () => resolve(heard.length)))
    broker.write(Buffer.concat(aThousand))
    await expect.poll(() => heard.length).toBeGreaterThan(1)
    broker.destroy()
    expect(await closed).toBe(1001)
  })

  it("is not heard any more once the link is over", async () => {
    const { heard, broker, stop } = reader()
    broker.write(connack())
    await expect.poll(() => heard.length).toBe(1)
    broker.write(Buffer.concat(aThousand))
    await new Promise((resolve) => setImmediate(resolve))
    stop()
    const then = heard.length
    expect(then).toBeLessThan(1001)
    broker.destroy()
    await new Promise((resolve) => broker.once("close", resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toHaveLength(then)
  })

  it("waits while there is no room for messages, and loses nothing by it", async () => {
    const { heard, broker, fill, drain } = reader()
    broker.write(connack())
    await expect.poll(() => heard.length).toBe(1)
    fill()
    for (let nth = 1; nth <= 20; nth++) broker.write(publish({ topic: "a", payload: `${nth}`, messageId: nth }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(heard).toHaveLength(1)
    drain()
    await expect.poll(() => heard.length).toBe(21)
    expect(heard.at(-1)).toBe("a 20 20")
  })

  it.each([
    ["that speaks before it has accepted us", publish({ topic: "a", payload: "b" }), "accepted"],
    ["whose packet has a length without end", Buffer.from([0x32, 0xff, 0xff, 0xff, 0xff, 1]), "malformed"],
    ["whose packet is too large", Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]), `${brokerPacketMaxBytes}`],
    ["that releases nothing", Buffer.from([0x62, 1, 0]), "cut off"],
    ["whose message is cut off", Buffer.from([0x32, 3, 0, 5, 0x61]), "cut off"]
  ])("of one %s is told once, and nothing more is read", async (_, bytes, problem) => {
    const { heard, broker } = reader()
    if (problem !== "accepted") broker.write(connack())
    broker.write(Buffer.concat([bytes, pingresp(), publish({ topic: "late", payload: "" })]))
    await expect.poll(() => heard.at(-1)).toContain(problem)
    broker.write(pingresp())
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(heard.filter((one) => one.startsWith("broken")).length).toBe(1)
    expect(heard.at(-1)).toContain(problem)
  })
})

describe("a message of MQTT 5", () => {
  const bodyOf = (properties: ReadonlyArray<number>): Buffer =>
    publish({ topic: "a", payload: "b", properties: Uint8Array.from(properties) }).subarray(2)
  const read = (properties: ReadonlyArray<number>) => readPublish(2, bodyOf(properties), 5)

  it.each([
    ["none", []],
    ["a payload format", [0x01, 1]],
    ["an expiry", [0x02, 0, 0, 0, 9]],
    ["a content type", [0x03, 0, 2, 0x6a, 0x73]],
    ["a response topic", [0x08, 0, 1, 0x61]],
    ["correlation data", [0x09, 0, 0]],
    ["a subscription identifier", [0x0b, 0x80, 0x01]],
    ["user properties", [0x26, 0, 1, 0x61, 0, 1, 0x62, 0x26, 0, 0, 0, 0]]
  ])("is read past its properties: %s", (_, properties) => {
    expect(read(properties)).toMatchObject({ topic: "a", messageId: 1, payload: Buffer.from("b") })
  })

  it.each([
    ["a topic alias", [0x23, 0, 1], "alias"],
    ["a property that no message has", [0x11, 0, 0, 0, 1], "malformed"],
    ["a text longer than all properties", [0x03, 0, 200], "malformed"],
    ["half a user property", [0x26, 0, 1, 0x61], "malformed"],
    ["a number without end", [0x0b, 0x80, 0x80, 0x80, 0x80], "malformed"]
  ])("with %s is refused", (_, properties, problem) => {
    expect(read(properties)).toContain(problem)
  })

  it("is refused when its properties reach past its end", () => {
    expect(readPublish(2, Buffer.from([0, 1, 0x61, 0, 1, 9, 1]), 5)).toContain("malformed")
    expect(readPublish(2, Buffer.from([0, 1, 0x61, 0, 1]), 5)).toContain("cut off")
  })

  it("never throws, whatever its bytes are", () => {
    const by = chances(11)
    const readAny = (): unknown => readPublish(by.below(16), by.bytes(by.below(24)), by.one([4, 5]))
    const read = Array.from({ length: 20_000 }, readAny)
    expect(new Set(read.map((one) => typeof one))).toEqual(new Set(["string", "object"]))
  })
})
