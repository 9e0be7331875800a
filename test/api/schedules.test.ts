import { Schema } from "effect"
import { expect, test } from "vitest"
import { Campus } from "../../gateway/domain/campus.ts"
import { campus, memoryGateway, startApi } from "./memory-gateway.ts"

const scheduled = Schema.decodeUnknownSync(Campus)({
  ...campus,
  schedules: [
    { id: "never", periods: [] },
    { id: "always", outside: "never", timeZone: "Asia/Tokyo" },
    { id: "school-day", periods: [{ name: "recess", from: "10:00", to: "10:20" }] }
  ]
})

test("every schedule and named period is told with whether it holds now, until when, and by which wall clock", async () => {
  const { intake } = memoryGateway().faces
  const api = await startApi(
    {},
    { intake: { ...intake, situation: () => ({ ...intake.situation(), campus: scheduled }) } }
  )
  try {
    const { items } = (await (await api.get("/schedules")).json()) as {
      readonly items: ReadonlyArray<{
        readonly schedule: string
        readonly holds: boolean
        readonly until: string | null
      }>
    }
    expect(items.map(({ schedule }) => schedule)).toEqual(["never", "always", "school-day", "school-day/recess"])
    expect(items[0]).toEqual({ schedule: "never", timeZone: "Europe/Berlin", holds: false, until: null })
    expect(items[1]).toEqual({ schedule: "always", timeZone: "Asia/Tokyo", holds: true, until: null })
    expect(Date.parse(items[3]?.until ?? "")).toBeGreaterThan(Date.now() - 60_000)
  } finally {
    await api.stop()
  }
})
