import { afterEach, expect, test } from "vitest"
import type { OnvifDevice } from "../../../simulators/onvif/device.ts"
import type { Happening } from "../../../simulators/onvif/happening.ts"
import { Bench } from "./bench.ts"
import { soap } from "./client.ts"
import { actions, hear, type Message, pullPoint, serviceOf } from "./events-client.ts"

const bench = new Bench()
afterEach(() => bench.clear())

interface Described {
  readonly property: boolean
  readonly items: ReadonlySet<string>
}

/** The topics of GetEventProperties, by their path, walked through tag by tag. */
const described = (xml: string): ReadonlyMap<string, Described> => {
  const set = /<wstop:TopicSet[^>]*>(.*)<\/wstop:TopicSet>/s.exec(xml)?.[1] ?? ""
  const topics = new Map<string, Described>()
  const path: Array<string> = []
  for (const [, closing, name = "", attributes = "", empty] of set.matchAll(/<(\/)?([\w:]+)([^>]*?)(\/)?>/g)) {
    const here = path.join("/")
    if (name === "tt:SimpleItemDescription") {
      const known = topics.get(here)
      const item = /Name="([^"]*)"/.exec(attributes)?.[1] ?? ""
      if (known !== undefined) topics.set(here, { ...known, items: new Set([...known.items, item]) })
    } else if (name === "tt:MessageDescription") {
      if (closing === undefined)
        topics.set(here, { property: attributes.includes('IsProperty="true"'), items: new Set() })
    } else if (!name.startsWith("tt:")) {
      if (closing !== undefined) path.pop()
      else if (empty === undefined) path.push(name)
    }
  }
  return topics
}

/** What messages say that their topic's description does not, as lines. */
const strays = (topics: ReadonlyMap<string, Described>, messages: ReadonlyArray<Message>): ReadonlyArray<string> =>
  messages.flatMap(({ topic, operation, items }) => {
    const known = topics.get(topic)
    if (known === undefined) return [`${topic} is not described`]
    const unknown = Object.keys(items).filter((item) => !known.items.has(item))
    return [
      ...unknown.map((item) => `${topic} has ${item}`),
      ...(known.property === (operation !== undefined) ? [] : [`${topic} is ${operation ?? "no property"}`])
    ]
  })

const straysOf = async (device: OnvifDevice, happenings: ReadonlyArray<Happening>): Promise<ReadonlyArray<string>> => {
  const url = serviceOf(device.url, "event_service")
  const topics = described((await soap({ url, body: "<tev:GetEventProperties/>", action: actions.properties })).text)
  const address = await pullPoint(device.url)
  const initial = await hear(address)
  for (const happening of happenings) device.happen(happening)
  const told = await hear(address)
  expect(told).toHaveLength(happenings.length)
  return strays(topics, [...initial, ...told])
}

test("a camera's messages hold what GetEventProperties describes", async () => {
  const camera = await bench.camera({ inputs: [{ token: "in-1" }], relays: [{ token: "out-1" }] })
  const source = "source-1"
  const happenings: ReadonlyArray<Happening> = [
    { _tag: "Motion", source, on: true },
    { _tag: "CellMotion", source, on: true },
    { _tag: "SceneChanged", source, on: true },
    { _tag: "Tampered", source, on: true },
    { _tag: "SignalLoss", source, on: true },
    { _tag: "LineCrossed", source, objectId: 7, classes: ["Human"] },
    { _tag: "LineCrossed", source },
    { _tag: "ObjectsDetected", source, classes: ["Human", "Vehicle"] },
    { _tag: "Input", token: "in-1", on: true },
    { _tag: "Relay", token: "out-1", on: true },
    { _tag: "StorageFailure", token: "SD_DISK", on: true },
    { _tag: "AuthenticationFailed", from: "192.0.2.9" }
  ]
  expect(await straysOf(camera, happenings)).toEqual([])
})

test("a door controller's messages hold what GetEventProperties describes", async () => {
  const identifier = { _tag: "Identifier", type: "pt:Card", format: "WIEGAND26", hex: "00FF12" } as const
  const bearers = [{ _tag: "Anonymous" }, { _tag: "Credential", token: "c1", holder: "Ada" }, identifier] as const
  const device = await bench.start({
    kind: "door-controller",
    doors: [{ token: "d1", name: "Door", capabilities: { fault: true, doubleLockMonitor: true } }],
    accessPoints: [{ token: "ap1", name: "In", door: "d1" }],
    credentials: [{ token: "c1", holder: "ada", identifiers: [] }]
  })
  const accessPoint = "ap1"
  const happenings = [
    ...bearers.flatMap((by): ReadonlyArray<Happening> => [
      { _tag: "AccessGranted", accessPoint, by, ...(by._tag === "Identifier" ? {} : { external: true }) },
      { _tag: "AccessTaken", accessPoint, by },
      { _tag: "AccessNotTaken", accessPoint, by },
      { _tag: "AccessDenied", accessPoint, by, reason: "Unauthorized" }
    ]),
    { _tag: "Duress", accessPoint, by: bearers[1] },
    { _tag: "CredentialNotFound", accessPoint, by: identifier },
    { _tag: "CardNotFound", accessPoint, card: "" },
    { _tag: "AccessPointEnabled", accessPoint, on: false },
    { _tag: "CredentialEnabled", token: "c1", on: false, reason: "pt:CredentialLost" },
    { _tag: "AntiPassbackViolated", token: "c1", on: true },
    ...(["Door", "AccessPoint", "Area", "Credential"] as const).flatMap((of): ReadonlyArray<Happening> => [
      { _tag: "ConfigurationChanged", of, token: "x" },
      { _tag: "ConfigurationRemoved", of, token: "x" }
    ])
  ] as const satisfies ReadonlyArray<Happening>
  expect(await straysOf(device, happenings)).toEqual([])
})
