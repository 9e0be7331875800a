import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Database from "better-sqlite3"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Decision } from "../../gateway/correlation/decision.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { DeviceId, DoorId, LinkId } from "../../gateway/domain/ids.ts"
import { openForReading, openForWriting } from "../../gateway/log/database.ts"
import type { Entry } from "../../gateway/log/entry.ts"
import { filedFrom } from "../../gateway/log/filing.ts"
import { History } from "../../gateway/log/history.ts"
import { JournalReader } from "../../gateway/log/journal/reader.ts"
import { readerOf } from "../../gateway/log/log-reader.ts"
import { Recovery } from "../../gateway/log/recovery.ts"
import type { EntryQuery } from "../../gateway/log/security-log.ts"
import { verifyLog } from "../../gateway/log/verify.ts"
import { LogRecorder } from "./log-recorder.ts"

const begin = Date.parse("2026-03-02T06:00:00Z")
const devices = 150
const doors = 7

let dataDir = ""
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), "gatehouse-about-"))))
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const file = (): string => join(dataDir, "gatehouse.db")

const pressed = (nth: number): Fact => ({
  _tag: "Observed",
  at: begin + nth,
  link: LinkId.make("mqtt"),
  observation: {
    _tag: "Occurrence",
    device: DeviceId.make(`button-${(nth * 7) % devices}`),
    point: "button",
    origin: "change",
    source: "test",
    occurrence: { _tag: "ButtonPressed", action: `${nth}` }
  },
  receivedAt: begin + nth,
  occurredAt: begin + nth
})

/** Every third press opens a door. */
const cameOf = (nth: number): ReadonlyArray<Decision> => {
  if (nth % 3 !== 0) return []
  const door = DoorId.make(`door-${nth % doors}`)
  const [from, to] = ["Secure", "Open"] as const
  return [
    {
      _tag: "Event",
      event: { _tag: "DoorStandingChanged", id: `${nth}.0`, at: begin + nth, door, from, to, reason: "Opened" }
    }
  ]
}

/** A gateway's writer from its start to its end. */
const writing = (work: (press: (many: number) => void, recorder: LogRecorder, head: () => number) => void): void => {
  const database = openForWriting(file(), "test", begin)
  const recorder = new LogRecorder(database, "test")
  let { seq } = new Recovery(database).head()
  const press = (many: number): void => {
    for (const end = seq + many; seq < end;) {
      for (let nth = 0; nth < 250 && seq < end; nth++)
        seq += recorder.append(seq + 1, begin + seq, pressed(seq), cameOf(seq))
      recorder.commit()
    }
  }
  work(press, recorder, () => seq)
  database.close()
}

/** How far entries are filed. */
const filedUpTo = (): number => {
  const database = new Database(file(), { readonly: true })
  const { filed } = database.prepare<[], { filed: number }>("SELECT filed FROM meta").get() ?? { filed: Number.NaN }
  database.close()
  return filed
}

/** All pages of a question, in the order in which they come, and every entry there is. */
const pagesOf = async (query: Omit<EntryQuery, "limit">, limit = 100) => {
  const database = openForReading(file())
  const reader = readerOf(database)
  const isForward = query.after !== undefined
  const found: Array<Entry> = []
  for (let from = isForward ? query.after : query.before; ;) {
    const bound = isForward ? { after: from ?? 0 } : from === undefined ? {} : { before: from }
    const page = await Effect.runPromise(reader.entries({ ...query, ...bound, limit }))
    found.push(...page)
    if (page.length < limit) break
    from = page.at(-1)?.seq
  }
  const every: Array<Entry> = []
  for (let page = await Effect.runPromise(reader.entries({ after: 0, limit: 1000 })); page.length > 0;) {
    every.push(...page)
    page = await Effect.runPromise(reader.entries({ after: every.at(-1)?.seq ?? 0, limit: 1000 }))
  }
  database.close()
  return { found: found.map(({ seq }) => seq), every }
}

const seqsOf = (entries: ReadonlyArray<Entry>, is: (entry: Entry) => boolean): ReadonlyArray<number> =>
  entries.filter(is).map(({ seq }) => seq)

describe("entries about a device or door", () => {
  it("are found page by page in both directions, those that wait to be filed as well", async () => {
    writing((press) => press(filedFrom * 4 + 5000))
    expect(filedUpTo()).toBeGreaterThan(filedFrom * 4)
    for (const [query, is] of [
      [{ device: "button-9" }, (entry: Entry) => entry.device === "button-9"],
      [{ door: "door-3" }, (entry: Entry) => entry.door === "door-3"]
    ] as const) {
      const newestFirst = await pagesOf(query)
      const wanted = seqsOf(newestFirst.every, is)
      expect(wanted.length).toBeGreaterThan(100)
      expect(wanted.at(-1)).toBeGreaterThan(filedUpTo())
      expect(newestFirst.found).toEqual(wanted.toReversed())
      expect((await pagesOf({ ...query, after: 0 })).found).toEqual(wanted)
      expect((await pagesOf({ ...query, after: 5000 }, 37)).found).toEqual(wanted.filter((seq) => seq > 5000))
      expect((await pagesOf({ ...query, before: 9000 }, 37)).found).toEqual(
        wanted.filter((seq) => seq < 9000).toReversed()
      )
    }
    const events = await pagesOf({ door: "door-3", kind: "Event", device: "button-1" })
    expect(events.found).toEqual([])
  })

  it("are filed on after a gateway that ended in the midst of it, none twice and none missing", async () => {
    writing((press) => press(filedFrom))
    writing((press) => press(1))
    expect(filedUpTo()).toBe(0)
    writing((press) => press(filedFrom + 700))
    expect(filedUpTo()).toBeGreaterThan(filedFrom)
    expect(verifyLog(dataDir).faults).toEqual([])
    const { found, every } = await pagesOf({ device: "button-9" })
    expect(found).toEqual(seqsOf(every, ({ device }) => device === "button-9").toReversed())
  })

  it("are filed at once where one transaction brings more than are ever to be looked through", () => {
    writing((_, recorder) => {
      for (let seq = 1; seq <= filedFrom * 3; seq++) recorder.append(seq, begin, pressed(seq), [])
      recorder.commit()
    })
    expect(filedUpTo()).toBe(filedFrom * 3)
    expect(verifyLog(dataDir).faults).toEqual([])
  })

  it("leave nothing behind that was rolled back", async () => {
    writing((press, recorder, head) => {
      press(filedFrom - 100)
      for (let nth = 1; nth <= 200; nth++) recorder.append(head() + nth, begin, pressed(3), [])
      recorder.append(head(), begin, pressed(3), [])
      expect(() => recorder.commit()).toThrow("UNIQUE constraint failed: entry.seq")
      press(filedFrom)
    })
    expect(filedUpTo()).toBeGreaterThanOrEqual(filedFrom)
    expect(verifyLog(dataDir).faults).toEqual([])
  })

  it("are what a past folded again and a search of the journal begin from", async () => {
    writing((press) => press(filedFrom + 4000))
    const { every } = await pagesOf({ after: 0 })
    const history = new History(dataDir)
    const asked = { after: 100, upTo: history.head() - 100, devices: ["button-3", "button-9"], doors: ["door-5"] }
    const facts = [...history.facts(asked)].map(({ seq }) => seq)
    history.close()
    const causes = new Set(every.flatMap((entry) => (entry.door === "door-5" && "cause" in entry ? [entry.cause] : [])))
    const isWanted = (entry: Entry): boolean =>
      entry._tag === "Fact" &&
      (entry.device === "button-3" || entry.device === "button-9" || causes.has(entry.seq)) &&
      entry.seq > asked.after &&
      entry.seq <= asked.upTo
    expect(facts).toEqual(seqsOf(every, isWanted))

    const journal = new JournalReader(dataDir)
    const page = journal.page({ device: "button-9", limit: 10_000 }, 60_000, () => 0)
    journal.close()
    const those = seqsOf(every, ({ device }) => device === "button-9")
    expect(page.entries.map(({ seq }) => seq)).toEqual(those.toReversed())
  })

  it("are missed where somebody took them off the list, or put others on it", () => {
    writing((press) => press(filedFrom * 2))
    const database = new Database(file())
    database.exec(`
      UPDATE entry_about SET positions = json_remove(positions, '$[1]') WHERE subject = 'device:button-0' AND first = 1;
      UPDATE entry_about SET first = first + 1 WHERE subject = 'device:button-14';
      INSERT INTO entry_about VALUES ('door:door-6', 2, '[2]');
    `)
    database.close()
    expect(verifyLog(dataDir).faults).toEqual([
      "what is found by entry 4 stands in the wrong place",
      "entry 151 is not found by its device",
      "entry 2 is found by a door that is not its own"
    ])
  })
})
