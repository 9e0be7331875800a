import { Effect } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import type { Condition } from "../../../adapters/opcua/sources.ts"
import { type Proxy, startProxy } from "../../road/proxy.ts"
import { accessEvents, node, type Rig, type Site, startRig, startSite, value } from "./rig.ts"

/** What became of something that was tried: `undefined` when it was done, else why not. */
const outcome = (effect: Effect.Effect<void, { readonly reason: string }>): Promise<string | undefined> =>
  Effect.runPromise(
    effect.pipe(
      Effect.as(undefined),
      Effect.catch(({ reason }) => Effect.succeed(reason))
    )
  )

describe("what goes back to a panel", () => {
  let site: Site
  let proxy: Proxy
  const rigs: Array<Rig> = []
  const sources = {
    values: [value("lock", "Doors/Door1/LockState", "number"), value("command", "Doors/Door1/Command", "number")],
    events: [accessEvents({ nodeId: "i=2253" })]
  }
  const start = (acknowledge = "acknowledge"): Rig => {
    const rig = startRig({ settings: site.secured(`opc.tcp://127.0.0.1:${proxy.port}`, { acknowledge }), sources })
    rigs.push(rig)
    return rig
  }
  const force = (door: string, value: boolean) => site.panel.tell("set", { door, variable: "Forced", value })

  /** The newest state of a door's alarm, once it is so. */
  const alarm = async (rig: Rig, door: string, isSo: (condition: Condition) => boolean): Promise<Condition> => {
    const states = () =>
      rig.keeper
        .of("Condition")
        .map(({ condition }) => condition)
        .filter(({ branchId, conditionId }) => branchId === undefined && conditionId.includes(`${door}/`))
    await rig.keeper.until(() => {
      const last = states().at(-1)
      return last !== undefined && isSo(last)
    })
    const last = states().at(-1)
    if (last === undefined) throw new Error("no alarm was heard")
    return last
  }
  /** A door's alarm, just raised. */
  const raise = async (rig: Rig, door: string): Promise<Condition> => {
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    await force(door, true)
    return alarm(rig, door, ({ active, acked }) => active && !acked)
  }

  beforeAll(async () => {
    site = await startSite({ doors: 9 })
    proxy = await startProxy(site.panel.options.port)
  })
  afterAll(async () => {
    await proxy.stop()
    await site.stop()
  })
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.stop()
  })

  it("acknowledges an alarm in the officer's name, and knows it by the panel's own word", async () => {
    const rig = start()
    const condition = await raise(rig, "Door1")
    const answer = { condition, officer: "M. Okafor", comment: "guard sent" }
    expect(await outcome(rig.writes().acknowledge(answer))).toBeUndefined()
    expect(await site.panel.tell("alarmState", { door: "Door1" })).toMatchObject({
      acked: true,
      active: true,
      comment: "guard sent (M. Okafor via Gatehouse)"
    })
    await alarm(rig, "Door1", ({ acked }) => acked)
  })

  it("confirms as well where the link says so", async () => {
    const rig = start("acknowledge+confirm")
    const condition = await raise(rig, "Door2")
    const answer = { condition, officer: "M. Okafor", comment: "" }
    expect(await outcome(rig.writes().acknowledge(answer))).toBeUndefined()
    const last = await alarm(rig, "Door2", ({ confirmed }) => confirmed === true)
    expect(last).toMatchObject({ acked: true, confirmed: true })
  })

  it("does nothing where the link says that acknowledgements stay here", async () => {
    const rig = start("none")
    const condition = await raise(rig, "Door3")
    const answer = { condition, officer: "M. Okafor", comment: "" }
    expect(await outcome(rig.writes().acknowledge(answer))).toContain("acknowledge of the link")
    expect(await site.panel.tell("alarmState", { door: "Door3" })).toMatchObject({ acked: false })
  })

  it("does as a device's own setting says, whatever its link says", async () => {
    const rig = start("none")
    const condition = await raise(rig, "Door8")
    const answer = { condition, officer: "M. Okafor", comment: "" }
    expect(await outcome(rig.writes().acknowledge(answer, "acknowledge"))).toBeUndefined()
    expect(await site.panel.tell("alarmState", { door: "Door8" })).toMatchObject({
      acked: true,
      comment: "M. Okafor via Gatehouse"
    })
  })

  it("tells the officer when the alarm has changed since it was looked at", async () => {
    const rig = start()
    const condition = await raise(rig, "Door4")
    await force("Door4", false)
    await alarm(rig, "Door4", ({ active }) => !active)
    await force("Door4", true)
    await alarm(rig, "Door4", ({ active }) => active)
    const said = await outcome(rig.writes().acknowledge({ condition, officer: "M. Okafor", comment: "" }))
    expect(said).toContain("look again before you answer")
    expect(await site.panel.tell("alarmState", { door: "Door4" })).toMatchObject({ acked: false })
  })

  it("adds a comment, after which the state before it can be answered no more", async () => {
    const rig = start()
    const condition = await raise(rig, "Door5")
    expect(await outcome(rig.writes().comment({ condition, officer: "A. Ito", comment: "checking" }))).toBeUndefined()
    await rig.keeper.until(() =>
      rig.keeper.of("Condition").some(({ fields }) => fields["Comment"] === "checking (A. Ito via Gatehouse)")
    )
    const said = await outcome(rig.writes().acknowledge({ condition, officer: "M. Okafor", comment: "" }))
    expect(said).toContain("its state has changed since")
  })

  it("shelves an alarm for a time, and takes it down again", async () => {
    const rig = start()
    const condition = await raise(rig, "Door6")
    expect(await outcome(rig.writes().shelve(condition, 600))).toBeUndefined()
    expect(await outcome(rig.writes().shelve(condition, 600))).toContain("shelved already")
    expect(await outcome(rig.writes().unshelve(condition))).toBeUndefined()
    // It is as it was to be, whoever has done it.
    expect(await outcome(rig.writes().unshelve(condition))).toBeUndefined()
    expect(await outcome(rig.writes().shelve(condition, 7200))).toContain("not shelve it for that long")
  })

  it("refuses an answer while the panel is away, and never sends it later", async () => {
    const rig = start()
    const condition = await raise(rig, "Door7")
    proxy.freeze()
    const answer = { condition, officer: "M. Okafor", comment: "" }
    expect(await outcome(rig.writes().acknowledge(answer))).toContain("nothing was sent")
    // Not even the gateway knows yet that the connection is dead; then it does, and there is nobody to write to.
    await rig.online(2)
    await rig.keeper.until(() => rig.keeper.reached >= 2)
    expect(await site.panel.tell("alarmState", { door: "Door7" })).toMatchObject({ acked: false })
    proxy.refuse(true)
    await rig.lost()
    expect(() => rig.writes()).toThrow("nothing can be done")
    proxy.refuse(false)
    const onlines = rig.onlines.length
    await rig.online(onlines + 1)
    await rig.keeper.until(() => rig.keeper.reached >= 3)
    expect(await site.panel.tell("alarmState", { door: "Door7" })).toMatchObject({ acked: false })
  }, 60_000)

  it("calls a method, which the readings that follow prove", async () => {
    const rig = start()
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    const { call } = rig.writes()
    expect(await outcome(call(node("Doors/Door1"), node("Doors/Door1/Unlock"), [5]))).toBeUndefined()
    await rig.keeper.until(() => rig.keeper.of("Value", "lock").some((heard) => heard.value === 1))
    expect(await outcome(call(node("Doors/Door1"), node("Doors/Door1/Unlock"), []))).toContain("takes 1 arguments")
    expect(await outcome(call(node("Doors/Door1"), node("Doors/Door1/None"), []))).toMatch(/does not|refuses/)
  })

  it("writes a variable in the panel's own type", async () => {
    const rig = start()
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    expect(await outcome(rig.writes().write(node("Doors/Door1/Command"), 32))).toBeUndefined()
    await rig.keeper.until(() => rig.keeper.of("Value", "command").some((heard) => heard.value === 32))
    expect(await outcome(rig.writes().write(node("Doors/None/Command"), 32))).toContain("does not have it")
    expect(await outcome(rig.writes().write({ nodeId: "ns=2;s=Doors" }, 32))).toContain("namespace index")
  })
})
