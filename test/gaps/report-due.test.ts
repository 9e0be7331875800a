import { describe, expect, it } from "vitest"
import { reportDue } from "../../gateway/gaps/report-due.ts"

const due = (now: string, made: ReadonlyArray<string> = [], timeZone = "America/Chicago", reportAt = "07:00") => {
  const { date, next } = reportDue(
    { timeZone, reportAt, made: made.map((day, seq) => ({ date: day, seq })) },
    Date.parse(now)
  )
  return [date, new Date(next).toISOString()]
}

describe("the daily report", () => {
  it("waits for its time by the site's wall clock", () => {
    expect(due("2026-03-02T12:59:00Z")).toEqual([undefined, "2026-03-02T13:00:00.000Z"])
    expect(due("2026-03-02T13:00:00Z")).toEqual(["2026-03-02", "2026-03-03T13:00:00.000Z"])
  })

  it("is made once a day, and caught up where the gateway did not run at its time", () => {
    expect(due("2026-03-02T20:00:00Z", ["2026-03-01"])).toEqual(["2026-03-02", "2026-03-03T13:00:00.000Z"])
    expect(due("2026-03-02T20:00:00Z", ["2026-03-02"])).toEqual([undefined, "2026-03-03T13:00:00.000Z"])
    expect(due("2026-03-03T05:59:00Z", ["2026-03-02"])).toEqual([undefined, "2026-03-03T13:00:00.000Z"])
  })

  it("keeps its time when the clocks are changed, also at a time that is left out that day", () => {
    expect(due("2026-03-07T20:00:00Z", ["2026-03-07"])).toEqual([undefined, "2026-03-08T12:00:00.000Z"])
    expect(due("2026-03-08T07:59:00Z", [], "America/Chicago", "02:30")).toEqual([undefined, "2026-03-08T08:00:00.000Z"])
    expect(due("2026-03-08T08:00:00Z", [], "America/Chicago", "02:30")[0]).toBe("2026-03-08")
  })
})
