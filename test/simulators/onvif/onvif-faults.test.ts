import { Effect } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import type { OnvifDevice } from "../../../simulators/onvif/device.ts"
import type { Faults } from "../../../simulators/onvif/faults.ts"
import type { Spoiling } from "../../../simulators/onvif/spoil.ts"
import { Bench } from "./bench.ts"
import { type Reply, soap, text, texts, usernameToken } from "./client.ts"
import {
  actions,
  create,
  hear,
  messages,
  pull,
  pullPoint,
  renew,
  serviceOf,
  synchronize,
  topicFilter,
  unsubscribe
} from "./events-client.ts"

const bench = new Bench()
afterEach(() => bench.clear())

const motionOnly = { inside: topicFilter("tns1:VideoSource/MotionAlarm") }
const at = Date.parse("2026-03-02T14:00:00.250Z")
const clock = (): number => at

const information = (device: OnvifDevice): Promise<Reply> =>
  soap({ url: device.url, body: "<tds:GetDeviceInformation/>" })

const spoilt = (spoiling: Spoiling): Promise<OnvifDevice> =>
  bench.camera({}, { answers: { GetDeviceInformation: spoiling } })

/** The first message of a new subscription, as XML. */
const firstMessage = async (faults: Partial<Faults>): Promise<string> => {
  const camera = await bench.camera({ clock }, faults)
  return (await pull(await pullPoint(camera.url, motionOnly))).text
}

describe("an answer", () => {
  test("never comes, or breaks off in the middle", async () => {
    const hanging = await spoilt({ _tag: "Hang" })
    const giveUp = new AbortController()
    const waiting = soap({ url: hanging.url, body: "<tds:GetDeviceInformation/>", signal: giveUp.signal })
    await Effect.runPromise(hanging.counters.until(() => hanging.counters.requests("GetDeviceInformation") === 1))
    giveUp.abort()
    await expect(waiting).rejects.toThrow("aborted")
    const breaking = await spoilt({ _tag: "Reset" })
    await expect(information(breaking)).rejects.toThrow(/ECONNRESET|aborted/)
  })

  test("is spoilt as often as was asked, and whole then", async () => {
    const device = await spoilt({ _tag: "Html", status: 200, times: 2 })
    const types = []
    for (let count = 0; count < 3; count++) types.push((await information(device)).headers["content-type"])
    expect(types).toEqual(["text/html", "text/html", "application/soap+xml; charset=utf-8"])
  })

  test.each<[string, Spoiling, string]>([
    ["is no XML", { _tag: "BadXml" }, "Bod<y>"],
    ["grows a billionfold", { _tag: "EntityBomb" }, "<!ENTITY l9"],
    ["asks for a file", { _tag: "ExternalEntity" }, "file:///etc/passwd"],
    ["comes byte by byte", { _tag: "Drip", everyMs: 0 }, "</env:Envelope>"],
    ["is a fault", { _tag: "Fault", code: "Receiver", subcode: "OutofMemory", status: 500 }, "ter:OutofMemory"],
    ["declares GB2312", { _tag: "Gb2312" }, 'encoding="GB2312"']
  ])("%s", async (_, spoiling, written) => {
    expect((await information(await spoilt(spoiling))).text).toContain(written)
  })

  test.each<[string, Spoiling, number, number]>([
    ["is cut off", { _tag: "Truncate", bytes: 300 }, 300, 300],
    ["is empty", { _tag: "Empty", status: 200 }, 0, 0],
    ["is huge", { _tag: "Huge", bytes: 20_000_000 }, 20_000_000, 20_010_000]
  ])("%s", async (_, spoiling, least, most) => {
    const { bytes } = await information(await spoilt(spoiling))
    expect(bytes.length).toBeGreaterThanOrEqual(least)
    expect(bytes.length).toBeLessThanOrEqual(most)
  })

  test("is not given at all, or late", async () => {
    await expect(information(await spoilt({ _tag: "Close" }))).rejects.toThrow(/hang up|ECONNRESET/)
    const before = performance.now()
    expect((await information(await spoilt({ _tag: "Late", ms: 50 }))).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThan(45)
  })

  test("is a 401 a few times, whoever asks", async () => {
    const device = await bench.camera({}, { refuseNext: 2 })
    const statuses = []
    for (let count = 0; count < 3; count++) statuses.push((await information(device)).status)
    expect(statuses).toEqual([401, 401, 200])
  })

  test("repeats the credentials it was asked with", async () => {
    const guard = { name: "guard", password: "secret" }
    const device = await bench.camera({ users: [guard], authentication: "username-token" }, { echoesHeader: true })
    const header = usernameToken(guard)
    const reply = await soap({ url: device.url, body: "<tds:GetDeviceInformation/>", header })
    expect(reply.text).toContain(header)
  })

  test("says that an operation is not there", async () => {
    const device = await bench.camera({}, { unsupported: ["GetServices"] })
    const reply = await soap({ url: device.url, body: "<tds:GetServices/>" })
    expect([reply.status, texts(reply.text, "Value")]).toEqual([500, ["env:Receiver", "ter:ActionNotSupported"]])
    const unknown = await soap({ url: device.url, body: "<tds:constructor/>" })
    expect(texts(unknown.text, "Value")).toEqual(["env:Sender", "ter:UnknownAction"])
  })
})

describe("a request", () => {
  test.each<[Faults["contentTypeAction"], boolean, [number, number]]>([
    ["required", false, [400, 0]],
    ["silent", false, [200, 0]],
    ["refused", true, [400, 1]]
  ])("whose action in Content-Type is %s", async (contentTypeAction, given, [status, some]) => {
    const device = await bench.camera({}, { contentTypeAction })
    const ask = (withAction: boolean): Promise<Reply> =>
      soap({
        url: device.url,
        body: "<tds:GetDeviceInformation/>",
        headers: {
          "content-type": `application/soap+xml; charset=utf-8${withAction ? '; action="http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation"' : ""}`
        }
      })
    const wrong = await ask(given)
    expect([wrong.status, Math.sign(wrong.bytes.length)]).toEqual([status, some])
    expect((await ask(!given)).text).toContain("SIM-CAM-1")
  })

  test("that is not XML, or has a document type, is not read", async () => {
    const device = await bench.camera()
    const bad = await soap({ url: device.url, body: "<tds:GetDeviceInformation>" })
    expect([bad.status, bad.text.includes("ter:WellFormed")]).toEqual([400, true])
  })
})

describe("a subscription", () => {
  test("is refused a few times", async () => {
    const camera = await bench.camera({}, { refuseCreate: 2 })
    const statuses = []
    for (let count = 0; count < 3; count++) statuses.push((await create(camera.url)).status)
    expect(statuses).toEqual([500, 500, 200])
  })

  test("is unknown to the device at the next pull", async () => {
    const camera = await bench.camera({}, { resourceUnknownOnPull: 1 })
    const address = await pullPoint(camera.url)
    expect((await pull(address)).text).toContain("ResourceUnknownFault")
    expect(camera.subscriptions.open()).toBe(0)
  })

  test("answers at once whatever was asked", async () => {
    const camera = await bench.camera({}, { emptyReplyEarly: true })
    const address = await pullPoint(camera.url, motionOnly)
    await hear(address)
    expect(messages((await pull(address, { timeout: "PT60S" })).text)).toEqual([])
  })

  test("hangs up on a pull that brings nothing", async () => {
    const camera = await bench.camera({}, { closePullAfterMs: 20 })
    const address = await pullPoint(camera.url, motionOnly)
    await hear(address)
    await expect(pull(address, { timeout: "PT60S" })).rejects.toThrow(/hang up|ECONNRESET/)
    expect(camera.subscriptions.open()).toBe(1)
  })

  test("never brings a message", async () => {
    const camera = await bench.camera({}, { silent: true })
    const address = await pullPoint(camera.url)
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    expect(messages((await pull(address, { timeout: "PT0.05S" })).text)).toEqual([])
  })

  test("tells no times, or strange ones", async () => {
    const bare = await bench.camera({}, { omitTimes: ["create", "pull", "renew"] })
    const created = await create(bare.url)
    const address = text(created.text, "Address") ?? ""
    for (const reply of [created, await pull(address), await renew(address, "PT60S")]) {
      expect(reply.status).toBe(200)
      expect(reply.text).not.toMatch(/CurrentTime|TerminationTime/)
    }
    const brief = await bench.camera({}, { omitTimes: ["renew-current"] })
    const renewed = await renew(await pullPoint(brief.url), "PT60S")
    expect([texts(renewed.text, "CurrentTime"), texts(renewed.text, "TerminationTime").length]).toEqual([[], 1])
    const past = await bench.camera({ clock }, { terminationInPast: true })
    expect(text((await create(past.url)).text, "TerminationTime")).toBe("2026-03-02T13:00:00.250Z")
  })

  test("is shorter than asked when the device misreads a duration, and right when it is told an instant", async () => {
    const camera = await bench.camera({ clock }, { relativeTimeBroken: true })
    expect(text((await create(camera.url, { time: "PT10M" })).text, "TerminationTime")).toMatch(/^2026-03-02T14:00:05/)
    expect(text((await create(camera.url, { time: "2026-03-02T14:10:00Z" })).text, "TerminationTime")).toMatch(
      /^2026-03-02T14:(10:00|09:59)/
    )
  })

  test("cannot be renewed or synchronized on some devices", async () => {
    const camera = await bench.camera({}, { renewUnsupported: true, synchronizationUnsupported: true })
    const address = await pullPoint(camera.url)
    for (const reply of [await renew(address, "PT60S"), await synchronize(address)])
      expect(texts(reply.text, "Value")).toEqual(["env:Receiver", "ter:ActionNotSupported"])
  })

  test("takes every other one along when it ends", async () => {
    const camera = await bench.camera({}, { cancelAllOnUnsubscribe: true })
    const address = await pullPoint(camera.url)
    await pullPoint(camera.url)
    await unsubscribe(address)
    expect(camera.subscriptions.open()).toBe(0)
  })

  test.each<[Partial<Faults>, RegExp]>([
    [{ advertisedHost: "none" }, /^http:\/\/\/onvif\/subscription\/1$/],
    [{ advertisedHost: { authority: "10.0.0.7" } }, /^http:\/\/10\.0\.0\.7\/onvif\/subscription\/1$/],
    [{ advertisedScheme: "https" }, /^https:\/\/127\.0\.0\.1:\d+\/onvif\/subscription\/1$/],
    [{ subscriptionAddress: "name" }, /^urn:uuid:/]
  ])("is at a wrong address: %j", async (faults, address) => {
    const camera = await bench.camera({}, faults)
    expect(text((await create(camera.url)).text, "Address")).toMatch(address)
  })

  test("without an address is had at the event service", async () => {
    const camera = await bench.camera({}, { subscriptionAddress: "none" })
    expect((await create(camera.url)).text).toContain("<wsa:Address/>")
    expect(messages((await pull(serviceOf(camera.url, "event_service"), { timeout: "PT0S" })).text)).not.toEqual([])
  })

  test("begins with nothing, with changes, or with what was told before", async () => {
    const none = await bench.camera({}, { initialState: "none" })
    expect(messages((await pull(await pullPoint(none.url), { timeout: "PT0S" })).text)).toEqual([])
    expect(await firstMessage({ initialState: "changed" })).toContain('PropertyOperation="Changed"')
    const again = await bench.camera({}, { repeatsOnSubscribe: 2, initialState: "none" })
    for (const objectId of [1, 2, 3]) again.happen({ _tag: "LineCrossed", source: "source-1", objectId })
    expect((await hear(await pullPoint(again.url))).map(({ items }) => items["ObjectId"])).toEqual(["2", "3"])
  })
})

describe("a message", () => {
  test.each<[Faults["utcTime"], string]>([
    ["utc", "2026-03-02T14:00:00.250Z"],
    ["no-zone", "2026-03-02T14:00:00.250"],
    ["white-space", "\n      2026-03-02T14:00:00\n    "],
    ["offset", "2026-03-02T22:00:00.250+08:00"],
    ["local-as-utc", "2026-03-02T22:00:00.250Z"],
    ["microseconds", "2026-03-02T14:00:00.250123Z"],
    ["nanoseconds", "2026-03-02T14:00:00.250123456Z"],
    ["1970", "1970-01-01T14:00:00.250Z"],
    ["2000", "2000-01-01T14:00:00.250Z"],
    ["stale", "2026-03-02T13:00:00.250Z"],
    ["minute-61", "2026-03-02T14:61:00.250Z"],
    ["all-zero", "0000-00-00T14:00:00.250Z"],
    ["dash-in-time", "2026-03-02T-14:00:00.250Z"],
    ["empty", ""]
  ])("has a UtcTime that is %s", async (utcTime, written) => {
    expect(messages(await firstMessage({ utcTime }))[0]?.utcTime).toBe(written)
  })

  test.each<[Faults["topicSpelling"], string]>([
    ["every-segment", ">tns1:VideoSource/tns1:MotionAlarm<"],
    ["other-prefix", ">ns7:VideoSource/MotionAlarm<"],
    ["no-prefix", ">VideoSource/MotionAlarm<"],
    ["trailing-slash", ">tns1:VideoSource/MotionAlarm/<"],
    ["trailing-wildcard", ">tns1:VideoSource/MotionAlarm//.<"],
    ["trailing-dot", ">tns1:VideoSource/MotionAlarm/.<"],
    ["white-space", ">\n        tns1:VideoSource/MotionAlarm\n      <"]
  ])("spells its topic with %s", async (topicSpelling, written) => {
    expect(await firstMessage({ topicSpelling })).toContain(written)
  })

  test("uses a prefix that nobody declared", async () => {
    const xml = await firstMessage({ topicSpelling: "undeclared-prefix" })
    expect(xml).toContain(">tns1:VideoSource/MotionAlarm<")
    expect(xml).not.toContain("xmlns:tns1")
  })

  test.each<[Faults["booleans"], readonly [string, string]]>([
    ["1/0", ["0", "1"]],
    ["TRUE/FALSE", ["FALSE", "TRUE"]],
    ["active/inactive", ["inactive", "active"]]
  ])("writes its booleans as %s", async (booleans, written) => {
    const camera = await bench.camera({}, { booleans })
    const address = await pullPoint(camera.url, motionOnly)
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    expect((await hear(address)).map(({ items }) => items["State"])).toEqual(written)
  })

  test("has other names for its items, and parts missing", async () => {
    expect(await firstMessage({ itemNames: { Source: "VideoSourceToken" } })).toContain(
      'Name="VideoSourceToken" Value="source-1"'
    )
    expect(await firstMessage({ keyItems: ["State"] })).toContain(
      '<tt:Key><tt:SimpleItem Name="State" Value="false"/></tt:Key></tt:Message>'
    )
    expect(await firstMessage({ omits: ["Source"] })).not.toContain("tt:Source")
    expect(await firstMessage({ omits: ["Data"] })).not.toContain("tt:Data")
    expect(await firstMessage({ omits: ["Topic"] })).not.toContain("wsnt:Topic")
    expect(await firstMessage({ omits: ["Dialect"] })).not.toContain("Dialect")
    expect(await firstMessage({ omits: ["PropertyOperation", "UtcTime"] })).toContain("<tt:Message><tt:Source>")
    expect(await firstMessage({ omits: ["Value"] })).toContain('Name="State" Value=""')
    expect(await firstMessage({ dialect: "junk" })).toContain("Concrete xmlns:wsnt=http")
  })

  test("comes twice in one answer", async () => {
    expect(messages(await firstMessage({ copies: 2 }))).toHaveLength(2)
  })

  test("never tells that a motion is over", async () => {
    const camera = await bench.camera({}, { motionNeverEnds: true, initialState: "none" })
    const address = await pullPoint(camera.url)
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    camera.happen({ _tag: "Motion", source: "source-1", on: false })
    camera.happen({ _tag: "SceneChanged", source: "source-1", on: true })
    expect((await hear(address)).map(({ topic }) => topic.split("/")[1])).toEqual(["MotionAlarm", "GlobalSceneChange"])
  })
})

describe("the clock", () => {
  const ask = (device: OnvifDevice): Promise<Reply> => soap({ url: device.url, body: "<tds:GetSystemDateAndTime/>" })

  test("is told in UTC, or in local time only", async () => {
    const right = await bench.camera({ clock })
    expect(texts((await ask(right)).text, "Hour")).toEqual(["14", "14"])
    const local = await bench.camera({ clock }, { noUtcDateTime: true })
    const reply = await ask(local)
    expect(reply.text).not.toContain("UTCDateTime")
    expect([text(reply.text, "Hour"), text(reply.text, "TZ")]).toEqual(["22", "CST-8"])
  })

  test("is wrong, and jumps", async () => {
    const camera = await bench.camera({ clock }, { clockSkewMs: -3_600_000 })
    const address = await pullPoint(camera.url, motionOnly)
    await hear(address)
    camera.setFaults({ clockSkewMs: 7_200_000 })
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    const reply = await pull(address)
    expect(messages(reply.text)[0]?.utcTime).toBe("2026-03-02T16:00:00.250Z")
    expect(text(reply.text, "CurrentTime")).toBe("2026-03-02T16:00:00.250Z")
    // The lease does not feel it.
    expect(text(reply.text, "TerminationTime")).toMatch(/^2026-03-02T16:(01:00|00:59)/)
  })
})

test("a device that restarts has forgotten its subscriptions, and is at the same port", async () => {
  const camera = await bench.camera()
  const address = await pullPoint(camera.url, motionOnly)
  await hear(address)
  const waiting = pull(address)
  await Effect.runPromise(camera.counters.until(() => camera.subscriptions.waiting() === 1))
  const { port } = camera
  const [how] = await Promise.all([waiting.then(String, String), Effect.runPromise(camera.restart)])
  expect(how).toMatch(/hang up|ECONNRESET/)
  expect([camera.port, camera.subscriptions.open()]).toEqual([port, 0])
  expect((await pull(address)).text).toContain("ResourceUnknownFault")
  expect(await soap({ url: address, action: actions.pull, body: "<tev:PullMessages/>" })).toMatchObject({ status: 500 })
})

test("a device that is switched off refuses connections, and leaves nothing open", async () => {
  const busy = async (): Promise<ReadonlyArray<string>> => {
    // A socket that was destroyed is gone once the event loop has turned.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    return process
      .getActiveResourcesInfo()
      .filter((name) => /^TCP|^Timeout|^UDP/.test(name))
      .toSorted()
  }
  const before = await busy()
  const camera = await bench.camera()
  await pullPoint(camera.url)
  await Effect.runPromise(camera.stop)
  await expect(information(camera)).rejects.toThrow("ECONNREFUSED")
  expect(await busy()).toEqual(before)
})
