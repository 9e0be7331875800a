import { Cause, Effect, Exit, Fiber, Scope } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Adapter, NotKept } from "../../adapters/adapter.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import { inThread } from "../../gateway/links/thread/in-thread.ts"
import { startLink } from "../adapters/start-link.ts"
import { type Course, crossing } from "./crossing-adapter.ts"

const device = DeviceId.make("cam")
const peer = {
  devices: [{ id: device, link: LinkId.make("link"), profile: "none", address: "none" }],
  profilesDirectory: "none"
}

let scope: Scope.Closeable
let adapter: Adapter<unknown>

const threaded = (more: { readonly stuckAfterMs?: number } = {}): Promise<Adapter<unknown>> => {
  const options = { now: Date.now, pointsOf: () => ["door.mode"], ...more }
  return Effect.runPromise(inThread(crossing as Adapter<unknown>, options).pipe(Scope.provide(scope)))
}

beforeEach(async () => {
  scope = Scope.makeUnsafe()
  adapter = await threaded()
})
afterEach(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const start = (settings: Course = {}, memory?: Map<string, unknown>) =>
  startLink(adapter, { ...peer, settings }, settings, memory)

type Started = ReturnType<typeof start>

const causeOf = async (link: Started): Promise<string> => {
  const exit = await link.ended()
  return Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "none"
}

describe("a link on a thread of its own", () => {
  it("reports, is told what became of it, and tells of nothing that is yet to come", async () => {
    const link = start({ says: 2 })
    await link.online()
    const first = await link.told.next()
    expect(first.report.receivedAt).toBeLessThanOrEqual(Date.now())
    first.settled(new NotKept({ reason: "the disk is full" }))
    const again = await link.told.next()
    expect(again.report.observations).toMatchObject([{ why: "1 was not kept: the disk is full" }])
    again.settled()
    const second = await link.told.next()
    expect(second.report.observations).toMatchObject([{ why: "2" }])
    second.settled()
    expect(await link.refused()).toBe("stranger attempt 1")
    await expect.poll(() => link.counts["attempts"]).toBe(1)
    await link.stop()
  })

  it("tells what it says patiently in its order, and before what cannot wait", async () => {
    const link = start({ together: 5, ends: "lost" })
    const said: Array<string> = []
    for (let nth = 0; nth < 6; nth++) {
      const { report, settled } = await link.told.next()
      said.push(...report.observations.map((observation) => ("why" in observation ? observation.why : "")))
      settled()
    }
    expect(said).toEqual(["patient 1", "patient 2", "patient 3", "patient 4", "patient 5", "at last"])
    expect(await causeOf(link)).toContain("the wire broke")
  })

  it.each([
    ["lost", "LinkLost: the wire broke"],
    ["rejected", "CredentialsRejected: who are you"],
    ["bug", "nobody thought of this"]
  ] as const)("ends as it does on ours: %s", async (ends, words) => {
    expect(await causeOf(start({ ends }))).toContain(words)
  })

  it("hands to its next attempt what it remembered", async () => {
    const memory = new Map<string, unknown>()
    await start({ ends: "lost" }, memory).ended()
    const second = start({}, memory)
    await expect.poll(() => second.counts["attempts"]).toBe(2)
    await second.stop()
  })

  it("is stopped with all that it offered", async () => {
    const link = start()
    await link.online()
    expect(link.abilities.has(device)).toBe(true)
    await link.stop()
    expect(link.abilities.has(device)).toBe(false)
  })
})

describe("what a device on a thread of its own can do", () => {
  const able = async () => {
    const link = start()
    await link.online()
    const { snapshot, command, takes } = link.abilities.get(device)!
    const order = (word: Parameters<NonNullable<typeof command>>[1]) =>
      Effect.runPromiseExit(command!("door.mode", word))
    return { link, snapshot: snapshot!, takes: takes!, order }
  }

  it("is done over there, and answered here", async () => {
    const { link, snapshot, order } = await able()
    const picture = await Effect.runPromise(snapshot)
    expect([...picture.bytes]).toEqual([0xff, 0xd8, 1])
    expect(Exit.isSuccess(await order("Unlock"))).toBe(true)
    expect(await order("Block")).toEqual(
      Exit.fail(expect.objectContaining({ _tag: "Unable", reason: "door.mode cannot be blocked" }))
    )
    expect(await order("LockDown")).toEqual(Exit.fail(expect.objectContaining({ _tag: "AnswerLost" })))
    await link.stop()
  })

  it("is known by the commands it takes, also when they change", async () => {
    const { link, takes, order } = await able()
    expect(takes("door.mode")).toEqual([])
    await order("Lock")
    await expect.poll(() => takes("door.mode")).toEqual(["Lock"])
    await link.stop()
  })

  it("may have been done when its link ends before it answers, and is given up when nobody waits", async () => {
    const { link, order } = await able()
    const givenUp = Effect.runFork(link.abilities.get(device)!.command!("door.mode", "Access"))
    await Effect.runPromise(Fiber.interrupt(givenUp))
    const waiting = order("Access")
    await link.stop()
    expect(await waiting).toEqual(Exit.fail(expect.objectContaining({ _tag: "AnswerLost" })))
  })
})

describe("a thread that fails", () => {
  it("takes its links down, and the next attempt has another one", async () => {
    expect(await causeOf(start({ ends: "exit" }))).toContain("the thread of its adapter ended: it stopped with code 7")
    const next = start()
    await next.online()
    await next.stop()
  })

  it("and never comes round is ended", async () => {
    adapter = await threaded({ stuckAfterMs: 5000 })
    const held = start()
    await held.online()
    expect(await causeOf(start({ ends: "stuck" }))).toContain("its loop did not come round for 5 s")
    expect(await causeOf(held)).toContain("its loop did not come round")
  })
})
