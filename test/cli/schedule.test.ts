import { describe, expect, test } from "vitest"
import { objects, run } from "./run.ts"

const schedule = (...args: ReadonlyArray<string>) => run(["schedule", ...args, "--config", "config/demo"])

describe("gatehouse schedule", () => {
  test("shows what holds at a time of the wall clock, and until when", async () => {
    const { code, out } = await schedule("--at", "2026-03-02T10:05")
    expect(code).toBe(0)
    expect(out.split("\n")).toEqual(
      expect.arrayContaining([
        "● holds     school-day             until Mon 2026-03-02 18:00",
        "● holds     school-day/recess      until Mon 2026-03-02 10:20",
        "○ does not  after-hours            again from Mon 2026-03-02 18:00"
      ])
    )
  })

  test("shows a schedule's next changes, through the night that the clock goes forward", async () => {
    const { out } = await schedule("after-hours", "--at", "2026-03-06", "--changes", "3", "--json")
    expect(objects(out)).toEqual([
      { at: "2026-03-06T13:00:00.000Z", holds: false },
      { at: "2026-03-07T00:00:00.000Z", holds: true },
      { at: "2026-03-09T11:00:00.000Z", holds: false }
    ])
  })

  test("names those there are when one is asked for that is not", async () => {
    const { code, err } = await schedule("lunch")
    expect(code).toBe(2)
    expect(err).toContain("there is no schedule lunch; there is school-day, school-day/arrival,")
  })
})
