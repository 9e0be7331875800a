import type Database from "better-sqlite3"
import { Effect, type Scope } from "effect"
import { AskedThread } from "./asked-thread.ts"

/**
 * So many pages of the write-ahead log are moved into the database at once: as many as SQLite would by itself
 * (sqlite.org/wal.html, "Automatic Checkpoint").
 */
const movedPages = 1000

/** Where the thread does not keep up, or cannot run, the writer moves them itself as from here: 40 MB. */
const writerMovesPages = 10_000

/** A commit writes whole pages: about so many whatever it holds, of the table, its indexes and the counters … */
const pagesOfCommit = 4

/** … and one more for so many entries. */
const entriesOfPage = 4

/** Moves what is committed into the database, beside the writer. */
export interface Checkpoints {
  /** To be told of each commit. */
  readonly committed: (entries: number) => void
}

/**
 * Takes checkpoints off the writer's hands: two writes to disk and their waiting, which would make a commit in twenty longer
 * several times over, and whoever waits for that commit. On a thread of its own, which runs while much is written.
 */
export const checkpointsOf = (
  writer: Database.Database,
  file: string
): Effect.Effect<Checkpoints, never, Scope.Scope> =>
  Effect.gen(function* () {
    const thread = yield* AskedThread.open<null, undefined, never>({
      thread: new URL("checkpoint-thread.ts", import.meta.url),
      name: "checkpoints",
      does: "moves the write-ahead log into the database",
      workerData: { file },
      askedAtMost: Number.POSITIVE_INFINITY,
      busy: () => {
        throw new RangeError("nobody is ever turned away")
      }
    })
    writer.pragma(`wal_autocheckpoint = ${writerMovesPages}`)
    let pages = 0
    let isMoving = false
    const moved = Effect.sync(() => void (isMoving = false))
    // What fails is tried again at the next time; where it goes on failing, the writer does it, and is told why it cannot.
    const move = thread.ask(null).pipe(Effect.ignore, Effect.ensuring(moved))
    return {
      committed: (entries) => {
        pages += pagesOfCommit + entries / entriesOfPage
        if (pages < movedPages || isMoving) return
        pages = 0
        isMoving = true
        Effect.runFork(move)
      }
    }
  })
