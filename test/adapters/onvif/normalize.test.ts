import fc from "fast-check"
import { Schema } from "effect"
import { describe, expect, test } from "vitest"
import { makeOnvifMapping } from "../../../adapters/onvif/mapping/normalize.ts"
import { sourceName } from "../../../adapters/onvif/mapping/normalize-source.ts"
import { Observation } from "../../../gateway/domain/observation.ts"
import { brief, camera, heardAt, message, noon, shipped, written } from "./heard.ts"

const onvif = shipped("onvif")
const mappingFor = (device = camera(), profile = onvif) => makeOnvifMapping(profile, device, "UTC")

const motion = (state: string, source = "1") =>
  message("VideoSource/MotionAlarm", { operation: "Changed", source: { Source: source }, data: { State: state } })

const granted = (utcTime: string) =>
  message("AccessControl/AccessGranted/Credential", {
    utcTime,
    source: { AccessPointToken: "AP1" },
    data: { CredentialToken: "C7" }
  })

const keysOf = (observations: ReadonlyArray<Observation>): ReadonlyArray<string | undefined> =>
  observations.map((one) => ("nativeKey" in one ? one.nativeKey : undefined))

describe("a message of a device", () => {
  test("has the time that the device says, and the corrected one where the link knows better", () => {
    const said = { ...motion("true"), utcTime: "2026-01-15T11:00:00Z" }
    const timeOf = (context = heardAt(noon)) => {
      const [observation] = mappingFor().normalize(said, context).observations
      return observation !== undefined && "deviceTime" in observation ? observation.deviceTime : undefined
    }
    expect(timeOf()).toBe(Date.parse("2026-01-15T11:00:00Z"))
    expect(timeOf(heardAt(noon, { correctedTime: noon - 50 }))).toBe(noon - 50)
  })

  test.each(["1970-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "2026-01-15T00:61:16Z", "2023-05-15T-07:10:32Z", "soon"])(
    "has no time where its clock shows %s",
    (utcTime) => {
      const { observations, outcome } = mappingFor().normalize({ ...motion("true"), utcTime }, heardAt(noon))
      expect(outcome).toBe("mapped")
      expect(observations[0]).not.toHaveProperty("deviceTime")
    }
  )

  test("is of UTC where it names no zone", () => {
    const [observation] = mappingFor(camera({ timeZone: "America/Denver" })).normalize(
      { ...motion("true"), utcTime: "2026-01-15T11:59:59.123456" },
      heardAt(noon)
    ).observations
    expect(observation).toMatchObject({ deviceTime: noon - 877 })
  })

  test("whose topic nothing names is ignored, and the topic told once", () => {
    const mapping = mappingFor()
    const unknown = message("Toaster/State/Done")
    expect(mapping.normalize(unknown, heardAt(noon))).toEqual({
      observations: [],
      outcome: "ignored",
      unknownTopic: "Toaster/State/Done"
    })
    expect(mapping.normalize(unknown, heardAt(noon))).toEqual({ observations: [], outcome: "ignored" })
  })

  test("that is known and says nothing of ours is no unknown topic", () => {
    const said = mappingFor().normalize(message("Monitoring/ProcessorUsage", { data: { Value: "37" } }), heardAt(noon))
    expect(said).toEqual({ observations: [], outcome: "ignored" })
  })

  test("that cannot be read says why, and is kept", () => {
    const odd = { ...motion("Ring"), raw: () => "x".repeat(10_000) }
    const { observations, outcome } = mappingFor().normalize(odd, heardAt(noon))
    expect(outcome).toBe("unreadable")
    expect(observations).toMatchObject([{ _tag: "Unreadable", device: "cam", source: "VideoSource/MotionAlarm" }])
    const [kept] = observations
    expect(kept?._tag === "Unreadable" && kept.raw.length).toBe(4096)
    expect(kept?._tag === "Unreadable" && kept.why).toContain('is "Ring"')
  })

  test("is inverted where the device's contact is", () => {
    const mapping = mappingFor(camera({ invert: ["input-1"] }))
    const input = message("Device/Trigger/DigitalInput", {
      source: { InputToken: "1" },
      data: { LogicalState: "true" }
    })
    expect(mapping.normalize(input, heardAt(noon)).observations.map(brief)).toEqual(["input-1 off change"])
  })
})

describe("a property", () => {
  test("that is told when we come is a recovery, and unknown when it is no more", () => {
    const mapping = mappingFor()
    const told = (operation: "Initialized" | "Changed" | "Deleted") =>
      mapping.normalize({ ...motion("true"), operation }, heardAt(noon)).observations.map(brief)
    expect(told("Initialized")).toEqual(["motion-1 on recovery"])
    expect(told("Changed")).toEqual(["motion-1 on change"])
    expect(told("Deleted")).toEqual(["motion-1 unknown change"])
  })

  test("that is no more needs no data, and makes no happening", () => {
    const gone = (topic: string) =>
      mappingFor()
        .normalize(
          message(topic, { operation: "Deleted", source: { DoorToken: "D1", VideoSource: "1" } }),
          heardAt(noon)
        )
        .observations.map(brief)
    expect(gone("Door/State/DoorPhysicalState")).toEqual(["door-D1.position unknown change"])
    expect(gone("Door/State/DoorMode")).toEqual(["door-D1.mode Unknown change"])
    expect(gone("RuleEngine/LineDetector/Crossed")).toEqual([])
  })

  const inside = (objectId: string, state: string | undefined, operation: "Changed" | "Deleted" = "Changed") =>
    message("RuleEngine/FieldDetector/ObjectsInside", {
      operation,
      source: { VideoSource: "1", Rule: "Gate" },
      key: { ObjectId: objectId },
      data: state === undefined ? {} : { IsInside: state }
    })

  test("with keys is so while one of them is", () => {
    const mapping = mappingFor()
    const told = (one: ReturnType<typeof inside>) =>
      mapping.normalize(one, heardAt(noon)).observations.map(brief).join()
    expect(told(inside("5", "true"))).toBe("field-1.Gate on change")
    expect(told(inside("6", "true"))).toBe("field-1.Gate on change")
    expect(told(inside("5", "false"))).toBe("field-1.Gate on change")
    expect(told(inside("6", undefined, "Deleted"))).toBe("field-1.Gate off change")
  })

  test("with keys is told anew by a new subscription: what went unheard in between is not waited for", () => {
    const mapping = mappingFor()
    mapping.normalize(inside("5", "true"), heardAt(noon))
    const said = mapping.normalize(inside("6", "false"), heardAt(noon, { subscription: "second" }))
    expect(said.observations.map(brief)).toEqual(["field-1.Gate off change"])
  })
})

describe("a motion without an end", () => {
  const device = camera({ parameters: { motionEndsAfterSeconds: "30" } })

  test("is over so long after it was last told, once", () => {
    const mapping = mappingFor(device)
    expect(mapping.nextDue()).toBeUndefined()
    mapping.normalize(motion("true"), heardAt(noon))
    mapping.normalize(motion("true"), heardAt(noon + 20_000))
    expect(mapping.nextDue()).toBe(noon + 50_000)
    expect(mapping.due(noon + 49_999)).toEqual([])
    expect(mapping.due(noon + 50_000).map(brief)).toEqual(["motion-1 off change"])
    expect(mapping.due(noon + 90_000)).toEqual([])
    expect(mapping.nextDue()).toBeUndefined()
  })

  test("is over after the time of its rule, or else of its source, or else of the device", () => {
    const mapping = mappingFor(
      camera({
        parameters: {
          motionEndsAfterSeconds: "30",
          "motionEndsAfterSeconds.va-0": "20",
          "motionEndsAfterSeconds.Yard": "10",
          "motionEndsAfterSeconds.Gate": "0"
        }
      })
    )
    const moves = (source: Readonly<Record<string, string>>) =>
      mapping.normalize(
        message("RuleEngine/CellMotionDetector/Motion", { operation: "Changed", source, data: { IsMotion: "true" } }),
        heardAt(noon)
      )
    moves({ VideoSource: "v0", Rule: "Street" })
    moves({ VideoAnalytics: "va-0", Rule: "Lawn" })
    moves({ VideoAnalytics: "va-0", Rule: "Yard" })
    moves({ VideoAnalytics: "va-0", Rule: "Gate" })
    expect(mapping.due(noon + 10_000).map(brief)).toEqual(["motion-va-0.Yard off change"])
    expect(mapping.due(noon + 20_000).map(brief)).toEqual(["motion-va-0.Lawn off change"])
    expect(mapping.due(noon + 30_000).map(brief)).toEqual(["motion-v0.Street off change"])
    expect(mapping.nextDue()).toBeUndefined()
  })

  test("also when we found it so", () => {
    const mapping = mappingFor(device)
    mapping.normalize({ ...motion("true"), operation: "Initialized" }, heardAt(noon))
    expect(mapping.nextDue()).toBe(noon + 30_000)
  })

  test("is over when the device says so, each by itself", () => {
    const mapping = mappingFor(device)
    mapping.normalize(motion("true", "1"), heardAt(noon))
    mapping.normalize(motion("true", "2"), heardAt(noon + 1000))
    mapping.normalize(motion("false", "1"), heardAt(noon + 2000))
    expect(mapping.due(noon + 60_000).map(brief)).toEqual(["motion-2 off change"])
  })

  test("is not made up while the device is out of sight", () => {
    const mapping = mappingFor(device)
    mapping.normalize(motion("true"), heardAt(noon))
    mapping.lost()
    expect(mapping.nextDue()).toBeUndefined()
    expect(mapping.due(noon + 60_000)).toEqual([])
  })

  test("has no time or key of the device's, and is told of an inverted point the other way round", () => {
    const profile = written(`readings:
  - { topic: Device/Trigger/DigitalInput, point: gate, kind: input, path: items.LogicalState, values: { "1": "on", "0": "off" }, clearAfterSeconds: 5 }
`)
    const mapping = mappingFor(camera({ invert: ["gate"] }), profile)
    const input = (state: string) =>
      message("Device/Trigger/DigitalInput", { utcTime: "2026-01-15T12:00:00Z", data: { LogicalState: state } })
    mapping.normalize(input("0"), heardAt(noon))
    expect(mapping.nextDue()).toBeUndefined()
    mapping.normalize(input("1"), heardAt(noon))
    const [over] = mapping.due(noon + 5000)
    expect(over).toEqual({
      _tag: "Reading",
      device: "cam",
      point: "gate",
      origin: "change",
      source: "Device/Trigger/DigitalInput",
      reading: { kind: "input", value: "on" }
    })
  })
})

describe("a happening", () => {
  const stale = "2019-05-05T01:02:03Z"

  test("is never taken for another one of the same subscription, though the device's clock stands still", () => {
    const mapping = mappingFor()
    const keys = [0, 0, 0].map(
      (after) => keysOf(mapping.normalize(granted(stale), heardAt(noon + after)).observations)[0]
    )
    expect(new Set(keys).size).toBe(3)
  })

  test("that is told again after a new subscription has the key it had, as often as it was told before", () => {
    const mapping = mappingFor()
    const hear = (subscription: string, resubscribed: boolean) =>
      keysOf(mapping.normalize(granted(stale), heardAt(noon, { subscription, resubscribed })).observations)[0]
    const first = hear("first", false)
    const second = hear("first", false)
    expect([hear("second", true), hear("second", true)]).toEqual([first, second])
    const third = hear("second", true)
    expect([first, second]).not.toContain(third)
    // And one that comes later, within the subscription, is a new one.
    expect([first, second, third]).not.toContain(hear("second", false))
  })

  test("of another time, or another card, is another one", () => {
    const mapping = mappingFor()
    const key = (utcTime: string, subscription: string, resubscribed: boolean) =>
      keysOf(mapping.normalize(granted(utcTime), heardAt(noon, { subscription, resubscribed })).observations)[0]
    const first = key("2026-01-15T11:59:00Z", "first", false)
    expect(key("2026-01-15T11:59:01Z", "second", true)).not.toBe(first)
  })

  test("that nobody told before has a key of its own, whatever it may be", () => {
    const one = mappingFor()
    const other = mappingFor()
    const key = (mapping: typeof one, at: number) =>
      keysOf(mapping.normalize(granted(stale), heardAt(at, { resubscribed: true })).observations)[0]
    expect(key(one, noon)).toBeDefined()
    // After a restart nothing is remembered: it counts again rather than be lost.
    expect(key(other, noon + 1)).not.toBe(key(one, noon))
  })

  test("does not keep what its profile wants hidden", () => {
    const profile = written(`redact: [Label]
keepRaw: true
occurrences:
  - { topic: RuleEngine/Recognition/Face, point: face, word: ObjectDetected, fields: { object: { is: face } } }
`)
    const raw =
      '<tt:SimpleItem Value="Jo" Name="Label"></tt:SimpleItem><tt:SimpleItem Name="Likelihood" Value="0.9"></tt:SimpleItem>'
    const said = message("RuleEngine/Recognition/Face", { data: { Label: "Jo" }, raw })
    const [seen] = mappingFor(camera(), profile).normalize(said, heardAt(noon)).observations
    const kept = seen?._tag === "Occurrence" ? seen.raw : undefined
    expect(kept).toContain('Name="Likelihood" Value="0.9"')
    expect(kept).not.toContain("Jo")
    // Cut off within the item.
    const cutOff = { ...said, raw: () => '<tt:SimpleItem Name="Label" Value="J' }
    expect(JSON.stringify(mappingFor(camera(), profile).normalize(cutOff, heardAt(noon)))).not.toContain('\\"J')
  })

  test("does not show a card's number in what is told, in its key, or in what is kept", () => {
    const profile = written(`keepRaw: true
occurrences:
  - { topic: AccessControl/AccessGranted, point: reader, word: AccessGranted, fields: { credential: { path: items.IdentifierValue } } }
`)
    const identifier = message("AccessControl/AccessGranted/Identifier", {
      data: { IdentifierType: "pt:Card", IdentifierValue: "00A1B2C3" }
    })
    const { observations } = mappingFor(camera(), profile).normalize(identifier, heardAt(noon))
    expect(JSON.stringify(observations)).not.toContain("00A1B2C3")
    const credentialOf = (device = camera()) => {
      const [seen] = mappingFor(device, profile).normalize(identifier, heardAt(noon)).observations
      return seen?._tag === "Occurrence" && "credential" in seen.occurrence ? seen.occurrence.credential : undefined
    }
    expect(credentialOf()).toMatch(/^sha256:[0-9a-f]{16}$/)
    expect(credentialOf()).toBe(credentialOf())
    expect(credentialOf(camera({ id: "other" as never }))).not.toBe(credentialOf())
  })

  test("a card is the same whatever number was typed with it", () => {
    const credentialOf = (Card: string) => {
      const said = message("IdPoint/tnsaxis:Request/IdData", { source: { IdPointToken: "P1" }, data: { Card } })
      const [seen] = mappingFor(camera(), shipped("onvif-axis")).normalize(said, heardAt(noon)).observations
      return seen?._tag === "Occurrence" && "credential" in seen.occurrence ? seen.occurrence.credential : undefined
    }
    const alone = credentialOf("|FacilityCode=1|CardNr=20467")
    expect(alone).toMatch(/^sha256:/)
    expect(credentialOf("|FacilityCode=1|CardNr=20467|PIN=1234")).toBe(alone)
    expect(credentialOf("|FacilityCode=1|CardNr=20467|UserPin=9999")).toBe(alone)
    expect(credentialOf("|FacilityCode=1|CardNr=20468|PIN=1234")).not.toBe(alone)
    expect(credentialOf("PIN=1234")).toBeUndefined()
  })
})

describe("who passes, and where", () => {
  test("is told in the device's own words", () => {
    const passes = (topic: string, data: Readonly<Record<string, string>>, names: ReadonlyMap<string, string>) => {
      const said = message(topic, { source: { AccessPointToken: "AP1" }, data })
      const [seen] = mappingFor().normalize(said, heardAt(noon, { names })).observations
      return seen?._tag === "Occurrence" ? seen.occurrence : undefined
    }
    const names = new Map([["AP1", "Roof hatch, in"]])
    const data = { CredentialToken: "C1", CredentialHolderName: "Jo" }
    for (const topic of ["AccessGranted/Credential", "AccessTaken/Credential", "Denied/Credential", "Duress"])
      expect(passes(`AccessControl/${topic}`, data, names)).toMatchObject({ holder: "Jo", at: "Roof hatch, in" })
    const nobody = passes("AccessControl/AccessGranted/Anonymous", {}, new Map([["AP1", "AP1"]]))
    expect(nobody).toEqual({ _tag: "AccessGranted" })
  })
})

describe("what a source is called", () => {
  const called = (source: Readonly<Record<string, string>>) => sourceName(source, Object.keys(source))

  test("does not depend on the order its items come in", () => {
    const source = { Rule: "r", VideoAnalyticsConfigurationToken: "va", VideoSourceConfigurationToken: "vs" }
    const turned = Object.fromEntries(Object.entries(source).reverse())
    expect(called(source)).toBe("vs/va/r")
    expect(called(turned)).toBe("vs/va/r")
  })

  test.each([
    [{ InputToken: "3" }, "3"],
    [{ Source: "" }, undefined],
    [{}, undefined],
    [{ VideoSourceToken: "vsconf" }, "VideoSourceToken"],
    [{ Channel: "0", AppName: "WiseAI", RuleIndex: "1", VideoSourceToken: "vs-0", RuleName: "gate" }, "vs-0/gate"],
    [{ Channel: "2" }, "2"],
    [{ b: "2", a: "1" }, "1/2"]
  ])("%j is %s", (source, name) => {
    expect(called(source as Readonly<Record<string, string>>)).toBe(name)
  })
})

describe("which of a profile's mappings holds", () => {
  const profile = written(`readings:
  - { topic: Device, point: device, kind: input, is: "on" }
  - { topic: Device/Trigger, point: "{rest}", kind: input, is: "on" }
  - { topic: [Device/Trigger/Relay, Device/Trigger/Output], point: relay, kind: input, is: "on" }
ignore: [Device/Trigger/Relay/Test]
`)

  test.each([
    ["Device/Other", "device on change"],
    ["Device/Trigger/DigitalInput", "DigitalInput on change"],
    ["Device/Trigger/Relay", "relay on change"],
    ["Device/Trigger/Output/7", "relay on change"],
    ["Device/Trigger/Relay/Test", ""]
  ])("%s: the topic with most names", (topic, told) => {
    const { observations } = mappingFor(camera(), profile).normalize(message(topic), heardAt(noon))
    expect(observations.map(brief).join()).toBe(told)
  })
})

const names = fc.constantFrom(
  "State",
  "IsMotion",
  "Source",
  "VideoSource",
  "Rule",
  "DoorToken",
  "AccessPointToken",
  "Reason",
  "ClassTypes",
  "IdentifierType",
  "IdentifierValue",
  "__proto__",
  "constructor",
  ""
)
const values = fc.oneof(
  fc.constantFrom("true", "false", "1", "Open", "pt:PIN", "DoorForcedOpen", "[{x}]", ""),
  fc.string({ maxLength: 300 })
)
const someItems = fc.array(fc.tuple(names, values), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs))
const topics = fc.oneof(
  fc.constantFrom(...onvif.readings.flatMap(({ topics: all }) => all.map(({ text }) => text))),
  fc.constantFrom(...onvif.occurrences.flatMap(({ topics: all }) => all.map(({ text }) => text))),
  fc.string({ maxLength: 40 })
)

test("whatever a device says, it is told in our words or not at all, and nothing is thrown", () => {
  const isObservation = Schema.is(Observation)
  fc.assert(
    fc.property(
      topics,
      fc.constantFrom("Initialized", "Changed", "Deleted", undefined),
      someItems,
      someItems,
      someItems,
      (topic, operation, source, key, data) => {
        const said = message(topic, { ...(operation === undefined ? {} : { operation }), source, key, data })
        const mapping = mappingFor(camera({ parameters: { motionEndsAfterSeconds: "1" } }))
        const { observations } = mapping.normalize(said, heardAt(noon))
        for (const one of [...observations, ...mapping.due(noon + 1e9)]) expect(isObservation(one)).toBe(true)
      }
    ),
    { numRuns: 2000 }
  )
})
