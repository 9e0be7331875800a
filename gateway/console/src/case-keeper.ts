import { Refused } from "./api.ts"
import { incidentApi } from "./incident-api.ts"
import type { CaseWritten, Incident } from "./incident-wire.ts"

/** What is written is kept so long after the last key. */
const quietMs = 1200

/** What an officer has written and the gateway has not kept yet. */
export type CaseDraft = Partial<CaseWritten>

/** How it stands with what is written. */
export type Keeping = "kept" | "writing" | "keeping" | "conflict" | "failed"

export interface CaseStanding {
  /** As the gateway has it. */
  readonly incident: Incident
  /** What is written here over it. */
  readonly draft: CaseDraft
  readonly keeping: Keeping
  /** What somebody else has made of it, where both changed the same. */
  readonly theirs: Incident | undefined
  /** Why the gateway has not kept it. */
  readonly problem: string | undefined
}

const names = (draft: CaseDraft): ReadonlyArray<keyof CaseWritten> => Object.keys(draft) as Array<keyof CaseWritten>

/** The fields that somebody else has changed meanwhile to something other than what is written here. */
export const conflicting = (seen: Incident, newest: Incident, draft: CaseDraft): ReadonlyArray<keyof CaseWritten> =>
  names(draft).filter((name) => newest[name] !== seen[name] && newest[name] !== draft[name])

/** What of a draft was written after it had been sent. */
const writtenSince = (draft: CaseDraft, sent: CaseDraft): CaseDraft =>
  Object.fromEntries(
    names(draft)
      .filter((name) => draft[name] !== sent[name])
      .map((name) => [name, draft[name]])
  ) as CaseDraft

const wordsOf = (refusal: unknown): string => (refusal instanceof Error ? refusal.message : String(refusal))

/**
 * A case as it is written on: kept a moment after the last key, over the revision that was seen. What others change in
 * other fields comes in by itself; where they changed the same, the officer is told and decides.
 */
export class CaseKeeper {
  #standing: CaseStanding
  #timer: ReturnType<typeof setTimeout> | undefined
  #isSending = false
  readonly #listeners = new Set<() => void>()

  constructor(incident: Incident) {
    this.#standing = { incident, draft: {}, keeping: "kept", theirs: undefined, problem: undefined }
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed)
    return () => void this.#listeners.delete(changed)
  }

  readonly snapshot = (): CaseStanding => this.#standing

  /** Something is written. */
  write(change: CaseDraft): void {
    const draft = { ...this.#standing.draft, ...change }
    if (this.#standing.keeping === "conflict") return this.#become({ draft })
    this.#become({ draft, keeping: "writing" })
    this.#later()
  }

  /** Keeps now what is written: a field or the page is left. */
  keepNow(): void {
    clearTimeout(this.#timer)
    void this.#keep()
  }

  /** Goes over to a newer case, unless it was changed where something is written here. */
  meet(newest: Incident): void {
    const { incident, draft } = this.#standing
    if (newest.id !== incident.id || newest.revision < incident.revision) return
    if (conflicting(incident, newest, draft).length === 0) this.#become({ incident: newest })
    else this.#become({ theirs: newest, keeping: "conflict" })
  }

  /** Of two versions of the same field, that of this officer. */
  keepMine(): void {
    this.#decide(this.#standing.draft)
  }

  /** Of two versions of the same field, that of the other one; with it goes all that is written here. */
  takeTheirs(): void {
    this.#decide({})
  }

  #decide(draft: CaseDraft): void {
    const { theirs } = this.#standing
    if (theirs === undefined) return
    this.#become({ incident: theirs, draft, theirs: undefined, keeping: this.#keepingOf(draft) })
    this.keepNow()
  }

  #keepingOf(draft: CaseDraft): Keeping {
    return names(draft).length === 0 ? "kept" : "writing"
  }

  #become(change: Partial<CaseStanding>): void {
    this.#standing = { ...this.#standing, ...change }
    for (const changed of this.#listeners) changed()
  }

  #later(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#keep(), quietMs)
  }

  async #keep(): Promise<void> {
    const { incident, draft, keeping } = this.#standing
    if (this.#isSending || keeping === "conflict" || names(draft).length === 0) return
    this.#isSending = true
    this.#become({ keeping: "keeping" })
    try {
      const kept = await incidentApi.change(incident.id, incident.revision, draft)
      const left = writtenSince(this.#standing.draft, draft)
      this.#become({ incident: kept, draft: left, problem: undefined, keeping: this.#keepingOf(left) })
      if (names(left).length > 0) this.#later()
    } catch (refusal) {
      await this.#refused(refusal)
    } finally {
      this.#isSending = false
    }
  }

  /** Where somebody else was quicker, the newest is met, and what is written goes over that. */
  async #refused(refusal: unknown): Promise<void> {
    const { incident } = this.#standing
    const isOvertaken = refusal instanceof Refused && refusal.status === 409
    const newest = isOvertaken ? await incidentApi.one(incident.id).catch(() => undefined) : undefined
    if (newest === undefined || newest.closed) return this.#become({ keeping: "failed", problem: wordsOf(refusal) })
    this.#become({ keeping: "writing" })
    this.meet(newest)
    if (this.#standing.keeping !== "conflict") this.#later()
  }
}
