import { type ChildProcess, fork } from "node:child_process"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import type { Report } from "../../../adapters/adapter.ts"
import { ended } from "../../road/peers.ts"
import { accessEvents, Keeper, type RigOptions, type Site, startSite, upTo } from "./rig.ts"

type Said = { readonly nth: number; readonly report: Report } | { readonly online: true }

describe("a gateway that is killed", () => {
  let site: Site
  const children: Array<ChildProcess> = []
  /** A gateway whose reports the keeper keeps, once its link is online. */
  const run = async (options: Pick<RigOptions, "settings" | "sources">, keeper: Keeper): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, "link-process.ts"), [JSON.stringify(options)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"]
    })
    children.push(child)
    await new Promise<void>((resolve, reject) => {
      child.on("message", (said: Said) => {
        if ("online" in said) return resolve()
        keeper.report(said.report, () => {
          if (child.connected) child.send({ nth: said.nth })
        })
      })
      child.once("exit", () => reject(new Error("the gateway ended")))
    })
    return child
  }
  const kill = async (child: ChildProcess): Promise<void> => {
    child.kill("SIGKILL")
    await ended(child)
  }

  beforeAll(async () => {
    site = await startSite()
  })
  afterAll(() => site.stop())
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child)
  })

  const sources = { values: [], events: [accessEvents()] }
  const burst = (from: number, count: number) => site.panel.tell("burst", { door: "Door1", from, count })

  it("hears what it missed once it runs again, each event once", async () => {
    const options = { settings: site.secured(site.panel.url), sources }
    const keeper = new Keeper()
    const first = await run(options, keeper)
    await burst(1, 50)
    await keeper.until(() => keeper.numbers.length >= 50)
    await kill(first)
    await burst(51, 230)
    await run(options, keeper)
    await keeper.until(() => keeper.numbers.length >= 280)
    expect(keeper.numbers).toEqual(upTo(280))
    expect(keeper.gaps.map(({ cause }) => cause)).toEqual(["SessionLost"])
  })

  it("hears again what it had not yet put on disk", async () => {
    const options = { settings: site.secured(site.panel.url), sources }
    const keeper = new Keeper()
    const first = await run(options, keeper)
    await keeper.until(() => keeper.reached > 0)
    keeper.held = []
    await burst(1, 50)
    const { held } = keeper
    await expect.poll(() => held.length).toBeGreaterThan(0)
    await kill(first)
    // What was reported and not kept is gone with the process.
    keeper.held = undefined
    await run(options, keeper)
    await keeper.until(() => keeper.numbers.length >= 50)
    expect(keeper.numbers).toEqual(upTo(50))
  })

  it("keeps once what was on disk already, and was not yet acknowledged", async () => {
    const options = { settings: site.secured(site.panel.url), sources }
    const keeper = new Keeper()
    const first = await run(options, keeper)
    await keeper.until(() => keeper.reached > 0)
    await burst(1, 10)
    await keeper.until(() => keeper.numbers.length >= 10)
    keeper.held = []
    await burst(11, 10)
    const { held } = keeper
    await expect.poll(() => held.length).toBeGreaterThan(0)
    // On disk, but the gateway dies before it hears of it.
    first.removeAllListeners("message")
    await kill(first)
    keeper.release()
    await keeper.until(() => keeper.numbers.length >= 20)
    await burst(21, 10)
    await run(options, keeper)
    await keeper.until(() => keeper.numbers.length >= 30)
    expect(keeper.numbers).toEqual(upTo(30))
    expect(keeper.duplicates).toBeGreaterThan(0)
  })

  it("says that it missed something where nobody can resume: an anonymous link that is not secured", async () => {
    const options = { settings: site.open(site.panel.url), sources }
    const keeper = new Keeper()
    const first = await run(options, keeper)
    await burst(1, 5)
    await keeper.until(() => keeper.numbers.length >= 5)
    await kill(first)
    await burst(6, 5)
    await run(options, keeper)
    await keeper.until(() => keeper.gaps.length >= 2)
    expect(keeper.gaps[1]).toMatchObject({ cause: "SessionLost", from: expect.any(Number), to: expect.any(Number) })
    expect(keeper.gaps[1]?.detail).toContain("BadUserAccessDenied")
  })
})
