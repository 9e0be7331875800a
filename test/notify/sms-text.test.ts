import { describe, expect, test } from "vitest"
import { smsSize, smsText, telephoneNumber } from "../../gateway/notify/sms/sms-text.ts"

describe("a text message", () => {
  test.each([
    ["a".repeat(160), "GSM-7", 1],
    ["a".repeat(161), "GSM-7", 2],
    ["a".repeat(306), "GSM-7", 2],
    ["a".repeat(307), "GSM-7", 3],
    ["€".repeat(80), "GSM-7", 1],
    ["€".repeat(81), "GSM-7", 2],
    ["я".repeat(70), "UCS-2", 1],
    ["я".repeat(71), "UCS-2", 2],
    ["я".repeat(134), "UCS-2", 2],
    ["😀".repeat(35), "UCS-2", 1],
    ["😀".repeat(36), "UCS-2", 2]
  ] as const)("of %s takes its alphabet and its parts", (text, alphabet, parts) => {
    expect(smsSize(text)).toEqual({ alphabet, parts })
  })

  test("never tears one sign in two: an emoji that does not fit goes into the next part", () => {
    // 66 units, then one of two: the part of 67 is full before it.
    expect(smsSize(`${"я".repeat(66)}😀${"я".repeat(65)}`)).toEqual({ alphabet: "UCS-2", parts: 2 })
    expect(smsSize(`${"я".repeat(66)}😀${"я".repeat(66)}`)).toEqual({ alphabet: "UCS-2", parts: 3 })
  })

  test("is spared from UCS-2 where only its typography asks for it", () => {
    const text = smsText({ head: "A-4821", body: "Science Hall · East exit – “forced” at 12:00…", tail: "" }, 2)
    expect(text).toBe('A-4821 Science Hall - East exit - "forced" at 12:00...')
    expect(smsSize(text).alphabet).toBe("GSM-7")
  })

  test("is cut in its middle, so that its id and the way to answer stay", () => {
    const tail = "Reply 4821 K7QX to acknowledge"
    const text = smsText({ head: "A-4821 (repeat)", body: "word ".repeat(200), tail }, 2)
    expect(smsSize(text)).toEqual({ alphabet: "GSM-7", parts: 2 })
    expect(text.startsWith("A-4821 (repeat) word")).toBe(true)
    expect(text.endsWith(`... ${tail}`)).toBe(true)
    expect(text.length).toBeGreaterThan(295)
  })

  test("carries no line of its own making", () => {
    expect(smsText({ head: "A-1", body: "a\r\n\r\nTo: 1\u0000b", tail: "" }, 1)).toBe("A-1 a\nTo: 1 b")
  })
})

test.each([
  ["+1 555 010 0100", "+15550100100"],
  ["+49 (30) 1234-5678", "+493012345678"],
  ["0049 30 12345678", "+493012345678"],
  ["555 0100", undefined],
  ["+1", undefined],
  ["+1555010010\nTo: 2", undefined]
])("%s is the telephone number %s", (written, number) => {
  expect(telephoneNumber(written)).toBe(number)
})
