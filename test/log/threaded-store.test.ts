import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { wireJson } from "../../gateway/domain/wire.ts"
import { openForReading } from "../../gateway/log/database.ts"
import type { Frames } from "../../gateway/log/entry-frames.ts"
import { BatchMaker } from "../../gateway/log/log-batch.ts"
import { Recovery } from "../../gateway/log/recovery.ts"
import { openThreadedStore } from "../../gateway/log/threaded-store.ts"

let directory = ""
const file = (name = "gatehouse.db") => join(directory, name)
const start = Date.UTC(2026, 10, 28)

beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "gatehouse-thread-"))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe("the thread that writes the log", () => {
  it("writes all that it was given before it is closed", async () => {
    const told: Array<string | undefined> = []
    await Effect.runPromise(
      Effect.scoped(
        Effect.map(openThreadedStore({ file: file(), site: "test", now: 0 }), (store) => {
          const made = new BatchMaker("test")
          made.append(1, 0, { _tag: "GatewayStarted", at: 0 }, [])
          store.write(made.batch(), false, (refusal) => told.push(refusal))
          store.keepSnapshot({ seq: 1, at: 0, body: `{"format":"kept"}` })
          store.alive(5000)
        })
      )
    )
    expect(told).toEqual([undefined])
    const reading = openForReading(file())
    const left = new Recovery(reading)
    expect(left.head()).toEqual({ seq: 1, aliveAt: 5000 })
    expect(left.snapshots()).toEqual([{ seq: 1, frozen: { format: "kept" } }])
    reading.close()
  })

  it("gives what it has kept as the events that a stream sends, where they are wanted", async () => {
    const made = new BatchMaker("test")
    let seq = 1
    for (let nth = 0; nth < 120; nth++)
      seq += made.append(seq, start + nth, { _tag: "GatewayStarted", at: start + nth, blindFrom: start }, [])
    const framesOf = (framed: boolean): Promise<Frames | undefined> =>
      Effect.runPromise(
        Effect.scoped(
          Effect.flatMap(openThreadedStore({ file: file(`${framed}.db`), site: "test", now: 0 }), (store) =>
            Effect.callback<Frames | undefined>((resume) =>
              store.write(made.batch(), framed, (_, frames) => resume(Effect.succeed(frames)))
            )
          )
        )
      )
    const said = ((await framesOf(true)) ?? []).map((piece) => new TextDecoder().decode(piece)).join("")
    const events = made.entries.map((entry) => `id: ${entry.seq}\nevent: entry\ndata: ${wireJson(entry)}\n\n`)
    expect(said).toBe(events.join(""))
    expect(await framesOf(false)).toBeUndefined()
  })

  it("says why a file cannot be the log", async () => {
    writeFileSync(file(), "no database, but some text that is long enough to be looked at as one".repeat(20))
    const failed = await Effect.runPromise(
      Effect.scoped(Effect.flip(openThreadedStore({ file: file(), site: "test", now: 0 })))
    )
    expect(failed.reason).toContain("restore it from a backup")
  })

  it("takes the whole process along when the disk fails it: nobody could say what is kept", () => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, "failing-writer.ts"), file()],
      { encoding: "utf8" }
    )
    expect(stderr).toContain("the disk is broken")
    expect([status, stdout]).toEqual([1, ""])
  })
})
