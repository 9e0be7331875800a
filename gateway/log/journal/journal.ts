import { Effect, Schema, type Scope } from "effect"
import { AskedThread } from "../asked-thread.ts"
import type { StoreUnavailable } from "../security-log.ts"
import type { JournalPage, JournalSearch } from "./reader.ts"

/** So many pages are looked for and waiting at once. */
const askedAtMost = 32

/** A page of a search that finds little is answered after about so long, with how far back it has come. */
const lookMs = 1_000

/** Too many are looking something up at once. */
export class TooManySearches extends Schema.TaggedError<TooManySearches>()("TooManySearches", {}) {
  override get message(): string {
    return `${askedAtMost} searches wait already; search again once they are done`
  }
}

type Failure = TooManySearches | StoreUnavailable

/** Looks things up in the log's file on a thread of its own: the gateway goes on meanwhile. */
export interface Journal {
  readonly page: (search: JournalSearch) => Effect.Effect<JournalPage, Failure>
}

/** The journal of the log in `dataDir`; the thread starts with the first search and ends with the scope. */
export const openJournal = (dataDir: string): Effect.Effect<Journal, never, Scope.Scope> =>
  AskedThread.open<JournalSearch, JournalPage, TooManySearches>({
    thread: new URL("thread.ts", import.meta.url),
    name: "journal",
    does: "looks through the log",
    workerData: { dataDir, lookMs },
    askedAtMost,
    busy: () => new TooManySearches()
  }).pipe(Effect.map((thread) => ({ page: (search) => thread.ask(search) })))
