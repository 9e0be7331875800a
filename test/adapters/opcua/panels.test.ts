import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { brief } from "./heard.ts"
import { panel, reached } from "./shipped-panel.ts"

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

  test("that publishes seldom is heard late and whole, and is not taken for lost", async () => {
    panel.setFaults({ publishesEveryMs: 2000 })
    const { heard, hear, link } = await reached()
    expect(link.granted()).toMatchObject({ publishing_ms: 2000 })
    expect(await link.gap()).toContain("SessionLost")
    const from = heard.length
    for (const _tag of ["Opened", "Closed", "Opened", "Closed"] as const) panel.door("front", { _tag })
    await hear("door-front.alarm Normal change", from)
    const positions = heard
      .slice(from)
      .flatMap((one) => (brief(one).startsWith("door-front.position") ? [brief(one)] : []))
    expect(positions.at(-1)).toBe("door-front.position closed change")
    expect(link.gaps).toHaveLength(1)
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
