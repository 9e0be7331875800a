import { spawnSync } from "node:child_process"
import { rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { nextDue } from "../../gateway/correlation/fold.ts"
import { freeze } from "../../gateway/correlation/snapshot.ts"
import { recover } from "../../gateway/intake/intake-layer.ts"
import { openForWriting } from "../../gateway/log/database.ts"
import { leafHash } from "../../gateway/log/merkle.ts"
import { Recovery } from "../../gateway/log/recovery.ts"
import { verifyLog } from "../../gateway/log/verify.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { openIntake, panic, position, press, settableClock } from "./open-intake.ts"

const start = Date.parse("2026-03-02T10:00:00Z")
let directory: ReturnType<typeof temporaryDirectory>
const file = () => join(directory.path, "gatehouse.db")

beforeEach(() => {
  directory = temporaryDirectory("intake")
})
afterEach(() => directory.dispose())

/** A small disk is a real one: a file system of its own, which only root may mount. */
const canMount = process.getuid?.() === 0 && spawnSync("mount", ["--version"]).status === 0

/** Reports until the store refuses; answers how many it kept. */
const reportUntilRefused = async (gateway: Awaited<ReturnType<typeof openIntake>>): Promise<number> => {
  for (let kept = 0; ; kept++) {
    const refusal = await gateway.report({ observations: [press("x".repeat(20_000))], receivedAt: start })
    if (refusal !== undefined) return kept
  }
}

const delivery = (slot: number, session: string, redelivered = false) => ({
  slot: `${slot}`,
  session,
  redelivered,
  digest: "same topic and payload"
})

/**
 * Makes a closed log one of schema version 1: no column for events, a row for each delivery, and what a message came to in
 * an entry of its own.
 */
const asOfVersion1 = (path: string): void => {
  const database = new Database(path)
  const whole = database.prepare<[], { seq: number; body: string }>("SELECT seq, body FROM entry ORDER BY seq").all()
  const entries = whole.flatMap(({ body }) => {
    const { event, ...entry } = JSON.parse(body) as Record<string, unknown>
    if (entry["_tag"] !== "Fact" || event === undefined)
      return [{ ...entry, ...(event === undefined ? {} : { event }) }]
    return [entry, { _tag: "Event", site: "test", recordedAt: entry["recordedAt"], device: entry["device"], event }]
  })
  database.exec(`
    DELETE FROM entry; DELETE FROM snapshot; ALTER TABLE entry DROP COLUMN event; DROP TABLE delivery;
    DROP TABLE incident; DROP TABLE incident_alert; DROP TABLE entry_about; ALTER TABLE meta DROP COLUMN filed;
    CREATE INDEX entry_door ON entry (door, seq) WHERE door IS NOT NULL;
    CREATE INDEX entry_device ON entry (device, seq) WHERE device IS NOT NULL;
    CREATE TABLE delivery (
      link TEXT NOT NULL, slot TEXT NOT NULL, session TEXT NOT NULL, digest TEXT NOT NULL, ordinal INTEGER NOT NULL,
      PRIMARY KEY (link, slot)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO delivery VALUES ('mqtt', '7', 'a', 'same topic and payload', 1);
    PRAGMA user_version = 1;
  `)
  const insert = database.prepare(
    "INSERT INTO entry (seq, kind, recorded_at, device, cause, body, leaf) VALUES (?, ?, ?, ?, ?, ?, ?)"
  )
  for (const [nth, entry] of entries.entries()) {
    const seq = nth + 1
    const said: Record<string, unknown> = { ...entry, seq, ...("event" in entry ? { cause: nth } : {}) }
    const body = JSON.stringify(said)
    insert.run(
      seq,
      said["_tag"],
      said["recordedAt"],
      said["device"] ?? null,
      said["cause"] ?? null,
      body,
      leafHash(body)
    )
  }
  database.close()
}

describe("intake", () => {
  it("settles a report only when its entries can be read back from the log", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    await gateway.configure()
    const before = gateway.log.head()
    expect(await gateway.report({ observations: [press("single")], receivedAt: start })).toBeUndefined()
    const [fact, ...events] = await gateway.entries(before)
    expect(fact).toMatchObject({ _tag: "Fact", seq: before + 1, fact: { _tag: "Observed" } })
    expect(events.at(-1)).toMatchObject({ _tag: "Event", cause: before + 1, event: { _tag: "Occurred" } })
    await gateway.close()
  })

  it("tells what a device's message came to in the entry of its fact, and lists it among the events", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    await gateway.configure()
    await gateway.report({ observations: [press("single")], receivedAt: start })
    const before = gateway.log.head()
    await gateway.report({ observations: [press("double")], receivedAt: start })
    const told = await gateway.entries(before)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ _tag: "Fact", fact: { _tag: "Observed" }, event: { _tag: "Occurred" } })
    expect(await gateway.entries(before, "Event")).toEqual(told)
    await gateway.close()
  })

  it("takes over the log of the release before: its redeliveries, its events, its tree", async () => {
    const observations = [press("single")]
    const before = await openIntake(file(), settableClock(start).now)
    await before.report({ observations, receivedAt: start, delivery: delivery(7, "a") })
    await before.close()
    asOfVersion1(file())
    const after = await openIntake(file(), settableClock(start + 1000).now)
    await after.report({ observations, receivedAt: start, delivery: delivery(7, "b", true) })
    expect(after.intake.status().counts.duplicates).toBe(1)
    const events = await after.entries(0, "Event")
    expect(events.map((entry) => entry._tag)).toEqual(["Event", "Event"])
    await after.close()
    expect(verifyLog(directory.path).faults).toEqual([])
  })

  it("makes nobody wait behind a source that floods: who says one thing is kept with the next commit", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    await gateway.configure()
    const settled: Array<string> = []
    const tell = (source: string, nth: number) =>
      gateway
        .report({ observations: [press("single")], receivedAt: start, source })
        .then(() => void settled.push(`${source} ${nth}`))
    const flood = Array.from({ length: 3000 }, (_, nth) => tell("flood", nth))
    const pressed = tell("panic", 0)
    await Promise.all([...flood, pressed])
    expect(settled.indexOf("panic 0")).toBeLessThan(500)
    expect(settled.filter((one) => one.startsWith("flood"))).toEqual(flood.map((_, nth) => `flood ${nth}`))
    await gateway.close()
  })

  describe("what is patient", () => {
    const open = async () => {
      const clock = settableClock(start)
      const gateway = await openIntake(file(), clock.now)
      const settled: Array<string> = []
      const say = async (source: string, action: string, patience: { readonly patient?: true }) => {
        await gateway.report({ observations: [press(action)], receivedAt: start, source, ...patience })
        settled.push(action)
      }
      return { gateway, clock, settled, say, batches: () => gateway.intake.status().counts.batches }
    }

    it("waits for its like, and makes no commit of another longer", async () => {
      const { gateway, settled, say, batches } = await open()
      const before = batches()
      const motions = [say("camera 1", "motion", { patient: true }), say("camera 2", "motion", { patient: true })]
      await say("panic", "single", {})
      expect([settled, batches()]).toEqual([["single"], before + 1])
      await Promise.all(motions)
      expect([settled, batches()]).toEqual([["single", "motion", "motion"], before + 2])
      await gateway.close()
    })

    it("comes in parts when it is a crowd, and lets others in between", async () => {
      const { gateway, settled, say, batches } = await open()
      const before = batches()
      const crowd = Array.from({ length: 120 }, (_, nth) => say(`camera ${nth}`, "motion", { patient: true }))
      await crowd[0]
      expect([settled.length, batches()]).toEqual([50, before + 1])
      await say("panic", "single", {})
      expect(settled.indexOf("single")).toBeLessThanOrEqual(100)
      await Promise.all(crowd)
      expect(settled).toHaveLength(121)
      await gateway.close()
    })

    it("is kept before what the same source says later and is not", async () => {
      const { gateway, settled, say, batches } = await open()
      const before = batches()
      await Promise.all([say("camera", "motion", { patient: true }), say("camera", "tampered", {})])
      expect([settled, batches()]).toEqual([["motion", "tampered"], before + 1])
      await gateway.close()
    })

    it("is not patient while a deadline is near, which is to find it heard", async () => {
      const { gateway, clock, settled, say, batches } = await open()
      await gateway.configure()
      await gateway.report({ observations: [position("closed")], receivedAt: start })
      await gateway.report({ observations: [position("open")], receivedAt: start })
      const due = nextDue(gateway.intake.situation())
      expect(due).toBeGreaterThan(start + 100)
      clock.pass(due! - start - 20)
      const before = batches()
      await Promise.all([say("reader", "badge", { patient: true }), say("button", "single", {})])
      expect([settled, batches()]).toEqual([["badge", "single"], before + 1])
      await gateway.close()
    })
  })

  it("keeps two equal presses of a button as two happenings", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    for (const slot of [1, 2]) {
      const report = { observations: [press("single")], receivedAt: start, delivery: delivery(slot, "a") }
      expect(await gateway.report(report)).toBeUndefined()
    }
    expect(gateway.intake.status().counts).toMatchObject({ duplicates: 0 })
    await gateway.close()
  })

  it("drops what the broker sends again in a resumed session, and keeps a new message with the same packet id", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    const observations = [press("single")]
    await gateway.report({ observations, receivedAt: start, delivery: delivery(7, "a") })
    await gateway.report({ observations, receivedAt: start, delivery: delivery(7, "b", true) })
    expect(gateway.intake.status().counts.duplicates).toBe(1)
    await gateway.report({ observations, receivedAt: start, delivery: delivery(7, "b") })
    expect(gateway.intake.status().counts.duplicates).toBe(1)
    await gateway.close()
  })

  it("knows a redelivery after a restart", async () => {
    const observations = [press("single")]
    const first = await openIntake(file(), settableClock(start).now)
    await first.report({ observations, receivedAt: start, delivery: delivery(7, "a") })
    await first.close()
    const second = await openIntake(file(), settableClock(start + 1000).now)
    await second.report({ observations, receivedAt: start, delivery: delivery(7, "b", true) })
    expect(second.intake.status().counts.duplicates).toBe(1)
    await second.close()
  })

  it("keeps a happening once when its source names it, whichever topic it came by", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    for (const source of ["events", "events/live"]) {
      const observations = [press("swipe", { nativeKey: "405419896-25", source })]
      await gateway.report({ observations, receivedAt: start })
    }
    expect(gateway.intake.status().counts.duplicates).toBe(1)
    await gateway.close()
  })

  it("logs the time it was blind", async () => {
    const clock = settableClock(start)
    const first = await openIntake(file(), clock.now)
    await first.close()
    clock.pass(28_000)
    const second = await openIntake(file(), clock.now)
    const facts = (await second.entries()).flatMap((entry) => (entry._tag === "Fact" ? [entry.fact] : []))
    expect(facts.at(-1)).toEqual({ _tag: "GatewayStarted", at: start + 28_000, blindFrom: start })
    await second.close()
  })

  it("recovers the situation of the uninterrupted run, from a snapshot or from the facts alone", async () => {
    const clock = settableClock(start)
    const gateway = await openIntake(file(), clock.now)
    await gateway.configure()
    for (const value of ["closed", "open", "closed", "open"] as const) {
      clock.pass(700)
      await gateway.report({ observations: [position(value)], receivedAt: clock.now() })
    }
    await gateway.close()
    const database = openForWriting(file(), "test", clock.now())
    const fromSnapshot = recover(new Recovery(database))
    database.exec("DELETE FROM snapshot")
    const fromFacts = recover(new Recovery(database))
    expect(freeze(fromSnapshot)).toEqual(freeze(fromFacts))
    expect(freeze(fromSnapshot)).toEqual(JSON.parse(JSON.stringify(freeze(gateway.intake.situation()))))
    database.close()
  })

  it.skipIf(!canMount)(
    "refuses loudly while the disk is full, and accepts again by itself when there is space",
    async () => {
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", directory.path])
      try {
        const gateway = await openIntake(file(), settableClock(start).now)
        const ballast = join(directory.path, "ballast")
        writeFileSync(ballast, Buffer.alloc(2 * 1024 * 1024))
        const kept = await reportUntilRefused(gateway)
        expect(gateway.intake.status()).toMatchObject({
          accepting: false,
          refusal: expect.stringContaining("free space")
        })
        rmSync(ballast)
        expect(await gateway.report({ observations: [press("after")], receivedAt: start })).toBeUndefined()
        expect(gateway.intake.status().accepting).toBe(true)
        const facts = (await gateway.entries()).flatMap((entry) => (entry._tag === "Fact" ? [entry.fact] : []))
        expect(facts.filter((fact) => fact._tag === "Observed")).toHaveLength(kept + 1)
        expect(facts).toContainEqual(expect.objectContaining({ _tag: "StoreRefused", refused: 1 }))
        await gateway.close()
      } finally {
        spawnSync("umount", [directory.path])
      }
    }
  )

  it("refuses to share its log with another gateway, and takes it over once that one has ended", async () => {
    const first = await openIntake(file(), settableClock(start).now)
    await expect(openIntake(file(), settableClock(start).now)).rejects.toThrow("another gateway is running on it")
    await first.close()
    const second = await openIntake(file(), settableClock(start).now)
    await second.close()
  })

  it("keeps its log from other users of the machine", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    for (const name of [file(), `${file()}-wal`, `${file()}.lock`]) expect(statSync(name).mode & 0o077).toBe(0)
    await gateway.close()
  })

  it("starts from the facts when its newest snapshot is damaged", async () => {
    const first = await openIntake(file(), settableClock(start).now)
    await first.configure()
    await first.close()
    const database = new Database(file())
    database.exec("UPDATE snapshot SET body = substr(body, 1, 40)")
    database.close()
    const second = await openIntake(file(), settableClock(start).now)
    expect(second.intake.situation().configVersion).toBe("v1")
    await second.close()
  })

  it("says that a file is no log, and what to do", async () => {
    writeFileSync(file(), "this is not a database, whatever its name says\n".repeat(100))
    await expect(openIntake(file(), settableClock(start).now)).rejects.toThrow(
      /gatehouse.db: .*restore it from a backup/
    )
  })

  it("refuses a log of another site, and one of a newer release", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    await gateway.close()
    expect(() => openForWriting(file(), "other", start)).toThrow('is the log of site "test", not of "other"')
    const database = new Database(file())
    database.pragma("user_version = 99")
    database.close()
    expect(() => openForWriting(file(), "test", start)).toThrow("newer release")
  })
})

describe("the log's tree", () => {
  it.each([
    [
      "two entries that changed places",
      "UPDATE entry SET body = (SELECT body FROM entry WHERE seq = 5 - e.seq), leaf = (SELECT leaf FROM entry WHERE seq = 5 - e.seq) FROM entry AS e WHERE entry.seq = e.seq AND entry.seq IN (2, 3)",
      "filed under position"
    ],
    [
      "an entry filed under another device",
      "UPDATE entry SET device = 'other' WHERE seq = 3",
      "filed under device other"
    ],
    ["a fact filed away as an event", "UPDATE entry SET kind = 'Event' WHERE seq = 3", "filed under kind Event"],
    [
      "an alert that was quietly closed",
      "UPDATE alert SET body = replace(body, '\"closed\":false', '\"closed\":true')",
      "is not listed as the log last said"
    ],
    ["an alert that was taken off the list", "DELETE FROM alert", "is not listed as the log last said"]
  ])("finds %s", async (_, sql, fault) => {
    const gateway = await openIntake(file(), settableClock(start).now)
    await gateway.configure()
    await gateway.report({ observations: [press("single"), panic()], receivedAt: start })
    await gateway.close()
    expect(verifyLog(directory.path).faults).toEqual([])
    const database = new Database(file())
    database.exec(sql)
    database.close()
    expect(verifyLog(directory.path).faults.join("\n")).toContain(fault)
  })

  it("finds an entry that was changed, and one that was cut out", async () => {
    const gateway = await openIntake(file(), settableClock(start).now)
    await gateway.configure()
    await gateway.report({ observations: [press("single")], receivedAt: start })
    await gateway.close()
    expect(verifyLog(directory.path).faults).toEqual([])
    const database = new Database(file())
    database.exec("UPDATE entry SET body = replace(body, 'single', 'double') WHERE seq = 3")
    database.exec("DELETE FROM entry WHERE seq = 2")
    database.close()
    const { faults } = verifyLog(directory.path)
    expect(faults.join("\n")).toContain("entry 2 is missing")
    expect(faults.join("\n")).toContain("entry 3 is not what was written")
  })
})
