import type { EpochMs } from "../../domain/ids.ts"
import { appended } from "../lists.ts"
import { uncertaintyMaxMs } from "./signal.ts"
import type { Spare } from "./spare.ts"

/**
 * One signal that counts for a subject of a rule: plain JSON, so that a snapshot carries it. Every field is there, `undefined`
 * where there is nothing: hits of one shape are read many times as fast.
 */
export interface Hit {
  readonly at: EpochMs
  readonly seq: number
  /** Which of what its log entry has made; absent: it was not told by one. */
  readonly nth?: number | undefined
  /** Which of the rule's selectors it met; `besides` for those that must not come. */
  readonly step: number
  readonly text: string
  /** When it was heard of, where that was late. */
  readonly heard?: EpochMs | undefined
  /** When what lasts began, where the rule listened only later: from `at` on. */
  readonly since?: EpochMs | undefined
  /** The earliest that it may have happened, where it was told only after the gateway had been blind. */
  readonly earliest?: EpochMs | undefined
  /** How far off `at` may be. */
  readonly off?: number | undefined
  /** What it differs by from others, where that counts. */
  readonly differs?: string | undefined
  /** What the rule's title asks for, as an officer reads it. */
  readonly said?: Readonly<Record<string, string>> | undefined
  readonly door?: string | undefined
  readonly device?: string | undefined
  readonly area?: string | undefined
  /** The alert that it is of. */
  readonly alert?: string | undefined
}

/** The step of what must not come between others. */
export const besides = -1

/** The step of the end of a rule's circumstances: from here on it does not listen. */
export const deaf = -2

/** How far the condition of a subject has been told. */
export interface Telling {
  /** Since when it holds, and is told so. */
  readonly activeFrom?: EpochMs | undefined
  /** Up to here everything is told: the end of what was told last. */
  readonly toldUntil?: EpochMs | undefined
}

/** What a rule remembers of one subject. */
export interface Subject extends Telling {
  /** Ordered by time, then by log position. */
  readonly hits: ReadonlyArray<Hit>
}

export const noHits: ReadonlyArray<Hit> = []

/** Enough for any count a rule may ask for; of more, the one that its kind can spare is forgotten. */
export const hitsMax = 64

/**
 * How late a signal may come so that what is told does not depend on the order of arrival. Ours: the order tolerance of
 * live alerts.
 */
export const latenessMs = 2000

/** How much longer hits matter because two clocks may be off. */
export const uncertaintyOfMatches = 2 * uncertaintyMaxMs

const order = (a: Hit, b: Hit): number => a.at - b.at || a.seq - b.seq || a.step - b.step

/** The hits with one more, in the order in which they happened. */
export const withHit = (hits: ReadonlyArray<Hit>, hit: Hit, spare: Spare): ReadonlyArray<Hit> => {
  const last = hits.at(-1)
  const all = appended(hits, hit)
  if (last !== undefined && order(last, hit) > 0) all.sort(order)
  return all.length > hitsMax ? all.toSpliced(spare(all), 1) : all
}

const offOf = ({ off = 0 }: Hit): number => off

/** Whether two may lie within a window, as far as their clocks can tell. */
export const isWithin = (a: Hit, b: Hit, windowMs: number): boolean =>
  Math.abs(b.at - a.at) <= windowMs + offOf(a) + offOf(b)

/** Whether two are of one happening: it may be several steps of a rule. An alert and what it is of are two. */
export const areOfOne = (a: Hit, b: Hit): boolean => a.seq === b.seq && a.at === b.at && a.text === b.text

/** Since when it counts for how long it is remembered. */
export const countsFrom = ({ at, heard = at, since = heard }: Hit): EpochMs => since

/** When it happened at the earliest, by our own clock. */
export const earliestOf = ({ at, earliest = at }: Hit): EpochMs => earliest

/** Whether one may have been before the other, as far as their clocks can tell. */
export const mayPrecede = (a: Hit, b: Hit): boolean => a.at <= b.at + offOf(a) + offOf(b)

/** When a rule's condition came to hold, until when, and the hits that made it. */
export interface Match {
  readonly at: EpochMs
  readonly until: EpochMs
  readonly hits: ReadonlyArray<Hit>
}

export const noMatches: ReadonlyArray<Match> = []

/** The match that the `nth` hit completes; it rests on none that was later, as far as their clocks can tell. */
export type CompletedBy = (hits: ReadonlyArray<Hit>, nth: number) => Match | undefined

/** All matches of hits, of which at least so many are needed for one. */
export const matchesBy =
  (completedBy: CompletedBy, atLeast: number) =>
  (hits: ReadonlyArray<Hit>): ReadonlyArray<Match> => {
    // So it is with nearly every subject.
    if (hits.length < atLeast) return noMatches
    let found: Array<Match> | undefined
    for (let nth = 0; nth < hits.length; nth++) {
      const match = completedBy(hits, nth)
      if (match !== undefined) (found ??= []).push(match)
    }
    return found ?? noMatches
  }
