import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { openExplanations } from "../../gateway/explain/explanations.ts"
import { installed } from "../../gateway/installed.ts"
import { checkChange } from "../../gateway/settings/changed-settings.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"
import { readText } from "../../gateway/settings/sources.ts"
import { startApi } from "../api/memory-gateway.ts"
import { run } from "../cli/run.ts"
import { campusOf, dawn, Stage } from "../correlation/door-stage.ts"
import { logOf, removeLogs } from "./log-of.ts"

const campus = campusOf()
const stage = Stage.closedDoor({ ...campus, site: { ...campus.site, timeZone: "Europe/Berlin" } })
  .grants("A1")
  .at(9.4)
  .opens()
  .at(20)
  .closes()
  .at(300)
const id = stage.changes.find(({ transition }) => transition === "raised")?.alert.id ?? ""
const { dataDir } = logOf(stage.facts)

const scope = Scope.makeUnsafe()
const explanations = await Effect.runPromise(openExplanations(dataDir).pipe(Scope.provide(scope)))
const api = await startApi({}, { explanations })

afterAll(async () => {
  await api.stop()
  await Effect.runPromise(Scope.close(scope, Exit.void))
  removeLogs()
})

const json = async (path: string): Promise<unknown> => (await api.get(path)).json()

describe("an explanation over the API", () => {
  it("of an alert gives its rule, its numbers and the grant that was too old", async () => {
    expect(await json(`/alerts/${id}/explanation`)).toMatchObject({
      alert: { id },
      rule: { id: "door.forced", numbers: { grantSeconds: 5 } },
      otherwise: [{ missedByMs: 1400, from: "2026-03-02T10:00:01.400Z" }, {}]
    })
  })

  it("of a door gives its state at that instant, in ISO 8601 throughout", async () => {
    expect(await json(`/doors/east/explanation?at=2026-03-02T10:00:10Z`)).toMatchObject({
      at: "2026-03-02T10:00:10.000Z",
      state: { standing: "UnverifiedOpening" },
      pending: [{ what: "judge", dueAt: "2026-03-02T10:00:10.900Z" }, {}, {}]
    })
  })

  it("answers 404 for what the log does not have, and 400 for a time that names no clock", async () => {
    expect(await json("/alerts/A-9999/explanation")).toMatchObject({ status: 404, detail: "there is no alert A-9999" })
    expect(await json(`/doors/roof/explanation?at=${new Date(dawn).toISOString()}`)).toMatchObject({ status: 404 })
    expect(await json("/doors/east/explanation?at=10:02")).toMatchObject({ status: 400 })
  })

  it("refuses a ninth question while eight are being worked out", async () => {
    // Each is on its way before the first answer can come.
    const asked = Array.from({ length: 9 }, () => Effect.runPromiseExit(explanations.ask({ _tag: "Alert", id })))
    const exits = await Promise.all(asked)
    expect(exits.map(Exit.isSuccess)).toEqual([...Array.from({ length: 8 }, () => true), false])
    expect(String(exits[8])).toContain("TooManyQuestions")
  })

  it("is told by the command line as the log's file tells it, by the site's clocks", async () => {
    const env = { GATEHOUSE_TOKEN: api.token, NO_COLOR: "1", TZ: "America/New_York" }
    const [asked, read] = await Promise.all([
      run(["explain", "alert", id, "--url", api.origin], { env }),
      run(["explain", "alert", id, "--data", dataDir], { env })
    ])
    expect([asked.code, asked.err, asked.out]).toEqual([0, "", read.out])
    expect(read.out).toContain("happened 2026-03-02 11:00:09.400")
  })
})

describe("the doctor over the API and on the command line", () => {
  it("tells the cause of each alarm at each door", async () => {
    expect(await json("/doctor?from=2026-03-02T09:00:00Z&to=2026-03-02T11:00:00Z")).toMatchObject({
      doors: [{ door: "east", happenings: [{ alert: id, cause: "unexplained" }], real: 0 }],
      leftOut: 0
    })
    expect(await json("/doctor?from=2026-03-02T11:00:00Z&to=2026-03-02T09:00:00Z")).toMatchObject({ status: 400 })
    const told = await run(["doctor", "--data", dataDir], { env: { NO_COLOR: "1" } })
    expect([told.code, told.err]).toEqual([0, ""])
    expect(told.out).toContain("East door (east): 1 alarm, 0 closed as real: 1 unexplained")
  })

  it("asks for the same span, log and door in the command that it names next", async () => {
    const log = logOf(Stage.closedDoor().presses().at(7).opens().at(10).closes().at(300).facts).dataDir
    const asked = ["--from", "2026-03-02T09:00:00Z", "--to", "2026-03-02T11:00:00Z", "--door", "east"]
    const { err } = await run(["doctor", "--data", log, ...asked], { env: { NO_COLOR: "1" } })
    const span = "--from 2026-03-02T09:00:00.000Z --to 2026-03-02T11:00:00.000Z"
    expect(err).toBe(`next: npm run gatehouse -- doctor --write changed.yaml --data ${log} ${span} --door east\n`)
  })

  it("writes what it proposes as a part of a configuration, which replay takes", async () => {
    const lingering = Stage.closedDoor().presses().at(7).opens().at(10).closes().at(300)
    const log = logOf(lingering.facts).dataDir
    const file = join(log, "changed.yaml")
    // 30 days back from the newest entry, the one of the closing.
    const span = "--from 2026-01-31T10:00:10.150Z --to 2026-03-02T10:00:10.150Z"
    const told = await run(["doctor", "--data", log, "--write", file], { env: { NO_COLOR: "1" } })
    expect([told.code, told.err]).toEqual([
      0,
      `next: npm run gatehouse -- replay --rules ${file} --data ${log} ${span}   # what it would have done, real alarms first\n`
    ])
    const base = loadSettings(["config/demo"], installed)
    const campus = { ...base.campus, ...campusOf(), areas: campusOf().areas, cameras: [] }
    const { settings } = checkChange(
      () => ({ ...base, campus }),
      readText({ file, text: readFileSync(file, "utf8") }),
      installed
    )
    expect(settings?.campus.doors.find(({ id: door }) => door === "east")?.times).toEqual({ rexValidSeconds: 8 })
  })
})
