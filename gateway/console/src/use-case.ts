import { useEffect, useRef, useState } from "react"
import { Refused } from "./api.ts"
import { incidentApi } from "./incident-api.ts"
import type { CaseWritten, Incident } from "./incident-wire.ts"

/** What is written is kept so long after the last key. */
const quietMs = 1200

/** What an officer has written and the gateway has not kept yet. */
export type CaseDraft = Partial<CaseWritten>

const names = (draft: CaseDraft): ReadonlyArray<keyof CaseWritten> => Object.keys(draft) as Array<keyof CaseWritten>

/** The fields that somebody else has changed meanwhile to something other than what is written here. */
export const conflicting = (seen: Incident, newest: Incident, draft: CaseDraft): ReadonlyArray<keyof CaseWritten> =>
  names(draft).filter((name) => newest[name] !== seen[name] && newest[name] !== draft[name])

/** How it stands with what is written. */
export type Keeping = "kept" | "writing" | "keeping" | "conflict" | "failed"

/**
 * A case as it is written on: kept a moment after the last key, over the revision that was seen. What others change in
 * other fields comes in by itself; where they changed the same, the officer is told and decides.
 */
export const useCase = (first: Incident, news: Incident | undefined) => {
  const [seen, setSeen] = useState(first)
  const [draft, setDraft] = useState<CaseDraft>({})
  const [theirs, setTheirs] = useState<Incident | undefined>(undefined)
  const [keeping, setKeeping] = useState<Keeping>("kept")
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const now = useRef({ seen, draft, keeping, busy: false })
  now.current = { ...now.current, seen, draft, keeping }

  /** Goes over to a newer case, unless it was changed where something is written here. */
  const meet = (newest: Incident): void => {
    const { seen: known, draft: written } = now.current
    if (newest.id !== known.id || newest.revision < known.revision) return
    if (conflicting(known, newest, written).length === 0) {
      now.current.seen = newest
      return setSeen(newest)
    }
    setTheirs(newest)
    setKeeping("conflict")
    now.current.keeping = "conflict"
  }

  const keep = async (): Promise<void> => {
    const { seen: known, draft: written, busy, keeping: state } = now.current
    if (busy || state === "conflict" || names(written).length === 0) return
    now.current.busy = true
    setKeeping("keeping")
    try {
      const kept = await incidentApi.change(known.id, known.revision, written)
      const left = Object.fromEntries(
        names(now.current.draft)
          .filter((name) => now.current.draft[name] !== written[name])
          .map((name) => [name, now.current.draft[name]])
      ) as CaseDraft
      now.current = { ...now.current, seen: kept, draft: left }
      setSeen(kept)
      setDraft(left)
      setProblem(undefined)
      setKeeping(names(left).length === 0 ? "kept" : "writing")
      if (names(left).length > 0) later()
    } catch (refusal) {
      await refused(refusal, known.id)
    } finally {
      now.current.busy = false
    }
  }

  const refused = async (refusal: unknown, id: string): Promise<void> => {
    if (refusal instanceof Refused && refusal.status === 409) {
      const newest = await incidentApi.one(id).catch(() => undefined)
      if (newest !== undefined && !newest.closed) {
        now.current.busy = false
        meet(newest)
        if (now.current.keeping !== "conflict") return later()
        return
      }
    }
    setProblem(refusal instanceof Error ? refusal.message : String(refusal))
    setKeeping("failed")
  }

  const later = (): void => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void keep(), quietMs)
  }

  useEffect(() => {
    if (news !== undefined) meet(news)
    // Only what is new is met: what is written here decides what becomes of it.
  }, [news])

  useEffect(
    () => () => {
      clearTimeout(timer.current)
      // Whoever goes to another page has written it all the same.
      void keep()
    },
    []
  )

  const decide = (kept: CaseDraft): void => {
    if (theirs === undefined) return
    now.current = { ...now.current, seen: theirs, draft: kept, keeping: "writing" }
    setSeen(theirs)
    setDraft(kept)
    setTheirs(undefined)
    setKeeping(names(kept).length === 0 ? "kept" : "writing")
    if (names(kept).length > 0) later()
  }

  return {
    /** As the gateway has it. */
    incident: seen,
    /** As it is written here. */
    written: { ...seen, ...draft } as CaseWritten,
    keeping,
    problem,
    /** What somebody else has made of it, where both changed the same. */
    conflict: theirs === undefined ? undefined : { theirs, fields: conflicting(seen, theirs, draft) },
    keepMine: () => decide(draft),
    takeTheirs: () => decide({}),
    write: (change: CaseDraft): void => {
      const next = { ...now.current.draft, ...change }
      now.current.draft = next
      setDraft(next)
      if (now.current.keeping !== "conflict") {
        setKeeping("writing")
        later()
      }
    },
    keepNow: (): void => {
      clearTimeout(timer.current)
      void keep()
    },
    /** The case after something else was done to it. */
    become: meet
  }
}
