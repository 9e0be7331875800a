import { Effect, Exit, Scope } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import type { AlarmHealth } from "../../gateway/explain/alarm-health/alarm-health.ts"
import { alarmHealthCsv } from "../../gateway/explain/alarm-health/csv.ts"
import { explainLog } from "../../gateway/explain/explain-log.ts"
import { openExplanations } from "../../gateway/explain/explanations.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { ConsoleId, silenceMs } from "../../gateway/domain/console.ts"
import { DeviceId, LinkId, SiteId } from "../../gateway/domain/ids.ts"
import { startApi } from "../api/memory-gateway.ts"
import { run } from "../cli/run.ts"
import { campusOf, dawn, Stage } from "../correlation/door-stage.ts"
import { logOf, removeLogs } from "./log-of.ts"

afterAll(removeLogs)

const boxes = Array.from({ length: 40 }, (_, nth) => `box-${nth}`)
const campus: Campus = {
  ...campusOf(
    {},
    boxes.map((id) => ({ id: DeviceId.make(id), link: LinkId.make("mqtt"), profile: "generic", address: id }))
  ),
  // An hour ahead of UTC in winter: what happens at 23:30 UTC on a Monday is Tuesday there.
  site: { id: SiteId.make("test"), name: "Test", timeZone: "Europe/Berlin" }
}

const hour = 3600
const tamper = (stage: Stage, value: "on" | "off") => stage.reads("contact/tamper", { kind: "tamper", value })
const pressed = (stage: Stage, nth: number) => stage.happens(`box-${nth}/button`, { _tag: "PanicPressed" })

const measured = (stage: Stage, from: number, to: number): AlarmHealth =>
  explainLog.alarmHealth(logOf(stage.facts).dataDir, { from: dawn + from * 1000, to: dawn + to * 1000 })

const staged = (): Stage => tamper(new Stage(campus).at(0), "off")

describe("the figures of alarm health", () => {
  it("are none of a span in which nothing asked", () => {
    const health = measured(staged(), -60, 24 * hour)
    expect(health).toMatchObject({
      asked: 0,
      perHour: 0,
      acknowledge: { count: 0, p50Seconds: null, p95Seconds: null },
      floods: { count: 0, minutes: 0 },
      stale: { count: 0 },
      nuisanceDoors: [],
      chattering: []
    })
    expect(health.course.bins).toHaveLength(25)
    expect(health.targets.find(({ figure }) => figure.startsWith("The ten"))).toMatchObject({ value: null, met: null })
  })

  it("count how often alerts asked, by priority, hour and day of the site's clocks", () => {
    const stage = staged()
    for (let nth = 0; nth < 4; nth++) pressed(stage.at(13.5 * hour + nth), nth)
    tamper(stage.at(14 * hour), "on")
    tamper(stage.at(14 * hour + 10), "off")
    tamper(stage.at(15 * hour), "on")
    const health = measured(stage, 0, 24 * hour)
    expect(health.asked).toBe(6)
    expect(health.perHour).toBe(0.25)
    expect(health.busiestTenMinutes).toBe(4)
    expect(health.priorities.map(({ count }) => count)).toEqual([4, 2, 0, 0])
    // 10:00 UTC on Monday, and 13.5 h: half past midnight of Tuesday in Berlin.
    expect(health.heat[1]?.slice(0, 4)).toEqual([4, 1, 1, 0])
    expect(health.course.bins.flatMap(({ counts }) => counts).reduce((sum, one) => sum + one, 0)).toBe(6)
    expect(health.busiest[0]).toMatchObject({ condition: "DoorTampered", count: 2 })
  })

  it("take the time from the first asking to the answer, and none of an answer that was undone", () => {
    const stage = staged()
    for (let nth = 0; nth < 20; nth++) pressed(stage.at(nth * 600), nth)
    const ids = stage.alerts.map(({ id }) => id)
    let second = 12_000
    for (const [nth, alert] of ids.entries()) {
      second = 12_000 + nth * 10
      stage.at(second).enter({ _tag: "AlertAcknowledged", alert, by: "ada" })
      if (nth === 0) stage.at(second + 5).enter({ _tag: "AcknowledgementUndone", alert, by: "ada" })
    }
    const health = measured(stage, 0, 6 * hour)
    // The first is open still; the others waited 12 010 - 600, … 12 190 - 11 400.
    expect(health.acknowledge).toMatchObject({ count: 19, p95Seconds: 11_410 })
    expect(health.acknowledge.p50Seconds).toBe(12_100 - 6000)
    expect(health.acknowledgeCritical).toEqual(health.acknowledge)
  })

  it("take the time until a condition is over, and who closes has answered", () => {
    const stage = staged()
    tamper(stage.at(10), "on")
    tamper(stage.at(40), "off")
    stage.at(100).closesAlert("DoorTampered")
    const health = measured(stage, 0, hour)
    expect(health.clear).toEqual({ count: 1, p50Seconds: 30, p95Seconds: 30 })
    expect(health.acknowledge).toEqual({ count: 1, p50Seconds: 90, p95Seconds: 90 })
  })

  it("tell each flood with its minutes, also one that goes on", () => {
    const stage = staged()
    for (let nth = 0; nth < 12; nth++) pressed(stage.at(nth), nth)
    for (let nth = 12; nth < 24; nth++) pressed(stage.at(2 * hour + nth), nth)
    const health = measured(stage, 0, 2 * hour + 324 - 3)
    expect(
      health.floods.list.map(({ since, until, alerts }) => [(since - dawn) / 1000, (until - dawn) / 1000, alerts])
    ).toEqual([
      [9, 607, 12],
      [2 * hour + 21, 2 * hour + 321, 10]
    ])
    expect(health.floods).toMatchObject({ count: 2, minutes: 15 })
    expect(health.targets.find(({ figure }) => figure === "Time in floods")).toMatchObject({ met: false })
  })

  it("name what was open for more than a day at the end of the span, whatever became of it later", () => {
    const stage = staged()
    tamper(stage.at(10), "on")
    stage.at(30 * hour).closesAlert("DoorTampered")
    expect(measured(stage, 0, 25 * hour).stale).toMatchObject({ count: 1, list: [{ title: "Tamper: East door" }] })
    expect(measured(stage, 0, 23 * hour).stale.count).toBe(0)
    expect(measured(stage, 0, 31 * hour).stale.count).toBe(0)
  })

  it("name the doors with the most nuisance, with what officers said of their alerts", () => {
    const stage = staged()
    for (const [nth, outcome] of (["nuisance-hardware", "nuisance-user", "real"] as const).entries()) {
      tamper(stage.at(100 * nth + 10), "on")
      const alert = stage.idOf("DoorTampered")
      stage.at(100 * nth + 20).enter({ _tag: "AlertClosed", alert, by: "ada", outcome, reason: "seen" })
      tamper(stage.at(100 * nth + 30), "off")
    }
    expect(measured(stage, 0, hour).nuisanceDoors).toEqual([
      {
        door: "east",
        name: "East door",
        alerts: 3,
        nuisance: 2,
        open: 0,
        outcomes: [
          { outcome: "real", count: 1 },
          { outcome: "nuisance-hardware", count: 1 },
          { outcome: "nuisance-user", count: 1 }
        ]
      }
    ])
  })

  it("count what was shelved, and for how long", () => {
    const stage = staged()
    tamper(stage.at(10), "on")
    const alert = stage.idOf("DoorTampered")
    stage.at(20).enter({ _tag: "AlertShelved", alert, by: "ada", minutes: 10, reason: "repair" })
    stage.at(320).enter({ _tag: "AlertUnshelved", alert, by: "ada", reason: "repaired" })
    stage.at(400).enter({ _tag: "AlertShelved", alert, by: "ada", minutes: 10, reason: "again" })
    stage.at(500).enter({
      _tag: "AlarmSilenced",
      console: ConsoleId.make("c-1"),
      by: "ada",
      until: stage.now + silenceMs
    })
    expect(measured(stage.at(hour), 0, hour).silences).toEqual({
      shelved: 2,
      minutes: 15,
      consoles: 1,
      consoleMinutes: 1
    })
  })

  it("are of the span alone", () => {
    const stage = staged()
    tamper(stage.at(10), "on")
    tamper(stage.at(20), "off")
    tamper(stage.at(hour), "on")
    expect(measured(stage, 30, 2 * hour).asked).toBe(1)
    expect(measured(stage, 0, 30).asked).toBe(1)
  })

  it("are a table for a spreadsheet, in which no text is a formula", () => {
    const stage = staged()
    tamper(stage.at(10), "on")
    const text = alarmHealthCsv({
      ...measured(stage, 0, hour),
      chattering: [{ alert: "A-1", title: 'say "hi", =1+1', times: 4 }]
    })
    const lines = text.split("\r\n")
    expect(lines[0]).toBe("section,name,value,unit")
    expect(lines).toContain("alerts,asked,1,")
    expect(lines).toContain('chattering,"A-1 say ""hi"", =1+1",4,')
    expect(lines.filter((line) => line !== "").every((line) => line.split('"').length % 2 === 1)).toBe(true)
  })
})

describe("alarm health over the API and on the command line", () => {
  const stage = staged()
  tamper(stage.at(10), "on")
  tamper(stage.at(40), "off")
  const { dataDir } = logOf(stage.facts)
  const scope = Scope.makeUnsafe()

  it("is told alike, as JSON, as a table and as lines", async () => {
    const explanations = await Effect.runPromise(openExplanations(dataDir).pipe(Scope.provide(scope)))
    const api = await startApi({}, { explanations })
    try {
      const span = "from=2026-03-02T09:00:00Z&to=2026-03-02T11:00:00Z"
      expect(await (await api.get(`/alarm-health?${span}`)).json()).toMatchObject({
        from: "2026-03-02T09:00:00.000Z",
        asked: 1,
        clear: { count: 1, p50Seconds: 30 }
      })
      const table = await api.get(`/alarm-health.csv?${span}`)
      expect(table.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present")
      expect(table.headers.get("content-disposition")).toContain('filename="alarm-health-2026-03-02-2026-03-02.csv"')
      expect(await table.text()).toContain("\r\nalerts,asked,1,\r\n")
      const wrong = await api.get("/alarm-health?from=2026-03-02T11:00:00Z&to=2026-03-02T09:00:00Z")
      expect(wrong.status).toBe(400)
      expect((await api.get("/alarm-health?from=2020-03-02T11:00:00Z&to=2026-03-02T09:00:00Z")).status).toBe(400)
    } finally {
      await api.stop()
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
    const told = await run(["alarm-health", "--data", dataDir, "--from", "1d"], { env: { NO_COLOR: "1" } })
    expect([told.code, told.err]).toEqual([0, ""])
    expect(told.out).toContain("1 alert from 2026-03-01 11:00:40 to 2026-03-02 11:00:40, 0.04 an hour\n  1 high\n")
    expect(told.out).toContain("EEMUA 191")
    const csv = await run(["alarm-health", "--data", dataDir, "--csv"], {})
    expect(csv.out).toContain("\r\nclear,p50,30,s\r\n")
  })
})
