import { resolve } from "node:path"
import { describe, expect, test } from "vitest"
import { opcuaProfileForm, readOpcuaProfileFiles } from "../../../adapters/opcua/mapping/profiles.ts"
import { parameterProblems } from "../../../adapters/opcua/mapping/parameters.ts"
import { readProfile } from "../../../adapters/profile/files.ts"
import { deviceOf, mappingOf, profileOf } from "./heard.ts"

const files = readOpcuaProfileFiles(resolve(import.meta.dirname, "../../../config/profiles"))

describe("the shipped profiles", () => {
  test.each(files.map((read) => [read.name, read] as const))("%s can be used, and passes its own tests", (_, read) => {
    expect(read.problems).toEqual([])
    const { passed, failures } = read.test()
    expect(failures.map((failure) => read.problemAt(failure).message)).toEqual([])
    expect(passed).toBeGreaterThan(0)
  })

  test("are our own panel, Genetec and Siemens", () => {
    expect(files.map(({ name }) => name)).toEqual(["opcua-desigo", "opcua-generic-panel", "opcua-genetec"])
  })

  test("that need a namespace of the site say so", () => {
    const genetec = files.find(({ name }) => name === "opcua-genetec")!.profile!
    const problems = (parameters: Record<string, string>) => parameterProblems(genetec, deviceOf({ parameters }))
    expect(problems({ namespace: "urn:site" })).toEqual([])
    expect(problems({})[0]).toMatchObject({ parameter: "namespace" })
    expect(problems({ namespaces: "urn:site" })[0]?.message).toContain('has no parameter "namespaces"')
  })
})

const head = 'description: slip\nprotocol: opcua\nnamespaces: { p: "urn:panel" }\ntests: []\n'

describe("a slip in a profile", () => {
  test.each([
    ["readings: [{ point: a, kind: input }]", "readings[0]: it listens to one of node, event and alarm"],
    ["readings: [{ node: 'p:A', event: BaseEventType, point: a, kind: input }]", "it listens to one of node"],
    ["readings: [{ node: 'ns=2;s=A', point: a, kind: input }]", "readings[0].node: ns=2;s=A has a namespace index"],
    ["readings: [{ node: 'p:A/2:B', point: a, kind: input }]", "readings[0].node: 2:B has a namespace index"],
    ["readings: [{ node: 'q:A', point: a, kind: input }]", 'there is no namespace "q"; the profile names p'],
    ["readings: [{ node: 'q;s=A', point: a, kind: input }]", 'there is no namespace "q"'],
    ["readings: [{ node: 's=A', point: a, kind: input }]", "s=A has no namespace"],
    ["readings: [{ node: 'p;i=A', point: a, kind: input }]", "after i= comes a number"],
    ["readings: [{ node: 'p:A//p:B', point: a, kind: input }]", "a step of the path is empty"],
    ["readings: [{ node: 'p:{a}{b}', point: '{a}', kind: input }]", "a step of the path can have one {name} or *"],
    [
      "readings: [{ node: 'p;s={door}', point: '{door}', kind: input }]",
      "{door} is not among the profile's parameters"
    ],
    ["readings: [{ node: 'p:{door}', point: '{dor}', kind: input }]", "nothing is called {dor} here; known are value"],
    ["readings: [{ node: 'p:A', source: 'p;s=B', point: a, kind: input }]", "readings[0].source: a variable has none"],
    ["readings: [{ node: 'p:A', inactive: 'off', point: a, kind: input }]", "inactive: only an alarm has it"],
    ["readings: [{ event: BaseEventType, point: a, kind: input }]", "it needs either path or is"],
    ["readings: [{ event: DoorEventType, point: a, kind: input, is: 'on' }]", '"DoorEventType" is no event type'],
    ["readings: [{ event: 'p;s={x}', point: a, kind: input, is: 'on' }]", "an event type has no captures"],
    [
      "readings: [{ event: BaseEventType, source: 'p:Doors', point: a, kind: input, is: 'on' }]",
      "an event names its source by a node id"
    ],
    [
      "readings: [{ alarm: AlarmConditionType, point: a, kind: position, is: open }]",
      'the kind "position" has no usual word'
    ],
    [
      "readings: [{ alarm: AlarmConditionType, point: a, kind: alarm }]",
      'readings[0].is: the kind "alarm" has no usual word'
    ],
    [
      "readings: [{ alarm: AlarmConditionType, point: a, kind: tamper, inactive: gone }]",
      '"gone" is not a word of the kind "tamper"'
    ],
    ["readings: [{ alarm: AlarmConditionType, point: a, kind: tamper, path: x }]", "an alarm is active or not"],
    ["readings: [{ node: 'p:A', point: a, kind: position, values: { 1: ajar } }]", '"ajar" is not a word of the kind'],
    ["fields: { Message: 'p:Text' }", '"Message" is there without being selected'],
    ["fields: { text: '/p:Text' }", "fields.text: a field is a path below the event"],
    ["notifier: 'ns=1;s=Doors'", "notifier: ns=1;s=Doors has a namespace index"],
    ["occurrences: [{ event: BaseEventType, point: a, word: ButtonPressed }]", "ButtonPressed needs fields.action"],
    ["availability: [{ node: 'p:A' }]", "availability[0]: it needs either values or is"],
    ["commands: [{ point: 'door-{door}', do: { Lock: { write: 'p:A', value: 1 } } }]", "no reading's node captures"],
    ["commands: [{ point: lock, do: { Lock: { call: 'p;s=A' } } }]", "say in `on` which object's method it is"],
    ["commands: [{ point: lock, do: { Lock: { write: 'p:{door}', value: 1 } } }]", "{door} is neither a parameter"],
    ["commands: [{ point: lock, do: { Slam: { write: 'p:A', value: 1 } } }]", "a profile has no such key here"]
  ])("is told with its place: %s", (slip, why) => {
    const { problems } = readProfile([opcuaProfileForm], "slip.yaml", `${head}${slip}\n`)
    expect(problems.map(({ line, message }) => `${line} ${message}`).join("\n")).toContain(why)
    expect(problems[0]?.line).toBe(5)
  })

  test.each([
    ["namespaces: { p: 2 }", "namespaces.p: 2 is an index, which changes when the server is updated"],
    ["namespaces: { p: '2' }", "2 is an index"],
    ["namespaces: { 2: 'urn:panel' }", '"2" is no short name'],
    ["namespaces: { p: '{host}' }", "{host} is not among the profile's parameters"]
  ])("of a namespace is told: %s", (slip, why) => {
    const text = `description: slip\nprotocol: opcua\ntests: []\n${slip}\n`
    const { problems } = readProfile([opcuaProfileForm], "slip.yaml", text)
    expect(problems.map(({ line, message }) => `${line} ${message}`).join("\n")).toContain(why)
  })
})

describe("what a server is asked for", () => {
  const paths = (text: string, address = "/", parameters = {}) => {
    const { sources, problems } = mappingOf(text, { address, parameters })
    expect(problems).toEqual([])
    return sources.values.map(({ node }) => node)
  }

  test("goes on from the device's address, or from the Objects folder", () => {
    const text =
      "readings:\n  - { node: 'p:A/B', point: a, kind: input }\n  - { node: '/p:C', point: c, kind: input }\n"
    expect(paths(text, "/p:North/Panel 7")).toEqual([
      {
        path: [{ uri: "urn:panel", name: "North" }, { name: "Panel 7" }, { uri: "urn:panel", name: "A" }, { name: "B" }]
      },
      { path: [{ uri: "urn:panel", name: "C" }] }
    ])
  })

  test("may have signs in its name that stand for something else, behind &", () => {
    const text = "readings: [{ node: 'p:A&/B&:C/p:{n}', point: 'a-{n}', kind: input }]\n"
    expect(paths(text)).toEqual([
      {
        path: [
          { uri: "urn:panel", name: "A/B:C" },
          { uri: "urn:panel", name: "*" }
        ]
      }
    ])
  })

  test("is named by the namespace's URI, whatever is in it", () => {
    const text =
      'namespaces: { p: "urn:{host};1%" }\nparameters: { host: h }\nreadings: [{ node: "p;s={address}.Contact", point: a, kind: input }]\n'
    expect(paths(text, "Panel.Door1", { host: "h2" })).toEqual([{ nodeId: "nsu=urn:h2%3B1%25;s=Panel.Door1.Contact" }])
  })

  test("is of the kind that its values are", () => {
    const reading = (more: string) => `  - { node: 'p:${more.length}', point: a, kind: input, ${more} }\n`
    const { sources } = mappingOf(
      `readings:\n${reading("values: { true: 'on' }")}${reading("values: { 1: 'on', 2: 'off' }")}${reading("values: { up: 'on' }")}${reading(
        "path: value.State, values: { 1: 'on' }"
      )}${reading("path: bits.3, values: { true: 'on'  }")}${reading("type: string")}`
    )
    expect(sources.values.map(({ kind }) => kind)).toEqual(["boolean", "number", "string", "any", "number", "string"])
  })

  test("asks once for a variable that several mappings listen to", () => {
    const { sources } = mappingOf(
      "samplingMs: 100\nqueueSize: 3\nreadings:\n  - { node: 'p:A', point: a, kind: input, values: { 1: 'on' } }\n  - { node: 'p:A', point: b, kind: input, values: { true: 'on' } }\n"
    )
    expect(sources.values).toEqual([
      {
        key: "panel p:A",
        node: { path: [{ uri: "urn:panel", name: "A" }] },
        kind: "any",
        samplingIntervalMs: 100,
        queueSize: 3,
        device: "panel"
      }
    ])
  })

  test("asks each notifier for the types that mappings name, and for all where one names the base", () => {
    const { sources } = mappingOf(
      "notifier: 'p:Doors'\nfields: { card: 'p:Card/p:Number' }\nseverityAtLeast: 100\noccurrences:\n  - { event: 'p;s=Granted', point: a, word: AccessGranted }\n  - { event: BaseEventType, notifier: i=2253, point: a, word: AccessGranted }\nreadings:\n  - { alarm: OffNormalAlarmType, point: b, kind: tamper }\n"
    )
    const [doors, server] = ["panel events of p:Doors", "panel events of i=2253"].map((key) =>
      sources.events.find((source) => source.key === key)
    )
    expect(doors).toMatchObject({
      node: { path: [{ name: "Doors" }] },
      where: { types: [{ nodeId: "i=10637" }, { nodeId: "nsu=urn:panel;s=Granted" }], severityAtLeast: 100 },
      select: [
        { name: "card", path: [{ uri: "urn:panel", name: "Card" }, { name: "Number" }] },
        { name: "ActiveState/TransitionTime" }
      ]
    })
    expect(server?.where).toEqual({ severityAtLeast: 100 })
    expect(server?.node).toEqual({ nodeId: "i=2253" })
  })

  test("a panel of 200 doors in ten lines is one pattern for each of its variables", () => {
    const text = `readings:
  - { node: "p:Doors/p:{door}/p:Contact", point: "door-{door}.position", kind: position, values: { true: open, false: closed } }
  - { node: "p:Doors/p:{door}/p:Lock", point: "door-{door}.lock", kind: lock, values: { 0: locked, 1: unlocked } }
  - { node: "p:Doors/p:{door}/p:Case", point: "door-{door}.tamper", kind: tamper, values: { true: "on", false: "off" } }
`
    expect(text.split("\n").length).toBeLessThan(10)
    const { sources } = mappingOf(text)
    expect(sources.values.map(({ node }) => "path" in node && node.path[1]?.name)).toEqual(["*", "*", "*"])
  })

  test.each([
    ["Panel7", 'address "Panel7" is no browse path'],
    ["/q:Panel", 'there is no namespace "q"'],
    ["/p:*", 'address "/p:*" must lead to one node'],
    ["/p:{panel}", "must lead to one node"]
  ])("cannot go on from the address %s", (address, why) => {
    const profile = profileOf("readings: [{ node: 'p:A', point: a, kind: input }]\n")
    expect(parameterProblems(profile, deviceOf({ address }))).toMatchObject([
      { parameter: "address", message: expect.stringContaining(why) as unknown }
    ])
  })
})
