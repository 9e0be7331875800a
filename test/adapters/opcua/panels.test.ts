import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { Abilities, Adapter } from "../../../adapters/adapter.ts"
import { opcua } from "../../../adapters/opcua/adapter.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { noFaults } from "../../../simulators/opcua/faults.ts"
import { type OpcuaPanel, startOpcuaPanel } from "../../../simulators/opcua/panel.ts"
import { freePort, temporaryDirectory } from "../../road/peers.ts"
import { startLink } from "../start-link.ts"
import { brief } from "./heard.ts"

const directory = temporaryDirectory("opcua-panels")
const scope = Scope.makeUnsafe()
const profilesDirectory = resolve(import.meta.dirname, "../../../config/profiles")
const user = { name: "gatehouse", password: "kreidefelsen" }
const manyDoors = 200

let panel: OpcuaPanel
let port = 0

beforeAll(async () => {
  port = await freePort()
  const pki = join(directory.path, "panel")
  panel = await Effect.runPromise(
    startOpcuaPanel({
      port,
      pki,
      applicationUri: "urn:test:simulated-panel",
      panels: [
        {
          id: "panel",
          path: [],
          doors: [
            { token: "front", name: "Front door" },
            { token: "back", name: "Back door", capabilities: { tamper: false } }
          ],
          readers: [{ token: "front-in", door: "front" }]
        },
        {
          id: "tower",
          path: ["North", "Tower"],
          doors: Array.from({ length: manyDoors }, (_, nth) => ({ token: `T${nth + 1}`, name: `Tower ${nth + 1}` })),
          readers: []
        }
      ],
      users: [user],
      trustsEverybody: true
    }).pipe(Scope.provide(scope))
  )
  const trusted = join(directory.path, "pki/trusted/certs")
  mkdirSync(trusted, { recursive: true })
  copyFileSync(join(pki, "own/certs/certificate.pem"), join(trusted, "panel.pem"))
  writeFileSync(join(directory.path, "password"), `${user.password}\n`)
}, 60_000)
afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  directory.dispose()
}, 60_000)

const deviceOf = (more: Partial<Device> = {}): Device => ({
  id: DeviceId.make("panel"),
  link: LinkId.make("link"),
  profile: "opcua-generic-panel",
  address: "/",
  ...more
})

let states = 0
const links: Array<{ readonly stop: () => Promise<unknown> }> = []

/** A link to the panel whose reports are kept at once, and what it says. */
const listen = (
  devices: ReadonlyArray<Device> = [deviceOf()],
  directoryOfProfiles = profilesDirectory,
  more: Record<string, unknown> = {}
) => {
  const settings = {
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    user: { username: user.name, password: { file: join(directory.path, "password") } },
    pki: join(directory.path, "pki"),
    state: join(directory.path, `state-${++states}`),
    acknowledge: "acknowledge",
    ...more
  }
  const peer = { settings, devices, profilesDirectory: directoryOfProfiles }
  const heard: Array<Observation> = []
  const watchers = new Set<() => void>()
  const memory = new Map<string, unknown>()
  const run = () => {
    const link = startLink(opcua as unknown as Adapter<unknown>, peer, settings, memory)
    const take = async (): Promise<never> => {
      for (;;) {
        const { report, settled } = await link.told.next()
        heard.push(...report.observations)
        settled()
        for (const look of watchers) look()
      }
    }
    void take()
    links.push(link)
    return link
  }
  return {
    run,
    heard,
    memory,
    /** The first observation that says this in few words, from the `from`th on. */
    hear: (words: string, from = 0): Promise<Observation> =>
      new Promise((resolveWith) => {
        const look = (): void => {
          const found = heard.slice(from).find((one) => brief(one) === words)
          if (found === undefined) return
          watchers.delete(look)
          resolveWith(found)
        }
        watchers.add(look)
        look()
      }),
    until: (holds: () => boolean): Promise<void> =>
      new Promise((done) => {
        const look = (): void => {
          if (!holds()) return
          watchers.delete(look)
          done()
        }
        watchers.add(look)
        look()
      })
  }
}

/** A link that has heard how its panel is. */
const reached = async (settings: Record<string, unknown> = {}) => {
  const listening = listen(undefined, undefined, settings)
  const link = listening.run()
  await link.online()
  await listening.hear("online recovery")
  await listening.hear("door-back.mode Locked recovery")
  await listening.hear("door-front.tamper off recovery")
  const ability = (): Abilities => link.abilities.get("panel") as Abilities
  return { ...listening, link, ability }
}

beforeEach(async () => {
  panel.setFaults(noFaults)
  await Effect.runPromise(panel.plug)
  for (const command of ["LockDownRelease", "LockOpenRelease", "Closed", "Lock"] as const)
    panel.door("front", { _tag: command })
  panel.door("front", { _tag: "Tampered", on: false })
})
afterEach(async () => {
  for (const link of links.splice(0)) await link.stop()
})

describe("a panel by the shipped profile", () => {
  test("tells how its doors are as what has been so, and that it is there", async () => {
    const { heard } = await reached()
    expect(
      heard
        .map(brief)
        .filter((words) => words.startsWith("door-"))
        .sort()
    ).toEqual([
      "door-back.lock locked recovery",
      "door-back.mode Locked recovery",
      "door-back.position closed recovery",
      "door-front.lock locked recovery",
      "door-front.mode Locked recovery",
      "door-front.position closed recovery",
      "door-front.tamper off recovery"
    ])
  })

  test("tells who goes in, and what the door does, each with its time", async () => {
    const { heard, hear } = await reached()
    const from = heard.length
    panel.present("front-in", { number: "8000123", holder: "Ada" }, { granted: true })
    panel.door("front", { _tag: "Opened" })
    panel.door("front", { _tag: "Closed" })
    await hear("reader-front-in AccessTaken change", from)
    await hear("door-front.position closed change", from)
    await hear("door-front.mode Locked change", from)
    const told = heard.slice(from).map(brief)
    expect(told.filter((words) => words.startsWith("door-front.position"))).toEqual([
      "door-front.position open change",
      "door-front.position closed change"
    ])
    expect(heard.slice(from).find((one) => one._tag === "Occurrence")).toMatchObject({
      point: "reader-front-in",
      nativeKey: expect.stringMatching(/^opcua:[0-9a-f]+$/) as unknown,
      deviceTime: expect.any(Number) as unknown,
      occurrence: { _tag: "AccessGranted", credential: "8000123" }
    })
  })

  test("tells a forced door until it is closed, and takes an officer's answer to that state and no other", async () => {
    const { heard, hear, until, ability } = await reached()
    const from = heard.length
    panel.door("front", { _tag: "Opened" })
    await hear("door-front.alarm DoorForcedOpen change", from)
    const { acknowledge } = ability()
    const at = { condition: { id: "nsu=urn:gatehouse:access-panel;s=/Doors/front/DoorForced" } }
    const forced = () =>
      heard.findLast((one) => one._tag === "PanelCondition" && one.condition.id === at.condition.id) as
        | Extract<Observation, { _tag: "PanelCondition" }>
        | undefined
    expect(forced()).toMatchObject({
      ...at,
      point: "door-front.alarm",
      active: true,
      acked: false,
      answerable: true,
      means: { reading: { kind: "alarm", value: "DoorForcedOpen" } }
    })
    const answer = { ...at, event: forced()!.event, officer: "K. Lind", note: "on my way" }
    const before = panel.acknowledged().length
    panel.setFaults({ refusesAcknowledgements: true })
    const refused = await Effect.runPromise(acknowledge!(answer))
    expect(refused).toMatchObject({ outcome: "refused" })
    expect(refused.detail).toContain("does not allow it to this user")
    panel.setFaults({ refusesAcknowledgements: false })
    expect(await Effect.runPromise(acknowledge!(answer))).toEqual({ outcome: "proved" })
    expect(panel.acknowledged().slice(before)).toMatchObject([{ comment: "on my way (K. Lind via Gatehouse)" }])
    await until(() => forced()?.acked === true)
    expect(forced()?.comment).toBe("on my way (K. Lind via Gatehouse)")
    const stale = await Effect.runPromise(acknowledge!(answer))
    expect(stale).toMatchObject({ outcome: "stale" })
    expect(stale.detail).toContain("look again")
    panel.door("front", { _tag: "Closed" })
    await hear("door-front.alarm Normal change", from)
    await until(() => forced()?.active === false)
  })

  test("does what a door is told, and shows it; or says why not", async () => {
    const { heard, hear, ability } = await reached()
    const from = heard.length
    const { command, takes } = ability()
    expect(takes?.("door-front.mode")).toContain("LockDown")
    expect(takes?.("reader-front-in")).toEqual([])
    await Effect.runPromise(command!("door-front.mode", "Unlock"))
    await hear("door-front.mode Unlocked change", from)
    await hear("door-front.lock unlocked change", from)
    await Effect.runPromise(command!("door-front.lock", "LockDown"))
    await hear("door-front.mode LockedDown change", from)
    const refused = await Effect.runPromise(Effect.flip(command!("door-front.mode", "Unlock")))
    expect(refused.reason).toContain("BadInvalidState")
    const strange = await Effect.runPromise(Effect.flip(command!("door-side.mode", "Unlock")))
    expect(strange.reason).toContain("no node takes commands for door-side.mode")
  })

  test("leaves unknown what it has lost sight of, and is read again when it sees it", async () => {
    const { heard, hear } = await reached()
    const from = heard.length
    panel.setFaults({ statuses: { front: "BadNoCommunication" } })
    const lost = await hear("door-front.position unknown change", from)
    expect(lost).toMatchObject({ source: expect.stringContaining("BadNoCommunication") as unknown })
    panel.setFaults({ statuses: {}, strange: true })
    await hear("door-front.position closed change", from)
    await hear('unreadable: value is "9"; expected one of "0", "1", "2"', from)
  })

  test("that threw events away leaves a gap", async () => {
    const { link } = await reached()
    await link.gap()
    panel.overflow()
    expect(await link.gap()).toContain("QueueDropped")
  })

  test.each(["BadMethodInvalid", "BadNothingToDo", "BadUserAccessDenied"] as const)(
    "that does not repeat its alarms (%s) has those that are known read, and the rest told as unknown",
    async (refusesRefresh) => {
      const { heard, hear, link } = await reached()
      expect(await link.gap()).toContain("SessionLost")
      panel.door("front", { _tag: "Opened" })
      await hear("door-front.alarm DoorForcedOpen change")
      panel.setFaults({ refusesRefresh })
      const from = heard.length
      panel.overflow()
      expect(await link.gap()).toContain("QueueDropped")
      expect(await link.gap()).toBe(
        `SubscriptionRefused: the server does not repeat its alarms (${refusesRefresh}): 1 known one was read; which others are active is not known until they change`
      )
      await hear("door-front.alarm DoorForcedOpen recovery", from)
      await hear("door-front.position open recovery", from)
      expect(heard.slice(from).map(brief)).not.toContain("door-front.alarm Normal recovery")
      panel.door("front", { _tag: "Closed" })
      await hear("door-front.alarm Normal change", from)
    }
  )

  test("whose events come faster than its queue holds leaves a gap with its span, before what came after it", async () => {
    const { heard, link, until } = await reached({ queueSize: 100 })
    expect(link.granted()).toEqual({ event_queue: 100, value_queue: 10, publishing_ms: 250, lifetime_s: 3600 })
    await link.gap()
    const from = heard.length
    const since = Date.now()
    panel.tellAtOnce(
      Array.from({ length: 150 }, (_, nth) => ({
        _tag: "AccessNotTaken" as const,
        reader: "front-in",
        card: { number: String(nth + 1) }
      }))
    )
    expect(await link.gap()).toContain("QueueDropped: the server's queues for i=2253 ran over: raise queueSize")
    const gap = link.gaps.at(-1)
    expect(gap).toMatchObject({ cause: "QueueDropped", devices: ["panel"] })
    expect(gap?.from).toBeLessThanOrEqual(Date.now())
    expect(gap?.to).toBeGreaterThanOrEqual(since)
    const cards = () =>
      heard
        .slice(from)
        .flatMap((one) =>
          one._tag === "Occurrence" && one.occurrence._tag === "AccessNotTaken"
            ? [Number(one.occurrence.credential)]
            : []
        )
    await until(() => cards().includes(150))
    // Of the hundred that the queue holds one is the word that it ran over.
    expect(cards()).toEqual(Array.from({ length: 99 }, (_, nth) => nth + 52))
  })

  test("whose values change faster than its queue holds leaves a gap with its span, and is read again", async () => {
    const { heard, hear, link } = await reached()
    await link.gap()
    const from = heard.length
    panel.flutter("front")
    expect(await link.gap()).toContain("Doors/front/Contact ran over")
    expect(link.gaps.at(-1)).toMatchObject({
      cause: "QueueDropped",
      devices: ["panel"],
      from: expect.any(Number) as unknown
    })
    await hear("door-front.position closed recovery", from)
  })

  test("that says that doors came and went has the new ones heard, and those that are gone told", async () => {
    const { heard, hear, link } = await reached()
    expect(await link.gap()).toContain("SessionLost")
    panel.hang("panel", { token: "side", name: "Side door" })
    await hear("door-side.position closed recovery")
    panel.door("side", { _tag: "Opened" })
    await hear("door-side.position open change")
    const from = heard.length
    panel.takeDown("side")
    expect(await link.gap()).toMatch(
      /^SubscriptionRefused: .*Doors\/side\/Contact.* and 1 other are not at the server any more$/
    )
    await hear("door-front.position closed recovery", from)
    const words = heard
      .slice(from)
      .map(brief)
      .filter((one) => one.startsWith("door-side"))
    expect(words.filter((one) => !/ unknown change$/i.test(one))).toEqual([])
    panel.hang("panel", { token: "side", name: "Side door" })
    await hear("door-side.position closed recovery", from)
    panel.takeDown("side")
    await link.gap()
  })

  test("that says nothing of a new door has it found when the gateway starts again", async () => {
    panel.setFaults({ hidesModelChanges: true })
    const { heard, hear, link, run, memory } = await reached()
    await link.stop()
    panel.hang("panel", { token: "late", name: "Late door" })
    const from = heard.length
    memory.clear()
    const again = run()
    await hear("door-late.position closed recovery", from)
    // The subscription is the one that there was: nothing was missed.
    expect(again.gaps).toEqual([])
    panel.takeDown("late")
  })

  test("is the same panel after a restart with its namespaces in another order", async () => {
    const { heard, hear, link, run } = await reached()
    expect(await link.gap()).toContain("SessionLost: this is the first time")
    panel.door("front", { _tag: "Opened" })
    await hear("door-front.alarm DoorForcedOpen change")
    const from = heard.length
    panel.setFaults({ namespacesBefore: ["urn:maker:diagnostics", "urn:maker:update"] })
    await Effect.runPromise(panel.stop)
    panel.door("front", { _tag: "Closed" })
    await Effect.runPromise(panel.start)
    const next = Promise.race([link.online().then(() => link), link.ended().then(() => run())])
    const back = await next
    await hear("door-front.position closed recovery", from)
    // The alarm was over before the server came back: it does not repeat it, and that tells.
    await hear("door-front.alarm Normal recovery", from)
    expect(back.granted()["event_queue"]).toBe(5000)
    expect(back.gaps.concat(link.gaps).map(({ cause }) => cause)).toContain("SessionLost")
    panel.door("front", { _tag: "Tampered", on: true })
    await hear("door-front.tamper on change", from)
  }, 60_000)
})

describe("a profile", () => {
  test("of ten lines is a tower of 200 doors", async () => {
    const profiles = join(directory.path, "tower")
    mkdirSync(profiles)
    const text = `description: a tower
protocol: opcua
namespaces: { p: "urn:gatehouse:access-panel" }
readings:
  - { node: "p:Doors/p:{door}/p:Contact", point: "door-{door}.position", kind: position, values: { true: open, false: closed } }
  - { node: "p:Doors/p:{door}/p:LockState", point: "door-{door}.lock", kind: lock, values: { 0: locked, 1: unlocked } }
tests: []
`
    writeFileSync(join(profiles, "tower.yaml"), text)
    expect(text.split("\n").length).toBeLessThanOrEqual(10)
    const tower = deviceOf({ id: DeviceId.make("tower"), profile: "tower", address: "/p:North/p:Tower" })
    const { run, heard, hear, until } = listen([tower], profiles)
    run()
    await until(() => heard.filter(({ _tag }) => _tag === "Reading").length >= 2 * manyDoors)
    const points = new Set(heard.flatMap((one) => (one._tag === "Reading" ? [one.point] : [])))
    expect(points.size).toBe(2 * manyDoors)
    panel.door("T137", { _tag: "Opened" })
    await hear("door-T137.position open change")
    panel.door("T137", { _tag: "Closed" })
  }, 60_000)

  test("that names what the panel has not is told, and the rest is heard", async () => {
    const profiles = join(directory.path, "wrong")
    mkdirSync(profiles)
    writeFileSync(
      join(profiles, "wrong.yaml"),
      `description: wrong
protocol: opcua
namespaces: { p: "urn:gatehouse:access-panel" }
readings:
  - { node: "p:Doors/p:front/p:Contact", point: position, kind: position, values: { true: open, false: closed } }
  - { node: "p:Gates/p:{gate}/p:Contact", point: "gate-{gate}", kind: position, values: { true: open, false: closed } }
  - { node: "p:Doors/p:front/p:LockState", point: lock, kind: lock, values: { true: locked } }
  - { node: "q;s={address}", point: other, kind: input, values: { true: "on" } }
namespaces: &no { p: "urn:gatehouse:access-panel", q: "urn:nobody" }
tests: []
`
        .replace(/^namespaces: \{ p: "urn:gatehouse:access-panel" \}\n/m, "")
        .replace("&no ", "")
    )
    const { run, hear } = listen([deviceOf({ profile: "wrong" })], profiles)
    const link = run()
    await link.online()
    await hear("position closed recovery")
    const told = [await link.gap(), await link.gap(), await link.gap(), await link.gap()].join("\n")
    expect(told).toContain("nothing is at /Gates")
    expect(told).toContain("is a number, not a boolean")
    expect(told).toContain("the server has no namespace urn:nobody")
  })

  test("that nobody has is a matter for a person", async () => {
    const { run } = listen([deviceOf({ profile: "nobody" })])
    const exit = await run().ended()
    expect(JSON.stringify(exit)).toContain("there is no usable OPC UA profile")
  })
})
