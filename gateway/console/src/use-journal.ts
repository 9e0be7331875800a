import { useEffect, useRef, useState } from "react"
import { matches } from "../../log/journal/matching.ts"
import { api } from "./api.ts"
import { type JournalAsked, queryOf, searched, wantedOf } from "./journal-search.ts"
import type { ConsoleStore } from "./store.ts"
import type { Campus, Entry, Instant } from "./wire.ts"

/** So many entries are kept on screen while one follows; what falls off stands in the log. */
const followedAtMost = 2_000

const pageSize = 100

/** A burst of entries is drawn once. */
const drawEveryMs = 150

interface Found {
  readonly entries: ReadonlyArray<Entry>
  readonly next: string | undefined
  readonly reachedAt: Instant | undefined
}

const nothing: Found = { entries: [], next: undefined, reachedAt: undefined }

interface Options {
  readonly store: ConsoleStore
  readonly campus: Campus | undefined
  readonly asked: JournalAsked
  /** Entries that come in are shown, too. */
  readonly following: boolean
}

/** The entries that are looked for: the newest at once, older ones on demand, new ones as they come. */
export const useJournal = ({ store, campus, asked, following }: Options) => {
  const [found, setFound] = useState<Found>(nothing)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const question = campus === undefined ? undefined : queryOf(asked, campus.site.timeZone).toString()
  const asking = useRef(0)

  const load = async (query: string, before: string | undefined): Promise<void> => {
    const nth = ++asking.current
    setBusy(true)
    setProblem(undefined)
    const params = new URLSearchParams(query)
    params.set("limit", String(pageSize))
    if (before !== undefined) params.set("before", before)
    try {
      const page = await api.journal(params)
      if (nth !== asking.current) return
      const next = page.next === undefined || page.next === null ? undefined : String(page.next)
      setFound((known) => ({
        entries: before === undefined ? page.items : [...known.entries, ...page.items],
        next,
        reachedAt: page.reachedAt
      }))
    } catch (refusal) {
      if (nth === asking.current) setProblem(refusal instanceof Error ? refusal.message : String(refusal))
    } finally {
      if (nth === asking.current) setBusy(false)
    }
  }

  useEffect(() => {
    if (question === undefined) return
    setFound(nothing)
    void load(question, undefined)
  }, [question])

  useEffect(() => {
    if (!following || campus === undefined) return
    const wanted = wantedOf(asked, campus)
    let came: Array<Entry> = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = (): void => {
      timer = undefined
      const fresh = came
      came = []
      setFound((known) => {
        const newest = known.entries[0]?.seq ?? 0
        const added = fresh.filter(({ seq }) => seq > newest).toReversed()
        return {
          ...known,
          entries: [...added, ...known.entries].slice(0, Math.max(followedAtMost, known.entries.length))
        }
      })
    }
    const end = store.follow((entry) => {
      if (!matches(searched(entry), wanted)) return
      came.push(entry)
      timer ??= setTimeout(draw, drawEveryMs)
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [store, following, question])

  return {
    ...found,
    busy,
    problem,
    /** What is exported is what is looked for. */
    query: question ?? "",
    older: (): void => {
      if (question !== undefined && found.next !== undefined) void load(question, found.next)
    }
  }
}
