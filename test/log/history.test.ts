import { join } from "node:path"
import Database from "better-sqlite3"
import { afterAll, describe, expect, it } from "vitest"
import { History } from "../../gateway/log/history.ts"
import { concernsAll } from "../../gateway/log/schema.ts"
import { dawn, Stage } from "../correlation/door-stage.ts"
import { logOf, removeLogs } from "../explain/log-of.ts"

afterAll(removeLogs)

const stage = Stage.closedDoor().grants("A1").at(3).opens().at(60).closes().at(120)
const { dataDir } = logOf(stage.facts)

describe("a log's past", () => {
  it("is found by instant: the last entry that was recorded by then", () => {
    const history = new History(dataDir)
    const opened = history.seqAt(dawn + 3000)
    expect(history.entry(opened)?.recordedAt).toBe(dawn + 3000)
    expect(history.entry(opened + 1)?.recordedAt).toBeGreaterThan(dawn + 3000)
    expect([history.seqAt(0), history.seqAt(dawn + 1e9)]).toEqual([0, history.head()])
    history.close()
  })

  it("gives of one door what concerns it, and nothing that another device says", () => {
    const history = new History(dataDir)
    const facts = [...history.facts({ after: 0, upTo: history.head(), devices: ["contact"], doors: ["north"] })]
    const devices = facts.flatMap(({ fact }) =>
      fact._tag === "Observed" && "device" in fact.observation ? [fact.observation.device] : []
    )
    expect(new Set(devices)).toEqual(new Set(["contact"]))
    expect(facts.map(({ fact }) => fact._tag)).toEqual(expect.arrayContaining(["GatewayStarted", "ConfigApplied"]))
    expect(facts.map(({ seq }) => seq)).toEqual(facts.map(({ seq }) => seq).sort((a, b) => a - b))
    history.close()
  })

  it("finds what concerns every door by an index, and without it all the same", () => {
    const database = new Database(join(dataDir, "gatehouse.db"))
    const plan = database.prepare(`EXPLAIN QUERY PLAN SELECT seq FROM entry WHERE ${concernsAll} AND seq > 5`).all()
    expect(JSON.stringify(plan)).toContain("entry_for_all")
    const before = new History(dataDir)
    const asked = { after: 0, upTo: before.head(), devices: ["contact"], doors: ["east"] }
    const facts = [...before.facts(asked)]
    before.close()
    database.exec("DROP INDEX entry_for_all")
    database.close()
    const after = new History(dataDir)
    expect([...after.facts(asked)]).toEqual(facts)
    after.close()
  })
})
