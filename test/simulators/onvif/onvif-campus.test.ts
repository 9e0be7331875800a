import { Effect } from "effect"
import jpeg from "jpeg-js"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { Campus } from "../../../gateway/domain/campus.ts"
import { Schema } from "effect"
import type { Action } from "../../../simulators/campus/action.ts"
import { stepWorld, type World, worldAtRest } from "../../../simulators/campus/world.ts"
import { type OnvifDevices, onvifDevicesOf } from "../../../simulators/onvif/campus-devices.ts"
import type { OnvifDevice } from "../../../simulators/onvif/device.ts"
import { freePort } from "../../road/peers.ts"
import { Bench } from "./bench.ts"
import { send, soap, texts } from "./client.ts"
import { hear, pullPoint, serviceOf, topicFilter } from "./events-client.ts"

const bench = new Bench()
let campus: Campus
let world: World
let onvif: OnvifDevices

const campusOf = (controllerPort: number, cameraPort: number): Campus =>
  Schema.decodeUnknownSync(Campus)({
    site: { id: "north", name: "North campus", timeZone: "America/Chicago" },
    areas: [{ id: "hall", name: "Hall", kind: "building" }],
    devices: [
      { id: "dc1", link: "onvif", profile: "onvif", address: `127.0.0.1:${controllerPort}` },
      { id: "eye1", link: "onvif", profile: "onvif", address: `http://127.0.0.1:${cameraPort}/onvif/device_service` },
      { id: "contact", link: "mqtt", profile: "zigbee2mqtt", address: "contact" },
      { id: "old", link: "onvif", profile: "onvif", address: "not an address", disabled: true }
    ],
    doors: [
      {
        id: "front",
        name: "Front door",
        area: "hall",
        position: "dc1/door-1.position",
        lock: "dc1/door-1.lock",
        tamper: ["dc1/door-1.tamper"],
        rex: ["dc1/reader-1.rex"],
        accessPoints: [{ reader: "dc1/reader-1", direction: "in" }],
        cameras: ["cam-front"],
        times: { heldOpenSeconds: 60, heldPreAlarmSeconds: 45 }
      },
      {
        id: "back",
        name: "Back door",
        area: "hall",
        position: "dc1/door-2.position",
        rex: ["dc1/input-button"]
      },
      { id: "side", name: "Side door", area: "hall", position: "contact/contact", cameras: ["cam-front"] }
    ],
    cameras: [{ id: "cam-front", name: "Front camera", area: "hall", device: "eye1" }]
  })

const act = async (action: Action): Promise<void> => {
  const stepped = stepWorld(world, action)
  world = stepped.world
  await Effect.runPromise(onvif.say(stepped.signals))
}

const device = (id: string): OnvifDevice => {
  const found = onvif.devices.get(id)
  if (found === undefined) throw new Error(`there is no device ${id}`)
  return found
}

const follow = (id: string, topics: string): Promise<string> =>
  pullPoint(device(id).url, {
    inside: `${topicFilter(topics)}<tev:InitialTerminationTime>PT60S</tev:InitialTerminationTime><tev:SubscriptionPolicy><tev:ChangedOnly/></tev:SubscriptionPolicy>`,
    time: undefined
  })

const story = async (address: string): Promise<ReadonlyArray<string>> =>
  (await hear(address)).map(({ topic, items }) =>
    `${topic.replace(/^tns1:(Door\/State\/|AccessControl\/)?/, "")} ${items["State"] ?? items["CredentialToken"] ?? ""}`.trim()
  )

beforeEach(async () => {
  campus = campusOf(await freePort(), await freePort())
  world = worldAtRest(campus)
  onvif = await bench.run(onvifDevicesOf({ campus, world: () => world, now: Date.now, motionMs: 30 }))
})
afterEach(() => bench.clear())

describe("the campus's ONVIF devices", () => {
  test("are at their own addresses, and are what the campus says", async () => {
    expect([...onvif.devices.keys()]).toEqual(["dc1", "eye1"])
    const url = `http://${campus.devices[0]?.address}/onvif/doorcontrol_service`
    const doors = await soap({ url, body: "<tdc:GetDoorInfoList/>" })
    expect(texts(doors.text, "Name")).toEqual(["Front door", "Back door"])
    const readers = await soap({
      url: url.replace("doorcontrol", "accesscontrol"),
      body: "<tac:GetAccessPointInfoList/>"
    })
    expect([texts(readers.text, "Name"), texts(readers.text, "Entity"), texts(readers.text, "AreaTo")]).toEqual([
      ["Front door in"],
      ["1"],
      ["hall"]
    ])
    const sources = await soap({ url: serviceOf(device("eye1").url, "media_service"), body: "<trt:GetVideoSources/>" })
    expect(sources.text).toContain('token="cam-front"')
  })

  test("let a badge through the door, and say how it went", async () => {
    const address = await follow("dc1", "tns1:Door//.|tns1:AccessControl//.")
    await act({ _tag: "Badge", door: "front", person: "ada", granted: true })
    await act({ _tag: "Open", door: "front" })
    await act({ _tag: "Close", door: "front" })
    const heard = await story(address)
    expect(heard[0]).toMatch(/^AccessGranted\/Credential \d+$/)
    expect(heard.map((line) => line.replace(/ \d+$/, ""))).toEqual([
      "AccessGranted/Credential",
      "DoorMode Accessed",
      "LockPhysicalState Unlocked",
      "DoorPhysicalState Open",
      "AccessTaken/Credential",
      "DoorMode Locked",
      "DoorPhysicalState Closed",
      "LockPhysicalState Locked"
    ])
  })

  test("tell a door that nobody was let through as forced, and one that somebody left by not", async () => {
    const address = await follow("dc1", "tns1:Door/State/DoorAlarm|tns1:AccessControl//.|tns1:Door/State/DoorTamper")
    await act({ _tag: "RequestExit", door: "front" })
    await act({ _tag: "Open", door: "front" })
    await act({ _tag: "Close", door: "front" })
    expect(await story(address)).toEqual(["AccessGranted/Anonymous", "AccessTaken/Anonymous"])
    await act({ _tag: "Open", door: "front" })
    await act({ _tag: "Tamper", door: "front", on: true })
    await act({ _tag: "Repeat", device: "dc1" })
    expect(await story(address)).toEqual(["DoorAlarm DoorForcedOpen", "DoorTamper TamperDetected"])
    expect(device("dc1").doorState("1")?.alarm).toBe("DoorForcedOpen")
  })

  test("open a door without a reader to whoever presses its button, and tell of the button", async () => {
    const address = await follow("dc1", "tns1:Device/Trigger//.|tns1:Door/State/DoorMode|tns1:Door/State/DoorAlarm")
    await act({ _tag: "RequestExit", door: "back" })
    await act({ _tag: "Open", door: "back" })
    await act({ _tag: "Close", door: "back" })
    expect(await story(address)).toEqual(["Device/Trigger/DigitalInput", "DoorMode Accessed", "DoorMode Locked"])
  })

  test("deny whom the world denies", async () => {
    const address = await follow("dc1", "tns1:AccessControl//.")
    await act({ _tag: "Badge", door: "front", person: "ben", granted: false })
    expect((await hear(address))[0]).toMatchObject({
      topic: "tns1:AccessControl/Denied/Credential",
      items: { Reason: "Unauthorized" }
    })
  })

  test("that are cut off refuse connections, and have looked at their doors before they are back", async () => {
    await act({ _tag: "Offline", device: "dc1" })
    const url = serviceOf(device("dc1").url, "doorcontrol_service")
    const state = (): Promise<{ readonly text: string }> =>
      soap({ url, body: "<tdc:GetDoorState><tdc:Token>1</tdc:Token></tdc:GetDoorState>" })
    await expect(state()).rejects.toThrow("ECONNREFUSED")
    await act({ _tag: "Open", door: "front" })
    await act({ _tag: "Online", device: "dc1" })
    const { text: xml } = await state()
    expect([texts(xml, "DoorPhysicalState"), texts(xml, "Alarm")]).toEqual([["Open"], ["Normal"]])
  })
})

describe("a camera", () => {
  test("sees motion for a while when a door of its opens, whatever device watches that door", async () => {
    const address = await follow("eye1", "tns1:VideoSource/MotionAlarm")
    await act({ _tag: "Open", door: "side" })
    const heard = [...(await story(address))]
    while (heard.length < 2) heard.push(...(await story(address)))
    expect(heard).toEqual(["VideoSource/MotionAlarm true", "VideoSource/MotionAlarm false"])
    await act({ _tag: "Close", door: "side" })
    await act({ _tag: "Open", door: "front" })
    expect((await story(address))[0]).toBe("VideoSource/MotionAlarm true")
  })

  test("shows its doors as they are", async () => {
    const picture = async (): Promise<ReadonlyArray<number>> => {
      const { bytes } = await send(`http://127.0.0.1:${device("eye1").port}/onvif/snapshot/cam-front`, {
        method: "GET"
      })
      const { data, width } = jpeg.decode(bytes)
      // The middle of the left of two doors.
      const pixel = (240 * width + 223) * 4
      return [...data.subarray(pixel, pixel + 3)]
    }
    const brown = await picture()
    await act({ _tag: "Open", door: "front" })
    const night = await picture()
    expect((brown[0] ?? 0) - (night[0] ?? 0)).toBeGreaterThan(40)
  })
})

test("a device whose address is taken, or is none, is named", async () => {
  const again = bench.run(onvifDevicesOf({ campus, world: () => world, now: Date.now }))
  await expect(again).rejects.toThrow(/device dc1 cannot listen at 127\.0\.0\.1:\d+: .*EADDRINUSE/)
  const nowhere = { ...campus, devices: campus.devices.map((one) => ({ ...one, disabled: one.id !== "old" })) }
  await expect(bench.run(onvifDevicesOf({ campus: nowhere, world: () => world, now: Date.now }))).rejects.toThrow(
    'device old: "not an address" is neither host:port nor a URL'
  )
})
