import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  canonicalTopic,
  fitTopic,
  parsePattern,
  type TopicPattern,
  vendorPrefix
} from "../../../adapters/onvif/messages/topic.ts"

const prefixes: ReadonlyMap<string, string> = new Map([
  ["tns1", "http://www.onvif.org/ver10/topics"],
  ["ns9", "http://www.onvif.org/ver10/topics/"],
  ["tnsaxis", "http://www.axis.com/2009/event/topics"],
  ["a", "http://www.axis.com/2009/event/topics"],
  ["tnssamsung", "http://www.samsungcctv.com/2011/event/topics"],
  ["tnsx", "https://www.example-cameras.co.kr/events"]
])

const canonical = (text: string) => canonicalTopic(text, prefixes)

describe("a topic, however a device spells it", () => {
  test.each([
    ["as the standard does", "tns1:RuleEngine/CellMotionDetector/Motion", "RuleEngine/CellMotionDetector/Motion"],
    ["on a line of its own", "\n      tns1:VideoSource/MotionAlarm\n    ", "VideoSource/MotionAlarm"],
    ["with another prefix", "ns9:VideoSource/MotionAlarm", "VideoSource/MotionAlarm"],
    ["as a filter for all below it", "tns1:Device/Trigger//.", "Device/Trigger"],
    ["as a filter for itself", "tns1:Device/Trigger/Relay/.", "Device/Trigger/Relay"],
    ["with a slash too many", "tns1:Device/Trigger/Relay/", "Device/Trigger/Relay"],
    ["with a prefix at every name", "tns1:Device/tns1:Trigger/tns1:Relay", "Device/Trigger/Relay"],
    [
      "with a vendor's name at the end",
      "tns1:Device/tns1:Trigger/tnssamsung:DigitalInput",
      "Device/Trigger/tnssamsung:DigitalInput"
    ],
    ["with a vendor's branch", "tns1:Device/tnsaxis:IO/Port", "Device/tnsaxis:IO/Port"],
    ["with the vendor's prefix at each of its names", "tns1:Device/a:IO/a:Port", "Device/tnsaxis:IO/Port"],
    [
      "of a vendor alone",
      "tnsaxis:CameraApplicationPlatform/VMD/Camera1ProfileANY",
      "tnsaxis:CameraApplicationPlatform/VMD/Camera1ProfileANY"
    ],
    ["of a vendor nobody knows", "tns1:RuleEngine/tnsx:Fence", "RuleEngine/tnsexamplecameras:Fence"]
  ])("%s", (_, written, text) => {
    expect(canonical(written)).toEqual({ text, lenient: false })
  })

  test.each([
    ["no prefix at all", "VideoSource/MotionAlarm", "VideoSource/MotionAlarm"],
    ["several topics", "tns1:VideoSource/MotionAlarm|tns1:Device/Trigger", "VideoSource/MotionAlarm"],
    ["one topic behind another", "tns1:VideoSource/tns1:Device/Trigger/DigitalInput", "Device/Trigger/DigitalInput"],
    ["a prefix that nobody declared", "tns1:RuleEngine/tnsacme:Fence", "RuleEngine/tnsacme:Fence"]
  ])("is read all the same, and marked, with %s", (_, written, text) => {
    expect(canonical(written)).toEqual({ text, lenient: true })
  })

  test("has its well-known prefix believed where the document forgot to declare it", () => {
    expect(canonicalTopic("tns1:VideoSource/MotionAlarm", new Map())).toEqual({
      text: "VideoSource/MotionAlarm",
      lenient: true
    })
  })

  test("means what the document declares, whatever the prefix usually means", () => {
    const declared = new Map([["tns1", "http://www.axis.com/2009/event/topics"]])
    expect(canonicalTopic("tns1:Storage/Alert", declared)?.text).toBe("tnsaxis:Storage/Alert")
  })

  test.each(["", "   ", "/", "//.", "tns1:", `tns1:${"a".repeat(600)}`, Array(20).fill("x").join("/")])(
    "is none: %j",
    (text) => {
      expect(canonical(text)).toBeUndefined()
    }
  )

  test("is never thrown at, and is the same when it is read again", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        const once = canonical(text)
        if (once === undefined || once.text.includes(":")) return
        expect(canonical(`tns1:${once.text}`)?.text).toBe(once.text)
      })
    )
  })
})

describe("a vendor's prefix", () => {
  test.each([
    ["http://www.hikvision.com/2011/event/topics", "tnshik"],
    ["http://www.avigilon.com/onvif/ver10/topics", "tnsavg"],
    ["http://www.boschsecurity.com/onvif/topics", "tnsboschsecurity"],
    ["http://ajax.systems/onvif", "tnsajax"],
    ["urn:acme:events", "tnsevents"]
  ])("comes from its namespace: %s", (namespace, prefix) => {
    expect(vendorPrefix(namespace)).toBe(prefix)
  })

  test("cannot be made of nothing", () => {
    expect(vendorPrefix("topics")).toBeUndefined()
  })
})

const pattern = (text: string): TopicPattern => {
  const parsed = parsePattern(text)
  if (typeof parsed === "string") throw new Error(parsed)
  return parsed
}

const fit = (text: string, topic: string) => fitTopic(pattern(text), topic.split("/"))

describe("a profile's topic", () => {
  test("fits itself and what is below it", () => {
    expect(fit("Device/Trigger", "Device/Trigger")).toEqual({ length: 2, exact: 2, rest: "" })
    expect(fit("Device/Trigger", "Device/Trigger/Relay/Rear")).toEqual({ length: 2, exact: 2, rest: "Relay/Rear" })
    expect(fit("Device/Trigger/Relay", "Device/Trigger")).toBeUndefined()
    expect(fit("Device/Trigger", "Device/TriggerHappy")).toBeUndefined()
  })

  test("fits a vendor's name of the same spelling, and less well", () => {
    expect(fit("Device/Trigger/DigitalInput", "Device/Trigger/tnssamsung:DigitalInput")).toMatchObject({
      length: 3,
      exact: 2
    })
    expect(fit("Device/Trigger/tnssamsung:DigitalInput", "Device/Trigger/tnssamsung:DigitalInput")).toMatchObject({
      exact: 3
    })
  })

  test("does not take a vendor's own topics for the standard's, nor the standard's for a vendor's", () => {
    expect(fit("Storage/Alert", "tnsaxis:Storage/Alert")).toBeUndefined()
    expect(fit("Device/tnsaxis:IO", "Device/IO")).toBeUndefined()
  })

  test.each([
    ["tns1:Device/Trigger", "leave tns1 out"],
    ["Device//Trigger", "is no topic"],
    ["Device/Trig ger", "is no topic"],
    ["a|b", "is no topic"],
    ["", "is no topic"]
  ])("is refused in words: %j", (text, words) => {
    expect(parsePattern(text)).toContain(words)
  })
})
