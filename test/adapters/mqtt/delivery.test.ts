import { createHash } from "node:crypto"
import { createRequire } from "node:module"
import fc from "fast-check"
import { writeToStream } from "mqtt-packet"
import { describe, expect, it } from "vitest"
import { digestOf } from "../../../adapters/mqtt/delivery.ts"
import "../../../adapters/mqtt/mqtt.ts"

/** Short ones, and such as stand at the edge of what is put together in one place. */
const topics = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.integer({ min: 1300, max: 1400 }).map((length) => "鍵".repeat(length)),
  fc.integer({ min: 4000, max: 4100 }).map((length) => "t".repeat(length))
)
const payloads = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.integer({ min: 3900, max: 4200 }).map((length) => new Uint8Array(length).fill(7))
)

describe("what tells a message that a broker passes on from another", () => {
  it("is SHA-1 of its topic, a zero and its payload, of one message after another", () => {
    const told = fc.property(fc.array(fc.tuple(topics, payloads), { maxLength: 5 }), (messages) => {
      for (const [topic, bytes] of messages) {
        const payload = Buffer.from(bytes)
        const hash = createHash("sha1").update(topic).update("\0").update(payload)
        expect(digestOf({ topic, payload })).toBe(hash.digest("base64"))
      }
    })
    fc.assert(told, { numRuns: 500 })
  })
})

describe("the library that writes packets", () => {
  it("is one for mqtt.js, aedes and us, and makes no buffer of every number", () => {
    const ours = createRequire(import.meta.url)
    const files = ["mqtt", "aedes"].map((library) => createRequire(ours.resolve(library)).resolve("mqtt-packet"))
    expect(files).toEqual([ours.resolve("mqtt-packet"), ours.resolve("mqtt-packet")])
    expect(writeToStream.cacheNumbers).toBe(false)
  })
})
