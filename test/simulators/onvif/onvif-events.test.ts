import { Effect } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import type { Faults } from "../../../simulators/onvif/faults.ts"
import { Bench } from "./bench.ts"
import { messageIdOf, soap, text, texts } from "./client.ts"
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

describe("a pull point", () => {
  test("tells every property as it is first, then what changes, as it happens", async () => {
    const camera = await bench.camera()
    const address = await pullPoint(camera.url, motionOnly)
    expect(await hear(address)).toMatchObject([
      { topic: "tns1:VideoSource/MotionAlarm", operation: "Initialized", items: { Source: "source-1", State: "false" } }
    ])
    const waiting = hear(address)
    await Effect.runPromise(camera.counters.until(() => camera.subscriptions.waiting() === 1))
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    expect(await waiting).toMatchObject([{ operation: "Changed", items: { State: "true" } }])
  })

  test("says nothing of a property that is what it was", async () => {
    const camera = await bench.camera()
    const address = await pullPoint(camera.url, motionOnly)
    camera.happen({ _tag: "Motion", source: "source-1", on: false })
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    expect((await hear(address)).map(({ items }) => items["State"])).toEqual(["false", "true"])
  })

  test("waits its Timeout and answers empty then", async () => {
    const camera = await bench.camera()
    const address = await pullPoint(camera.url, motionOnly)
    await hear(address)
    const before = performance.now()
    const reply = await pull(address, { timeout: "PT0.2S" })
    expect(performance.now() - before).toBeGreaterThanOrEqual(190)
    expect(reply.status).toBe(200)
    expect(messages(reply.text)).toEqual([])
    expect(Date.parse(text(reply.text, "TerminationTime") ?? "")).toBeGreaterThan(
      Date.parse(text(reply.text, "CurrentTime") ?? "")
    )
  })

  test("gives no more than MessageLimit at a time, and the rest with the next pull", async () => {
    const camera = await bench.camera()
    const address = await pullPoint(camera.url, { inside: topicFilter("tns1:RuleEngine/LineDetector/Crossed") })
    for (const objectId of [1, 2, 3]) camera.happen({ _tag: "LineCrossed", source: "source-1", objectId })
    const ids = async (): Promise<unknown> =>
      messages((await pull(address, { limit: 2 })).text).map(({ items }) => items["ObjectId"])
    expect(await ids()).toEqual(["1", "2"])
    expect(await ids()).toEqual(["3"])
  })

  test("keeps so many messages, and counts the oldest that it drops", async () => {
    const camera = await bench.camera({}, { queueLimit: 2, initialState: "none" })
    const address = await pullPoint(camera.url)
    for (const objectId of [1, 2, 3]) camera.happen({ _tag: "LineCrossed", source: "source-1", objectId })
    expect((await hear(address)).map(({ items }) => items["ObjectId"])).toEqual(["2", "3"])
    expect(camera.subscriptions.dropped()).toBe(1)
  })

  test("refuses a second pull while one waits", async () => {
    const camera = await bench.camera()
    const address = await pullPoint(camera.url, motionOnly)
    await hear(address)
    const first = pull(address)
    await Effect.runPromise(camera.counters.until(() => camera.subscriptions.waiting() === 1))
    const second = await pull(address)
    expect([second.status, second.text.includes("UnableToGetMessagesFault")]).toEqual([500, true])
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    expect(messages((await first).text)).toHaveLength(1)
  })

  test("keeps a message for the next pull when whoever pulled went away", async () => {
    const camera = await bench.camera()
    const address = await pullPoint(camera.url, motionOnly)
    await hear(address)
    const giveUp = new AbortController()
    const waiting = pull(address, { signal: giveUp.signal })
    await Effect.runPromise(camera.counters.until(() => camera.subscriptions.waiting() === 1))
    giveUp.abort()
    await expect(waiting).rejects.toThrow("aborted")
    await Effect.runPromise(camera.counters.until(() => camera.subscriptions.waiting() === 0))
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    expect(await hear(address)).toHaveLength(1)
  })

  test("tells the longest Timeout it takes when a pull asks for more", async () => {
    const camera = await bench.camera({}, { maxPullTimeoutMs: 60_000 })
    const reply = await pull(await pullPoint(camera.url), { timeout: "PT2M" })
    expect(reply.status).toBe(500)
    expect(text(reply.text, "MaxTimeout")).toBe("PT60S")
  })

  test("repeats every property it is subscribed to at a synchronization point", async () => {
    const camera = await bench.camera()
    const address = await pullPoint(camera.url, motionOnly)
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    await hear(address)
    expect((await synchronize(address)).status).toBe(200)
    expect(await hear(address)).toMatchObject([{ operation: "Initialized", items: { State: "true" } }])
  })
})

describe("a lease", () => {
  test("lasts as long as was asked, is renewed, and ends with Unsubscribe", async () => {
    const camera = await bench.camera({ clock: () => Date.parse("2026-03-02T14:00:00Z") })
    const created = await create(camera.url, { time: "PT90S" })
    const leaseSeconds = (xml: string): number =>
      Math.round((Date.parse(text(xml, "TerminationTime") ?? "") - Date.parse(text(xml, "CurrentTime") ?? "")) / 1000)
    expect(leaseSeconds(created.text)).toBe(90)
    const address = text(created.text, "Address") ?? ""
    expect(leaseSeconds((await renew(address, "PT10M")).text)).toBe(600)
    expect(leaseSeconds((await renew(address, "2026-03-02T14:05:00Z")).text)).toBe(300)
    expect(camera.subscriptions.open()).toBe(1)
    expect((await unsubscribe(address)).status).toBe(200)
    expect(camera.subscriptions.open()).toBe(0)
    const gone = await pull(address)
    expect([gone.status, gone.text.includes("ResourceUnknownFault")]).toEqual([500, true])
  })

  test("that nobody renews ends by itself", async () => {
    const camera = await bench.camera()
    await create(camera.url, { time: "PT0.05S" })
    await Effect.runPromise(camera.counters.until(() => camera.subscriptions.open() === 0))
    expect(camera.subscriptions.expired()).toBe(1)
  })

  test.each([
    ["lengthened by a pull", true],
    ["not lengthened by a pull on a device that is wrong there", false]
  ])("is %s", async (_, extendOnPull) => {
    // The clock stands, so that TerminationTime tells what is left of the lease.
    const at = Date.parse("2026-03-02T14:00:00Z")
    const camera = await bench.camera({ clock: () => at }, { extendOnPull })
    const address = await pullPoint(camera.url, { time: "PT60S", ...motionOnly })
    await hear(address)
    const reply = await pull(address, { timeout: "PT0.1S" })
    const leftMs = Date.parse(text(reply.text, "TerminationTime") ?? "") - at
    // The pull waited for 100 ms of the lease.
    expect(leftMs > 59_950).toBe(extendOnPull)
  })

  test("in the past is refused", async () => {
    const camera = await bench.camera()
    const reply = await create(camera.url, { time: "2001-01-01T00:00:00Z" })
    expect([reply.status, reply.text.includes("UnacceptableInitialTerminationTimeFault")]).toEqual([500, true])
    expect(camera.subscriptions.open()).toBe(0)
  })

  test("is refused once all pull points are taken", async () => {
    const camera = await bench.camera({}, { maxPullPoints: 1 })
    await create(camera.url)
    const second = await create(camera.url)
    expect([second.status, second.text.includes("SubscribeCreationFailedFault")]).toEqual([500, true])
  })
})

describe("a topic filter", () => {
  test("names topics or whole branches, whatever prefix stands for ONVIF's namespace", async () => {
    const camera = await bench.camera({ inputs: [{ token: "in-1" }] })
    const topicsOf = async (filter: string): Promise<ReadonlyArray<string>> => {
      const heard = await hear(await pullPoint(camera.url, { inside: filter }))
      return heard.map(({ topic }) => topic.replace("tns1:", ""))
    }
    expect(await topicsOf(topicFilter("tns1:VideoSource/MotionAlarm|tns1:Device//."))).toEqual([
      "VideoSource/MotionAlarm",
      "Device/Trigger/DigitalInput",
      "Device/HardwareFailure/StorageFailure"
    ])
    const own = topicFilter("o:VideoSource/SignalLoss").replace(
      "<tev:Filter>",
      '<tev:Filter xmlns:o="http://www.onvif.org/ver10/topics">'
    )
    expect(await topicsOf(own)).toEqual(["VideoSource/SignalLoss"])
    const concrete = "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"
    expect(await topicsOf(topicFilter("tns1:VideoSource/SignalLoss", concrete))).toEqual(["VideoSource/SignalLoss"])
  })

  test.each([
    [
      "of an unknown dialect",
      topicFilter("tns1:VideoSource/MotionAlarm", "http://example.org/x"),
      "TopicExpressionDialectUnknownFault"
    ],
    ["with an undeclared prefix", topicFilter("tns9:VideoSource/MotionAlarm"), "InvalidTopicExpressionFault"],
    [
      "with a wildcard in a concrete one",
      topicFilter("tns1:VideoSource//.", "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"),
      "InvalidTopicExpressionFault"
    ],
    [
      "for content",
      '<tev:Filter><wsnt:MessageContent Dialect="http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter">boolean(//x)</wsnt:MessageContent></tev:Filter>',
      "InvalidMessageContentExpressionFault"
    ]
  ])("%s is refused", async (_, inside, fault) => {
    const camera = await bench.camera()
    const reply = await create(camera.url, { inside })
    expect(reply.status).toBe(500)
    expect(reply.text).toContain(fault)
  })

  test("with ChangedOnly spares a client the beginning", async () => {
    const camera = await bench.camera()
    const policy = "<tev:SubscriptionPolicy><tev:ChangedOnly/></tev:SubscriptionPolicy>"
    const created = await create(camera.url, {
      inside: `<tev:InitialTerminationTime>PT60S</tev:InitialTerminationTime>${policy}`,
      time: undefined
    })
    const address = text(created.text, "Address") ?? ""
    camera.happen({ _tag: "Motion", source: "source-1", on: true })
    expect(await hear(address)).toMatchObject([{ operation: "Changed" }])
  })
})

describe("WS-Addressing", () => {
  const address = async (faults: Partial<Faults> = {}): Promise<string> =>
    serviceOf((await bench.camera({}, faults)).url, "event_service")
  const body = "<tev:GetEventProperties/>"

  test("relates an answer to its question", async () => {
    const messageId = messageIdOf()
    const reply = await soap({ url: await address(), body, action: actions.properties, messageId })
    expect(reply.status).toBe(200)
    expect(text(reply.text, "RelatesTo")).toBe(messageId)
    expect(text(reply.text, "Action")).toBe(
      "http://www.onvif.org/ver10/events/wsdl/EventPortType/GetEventPropertiesResponse"
    )
  })

  test("is looked at where it is there, and a client that knows nothing of it is served", async () => {
    const url = await address()
    expect((await soap({ url, body })).status).toBe(200)
    const wrong = await soap({ url, body, action: actions.create })
    expect([wrong.status, wrong.text.includes("wsa:ActionMismatch")]).toEqual([400, true])
  })

  test("is required of event calls by some devices", async () => {
    const url = await address({ addressing: "required" })
    const bare = await soap({ url, body })
    expect([bare.status, text(bare.text, "ProblemHeaderQName")]).toEqual([400, "wsa:Action"])
    const noId = await soap({ url, body, header: `<a:Action>${actions.properties}</a:Action>` })
    expect([noId.status, text(noId.text, "ProblemHeaderQName")]).toEqual([400, "wsa:MessageID"])
    const wrong = await soap({ url, body, action: actions.create })
    expect([wrong.status, wrong.text.includes("wsa:ActionMismatch")]).toEqual([400, true])
  })

  test("leads to a subscription by its reference parameter, where the device has one address for all", async () => {
    const camera = await bench.camera({}, { referenceParameters: true })
    const created = await create(camera.url, motionOnly)
    const to = text(created.text, "Address") ?? ""
    expect(to.endsWith("/onvif/subscription")).toBe(true)
    const id = text(created.text, "SubscriptionId") ?? ""
    const parameter = `<p:SubscriptionId xmlns:p="http://www.axis.com/2009/event" a:IsReferenceParameter="true">${id}</p:SubscriptionId>`
    const pullBody =
      "<tev:PullMessages><tev:Timeout>PT5S</tev:Timeout><tev:MessageLimit>5</tev:MessageLimit></tev:PullMessages>"
    const echoed = await soap({ url: to, action: actions.pull, body: pullBody, header: parameter })
    expect(messages(echoed.text)).toHaveLength(1)
    const forgotten = await soap({ url: to, action: actions.pull, body: pullBody })
    expect(forgotten.text).toContain("ResourceUnknownFault")
  })
})

test("GetEventProperties tells every topic a camera may send, and what its messages hold", async () => {
  const camera = await bench.camera({ inputs: [{ token: "in-1" }] })
  const reply = await soap({
    url: serviceOf(camera.url, "event_service"),
    body: "<tev:GetEventProperties/>",
    action: actions.properties
  })
  expect(texts(reply.text, "TopicExpressionDialect")).toContain(
    "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
  )
  expect(reply.text).toContain(
    '<Trigger><DigitalInput wstop:topic="true"><tt:MessageDescription IsProperty="true"><tt:Source>' +
      '<tt:SimpleItemDescription Name="InputToken" Type="tt:ReferenceToken"/></tt:Source><tt:Data>' +
      '<tt:SimpleItemDescription Name="LogicalState" Type="xs:boolean"/></tt:Data></tt:MessageDescription></DigitalInput></Trigger>'
  )
  expect(reply.text).not.toContain("AccessControl")
})
