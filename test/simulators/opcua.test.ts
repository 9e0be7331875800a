import { connect } from "node:net"
import { Effect, Exit, Scope, Schema } from "effect"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { Campus } from "../../gateway/domain/campus.ts"
import type { Action } from "../../simulators/campus/action.ts"
import { stepWorld, type World, worldAtRest } from "../../simulators/campus/world.ts"
import { type OpcuaDevices, opcuaDevicesOf } from "../../simulators/opcua/campus-devices.ts"
import { noFaults } from "../../simulators/opcua/faults.ts"
import { type OpcuaPanel, startOpcuaPanel } from "../../simulators/opcua/panel.ts"
import { freePort, temporaryDirectory } from "../road/peers.ts"
import { type Fields, PanelClient } from "./opcua-client.ts"

const directory = temporaryDirectory("opcua-simulator")
const scope = Scope.makeUnsafe()
afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  directory.dispose()
})

const user = { name: "gatehouse", password: "kreidefelsen" }
let panel: OpcuaPanel
let clients: Array<PanelClient> = []

const open = async (url = panel.url, who?: { readonly name: string; readonly password: string }) => {
  const client = await PanelClient.open(url, {
    pki: `${directory.path}/client`,
    ...(who === undefined ? {} : { user: who })
  })
  clients.push(client)
  return client
}

afterEach(async () => {
  for (const client of clients) await client.close()
  clients = []
})

const accessFields = ["EventType", "SourceName", "own:Reader", "own:Credential", "own:Cardholder", "own:Reason"]
const alarmFields = [
  "ConditionName",
  "ActiveState.Id",
  "AckedState.Id",
  "Severity",
  "EventId",
  "Message",
  "ConditionId"
]

const card = { number: "8000123", holder: "Ada" }

describe("a simulated access panel", () => {
  beforeAll(async () => {
    const port = await freePort()
    panel = await Effect.runPromise(
      startOpcuaPanel({
        port,
        pki: `${directory.path}/panel`,
        panels: [
          {
            id: "panel",
            path: [],
            doors: [
              { token: "front", name: "Front door", timings: { openMs: 50 } },
              { token: "back", name: "Back door", capabilities: { doorMonitor: false } }
            ],
            readers: [
              { token: "front-in", door: "front" },
              { token: "back-in", door: "back" }
            ]
          },
          { id: "annex", path: ["North", "Annex"], doors: [{ token: "annex-1", name: "Annex" }], readers: [] }
        ],
        trustsEverybody: true
      }).pipe(Scope.provide(scope))
    )
  }, 60_000)
  beforeEach(() => {
    panel.setFaults(noFaults)
    for (const door of ["front", "back"]) {
      panel.door(door, { _tag: "LockDownRelease" })
      panel.door(door, { _tag: "Closed" })
      panel.door(door, { _tag: "Lock" })
    }
  })

  test("has its doors in folders, and a door without a contact has none", async () => {
    const client = await open()
    expect(await client.value("/Doors/front/Contact")).toBe(false)
    expect(await client.value("/North/Annex/Doors/annex-1/LockState")).toBe(0)
    expect((await client.read("/Doors/back/Contact")).statusCode.name).toBe("BadNodeIdUnknown")
    const browsed = await client.session.browse("ObjectsFolder")
    expect(browsed.references?.map(({ browseName }) => browseName.name)).toEqual(
      expect.arrayContaining(["Doors", "North"])
    )
  })

  test("tells what its doors do, each change once, with the time", async () => {
    const client = await open()
    const contact = await client.watch("/Doors/front/Contact")
    const mode = await client.watch("/Doors/front/Mode")
    panel.present("front-in", card, { granted: true })
    panel.door("front", { _tag: "Opened" })
    panel.door("front", { _tag: "Closed" })
    await contact.until((value) => contact.all.indexOf(value) > 1)
    await mode.until((value) => mode.all.indexOf(value) > 1)
    expect(contact.all.map(({ value }) => value.value as unknown)).toEqual([false, true, false])
    expect(mode.all.map(({ value }) => value.value as unknown)).toEqual([1, 3, 1])
    expect(contact.all.every(({ sourceTimestamp }) => (sourceTimestamp?.getTime() ?? 0) > Date.UTC(2026, 0))).toBe(true)
  })

  test("tells who was let in, whether they went in, and who was not", async () => {
    const client = await open()
    const events = await client.events("/Doors", accessFields)
    panel.present("front-in", card, { granted: true })
    panel.door("front", { _tag: "Opened" })
    panel.door("front", { _tag: "Closed" })
    panel.present("front-in", card, { granted: true })
    panel.door("front", { _tag: "Lock" })
    panel.present("front-in", { number: "1" }, { granted: false, reason: "unknown card" })
    panel.requestExit("front")
    await events.until(({ EventType }) => String(EventType).includes("ExitRequestedEventType"))
    const told = events.all.map(({ EventType }) => /s=(\w+)EventType/.exec(String(EventType))?.[1])
    expect(told).toEqual([
      "AccessGranted",
      "AccessTaken",
      "AccessGranted",
      "AccessNotTaken",
      "AccessDenied",
      "ExitRequested"
    ])
    expect(events.all[0]).toMatchObject({ Reader: "front-in", Credential: "8000123", Cardholder: "Ada" })
    expect(events.all[4]).toMatchObject({ Credential: "1", Reason: "unknown card" })
  })

  test("denies everybody at a door that is blocked", async () => {
    const client = await open()
    const events = await client.events("/Doors", accessFields)
    panel.door("front", { _tag: "Block" })
    panel.present("front-in", card, { granted: true })
    expect(await events.until(({ Reason }) => Reason !== "")).toMatchObject({ Reason: "door blocked" })
  })

  test("tells the events of a panel in a folder at the folder, and those of all at the server", async () => {
    const client = await open()
    const north = await client.events("/North", accessFields)
    const server = await client.events(undefined, accessFields)
    panel.present("front-in", card, { granted: false, reason: "passback" })
    panel.requestExit("annex-1")
    await server.until(({ EventType }) => String(EventType).includes("ExitRequested"))
    await north.until(() => true)
    expect(server.all.map(({ SourceName }) => SourceName)).toEqual(["Front door", "Annex"])
    expect(north.all.map(({ SourceName }) => SourceName)).toEqual(["Annex"])
  })

  const alarmOf = (name: string, active: boolean) => (event: Fields) =>
    event["ConditionName"] === name && event["ActiveState.Id"] === active

  test("raises an alarm for a door that is forced, and takes it back when it is closed", async () => {
    const client = await open()
    const events = await client.events("/Doors", alarmFields)
    panel.door("front", { _tag: "Opened" })
    const raised = await events.until(alarmOf("DoorForced", true))
    expect(raised).toMatchObject({ Severity: 900, Message: "Door forced open", "AckedState.Id": false })
    panel.door("front", { _tag: "Closed" })
    expect(await events.until(alarmOf("DoorForced", false))).toMatchObject({ Message: "Door forced open: over" })
  })

  test("raises an alarm for a door that is held, by its own clock", async () => {
    const client = await open()
    const events = await client.events("/Doors", alarmFields)
    panel.present("front-in", card, { granted: true })
    panel.door("front", { _tag: "Opened" })
    expect(await events.until(alarmOf("DoorHeld", true))).toMatchObject({ Severity: 500 })
    expect(await client.value("/Doors/front/Held")).toBe(true)
  })

  test("takes an acknowledgement for what it is, or refuses it", async () => {
    const client = await open()
    const events = await client.events("/Doors", [...alarmFields, "Comment"])
    panel.door("front", { _tag: "Opened" })
    const { EventId } = await events.until(alarmOf("DoorForced", true))
    const acknowledge = async (): Promise<string> => {
      const answer = await client.session.call({
        objectId: client.node("/Doors/front/DoorForced"),
        methodId: "i=9111",
        inputArguments: [
          { dataType: "ByteString", value: Buffer.from(String(EventId), "hex") },
          { dataType: "LocalizedText", value: { text: "on my way" } }
        ]
      })
      return answer.statusCode.name
    }
    panel.setFaults({ refusesAcknowledgements: true })
    expect(await acknowledge()).toBe("BadUserAccessDenied")
    expect(panel.acknowledged()).toEqual([])
    panel.setFaults({ refusesAcknowledgements: false })
    expect(await acknowledge()).toBe("Good")
    expect(
      await events.until((event) => event["AckedState.Id"] === true && event["Comment"] === "on my way")
    ).toBeDefined()
    expect(panel.acknowledged().map(({ comment }) => comment)).toEqual(["on my way"])
    expect(await acknowledge()).toBe("BadEventIdUnknown")
    expect(panel.acknowledged()).toHaveLength(1)
  })

  test("takes commands by method and by variable, and says no where its mode forbids it", async () => {
    const client = await open()
    expect(await client.call("/Doors/front", "Unlock")).toBe("Good")
    expect(await client.value("/Doors/front/LockState")).toBe(1)
    expect(await client.value("/Doors/front/Mode")).toBe(2)
    const write = (value: number) =>
      client.session.write({
        nodeId: client.node("/Doors/front/Command"),
        attributeId: 13,
        value: { value: { dataType: "Int32", value } }
      })
    expect((await write(19)).name).toBe("Good")
    expect(await client.value("/Doors/front/Mode")).toBe(1)
    expect((await write(7)).name).toBe("BadOutOfRange")
    expect(await client.call("/Doors/front", "LockDown")).toBe("Good")
    expect(await client.call("/Doors/front", "Unlock")).toBe("BadInvalidState")
    expect(panel.doorState("front")?.mode).toBe("LockedDown")
    panel.setFaults({ ignoresCommands: true })
    expect(await client.call("/Doors/front", "LockDownRelease")).toBe("Good")
    expect(panel.doorState("front")?.mode).toBe("LockedDown")
    panel.setFaults({ refusesCommands: true })
    expect(await client.call("/Doors/front", "LockDownRelease")).toBe("BadNotSupported")
  })

  test("can lose a door's module, and only remember, and be stale, and have no time", async () => {
    const client = await open()
    const contact = await client.watch("/Doors/front/Contact")
    panel.setFaults({ statuses: { front: "BadNoCommunication" } })
    await contact.until(({ statusCode }) => statusCode.name === "BadNoCommunication")
    panel.setFaults({ statuses: { "*": "UncertainLastUsableValue" } })
    await contact.until(({ statusCode }) => statusCode.name === "UncertainLastUsableValue")
    panel.setFaults({ statuses: {}, stale: true })
    panel.door("front", { _tag: "Opened" })
    expect(panel.doorState("front")?.physical).toBe("Open")
    expect(await client.value("/Doors/front/Contact")).toBe(false)
    panel.setFaults({ stale: false, undated: true })
    const dated = await contact.until(({ value, statusCode }) => value.value === true && statusCode.isGood())
    expect(dated.sourceTimestamp === null || dated.sourceTimestamp.getUTCFullYear() === 1601).toBe(true)
  })

  test("says that it threw events away", async () => {
    const client = await open()
    const events = await client.events(undefined, ["EventType"])
    panel.overflow()
    expect(await events.until(({ EventType }) => EventType === "ns=0;i=3035")).toBeDefined()
  })

  test("can have its cable pulled, and lives on meanwhile", async () => {
    const before = await open()
    expect(panel.sessions()).toBeGreaterThan(0)
    const lost = new Promise((resolve) => before.client.once("connection_lost", () => resolve(undefined)))
    await Effect.runPromise(panel.unplug)
    await lost
    await expect(open()).rejects.toThrow(/ECONNREFUSED|has been rejected|end point doesn't exist/)
    expect(panel.isUp()).toBe(true)
    await Effect.runPromise(panel.plug)
    expect(await (await open()).value("/Doors/front/Contact")).toBe(false)
  })

  test("comes back from a restart with its doors as they are, and its namespaces in another order", async () => {
    const before = (await open()).own
    panel.door("front", { _tag: "Opened" })
    panel.setFaults({ namespacesBefore: ["urn:maker:diagnostics"] })
    for (const client of clients.splice(0)) await client.close()
    await Effect.runPromise(panel.restart)
    const client = await open()
    expect(client.own).toBe(before + 1)
    expect(await client.value("/Doors/front/Contact")).toBe(true)
  }, 60_000)
})

const campusOf = (): Campus =>
  Schema.decodeUnknownSync(Campus)({
    site: { id: "north", name: "North campus", timeZone: "America/Chicago" },
    areas: [{ id: "hall", name: "Hall", kind: "building" }],
    devices: [
      { id: "p1", link: "opcua", profile: "opcua-generic-panel", address: "/" },
      { id: "p2", link: "opcua", profile: "opcua-generic-panel", address: "/p:Annex" },
      { id: "old", link: "opcua", profile: "opcua-generic-panel", address: "/p:Old", disabled: true }
    ],
    doors: [
      {
        id: "front",
        name: "Front door",
        area: "hall",
        position: "p1/door-1.position",
        lock: "p1/door-1.lock",
        mode: "p1/door-1.mode",
        tamper: ["p1/door-1.tamper"],
        rex: ["p1/door-1.rex"],
        accessPoints: [{ reader: "p1/reader-1", direction: "in" }]
      },
      { id: "annex", name: "Annex", area: "hall", position: "p2/door-9.position", lock: "p2/door-9.lock" }
    ],
    cameras: []
  })

describe("the campus's OPC UA panels", () => {
  let world: World
  let devices: OpcuaDevices
  let server: OpcuaPanel

  const act = async (action: Action): Promise<void> => {
    const stepped = stepWorld(world, action)
    world = stepped.world
    await Effect.runPromise(devices.say(stepped.signals))
  }

  beforeAll(async () => {
    const campus = campusOf()
    const port = await freePort()
    world = worldAtRest(campus)
    devices = await Effect.runPromise(
      opcuaDevicesOf({
        campus,
        world: () => world,
        now: Date.now,
        place: (link) => (link === "opcua" ? { port } : undefined),
        pki: `${directory.path}/campus`,
        users: () => [user],
        trustsEverybody: true,
        securityModes: ["SignAndEncrypt"]
      }).pipe(Scope.provide(scope))
    )
    server = devices.servers.get("opcua")!
  }, 60_000)

  test("are at one server a link, which knows its users and no others", async () => {
    expect([...devices.servers.keys()]).toEqual(["opcua"])
    await expect(open(server.url, { ...user, password: "wrong" })).rejects.toThrow(
      /BadUserAccessDenied|BadIdentityToken/
    )
    const client = await open(server.url, user)
    expect(await client.value("/Doors/1/Contact")).toBe(false)
    expect(await client.value("/Annex/Doors/9/Contact")).toBe(false)
    expect((await client.read("/Old/Doors/old/Contact")).statusCode.name).toBe("BadNodeIdUnknown")
  }, 60_000)

  test("tell what happens on the campus", async () => {
    const client = await open(server.url, user)
    const events = await client.events("/Doors", accessFields)
    const contact = await client.watch("/Doors/1/Contact")
    await act({ _tag: "Badge", door: "front", person: "ada", granted: true })
    await act({ _tag: "Open", door: "front" })
    await act({ _tag: "Close", door: "front" })
    await act({ _tag: "Badge", door: "front", person: "ben", granted: false })
    await act({ _tag: "RequestExit", door: "front" })
    await act({ _tag: "Tamper", door: "front", on: true })
    await events.until(({ EventType }) => String(EventType).includes("ExitRequested"))
    const told = events.all.map(({ EventType }) => /s=(\w+)EventType/.exec(String(EventType))?.[1])
    expect(told).toEqual(["AccessGranted", "AccessTaken", "AccessDenied", "ExitRequested"])
    expect(events.all[2]).toMatchObject({ Reader: "1", Reason: "no access here" })
    await contact.until(({ value }) => value.value === true)
    expect(await client.value("/Doors/1/Tamper")).toBe(true)
  }, 60_000)

  test("of two panels the one that is away is not known, and the server is down once both are", async () => {
    await act({ _tag: "Offline", device: "p2" })
    const client = await open(server.url, user)
    expect((await client.read("/Annex/Doors/9/Contact")).statusCode.name).toBe("BadNoCommunication")
    expect((await client.read("/Doors/1/Contact")).statusCode.name).toBe("Good")
    await client.close()
    clients = []
    await act({ _tag: "Offline", device: "p1" })
    expect(server.isUp()).toBe(false)
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1")
      socket.once("connect", () => resolve(socket.destroy() === undefined))
      socket.once("error", () => resolve(true))
    })
    expect(refused).toBe(true)
    await act({ _tag: "Open", door: "front" })
    await act({ _tag: "Online", device: "p1" })
    expect(server.isUp()).toBe(true)
    const again = await open(server.url, user)
    expect(await again.value("/Doors/1/Contact")).toBe(true)
    expect(await again.value("/Doors/1/Forced")).toBe(false)
    expect((await again.read("/Annex/Doors/9/Contact")).statusCode.name).toBe("BadNoCommunication")
  }, 60_000)
})
