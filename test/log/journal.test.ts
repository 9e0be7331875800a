import { Effect, Exit, Scope } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { openJournal } from "../../gateway/log/journal/journal.ts"
import { termsOf } from "../../gateway/log/journal/matching.ts"
import { JournalReader, type JournalPage, type JournalSearch } from "../../gateway/log/journal/reader.ts"
import { dawn, Stage } from "../correlation/door-stage.ts"
import { logOf, removeLogs } from "../explain/log-of.ts"

afterAll(removeLogs)

const stage = Stage.closedDoor()
  .at(3)
  .opens()
  .at(60)
  .acknowledges("DoorForcedOpen", "R. Alvarez")
  .at(90)
  .closes()
  .at(120)
const { dataDir } = logOf(stage.facts)
const names = { doors: [{ id: "east", name: "North door" }], devices: [] }

const look = (search: Partial<JournalSearch>, lookMs = 1_000, now: () => number = () => 0): JournalPage => {
  const reader = new JournalReader(dataDir)
  try {
    return reader.page({ limit: 100, ...search }, lookMs, now)
  } finally {
    reader.close()
  }
}

const told = ({ entries }: JournalPage): ReadonlyArray<string> =>
  entries.map((entry) =>
    entry._tag === "Fact" ? entry.fact._tag : entry._tag === "Alert" ? entry.change.transition : ""
  )

describe("the journal", () => {
  it("tells what one person did, whatever the case of the name", () => {
    const page = look({ by: "r. alvarez", kinds: ["act"] })
    expect(told(page)).toEqual(["AlertAcknowledged"])
    expect(page.before).toBeUndefined()
  })

  it("finds words in what an entry says, and by the name of its door", () => {
    expect(told(look({ terms: termsOf("ALVAREZ", names), kinds: ["alert"] }))).toContain("acknowledged")
    expect(told(look({ terms: termsOf("ALVAREZ", names), kinds: ["alert"] }))).not.toContain("raised")
    const byName = look({ terms: termsOf("north forced", names), kinds: ["alert"] })
    expect(told(byName)).toContain("raised")
    expect(look({ terms: termsOf("south", names) }).entries).toEqual([])
  })

  it("finds no word in the names of fields, nor in a whole configuration", () => {
    expect(look({ terms: termsOf("recordedAt", names) }).entries).toEqual([])
    // The profile of every device, of which nothing but the configuration speaks.
    expect(JSON.stringify(look({}).entries)).toContain('"generic"')
    expect(look({ terms: termsOf("generic", names) }).entries).toEqual([])
  })

  it("keeps to the kinds and to the time that is asked for", () => {
    const kinds = ["alert"] as const
    expect(told(look({ kinds }))).toEqual(expect.arrayContaining(["raised", "acknowledged"]))
    expect(told(look({ kinds, from: dawn + 59_000, to: dawn + 61_000 }))).toEqual(["acknowledged"])
    expect(look({ kinds, from: dawn + 1e9 }).entries).toEqual([])
  })

  it("pages through everything once, newest first", () => {
    const whole = look({}).entries.map(({ seq }) => seq)
    const paged: Array<number> = []
    let before: number | undefined
    do {
      const page: JournalPage = look({ limit: 3, ...(before === undefined ? {} : { before }) })
      paged.push(...page.entries.map(({ seq }) => seq))
      before = page.before
    } while (before !== undefined)
    expect(paged).toEqual(whole)
    expect(whole).toEqual(whole.toSorted((a, b) => b - a))
  })

  it("says how far back it has come when a search takes long, and goes on from there", () => {
    let clock = 0
    const page = look({ terms: termsOf("nowhere", names) }, 0, () => clock++)
    expect(page.entries).toEqual([])
    expect(page.reachedAt).toBeLessThan(dawn + 120_000)
  })

  it("is read beside the thread that asks, which tells a log that cannot be read", async () => {
    const scope = Scope.makeUnsafe()
    const open = (directory: string) => Effect.runPromise(openJournal(directory).pipe(Scope.provide(scope)))
    const journal = await open(dataDir)
    expect(told(await Effect.runPromise(journal.page({ by: "R. Alvarez", kinds: ["act"], limit: 5 })))).toHaveLength(1)
    const nowhere = await open("/nowhere")
    const refused = await Effect.runPromise(nowhere.page({ limit: 5 }).pipe(Effect.flip))
    expect(refused.message).toContain("there is no log")
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })
})
