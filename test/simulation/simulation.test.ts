import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { flaws } from "./flaw.ts"
import { type Plan, planOf, type Step } from "./plan.ts"
import { shrink } from "./shrink.ts"
import { simulate } from "./simulation.ts"

let directory = ""
const file = () => join(directory, "gatehouse.db")

beforeAll(() => {
  directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "gatehouse-simulation-"))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Each time the same: what fails here is the code. `node test/simulation/run.ts` tries others. */
const seeds = Array.from({ length: 80 }, (_, nth) => nth + 1)

describe("a whole life of the campus, with people, officers, faults and restarts", () => {
  it("keeps every promise, whatever the seed", () => {
    const broken = seeds.flatMap((seed) =>
      simulate(planOf(seed), file()).faults.map((fault) => `seed ${seed}: ${fault}`)
    )
    expect(broken).toEqual([])
  })

  it("is the same to the last byte of the log when it is lived again", () => {
    for (const seed of [3, 17, 512]) {
      const { root, entries } = simulate(planOf(seed), file())
      expect(simulate(planOf(seed), file())).toMatchObject({ root, entries })
    }
  })
})

describe("the simulation", () => {
  it.each(flaws)("would see a gateway that %s", (flaw) => {
    const first = seeds.find((seed) => simulate(planOf(seed), file(), flaw).faults.length > 0)
    expect(first).toBeDefined()
  })

  it("tells the least that breaks a promise", () => {
    const matters = (step: Step): boolean => step._tag === "Officer"
    const fails = ({ steps }: Plan): boolean => steps.filter(matters).length >= 2
    const least = shrink(seeds.map(planOf).find(fails) ?? planOf(1), fails)
    expect(least.steps.map(matters)).toEqual([true, true])
  })
})

describe("what a seed has found before:", () => {
  const during = (...steps: ReadonlyArray<Step>) => simulate({ seed: 1, steps }, file())

  it("a panel that is there and says it is away is not asked as fast as the disk writes", () => {
    const { faults, entries } = during(
      { _tag: "Condition", atMs: 20_000, id: "case", active: true },
      { _tag: "Answering", atMs: 21_000, how: "away" },
      { _tag: "Officer", atMs: 22_000, act: "acknowledge", nth: 0, by: "Ada" }
    )
    expect(faults).toEqual([])
    expect(entries).toBeLessThan(300)
  })

  it("what is owed to a panel and cannot be sent yet is not tried again in the same instant", () => {
    expect(simulate(planOf(101_308), file()).faults).toEqual([])
  })

  it("a device that was never heard before its clock was found to be off is remembered alike after a restart", () => {
    expect(simulate(planOf(206_544), file()).faults).toEqual([])
  })

  it("a panel hears nothing of one alert about a condition while it has not answered what another said of it", () => {
    const { faults } = during(
      { _tag: "Condition", atMs: 20_000, id: "case", active: true },
      { _tag: "Officer", atMs: 21_000, act: "shelve", nth: 0, by: "Ada" },
      { _tag: "Answering", atMs: 22_000, how: "lost" },
      { _tag: "Officer", atMs: 23_000, act: "close", nth: 0, by: "Ada" },
      { _tag: "Condition", atMs: 24_000, id: "case", active: false },
      { _tag: "Condition", atMs: 25_000, id: "case", active: true },
      { _tag: "Officer", atMs: 26_000, act: "shelve", nth: 0, by: "Ben" }
    )
    expect(faults).toEqual([])
  })
})
