import { describe, expect, test } from "vitest"
import { KeysUnusable, payloadMaxBytes, sealed, topicOf } from "../../gateway/notify/push/push-cipher.ts"

/** RFC 8291, section 5 and appendix A. */
const example = {
  plaintext: "When I grow up, I want to be a watermelon",
  privateKey: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  salt: "DGv6ra1nlYgDCS1FRnbzlw",
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
  body: "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
}

const chance = {
  privateKey: Buffer.from(example.privateKey, "base64url"),
  salt: Buffer.from(example.salt, "base64url")
}

describe("a message sealed for one browser", () => {
  test("is, to the last byte, the one of RFC 8291's appendix", () => {
    const body = sealed(example, Buffer.from(example.plaintext), chance)
    expect(body.toString("base64url")).toBe(example.body)
  })

  test("never grows beyond what a push service has to take", () => {
    expect(sealed(example, Buffer.alloc(payloadMaxBytes), chance)).toHaveLength(4096)
    expect(() => sealed(example, Buffer.alloc(payloadMaxBytes + 1), chance)).toThrow(RangeError)
  })

  test("is not made with keys that are none", () => {
    const text = Buffer.from("x")
    const offCurve = Buffer.alloc(65, 1)
    offCurve[0] = 4
    expect(() => sealed({ ...example, p256dh: "AAAA" }, text, chance)).toThrow(KeysUnusable)
    expect(() => sealed({ ...example, p256dh: offCurve.toString("base64url") }, text, chance)).toThrow(KeysUnusable)
    expect(() => sealed({ ...example, auth: "AAAA" }, text, chance)).toThrow(KeysUnusable)
  })
})

test("the topic of an alert is its id, and of anything else what a push service can take", () => {
  expect(topicOf("A-4821")).toBe("A-4821")
  expect(topicOf("A-4821.2")).toMatch(/^[\w-]{32}$/)
  expect(topicOf("A-4821.2")).not.toBe(topicOf("A-4821.3"))
})
