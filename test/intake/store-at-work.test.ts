import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Database from "better-sqlite3"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { nextDue } from "../../gateway/correlation/fold.ts"
import { type EventLoop, nodeLoop } from "../../gateway/intake/event-loop.ts"
import { openForReading, openForWriting } from "../../gateway/log/database.ts"
import { storeOver } from "../../gateway/log/log-store.ts"
import { verifyLog } from "../../gateway/log/verify.ts"
import { openIntake, openIntakeOver, position, press, settableClock } from "./open-intake.ts"

const start = Date.parse("2026-03-02T10:00:00Z")
let directory = ""
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "gatehouse-store-"))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** So that what was just reported is folded, and at the store if that is free. */
const turn = async (): Promise<void> => {
  for (let nth = 0; nth < 2; nth++) await new Promise((resolve) => setImmediate(resolve))
}

/** A clock with the timers that are set by it: they fire when the test lets time pass. */
const testTime = () => {
  const clock = settableClock(start)
  const timers = new Set<{ readonly at: number; readonly work: () => void }>()
  const loop: EventLoop = {
    soon: nodeLoop.soon,
    after: (ms, work) => {
      const timer = { at: clock.now() + ms, work }
      timers.add(timer)
      return () => void timers.delete(timer)
    }
  }
  /** What is due by then fires, once each. */
  const pass = (ms: number): void => {
    clock.pass(ms)
    const due = [...timers].filter(({ at }) => at <= clock.now())
    for (const timer of due) if (timers.delete(timer)) timer.work()
  }
  return { now: clock.now, loop, pass }
}

/** An intake whose store writes at once, or, while it is held, when it is let. */
const openHeldIntake = async () => {
  const file = join(directory, "gatehouse.db")
  const database = openForWriting(file, "test", start)
  const over = storeOver(database)
  const reading = openForReading(file)
  const held: Array<() => void> = []
  let isHeld = false
  const write: typeof over.write = (batch, wantsFrames, answer) => {
    if (isHeld) held.push(() => over.write(batch, wantsFrames, answer))
    else over.write(batch, wantsFrames, answer)
  }
  const { now, loop, pass } = testTime()
  const gateway = await openIntakeOver({ store: { ...over, write }, reading }, now, loop)
  await gateway.configure()
  return {
    ...gateway,
    pass,
    /** Another program holds the log for so long as `work` runs. */
    locked: async (work: () => Promise<unknown>) => {
      const other = new Database(file)
      other.exec("BEGIN IMMEDIATE")
      await work()
      other.close()
    },
    hold: () => void (isHeld = true),
    /** Writes what waits at the store; what comes then waits there. */
    letOneGo: () => held.shift()?.(),
    /** Writes what waits at the store and what is sent there meanwhile, and all that comes from now on. */
    letGo: () => {
      for (let one = held.shift(); one !== undefined; one = held.shift()) one()
      isHeld = false
    },
    atStore: () => held.length,
    end: async () => {
      await gateway.close()
      reading.close()
      database.close()
      expect(verifyLog(directory).faults).toEqual([])
    }
  }
}

/** The same with a door that has opened: it is judged, and held, when its time comes. */
const openWithDoorOpen = async () => {
  const gateway = await openHeldIntake()
  await gateway.report({ observations: [position("closed")], receivedAt: start })
  await gateway.report({ observations: [position("open")], receivedAt: start })
  return { gateway, before: gateway.log.head() }
}

/** What the facts behind an entry are. */
const factsBehind = async ({ entries }: Awaited<ReturnType<typeof openHeldIntake>>, before: number) =>
  (await entries(before, "Fact")).map((entry) => entry._tag === "Fact" && entry.fact._tag)

const keyed = (action: string) => ({ observations: [press(action, { nativeKey: action })], receivedAt: start })

describe("while a batch is at the store", () => {
  it("what comes in is folded over it, and kept behind it", async () => {
    const gateway = await openHeldIntake()
    const before = gateway.log.head()
    gateway.hold()
    const first = gateway.report({ observations: [position("closed")], receivedAt: start })
    await turn()
    const second = gateway.report({ observations: [position("open")], receivedAt: start })
    await turn()
    expect([gateway.atStore(), gateway.log.head()]).toEqual([1, before])
    gateway.letGo()
    expect(await Promise.all([first, second])).toEqual([undefined, undefined])
    const facts = await gateway.entries(before, "Fact")
    expect(facts.map((entry) => "event" in entry && entry.event?._tag)).toEqual(["DeviceAvailable", "PointChanged"])
    await gateway.end()
  })

  it("a happening that its source tells again is kept once", async () => {
    const gateway = await openHeldIntake()
    const before = gateway.log.head()
    gateway.hold()
    const first = gateway.report(keyed("single"))
    await turn()
    const again = gateway.report(keyed("single"))
    await turn()
    gateway.letGo()
    await Promise.all([first, again])
    await gateway.report(keyed("single"))
    expect(gateway.intake.status().counts.duplicates).toBe(2)
    expect(await gateway.entries(before, "Fact")).toHaveLength(1)
    await gateway.end()
  })

  it("time that is on its way there is not told again", async () => {
    const { gateway, before } = await openWithDoorOpen()
    gateway.hold()
    const first = gateway.report({ observations: [press("single")], receivedAt: start })
    await turn()
    gateway.pass(4000)
    await turn()
    gateway.letOneGo()
    await first
    gateway.pass(0)
    await turn()
    gateway.letGo()
    await gateway.report({ observations: [press("double")], receivedAt: start })
    expect(await factsBehind(gateway, before)).toEqual(["Observed", "TimePassed", "Observed"])
    await gateway.end()
  })

  it("what is patient finds its place between those who never let the store rest", async () => {
    const gateway = await openHeldIntake()
    gateway.hold()
    let isKept = false
    const patient = { observations: [press("long")], receivedAt: start, source: "camera", patient: true } as const
    void gateway.report(patient).then(() => (isKept = true))
    for (let nth = 0; nth < 5; nth++) {
      void gateway.report({ observations: [press("single")], receivedAt: start })
      await turn()
      gateway.pass(60)
      await turn()
      gateway.letOneGo()
    }
    await turn()
    expect(isKept).toBe(true)
    gateway.letGo()
    await gateway.end()
  })

  it("what had come before a deadline is heard before it, however long the store takes", async () => {
    const { gateway, before } = await openWithDoorOpen()
    const due = nextDue(gateway.intake.situation())! - start
    gateway.hold()
    const first = gateway.report({ observations: [press("single")], receivedAt: start })
    await turn()
    gateway.pass(due - 120)
    const patient = { observations: [position("closed")], receivedAt: start, source: "door", patient: true } as const
    const second = gateway.report(patient)
    for (let nth = 0; nth < 2; nth++) {
      gateway.pass(60)
      await turn()
    }
    gateway.letGo()
    expect(await Promise.all([first, second])).toEqual([undefined, undefined])
    expect((await factsBehind(gateway, before)).slice(0, 2)).toEqual(["Observed", "Observed"])
    await gateway.end()
  })

  it("a disk that does not answer is told of, until it does", async () => {
    const gateway = await openHeldIntake()
    gateway.hold()
    const first = gateway.report({ observations: [press("single")], receivedAt: start })
    await turn()
    const second = gateway.report({ observations: [press("double")], receivedAt: start })
    await turn()
    gateway.pass(9000)
    expect(gateway.intake.status()).toMatchObject({ accepting: true, queued: 2 })
    gateway.pass(1000)
    expect(gateway.intake.status()).toMatchObject({ accepting: false, refusedSince: start, queued: 2 })
    gateway.letGo()
    expect(await Promise.all([first, second])).toEqual([undefined, undefined])
    expect(gateway.intake.status()).toMatchObject({ accepting: true, queued: 0, counts: { refused: 0 } })
    await gateway.end()
  })

  it("time that is told before the store has written is not told again", async () => {
    const { gateway, before } = await openWithDoorOpen()
    gateway.hold()
    const first = gateway.report({ observations: [press("single")], receivedAt: start })
    await turn()
    gateway.pass(4000)
    gateway.letOneGo()
    await turn()
    gateway.pass(0)
    await turn()
    gateway.letGo()
    await first
    await gateway.report({ observations: [press("double")], receivedAt: start })
    expect(await factsBehind(gateway, before)).toEqual(["Observed", "TimePassed", "Observed"])
    await gateway.end()
  })

  it("its refusal takes along what was built on it, and nothing of either stays", async () => {
    const gateway = await openHeldIntake()
    const before = gateway.log.head()
    await gateway.locked(async () => {
      gateway.hold()
      const first = gateway.report({ observations: [position("closed")], receivedAt: start })
      await turn()
      const second = gateway.report(keyed("single"))
      await turn()
      gateway.letGo()
      const refusals = await Promise.all([first, second])
      for (const refusal of refusals) expect(refusal?.reason).toContain("another program holds it")
      expect(gateway.intake.status()).toMatchObject({ accepting: false, counts: { refused: 2 } })
    })
    expect(await gateway.report(keyed("single"))).toBeUndefined()
    const facts = await gateway.entries(before, "Fact")
    expect(facts).toMatchObject([{ fact: { _tag: "StoreRefused", refused: 2 } }, { fact: { _tag: "Observed" } }])
    expect(gateway.intake.status()).toMatchObject({ accepting: true, counts: { duplicates: 0 } })
    await gateway.end()
  })
})

describe("while the log is closed", () => {
  it("tells whoever reports while it closes whether that is kept", async () => {
    const file = join(directory, "gatehouse.db")
    const gateway = await openIntake(file, settableClock(start).now)
    const told: Array<Promise<unknown>> = []
    let isOver = false
    const closing = gateway.close().then(() => (isOver = true))
    while (!isOver) {
      told.push(gateway.report({ observations: [press("single")], receivedAt: start }))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await closing
    const refusals = await Promise.all(told)
    const again = await openIntake(file, settableClock(start).now)
    const facts = await again.entries(0, "Fact")
    const kept = facts.filter((entry) => entry._tag === "Fact" && entry.fact._tag === "Observed")
    expect(kept).toHaveLength(refusals.filter((refusal) => refusal === undefined).length)
    await again.close()
  })

  it("what waits is refused, even where the word of the end is", async () => {
    const gateway = await openHeldIntake()
    await gateway.locked(async () => {
      const waits = gateway.report({
        observations: [press("single")],
        receivedAt: start,
        source: "camera",
        patient: true
      })
      await gateway.close()
      expect((await waits)?.reason).toBe("the gateway has stopped")
    })
    await gateway.end()
  })
})
