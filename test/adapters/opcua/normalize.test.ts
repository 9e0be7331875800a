import fc from "fast-check"
import { Schema } from "effect"
import { describe, expect, test } from "vitest"
import type { HeardCondition, Plain } from "../../../adapters/opcua/sources.ts"
import { Observation } from "../../../gateway/domain/observation.ts"
import { bad, brief, condition, event, gone, mappingOf, noon, state, value } from "./heard.ts"

const isObservation = Schema.is(Observation)

/** All that a message says. */
const hearAll =
  (mapping: ReturnType<typeof mappingOf>) =>
  (heard: Parameters<typeof mapping.normalize>[0], at = noon) =>
    mapping.normalize(heard, at).observations

/** What a message says of points. */
const hear =
  (mapping: ReturnType<typeof mappingOf>) =>
  (heard: Parameters<typeof mapping.normalize>[0], at = noon) =>
    hearAll(mapping)(heard, at).filter(({ _tag }) => _tag !== "PanelCondition")

/** How a message says that conditions stand. */
const conditions =
  (mapping: ReturnType<typeof mappingOf>) =>
  (heard: Parameters<typeof mapping.normalize>[0], at = noon) =>
    hearAll(mapping)(heard, at).filter(({ _tag }) => _tag === "PanelCondition")

const door = "p:Doors/p:Door{n}/p:State"
const byDoor = `readings:\n  - { node: "${door}", point: "door-{n}.position", kind: position, values: { 0: closed, 1: open } }\n`

describe("a variable", () => {
  test("of many doors names its point by what the pattern stood for", () => {
    const told = hear(mappingOf(byDoor))
    expect(told(value(door, 1, { matched: ["Door1.04"] })).map(brief)).toEqual(["door-1.04.position open change"])
    expect(told(value(door, 0, { matched: ["Door East/West"] })).map(brief)).toEqual([
      "door--East.West.position closed change"
    ])
  })

  test("has no time where the source gives none", () => {
    const told = hear(mappingOf(byDoor))
    const [dated] = told(value(door, 1, { matched: ["Door1"], sourceTime: noon - 5 }))
    expect(dated).toMatchObject({ deviceTime: noon - 5 })
    expect(told(value(door, 1, { matched: ["Door1"] }))[0]).not.toHaveProperty("deviceTime")
  })

  test("is unknown with its status for people, whatever was the last value", () => {
    const told = hear(mappingOf(byDoor))
    told(value(door, 1, { matched: ["Door1"] }))
    const uncertain = { status: "uncertain", statusName: "UncertainLastUsableValue", matched: ["Door1"] } as const
    expect(told(value(door, 1, uncertain)).map(brief)).toEqual(["door-1.position unknown change"])
    const [lost] = told(bad(door, { matched: ["Door1"] }))
    expect(lost).toMatchObject({
      reading: { value: "unknown" },
      source: expect.stringMatching(/ \(BadNoCommunication\)$/) as unknown
    })
    expect(told(value(door, null, { matched: ["Door1"] })).map(brief)).toEqual(["door-1.position unknown change"])
  })

  test("is unreadable where its value is not among those that are known", () => {
    const told = hear(mappingOf(byDoor))
    expect(told(value(door, 7, { matched: ["Door1"] })).map(brief)).toEqual([
      'unreadable: value is "7"; expected one of "0", "1"'
    ])
  })

  test("may be a structure, of which fields are read by name", () => {
    const told = hear(
      mappingOf(
        'readings:\n  - { node: "p:Door", path: value.Contact.Open, point: position, kind: position, values: { true: open, false: closed } }\n  - { node: "p:Door", path: value.Bolt, point: lock, kind: lock, values: { 3: locked } }\n'
      )
    )
    expect(told(value("p:Door", { Contact: { Open: true }, Bolt: 3 })).map(brief)).toEqual([
      "position open change",
      "lock locked change"
    ])
    expect(told(bad("p:Door")).map(brief)).toEqual(["position unknown change", "lock unknown change"])
  })

  test("may be an array, a door in each of its places; a bad status takes all that it has told of", () => {
    const told = hear(
      mappingOf(
        'readings: [{ node: "p:All", each: "elements.{n}", point: "door-{n}", kind: position, values: { 0: closed, 1: open } }]\n'
      )
    )
    expect(told(bad("p:All"))).toEqual([])
    expect(told(value("p:All", [0, 1])).map(brief)).toEqual(["door-0 closed change", "door-1 open change"])
    expect(told(bad("p:All")).map(brief)).toEqual(["door-0 unknown change", "door-1 unknown change"])
  })

  test("may be a number each bit of which means something", () => {
    const told = hear(
      mappingOf(
        'readings:\n  - { node: "p:Word", path: bits.0, point: open, kind: position, values: { true: open, false: closed } }\n  - { node: "p:Word", path: bits.31, point: tamper, kind: tamper, values: { true: "on", false: "off" } }\n'
      )
    )
    expect(told(value("p:Word", 0x8000_0001)).map(brief)).toEqual(["open open change", "tamper on change"])
    expect(told(value("p:Word", 2)).map(brief)).toEqual(["open closed change", "tamper off change"])
  })

  test("may tell that something happened, once for each change", () => {
    const told = hear(
      mappingOf('occurrences: [{ node: "p:Rex", match: { value: "true" }, point: rex, word: ExitRequested }]\n')
    )
    const pressed = told(value("p:Rex", true, { sourceTime: noon }))
    expect(pressed.map(brief)).toEqual(["rex ExitRequested change"])
    const key = (observations: typeof pressed) => (observations[0] as { nativeKey?: string }).nativeKey
    // Told again, after a bad status or by a server that sends what was not kept: the same happening.
    told(bad("p:Rex"))
    expect(key(told(value("p:Rex", true, { sourceTime: noon + 900 })))).toBe(key(pressed))
    told(value("p:Rex", false))
    expect(key(told(value("p:Rex", true, { sourceTime: noon + 1000 })))).not.toBe(key(pressed))
    expect(told(value("p:Rex", true, { origin: "recovery" })).map(brief)).toEqual(["rex ExitRequested recovery"])
  })

  test("may count what happened, so that what was missed shows", () => {
    const told = hear(mappingOf('gaps: [{ node: "p:Seq", counter: value, detail: "events were missed" }]\n'))
    expect([1, 2, 5, 6].map((count) => told(value("p:Seq", count)).map(brief))).toEqual([[], [], ["gap 2"], []])
  })
})

const granted = "nsu=urn:panel;s=Granted"

describe("an event", () => {
  const text = `fields: { card: "p:Card" }
occurrences:
  - { event: "p;s=Granted", source: ["p;s=Doors/{door}", "p;s=Gates/{door}/Main"], point: "reader-{door}", word: AccessGranted, fields: { credential: { path: card } } }
`

  test("is known by its type or one above it, and by the node that it is about", () => {
    const told = hear(mappingOf(text))
    const at = (SourceNode: string) => event(granted, { SourceNode, card: "17" })
    expect(told(at("nsu=urn:panel;s=Doors/D1")).map(brief)).toEqual(["reader-D1 AccessGranted change"])
    expect(told(at("nsu=urn:panel;s=Gates/North/Main")).map(brief)).toEqual(["reader-North AccessGranted change"])
    expect(told(at("nsu=urn:panel;s=Doors/D1/Lock"))).toEqual([])
    expect(told(at("nsu=urn:other;s=Doors/D1"))).toEqual([])
    const special = { types: ["nsu=urn:panel;s=RemoteGranted", granted, "i=2041"] }
    expect(told(event("x", { SourceNode: "nsu=urn:panel;s=Doors/D1" }, special)).map(brief)).toHaveLength(1)
    expect(told(event("nsu=urn:panel;s=Denied", { SourceNode: "nsu=urn:panel;s=Doors/D1" }))).toEqual([])
  })

  test("is the same happening each time that it comes with its id", () => {
    const told = hear(mappingOf(text))
    const one = event(granted, { SourceNode: "nsu=urn:panel;s=Doors/D1" }, { eventId: "ab01" })
    expect(told(one)[0]).toMatchObject({ nativeKey: "opcua:ab01" })
    expect(told(one)[0]).toMatchObject({ nativeKey: "opcua:ab01" })
    const without = told({ ...one, eventId: undefined })[0]
    expect(without).not.toHaveProperty("nativeKey")
  })

  test("names its point by its source's name, without the index that some servers put before it", () => {
    const told = hear(
      mappingOf('occurrences: [{ event: BaseEventType, point: "door-{source}", word: DoorForcedReported }]\n')
    )
    expect(told(event("x", { SourceName: "2:Door1" })).map(brief)).toEqual(["door-Door1 DoorForcedReported change"])
    expect(told(event("x", { SourceName: "Door1" })).map(brief)).toEqual(["door-Door1 DoorForcedReported change"])
  })

  test("may tell a state, and whether it is severe by the bands of the link or the product", () => {
    const occurrences =
      'occurrences: [{ event: BaseEventType, when: "payload.priority <= 2", point: a, word: PanicPressed }]\n'
    const told = hear(mappingOf(occurrences))
    expect([0, 500, 700, 1000].map((severity) => told(event("x", {}, { severity })).length)).toEqual([0, 0, 1, 1])
    const own = hear(mappingOf(`severity: [{ from: 0, priority: 1 }, { from: 100, priority: 4 }]\n${occurrences}`))
    expect([0, 500].map((severity) => own(event("x", {}, { severity })).length)).toEqual([1, 0])
  })

  test("may say that the server lost others, and that the device is away", () => {
    const mapping = mappingOf(
      'gaps: [{ event: "p;s=Lost", detail: "{SourceName} lost events" }]\navailability: [{ event: "p;s=Down", path: SourceName, values: { on: online, off: offline } }]\n'
    )
    const told = hear(mapping)
    expect(told(event("nsu=urn:panel;s=Lost", { SourceName: "it" }))).toMatchObject([
      { _tag: "Gap", devices: ["panel"], detail: "it lost events" }
    ])
    expect(told(event("nsu=urn:panel;s=Down", { SourceName: "off" })).map(brief)).toEqual(["offline change"])
    expect(told(event("nsu=urn:panel;s=Down", { SourceName: "?" })).map(brief)[0]).toContain("unreadable")
    // The server speaks for the device: that it answers does not make the device present.
    expect(mapping.reached()).toEqual([])
  })

  test("at a server of several panels is of the one whose path leads to its source", () => {
    const shared = `source: "p;s={path}/Doors/{door}"\n${text.replace(/, source: \[.*?\]/, "")}`
    const heardBy = (address: string) =>
      hear(mappingOf(shared, { address }))(event(granted, { SourceNode: "nsu=urn:panel;s=/North/Tower/Doors/D1" })).map(
        brief
      )
    expect(heardBy("/p:North/p:Tower")).toEqual(["reader-D1 AccessGranted change"])
    expect(heardBy("/p:North")).toEqual([])
    expect(heardBy("/")).toEqual([])
  })

  test("of another device's source says nothing", () => {
    const told = hear(mappingOf(text))
    expect(told({ ...event(granted), key: "other events of i=2253" })).toEqual([])
  })

  test("is kept whole where it cannot be read, without what must not be kept", () => {
    const told = hear(mappingOf(`redact: [card]\n${text}`))
    const long = event(granted, { SourceNode: "nsu=urn:panel;s=Doors/D1", card: "x".repeat(300) })
    const unreadable = told(long).find(({ _tag }) => _tag === "Unreadable")
    expect(unreadable).toMatchObject({ device: "panel", source: "nsu=urn:panel;s=Doors/D1" })
    expect((unreadable as { raw: string }).raw).toContain('"card":"***"')
  })
})

const alarms = `readings:
  - { alarm: OffNormalAlarmType, match: { ConditionName: Forced }, point: alarm, kind: alarm, is: DoorForcedOpen }
  - { alarm: OffNormalAlarmType, match: { ConditionName: Held }, point: alarm, kind: alarm, is: DoorOpenTooLong }
  - { alarm: OffNormalAlarmType, match: { ConditionName: Case }, point: tamper, kind: tamper }
`

describe("an alarm", () => {
  test("is on while its condition is active, whoever has acknowledged it", () => {
    const told = hear(mappingOf(alarms))
    expect(told(state(condition("Case", true))).map(brief)).toEqual(["tamper on change"])
    expect(told(state(condition("Case", true, { acked: true, eventId: "0b" }))).map(brief)).toEqual([
      "tamper on change"
    ])
    expect(told(state(condition("Case", false, { acked: true, retain: false }))).map(brief)).toEqual([
      "tamper off change"
    ])
  })

  test("that is repeated is a recovery", () => {
    const told = hear(mappingOf(alarms))
    expect(told(state(condition("Forced", true), { origin: "recovery" })).map(brief)).toEqual([
      "alarm DoorForcedOpen recovery"
    ])
  })

  test("of several at one point the first one speaks while it is active, then the next", () => {
    const told = hear(mappingOf(alarms))
    const said = (name: string, active: boolean) => told(state(condition(name, active))).map(brief)[0]
    expect(said("Held", true)).toBe("alarm DoorOpenTooLong change")
    expect(said("Forced", true)).toBe("alarm DoorForcedOpen change")
    expect(said("Held", false)).toBe("alarm DoorForcedOpen change")
    expect(said("Held", true)).toBe("alarm DoorForcedOpen change")
    expect(said("Forced", false)).toBe("alarm DoorOpenTooLong change")
    expect(said("Held", false)).toBe("alarm Normal change")
  })

  test("that is disabled makes its point unknown, unless another one is active", () => {
    const told = hear(mappingOf(alarms))
    expect(told(state(condition("Held", false, { enabled: false }))).map(brief)).toEqual(["alarm unknown change"])
    expect(told(state(condition("Forced", true))).map(brief)).toEqual(["alarm DoorForcedOpen change"])
  })

  test("began when its state did, not when somebody commented on it", () => {
    const told = hear(mappingOf(alarms))
    const began = { "ActiveState/TransitionTime": "2026-01-15T11:58:00.000Z" }
    const [reading] = told(state(condition("Case", true), { time: noon, fields: began }))
    expect(reading).toMatchObject({ deviceTime: Date.UTC(2026, 0, 15, 11, 58) })
    const [undated] = told(state(condition("Case", true), { fields: { "ActiveState/TransitionTime": null } }))
    expect(undated).not.toHaveProperty("deviceTime")
  })

  test("of a branch is no present state, and wants an answer all the same", () => {
    const mapping = mappingOf(alarms)
    const told = hear(mapping)
    told(state(condition("Case", false, { retain: false })))
    const branch = condition("Case", true, { branchId: "nsu=urn:panel;s=b1", eventId: "b1", severity: 900 })
    expect(told(state(branch))).toEqual([])
    expect(conditions(mapping)(state(branch))).toMatchObject([
      {
        point: "tamper",
        condition: { id: "nsu=urn:panel;s=Case", branch: "nsu=urn:panel;s=b1" },
        event: "b1",
        acked: false
      }
    ])
    // Not every server repeats its branches: that one is not told of again says nothing.
    expect(hearAll(mapping)(gone(branch))).toEqual([])
  })

  test("says which condition it is, how it stands, and who has answered it at the panel", () => {
    const mapping = mappingOf(alarms)
    const fields = { Comment: "guard sent", ClientUserId: "desk" }
    const told = hearAll(mapping)(state(condition("Case", true, { eventId: "02", acked: true }), { fields }))
    expect(told).toMatchObject([
      {
        _tag: "PanelCondition",
        point: "tamper",
        origin: "change",
        condition: { id: "nsu=urn:panel;s=Case" },
        event: "02",
        active: true,
        acked: true,
        retain: true,
        comment: "guard sent",
        by: "desk",
        means: { reading: { kind: "tamper", value: "on" } },
        answerable: false
      },
      { _tag: "Reading", condition: { id: "nsu=urn:panel;s=Case" } }
    ])
    expect(told[0]).not.toHaveProperty("condition.branch")
  })

  test("that is disabled is neither active nor not", () => {
    const [told] = conditions(mappingOf(alarms))(state(condition("Case", false, { enabled: false })))
    expect(told).not.toHaveProperty("active")
  })

  test("of several at one point is told by its own word, whichever of them speaks", () => {
    const mapping = mappingOf(alarms)
    hear(mapping)(state(condition("Forced", true)))
    expect(hearAll(mapping)(state(condition("Held", true)))).toMatchObject([
      { means: { reading: { kind: "alarm", value: "DoorOpenTooLong" } } },
      { reading: { value: "DoorForcedOpen" }, condition: { id: "nsu=urn:panel;s=Held" } }
    ])
  })

  test("that the server does not repeat is over, since nobody knows when", () => {
    const mapping = mappingOf(alarms)
    hear(mapping)(state(condition("Forced", true)))
    const over = hearAll(mapping)(gone(condition("Forced", true)))
    expect(over.map(brief)).toEqual(["alarm condition unacknowledged recovery", "alarm Normal recovery"])
    expect(over[0]).toMatchObject({ active: false, retain: false, gone: true })
    expect(over[1]).not.toHaveProperty("deviceTime")
  })

  test("is found again after a restart by its name", () => {
    const told = hear(mappingOf(alarms))
    expect(told(gone(condition("Held", true))).map(brief)).toEqual(["alarm Normal recovery"])
    expect(told(gone(condition("Other", true)))).toEqual([])
  })

  test("may be a happening: once for each time that it is active, whatever is said of it meanwhile", () => {
    const told = hear(
      mappingOf(
        "occurrences: [{ alarm: AlarmConditionType, match: { ConditionName: Panic }, point: button, word: PanicPressed }]\n"
      )
    )
    const types = ["i=10637", "i=2915", "i=2041"]
    const said = (held: HeardCondition) =>
      told({ ...held, types }).map((observation) => (observation as { nativeKey?: string }).nativeKey)
    const first = said(state(condition("Panic", true, { eventId: "01" })))
    expect(first).toHaveLength(1)
    expect(said(state(condition("Panic", true, { eventId: "02", acked: true })))).toEqual(first)
    expect(said(state(condition("Panic", false, { eventId: "03" })))).toEqual([])
    const second = said(state(condition("Panic", true, { eventId: "04" })))
    expect(second).toHaveLength(1)
    expect(second).not.toEqual(first)
  })
})

test("an event that is a condition's state is one happening while it is active, and none where it is a branch", () => {
  const told = hear(mappingOf("occurrences: [{ event: BaseEventType, point: door, word: DoorForcedReported }]\n"))
  const keyOf = (held: HeardCondition) =>
    told(held).map((observation) => (observation as { nativeKey?: string }).nativeKey)
  const raised = keyOf(state(condition("Forced", true, { eventId: "01" })))
  expect(raised).toHaveLength(1)
  expect(keyOf(state(condition("Forced", true, { eventId: "02", acked: true })))).toEqual(raised)
  expect(keyOf(state(condition("Forced", true, { eventId: "03", branchId: "nsu=urn:panel;s=b" })))).toEqual([])
  expect(keyOf(state(condition("Forced", false, { eventId: "04" })))).toEqual(["opcua:04"])
})

describe("a command", () => {
  const text = `parameters: { seconds: "5" }
readings:
  - { node: "p:Doors/p:{door}/p:Mode", point: "door-{door}.mode", kind: mode, values: { 1: Locked } }
commands:
  - point: "door-{door}.mode"
    do:
      Lock: { call: "p:Doors/p:{door}/p:Lock" }
      Unlock: { call: "p;s=Unlock", on: "p;s=Doors/{door}", arguments: [true, 3, "{seconds}"] }
      Block: { write: "p:Doors/p:{door}/p:Command", value: 32 }
`
  const mode = "p:Doors/p:{door}/p:Mode"

  test("goes to the node of the door whose point it is, once the door was heard", () => {
    const mapping = mappingOf(text, { address: "/p:North" })
    expect(mapping.takesCommands).toBe(true)
    expect(mapping.commandsAt("door-Main-entrance.mode")).toEqual([])
    expect(mapping.deed("door-Main-entrance.mode", "Lock")).toContain("no node takes commands")
    hear(mapping)(value(mode, 1, { matched: ["Main entrance"] }))
    expect(mapping.commandsAt("door-Main-entrance.mode")).toEqual(["Lock", "Unlock", "Block"])
    const path = (...names: ReadonlyArray<string>) => ({ path: names.map((name) => ({ uri: "urn:panel", name })) })
    expect(mapping.deed("door-Main-entrance.mode", "Lock")).toEqual({
      _tag: "Call",
      object: path("North", "Doors", "Main entrance"),
      method: path("North", "Doors", "Main entrance", "Lock"),
      args: []
    })
    expect(mapping.deed("door-Main-entrance.mode", "Unlock")).toEqual({
      _tag: "Call",
      object: { nodeId: "nsu=urn:panel;s=Doors/Main entrance" },
      method: { nodeId: "nsu=urn:panel;s=Unlock" },
      args: [true, 3, "5"]
    })
    expect(mapping.deed("door-Main-entrance.mode", "Block")).toEqual({
      _tag: "Write",
      variable: path("North", "Doors", "Main entrance", "Command"),
      value: 32
    })
    expect(mapping.deed("door-Main-entrance.mode", "LockDown")).toContain("does not say how")
  })
})

test("whatever a server sends, nothing is thrown and every observation is of the device", () => {
  const mapping = mappingOf(byDoor + alarms.replace("readings:\n", ""))
  const plain: fc.Arbitrary<Plain> = fc.letrec<{ plain: Plain }>((tie) => ({
    plain: fc.oneof(
      { maxDepth: 3 },
      fc.constant(null),
      fc.boolean(),
      fc.double(),
      fc.string(),
      fc.array(tie("plain"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("plain"), { maxKeys: 4 })
    )
  })).plain
  const heard = fc.oneof(
    fc.tuple(plain, fc.string()).map(([held, name]) => value(door, held, { matched: [name] })),
    fc
      .tuple(fc.dictionary(fc.string(), plain), fc.double())
      .map(([fields, severity]) => event("i=10637", fields, { severity })),
    fc
      .tuple(fc.constantFrom("Forced", "Held", "x"), fc.boolean(), fc.boolean(), fc.dictionary(fc.string(), plain))
      .map(([name, active, enabled, fields]) => state(condition(name, active, { enabled }), { fields })),
    fc.constantFrom("Forced", "x").map((name) => gone(condition(name, true)))
  )
  fc.assert(
    fc.property(heard, (one) => {
      const { observations } = mapping.normalize(one, noon)
      return observations.every(
        (observation) => isObservation(observation) && "device" in observation && observation.device === "panel"
      )
    })
  )
  expect(mapping.problems).toEqual([])
})
