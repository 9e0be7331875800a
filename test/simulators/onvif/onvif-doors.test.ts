import { afterEach, describe, expect, test } from "vitest"
import type { OnvifDevice } from "../../../simulators/onvif/device.ts"
import type { DoorOptions } from "../../../simulators/campus/door-machine.ts"
import { Bench } from "./bench.ts"
import { type Reply, soap, text, texts } from "./client.ts"
import { hear, messages, pull, pullPoint, serviceOf, topicFilter } from "./events-client.ts"

const bench = new Bench()
afterEach(() => bench.clear())

const main: DoorOptions = { token: "d1", name: "Main entrance", timings: { releaseMs: 60_000, openMs: 60_000 } }
const reader = { token: "ap1", name: "Main entrance in", door: "d1", anonymous: true }
const ada = { _tag: "Credential", token: "card-7", holder: "Ada" } as const

const controller = (door: Partial<DoorOptions> = {}): Promise<OnvifDevice> =>
  bench.start({ kind: "door-controller", doors: [{ ...main, ...door }], accessPoints: [reader] })

const doorCall = (device: OnvifDevice, operation: string, inside = ""): Promise<Reply> =>
  soap({
    url: serviceOf(device.url, "doorcontrol_service"),
    body: `<tdc:${operation}><tdc:Token>d1</tdc:Token>${inside}</tdc:${operation}>`
  })

const accessCall = (device: OnvifDevice, operation: string, inside: string): Promise<Reply> =>
  soap({ url: serviceOf(device.url, "accesscontrol_service"), body: `<tac:${operation}>${inside}</tac:${operation}>` })

/** A door's messages as `DoorMode Accessed`, the beginning left out. */
const story = async (address: string): Promise<ReadonlyArray<string>> =>
  (await hear(address)).map(({ topic, items }) =>
    `${topic.replace(/^tns1:(Door\/State\/|AccessControl\/)?/, "")} ${items["State"] ?? items["Reason"] ?? ""}`.trim()
  )

const follow = async (device: OnvifDevice): Promise<string> => {
  const inside = `${topicFilter("tns1:Door//.|tns1:AccessControl//.|tns1:AccessPoint//.")}<tev:InitialTerminationTime>PT60S</tev:InitialTerminationTime><tev:SubscriptionPolicy><tev:ChangedOnly/></tev:SubscriptionPolicy>`
  return pullPoint(device.url, { inside, time: undefined })
}

describe("a door", () => {
  test("that somebody was let through opens, closes and locks, and the controller tells each in order", async () => {
    const device = await controller()
    const address = await follow(device)
    device.present("ap1", ada, { granted: true })
    device.door("d1", { _tag: "Opened" })
    device.door("d1", { _tag: "Closed" })
    expect(await story(address)).toEqual([
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

  test("that nobody opens in time locks again, and the access was not taken", async () => {
    const device = await controller({ timings: { releaseMs: 20 } })
    const address = await follow(device)
    device.present("ap1", ada, { granted: true })
    const heard = [...(await story(address))]
    while (heard.length < 6) heard.push(...(await story(address)))
    expect(heard).toEqual([
      "AccessGranted/Credential",
      "DoorMode Accessed",
      "LockPhysicalState Unlocked",
      "DoorMode Locked",
      "LockPhysicalState Locked",
      "AccessNotTaken/Credential"
    ])
  })

  test("that is opened while it is locked was forced, until it is closed", async () => {
    const device = await controller()
    const address = await follow(device)
    device.door("d1", { _tag: "Opened" })
    device.door("d1", { _tag: "Closed" })
    expect(await story(address)).toEqual([
      "DoorPhysicalState Open",
      "DoorAlarm DoorForcedOpen",
      "DoorPhysicalState Closed",
      "DoorAlarm Normal"
    ])
  })

  test("that stays open after an access is open too long", async () => {
    const device = await controller({ timings: { releaseMs: 60_000, openMs: 20 } })
    const address = await follow(device)
    expect((await doorCall(device, "AccessDoor")).status).toBe(200)
    device.door("d1", { _tag: "Opened" })
    const heard = [...(await story(address))]
    while (!heard.includes("DoorAlarm DoorOpenTooLong")) heard.push(...(await story(address)))
    expect(device.doorState("d1")).toMatchObject({ mode: "Accessed", lock: "Unlocked", alarm: "DoorOpenTooLong" })
    device.door("d1", { _tag: "Closed" })
    expect(device.doorState("d1")).toMatchObject({ mode: "Locked", lock: "Locked", alarm: "Normal" })
  })

  test("is given the time that AccessDoor asks for", async () => {
    const device = await controller()
    const address = await follow(device)
    await doorCall(device, "AccessDoor", "<tdc:AccessTime>PT0.02S</tdc:AccessTime>")
    const heard = [...(await story(address))]
    while (!heard.includes("DoorMode Locked")) heard.push(...(await story(address)))
    expect(device.doorState("d1")?.lock).toBe("Locked")
  })

  test("in lockdown does nothing but be released", async () => {
    const device = await controller()
    expect((await doorCall(device, "UnlockDoor")).status).toBe(200)
    expect((await doorCall(device, "LockDownDoor")).status).toBe(200)
    for (const operation of [
      "AccessDoor",
      "LockDoor",
      "UnlockDoor",
      "BlockDoor",
      "LockOpenDoor",
      "LockOpenReleaseDoor",
      "LockDownDoor"
    ]) {
      const reply = await doorCall(device, operation)
      expect([operation, reply.status, texts(reply.text, "Value")]).toEqual([
        operation,
        500,
        ["env:Receiver", "ter:Action", "ter:Failure"]
      ])
    }
    expect(device.doorState("d1")).toMatchObject({ mode: "LockedDown", lock: "Locked" })
    const address = await follow(device)
    device.present("ap1", ada, { granted: true })
    expect(await story(address)).toEqual(["Denied/Credential Other"])
    expect((await doorCall(device, "LockDownReleaseDoor")).status).toBe(200)
    expect(device.doorState("d1")).toMatchObject({ mode: "Unlocked", lock: "Unlocked" })
  })

  test("locked open lets everybody pass without an alarm, until it is released", async () => {
    const device = await controller()
    await doorCall(device, "LockOpenDoor")
    device.door("d1", { _tag: "Opened" })
    expect(device.doorState("d1")).toMatchObject({
      mode: "LockedOpen",
      lock: "Unlocked",
      alarm: "Normal",
      tooLongAt: undefined
    })
    expect((await doorCall(device, "LockDoor")).status).toBe(500)
    await doorCall(device, "LockOpenReleaseDoor")
    expect(device.doorState("d1")?.mode).toBe("Locked")
  })

  test("that is blocked admits nobody, and takes every other command", async () => {
    const device = await controller()
    await doorCall(device, "BlockDoor")
    expect((await doorCall(device, "AccessDoor")).status).toBe(500)
    expect((await doorCall(device, "UnlockDoor")).status).toBe(200)
    expect(device.doorState("d1")?.mode).toBe("Unlocked")
  })

  test("with a second bolt is locked twice; without one, once", async () => {
    const plain = await controller()
    await doorCall(plain, "DoubleLockDoor")
    expect(plain.doorState("d1")?.mode).toBe("Locked")
    const twice = await controller({ capabilities: { doubleLock: true, doubleLockMonitor: true } })
    await doorCall(twice, "DoubleLockDoor")
    expect(twice.doorState("d1")).toMatchObject({ mode: "DoubleLocked", doubleLock: "Locked" })
    const state = await doorCall(twice, "GetDoorState")
    expect(text(state.text, "DoubleLockPhysicalState")).toBe("Locked")
  })

  test("refuses what it is not made for, and a token that nobody has", async () => {
    const device = await controller({ capabilities: { lockDown: false } })
    const unable = await doorCall(device, "LockDownDoor")
    expect([unable.status, unable.text.includes("ter:ActionNotSupported")]).toEqual([500, true])
    const url = serviceOf(device.url, "doorcontrol_service")
    const unknown = await soap({ url, body: "<tdc:GetDoorState><tdc:Token>d9</tdc:Token></tdc:GetDoorState>" })
    expect([unknown.status, texts(unknown.text, "Value")]).toEqual([
      400,
      ["env:Sender", "ter:InvalidArgs", "ter:NotFound"]
    ])
  })

  test("tells only what it has a sensor for", async () => {
    const device = await controller({ capabilities: { tamper: false, doorMonitor: false, fault: true } })
    const heard = messages((await pull(await pullPoint(device.url, { inside: topicFilter("tns1:Door//.") }))).text)
    expect(heard.map(({ topic }) => topic.replace("tns1:Door/State/", ""))).toEqual([
      "DoorMode",
      "LockPhysicalState",
      "DoorAlarm",
      "DoorFault"
    ])
    expect(texts((await doorCall(device, "GetDoorState")).text, "DoorPhysicalState")).toEqual([])
  })
})

describe("an access point", () => {
  test("tells who was denied and why, who is unknown, and who is forced", async () => {
    const device = await controller()
    const address = await follow(device)
    device.present("ap1", ada, { granted: false, reason: "CredentialExpired" })
    const card = { _tag: "Identifier", type: "pt:Card", format: "WIEGAND26", hex: "00FF12" } as const
    device.happen({ _tag: "CredentialNotFound", accessPoint: "ap1", by: card })
    device.happen({ _tag: "Duress", accessPoint: "ap1", by: ada })
    expect((await hear(address)).map(({ topic, operation, items }) => ({ topic, operation, ...items }))).toEqual([
      {
        topic: "tns1:AccessControl/Denied/Credential",
        operation: undefined,
        AccessPointToken: "ap1",
        CredentialToken: "card-7",
        CredentialHolderName: "Ada",
        Reason: "CredentialExpired"
      },
      {
        topic: "tns1:AccessControl/Denied/CredentialNotFound",
        operation: undefined,
        AccessPointToken: "ap1",
        IdentifierType: "pt:Card",
        FormatType: "WIEGAND26",
        IdentifierValue: "00FF12"
      },
      {
        topic: "tns1:AccessControl/Duress",
        operation: undefined,
        AccessPointToken: "ap1",
        CredentialToken: "card-7",
        CredentialHolderName: "Ada",
        Reason: "Duress"
      }
    ])
  })

  test("that is switched off says nothing of whoever stands there", async () => {
    const device = await controller()
    const address = await follow(device)
    expect((await accessCall(device, "DisableAccessPoint", "<tac:Token>ap1</tac:Token>")).status).toBe(200)
    device.present("ap1", ada, { granted: true })
    expect(await story(address)).toEqual(["AccessPoint/State/Enabled false"])
    const state = await accessCall(device, "GetAccessPointState", "<tac:Token>ap1</tac:Token>")
    expect(text(state.text, "Enabled")).toBe("false")
  })

  test("is listed page by page, and asked for by token", async () => {
    const accessPoints = Array.from({ length: 5 }, (_, index) => ({ ...reader, token: `ap${index}` }))
    const device = await bench.start({ kind: "door-controller", doors: [main], accessPoints, listLimit: 2 })
    const seen: Array<string> = []
    let reference: string | undefined
    let pages = 0
    do {
      const start = reference === undefined ? "" : `<tac:StartReference>${reference}</tac:StartReference>`
      const page = await accessCall(device, "GetAccessPointInfoList", `<tac:Limit>50</tac:Limit>${start}`)
      seen.push(...[...page.text.matchAll(/AccessPointInfo token="([^"]+)"/g)].map((match) => match[1] ?? ""))
      reference = text(page.text, "NextStartReference")
      pages++
    } while (reference !== undefined)
    expect([seen, pages]).toEqual([["ap0", "ap1", "ap2", "ap3", "ap4"], 3])
    const wrong = await accessCall(device, "GetAccessPointInfoList", "<tac:StartReference>x</tac:StartReference>")
    expect(texts(wrong.text, "Value")).toEqual(["env:Sender", "ter:InvalidArgVal", "ter:InvalidStartReference"])
    const some = await accessCall(
      device,
      "GetAccessPointInfo",
      "<tac:Token>ap3</tac:Token><tac:Token>nobody</tac:Token>"
    )
    expect(text(some.text, "Entity")).toBe("d1")
    expect(texts(some.text, "Name")).toHaveLength(1)
    const many = await accessCall(device, "GetAccessPointInfo", "<tac:Token>a</tac:Token>".repeat(3))
    expect(many.text).toContain("ter:TooManyItems")
  })
})

test("a door that is given another name tells that it changed, and is listed by the new one", async () => {
  const device = await controller()
  const address = await pullPoint(device.url, { inside: topicFilter("tns1:Configuration//.") })
  device.rename("Door", "d1", "North entrance")
  expect(await hear(address)).toMatchObject([{ topic: "tns1:Configuration/Door/Changed", items: { DoorToken: "d1" } }])
  const listed = await soap({ url: serviceOf(device.url, "doorcontrol_service"), body: "<tdc:GetDoorInfoList/>" })
  expect(texts(listed.text, "Name")).toEqual(["North entrance"])
})

test("a credential is suspended by a client, and the controller says who did it", async () => {
  const credentials = [
    { token: "card-7", holder: "Ada", identifiers: [{ type: "pt:Card", format: "WIEGAND26", hex: "00FF12" }] }
  ]
  const device = await bench.start({ kind: "door-controller", doors: [main], accessPoints: [reader], credentials })
  const address = await pullPoint(device.url, { inside: topicFilter("tns1:Credential//.") })
  const call = (operation: string, inside: string): Promise<Reply> =>
    soap({ url: serviceOf(device.url, "credential_service"), body: `<tcr:${operation}>${inside}</tcr:${operation}>` })
  await call("DisableCredential", "<tcr:Token>card-7</tcr:Token><tcr:Reason>pt:CredentialLost</tcr:Reason>")
  expect(await hear(address)).toMatchObject([
    { items: { CredentialToken: "card-7", State: "false", Reason: "pt:CredentialLost", ClientUpdated: "true" } }
  ])
  expect(text((await call("GetCredentialState", "<tcr:Token>card-7</tcr:Token>")).text, "Enabled")).toBe("false")
  const known = await call("GetCredentialIdentifiers", "<tcr:CredentialToken>card-7</tcr:CredentialToken>")
  expect(text(known.text, "Value")).toBe("00FF12")
})
