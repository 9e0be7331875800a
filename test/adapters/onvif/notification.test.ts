import { describe, expect, test } from "vitest"
import type { Notification } from "../../../adapters/onvif/messages/notification.ts"
import { readNotifications } from "../../../adapters/onvif/messages/notification-read.ts"
import { parseXml } from "../../../adapters/onvif/wire/xml.ts"

const namespaces = [
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope"',
  'xmlns:tev="http://www.onvif.org/ver10/events/wsdl"',
  'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"',
  'xmlns:tt="http://www.onvif.org/ver10/schema"',
  'xmlns:tns1="http://www.onvif.org/ver10/topics"',
  'xmlns:tnsaxis="http://www.axis.com/2009/event/topics"'
].join(" ")

const read = (inside: string) =>
  readNotifications(
    parseXml(Buffer.from(`<tev:PullMessagesResponse ${namespaces}>${inside}</tev:PullMessagesResponse>`))
  )

const holder = (topic: string, message: string): string =>
  `<wsnt:NotificationMessage><wsnt:Topic>${topic}</wsnt:Topic>${message}</wsnt:NotificationMessage>`

const inner = (attributes: string, items: string): string =>
  `<wsnt:Message><tt:Message ${attributes}>${items}</tt:Message></wsnt:Message>`

const item = (name: string, value: string): string => `<tt:SimpleItem Name="${name}" Value="${value}"/>`

const group = (name: string, ...items: ReadonlyArray<string>): string => `<tt:${name}>${items.join("")}</tt:${name}>`

/** The one message that is in it. */
const only = (topic: string, message: string): Notification => {
  const { notifications, faults } = read(holder(topic, message))
  expect(faults).toEqual([])
  expect(notifications).toHaveLength(1)
  return notifications[0]!
}

describe("a message", () => {
  test("of a rule called R&D is read, and says that something was guessed", () => {
    const source = group("Source", item("Rule", "R&D"))
    const message = inner('UtcTime="2026-01-15T12:00:00Z"', source + group("Data", item("State", "true")))
    expect(only("tns1:VideoSource/MotionAlarm", message)).toMatchObject({ lenient: true, source: { Rule: "R&D" } })
  })

  test("is read with its topic, its time, what it does, and its items by name", () => {
    const notification = only(
      "tns1:RuleEngine/FieldDetector/ObjectsInside",
      inner(
        'UtcTime="2026-01-15T12:00:00Z" PropertyOperation="Changed"',
        group("Source", item("VideoSource", "1"), item("Rule", " Gate ")) +
          group("Key", item("ObjectId", "007")) +
          group("Data", item("IsInside", "true"))
      )
    )
    expect(notification).toMatchObject({
      topic: "RuleEngine/FieldDetector/ObjectsInside",
      lenient: false,
      operation: "Changed",
      utcTime: "2026-01-15T12:00:00Z",
      sourceNames: ["VideoSource", "Rule"]
    })
    expect({ ...notification.source }).toEqual({ VideoSource: "1", Rule: "Gate" })
    // A number keeps its zeros: it may be a card's.
    expect({ ...notification.key }).toEqual({ ObjectId: "007" })
    expect({ ...notification.data }).toEqual({ IsInside: "true" })
  })

  test("may lack everything but its topic", () => {
    const bare = `<wsnt:NotificationMessage><wsnt:Topic>tns1:Device/Trigger</wsnt:Topic></wsnt:NotificationMessage>`
    for (const message of [
      bare,
      holder("tns1:Device/Trigger", "<wsnt:Message/>"),
      holder("tns1:Device/Trigger", inner("", ""))
    ]) {
      const [notification] = read(message).notifications
      expect(notification).toMatchObject({ topic: "Device/Trigger", operation: undefined, utcTime: undefined })
      expect(Object.keys({ ...notification?.source, ...notification?.data })).toEqual([])
    }
  })

  test("without a topic is told, and does not hide the ones beside it", () => {
    const { notifications, faults } = read(
      `<wsnt:NotificationMessage>${inner("", group("Data", item("PIN", "1234")))}</wsnt:NotificationMessage>${holder("//.", inner("", ""))}${holder("tns1:VideoSource/MotionAlarm", inner("", ""))}`
    )
    expect(faults.map(({ why }) => why)).toEqual(["the message has no topic", '"//." is no topic'])
    expect(faults[0]?.raw).not.toContain("1234")
    expect(notifications.map(({ topic }) => topic)).toEqual(["VideoSource/MotionAlarm"])
  })

  test("that is empty through and through is none, and no fault", () => {
    const empty = "<wsnt:NotificationMessage><wsnt:Message></wsnt:Message></wsnt:NotificationMessage>"
    expect(read(empty)).toEqual({ notifications: [], faults: [] })
  })

  test("that holds several messages is several", () => {
    const { notifications } = read(
      holder(
        "tns1:VideoSource/MotionAlarm",
        `<wsnt:Message><tt:Message UtcTime="2026-01-15T12:00:00Z">${group("Data", item("State", "true"))}</tt:Message><tt:Message UtcTime="2026-01-15T12:00:01Z">${group("Data", item("State", "false"))}</tt:Message></wsnt:Message>`
      )
    )
    expect(notifications.map(({ data }) => data["State"])).toEqual(["true", "false"])
    expect(notifications[0]?.raw()).toContain('Value="true"')
    expect(notifications[0]?.raw()).not.toContain('Value="false"')
  })

  test("may stand in the outer element itself", () => {
    const notification = only(
      "tns1:VideoSource/MotionAlarm",
      `<wsnt:Message UtcTime="2026-01-15T12:00:00Z" PropertyOperation="Initialized">${group("Data", item("State", "1"))}</wsnt:Message>`
    )
    expect(notification).toMatchObject({ operation: "Initialized", utcTime: "2026-01-15T12:00:00Z" })
    expect(notification.data["State"]).toBe("1")
  })

  test.each([
    ["initialized", "Initialized"],
    ["DELETED", "Deleted"],
    ["Reinvented", undefined]
  ])("does to its property what %s says", (written, operation) => {
    expect(only("tns1:Device", inner(`PropertyOperation="${written}"`, "")).operation).toBe(operation)
  })

  test("may call its items anything", () => {
    const { data } = only(
      "tns1:Device",
      inner(
        "",
        group(
          "Data",
          item("__proto__", "a"),
          item("constructor", "b"),
          item("State", "first"),
          item("State", "second"),
          item("", "c"),
          "<tt:SimpleItem Name='Text'>between</tt:SimpleItem>",
          '<tt:SimpleItemDescription Name="ROIID" Value="0"/>'
        )
      )
    )
    expect(Object.getPrototypeOf(data)).toBeNull()
    expect(Object.entries(data)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["State", "first"],
      ["Text", "between"],
      ["ROIID", "0"]
    ])
  })

  test("has its elements by name, with their attributes", () => {
    const { elements } = only(
      "tns1:RuleEngine/Recognition/LicensePlate",
      inner(
        "",
        group(
          "Data",
          '<tt:ElementItem Name="LicensePlateInfo"><tt:LicensePlateInfo kind="eu"><tt:PlateNumber Likelihood="0.9">AB 123</tt:PlateNumber><tt:Color>white</tt:Color><tt:Color>blue</tt:Color></tt:LicensePlateInfo></tt:ElementItem>'
        )
      )
    )
    expect(JSON.parse(JSON.stringify(elements))).toEqual({
      LicensePlateInfo: {
        LicensePlateInfo: {
          "@kind": "eu",
          PlateNumber: "AB 123",
          "PlateNumber@Likelihood": "0.9",
          Color: ["white", "blue"]
        }
      }
    })
  })

  test("is found in a pushed Notify, in an envelope and in a metadata stream", () => {
    const one = holder("tns1:Device/Trigger", inner("", ""))
    for (const document of [
      `<wsnt:Notify ${namespaces}>${one}</wsnt:Notify>`,
      `<s:Envelope ${namespaces}><s:Body><tev:PullMessagesResponse>${one}</tev:PullMessagesResponse></s:Body></s:Envelope>`,
      `<tt:MetadataStream ${namespaces}><tt:Event>${one}</tt:Event></tt:MetadataStream>`
    ])
      expect(readNotifications(parseXml(Buffer.from(document))).notifications).toHaveLength(1)
  })

  test("is not found in an answer that has none", () => {
    expect(read("<tev:CurrentTime>2026-01-15T12:00:00Z</tev:CurrentTime>")).toEqual({ notifications: [], faults: [] })
  })

  test("is kept as XML that stands by itself, cut at 16 kB", () => {
    const raw = only("tns1:Device/tnsaxis:IO/Port", inner("", group("Source", item("port", "1")))).raw()
    expect(parseXml(Buffer.from(raw)).name).toBe("NotificationMessage")
    expect(readNotifications(parseXml(Buffer.from(raw))).notifications[0]?.topic).toBe("Device/tnsaxis:IO/Port")
    const long = only("tns1:Device", inner("", group("Data", item("Text", "é".repeat(20_000)))))
    expect(Buffer.byteLength(long.raw())).toBeLessThanOrEqual(16 * 1024)
    expect(long.raw()).not.toContain("\ufffd")
  })
})

describe("what nobody is to know", () => {
  const allOf = (notification: Notification): string => JSON.stringify({ ...notification, raw: notification.raw() })
  const access = (...items: ReadonlyArray<string>): Notification =>
    only(
      "tns1:AccessControl/AccessGranted/Identifier",
      inner("", group("Source", item("AccessPointToken", "AP1")) + group("Data", ...items))
    )

  test("a typed number is neither read nor kept", () => {
    const notification = access(
      item("IdentifierType", "pt:PIN"),
      item("FormatType", "SIMPLE_NUMBER"),
      item("IdentifierValue", "31415926")
    )
    expect(notification.data["IdentifierValue"]).toBeUndefined()
    expect(allOf(notification)).not.toContain("31415926")
    expect(notification.raw()).toContain("***")
    expect(notification.raw()).toContain("AP1")
  })

  test("a typed number is known by its name, and by its topic where Axis calls it a card", () => {
    expect(allOf(access(item("PIN", "31415926"), item("Reason", "InvalidPIN")))).not.toContain("31415926")
    for (const topic of ["tns1:AccessControl/Denied/CredentialNotFound/PIN", "tns1:IdPoint/tnsaxis:Request/PIN"]) {
      const notification = only(
        topic,
        inner(
          "",
          group("Source", item("AccessPointToken", "AP1")) +
            group("Data", item("Card", "31415926"), item("Digits", "31415926"))
        )
      )
      expect(notification.source["AccessPointToken"]).toBe("AP1")
      expect(allOf(notification)).not.toContain("31415926")
    }
  })

  test.each(["UserPIN", "PINCode", "EnteredPin", "KeypadInput", "vendor:DuressPin", "Password"])(
    "a typed number is known by what makers call it: %s",
    (name) => {
      const notification = access(item("CredentialToken", "C1"), item(name, "31415926"))
      expect(notification.data["CredentialToken"]).toBe("C1")
      expect(allOf(notification)).not.toContain("31415926")
    }
  )

  test("a message about a typed number keeps what it is about", () => {
    for (const topic of ["tns1:AccessControl/Denied/Authentication/InvalidPIN", "tns1:IdPoint/tnsaxis:Request/PIN"]) {
      const items = group("Source", item("IdPointToken", "P1")) + group("Data", item("Entry", "31415926"))
      const raw = only(topic, inner('UtcTime="2026-01-15T12:00:00Z"', items)).raw()
      for (const kept of [topic, "2026-01-15T12:00:00Z", "P1", "***"]) expect(raw).toContain(kept)
      expect(raw).not.toContain("31415926")
    }
  })

  test("a typed number is not read out of an element either", () => {
    const notification = access(
      '<tt:ElementItem Name="Entered"><tt:Panel PIN="31415926"><tt:PIN>31415926</tt:PIN><tt:Keypad><tt:Typed>31415926</tt:Typed></tt:Keypad><tt:Place>north</tt:Place></tt:Panel></tt:ElementItem>'
    )
    expect(JSON.stringify(notification.elements)).toBe('{"Entered":{"Panel":{"Place":"north"}}}')
    expect(notification.raw()).not.toContain("31415926")
  })

  test.each(["Card", "CardNr", "CardNrHex", "CardNumber", "FacilityCode"])(
    "a card's number is known by what makers call it: %s",
    (name) => {
      const raw = access(item(name, "00A1B2C3"), item("CardType", "mifare")).raw()
      expect(raw).not.toContain("00A1B2C3")
      expect(raw).toContain("mifare")
    }
  )

  test("a card's number is not kept with the message", () => {
    const notification = access(
      item("IdentifierType", "pt:Card"),
      item("IdentifierValue", "00A1B2C3"),
      item("Card", "00A1B2C3")
    )
    expect(notification.data["IdentifierValue"]).toBe("00A1B2C3")
    expect(notification.raw()).not.toContain("00A1B2C3")
  })
})
