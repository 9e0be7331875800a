import { Deferred, Effect, Exit, Schema } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import { observe, type Course } from "../../../adapters/onvif/probe/conformance.ts"
import { Seen } from "../../../adapters/onvif/probe/conformance-seen.ts"
import { readTopicSet } from "../../../adapters/onvif/probe/conformance-topics.ts"
import { OnvifSettings } from "../../../adapters/onvif/settings.ts"
import { parseXml } from "../../../adapters/onvif/wire/xml.ts"
import { DeviceId } from "../../../gateway/domain/ids.ts"
import type { Observation, PointValue } from "../../../gateway/domain/observation.ts"
import type { OnvifDevice } from "../../../simulators/onvif/device.ts"
import type { Faults } from "../../../simulators/onvif/faults.ts"
import type { OnvifDeviceOptions } from "../../../simulators/onvif/options.ts"
import { camera, controller, openDevice, type OnvifPeer, until } from "./peers.ts"

const peers: Array<OnvifPeer> = []
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.stop()))
})

const open = async (
  options: OnvifDeviceOptions,
  faults: Partial<Faults> = {},
  more: Readonly<Record<string, unknown>> = {}
): Promise<OnvifPeer> => {
  const peer = await openDevice(options, faults, more)
  peers.push(peer)
  return peer
}

const decode = Schema.decodeUnknownSync(OnvifSettings)

/** Observes the device; once it is watched, `act` is done to it, and the watching ends when `last` was seen. */
const observed = async (
  peer: OnvifPeer,
  act: (device: OnvifDevice, waiting: () => Promise<void>) => void | Promise<void> = () => {},
  last: (course: Course) => boolean = ({ _tag }) => _tag === "Seen"
) => {
  const courses: Array<Course> = []
  const enough = Deferred.makeUnsafe<void>()
  const tell = (course: Course): void => {
    courses.push(course)
    if (last(course)) Deferred.doneUnsafe(enough, Exit.void)
    if (course._tag !== "Watching") return
    // Once a pull waits, the state at the beginning was told; what follows is news.
    void act(peer.device, () => until(peer, () => peer.device.subscriptions.waiting() === 1))
  }
  const seen = await Effect.runPromise(
    observe({
      settings: decode(peer.settings),
      device: peer.devices[0]!,
      now: Date.now,
      profilesDirectory: peer.profilesDirectory,
      timeZone: "UTC",
      tell,
      until: Deferred.await(enough)
    })
  )
  return { seen, courses, point: (name: string) => seen.points.find(({ point }) => point === name) }
}

const saw = (point: string, value: string) => (course: Course) =>
  course._tag === "Seen" &&
  course.news._tag === "Point" &&
  course.news.point === point &&
  course.news.value === value &&
  course.news.change

describe("a door controller that is observed", () => {
  test("is taken at what it reports while its door is worked, and nothing stays subscribed", async () => {
    const peer = await open(controller)
    const { seen, courses, point } = await observed(
      peer,
      async (device, waiting) => {
        await waiting()
        device.present("reader-in", { _tag: "Credential", token: "card-7", holder: "Ann" }, { granted: true })
        device.door("door-1", { _tag: "Opened" })
        device.door("door-1", { _tag: "Closed" })
      },
      saw("door-door-1.lock", "locked")
    )
    expect(point("door-door-1.position")).toEqual({
      point: "door-door-1.position",
      kind: "position",
      states: { closed: expect.any(Number) },
      changes: { closed: 1, open: 1 },
      missed: {}
    })
    expect(point("door-door-1.mode")?.changes).toMatchObject({ Accessed: 1 })
    expect(seen.occurrences).toContainEqual({ point: "reader-reader-in", word: "AccessGranted", count: 1 })
    expect(seen.topics).toContainEqual({
      topic: "AccessControl/Duress",
      offered: true,
      property: false,
      initial: 0,
      later: 0
    })
    expect(seen.habits).toMatchObject({
      initialState: "Initialized",
      repeatsState: true,
      answersEmptyEarly: false,
      leaseAskedMs: 60_000,
      pullExtendsLease: true,
      renew: "works"
    })
    expect(seen.subscribers).toEqual({ taken: 10, refusal: undefined, forgetsTheFirst: false })
    expect(seen.reconnectMs).toBeGreaterThan(0)
    expect(seen.picture).toBeUndefined()
    expect(courses.find(({ _tag }) => _tag === "Watching")).toMatchObject({
      doors: ["Main entrance"],
      readers: ["Main entrance, in", "Main entrance, out"]
    })
    // It holds nobody's card and nobody's name.
    expect(JSON.stringify([seen, courses])).not.toMatch(/card-7|Ann/)
    expect(peer.device.subscriptions.open()).toBe(0)
    expect(peer.device.subscriptions.expired()).toBe(0)
  }, 60_000)
})

test("a door controller that closes without a word is found out when it is asked", async () => {
  const peer = await open(controller)
  const { point } = await observed(
    peer,
    async (device, waiting) => {
      await waiting()
      device.door("door-1", { _tag: "Opened" })
      device.setFaults({ silent: true })
      device.door("door-1", { _tag: "Closed" })
      device.setFaults({ silent: false })
    },
    saw("door-door-1.position", "open")
  )
  expect(point("door-door-1.position")).toMatchObject({ changes: { open: 1 }, missed: { closed: 1 } })
  expect(peer.device.subscriptions.open()).toBe(0)
}, 60_000)

describe("a camera with habits of its own", () => {
  test("is seen for what it is", async () => {
    const faults: Partial<Faults> = {
      initialState: "none",
      synchronizationUnsupported: true,
      emptyReplyEarly: true,
      extendOnPull: false,
      renewUnsupported: true,
      maxPullPoints: 3,
      clockSkewMs: 9000
    }
    const peer = await open(camera, faults)
    const { seen, point } = await observed(peer, async ({ setFaults, happen, counters }, waiting) => {
      // Only what comes after the first answer is news beyond doubt, however inexactly the clock is known.
      const pulls = counters.requests("PullMessages")
      await until(peer, () => counters.requests("PullMessages") === pulls + 2)
      setFaults({ emptyReplyEarly: false })
      await waiting()
      happen({ _tag: "Motion", source: "source-1", on: true })
    })
    expect(seen.habits).toMatchObject({
      initialState: "none",
      repeatsState: false,
      answersEmptyEarly: true,
      pullExtendsLease: false,
      renew: "refused"
    })
    expect(seen.subscribers).toEqual({ taken: 3, refusal: "all pull points are taken", forgetsTheFirst: false })
    expect(seen.clock?.offsetMs).toBeGreaterThan(8000)
    expect(seen.picture).toMatchObject({ bytes: expect.any(Number), tookMs: expect.any(Number) })
    // Without a state at the beginning, the first word is news.
    expect(point("motion-source-1")).toMatchObject({ states: {}, changes: { on: 1 } })
    expect(peer.device.subscriptions.open()).toBe(0)
  }, 60_000)

  test("that keeps one subscription is observed all the same, and comes back in its place", async () => {
    const peer = await open(camera, { maxPullPoints: 1 })
    const { seen } = await observed(peer)
    expect(seen.subscribers?.taken).toBe(1)
    expect(seen.reconnectMs).toBeGreaterThan(0)
    expect(peer.device.subscriptions.open()).toBe(0)
  }, 60_000)

  test("of which no subscription may be ended is not made to take ten", async () => {
    const peer = await open(camera, {}, { unsubscribe: "never" })
    const { seen } = await observed(peer)
    expect(seen.subscribers).toBeUndefined()
    expect(peer.device.counters.requests("Unsubscribe")).toBe(0)
  }, 60_000)

  test("that does not let us in is not observed, and the reason is a link's", async () => {
    const peer = await open(camera)
    await expect(observed({ ...peer, settings: peer.wrongSettings })).rejects.toThrow(/refuses the user "gatehouse"/)
  })
})

const device = DeviceId.make("dc")
const reading = (point: string, value: PointValue, origin: "change" | "recovery"): Observation => ({
  _tag: "Reading",
  device,
  point,
  origin,
  source: "t",
  reading: value
})
const position = (value: "open" | "closed", origin: "change" | "recovery" = "change") =>
  reading("door.position", { kind: "position", value }, origin)

describe("what was seen", () => {
  const message = (operation?: "Initialized" | "Changed") => ({ topic: "Door/State/DoorPhysicalState", operation })
  const seenOf = (steps: ReadonlyArray<readonly [Observation, boolean]>) => {
    const seen = new Seen([])
    const news = steps.flatMap(([observation, beginning]) => seen.add(message("Changed"), [observation], beginning))
    return { news, point: seen.points()[0] }
  }

  test("is a change when the value is another than before, and a state when it is told again", () => {
    const { point, news } = seenOf([
      [position("closed"), true],
      [position("closed"), false],
      [position("open"), false],
      [position("open"), false],
      [position("closed"), false]
    ])
    expect(point).toMatchObject({ states: { closed: 2, open: 1 }, changes: { open: 1, closed: 1 } })
    expect(news).toMatchObject([
      { value: "closed", change: false },
      { value: "open", change: true },
      { value: "closed", change: true }
    ])
  })

  test("after a lost subscription is a state, though it differs", () => {
    const { point } = seenOf([
      [position("closed"), true],
      [position("open", "recovery"), true]
    ])
    expect(point).toMatchObject({ states: { closed: 1, open: 1 }, changes: {} })
  })

  test("is set beside how the device stands when it is asked", () => {
    const seen = new Seen([])
    seen.add(message(), [position("open")], false)
    seen.found("door.position", { kind: "position", value: "closed" })
    seen.found("door.position", { kind: "position", value: "closed" })
    seen.found("door.lock", { kind: "lock", value: "locked" })
    expect(seen.points()).toMatchObject([
      { point: "door.lock", missed: {} },
      { point: "door.position", changes: { open: 1 }, missed: { closed: 1 } }
    ])
  })

  test("of a topic that the profile makes nothing of is told once", () => {
    const seen = new Seen([{ topic: "Acme", property: true }])
    const one = { topic: "Acme/Lens", operation: undefined }
    expect(seen.add(one, [], false)).toEqual([{ _tag: "Topic", topic: "Acme/Lens" }])
    expect(seen.add(one, [], false)).toEqual([])
    expect(seen.topics()).toEqual([{ topic: "Acme/Lens", offered: true, property: true, initial: 0, later: 2 }])
  })
})

describe("the topics that a device offers", () => {
  const topicSet = (inside: string) =>
    readTopicSet(
      parseXml(
        Buffer.from(
          '<r:GetEventPropertiesResponse xmlns:r="http://www.onvif.org/ver10/events/wsdl"><s:TopicSet xmlns:s="http://docs.oasis-open.org/wsn/t-1" ' +
            'xmlns:tns1="http://www.onvif.org/ver10/topics" xmlns:ax="http://www.axis.com/2009/event/topics" xmlns:tt="http://www.onvif.org/ver10/schema">' +
            `${inside}</s:TopicSet></r:GetEventPropertiesResponse>`
        )
      )
    )

  test("are the branches that carry messages, a maker's own among them", () => {
    const found = topicSet(
      '<tns1:Device><Trigger><DigitalInput s:topic="true"><tt:MessageDescription IsProperty="true"><tt:Source/></tt:MessageDescription></DigitalInput></Trigger>' +
        '<ax:IO><Port s:topic="1"><tt:MessageDescription IsProperty="false"/></Port></ax:IO></tns1:Device>' +
        "<tns1:Media><ProfileChanged><tt:MessageDescription/></ProfileChanged></tns1:Media>"
    )
    expect(found).toEqual([
      { topic: "Device/Trigger/DigitalInput", property: true },
      { topic: "Device/tnsaxis:IO/Port", property: false },
      { topic: "Media/ProfileChanged", property: false }
    ])
  })

  test("may be one above another", () => {
    const found = topicSet('<tns1:RuleEngine s:topic="true"><Line s:topic="true"/></tns1:RuleEngine>')
    expect(found.map(({ topic }) => topic)).toEqual(["RuleEngine", "RuleEngine/Line"])
  })
})
