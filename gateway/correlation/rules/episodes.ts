import type { EpochMs } from "../../domain/ids.ts"
import { type CompletedBy, type Hit, latenessMs, type Match, type Telling } from "./hits.ts"

/** Matches that follow one another without a break: one coming of the condition. */
export interface Episode {
  readonly from: EpochMs
  readonly until: EpochMs
  /** What made it come. */
  readonly first: Match
}

/** What is told of a subject. */
export type Told =
  | { readonly _tag: "Active"; readonly match: Match; readonly news: ReadonlyArray<Hit> }
  | { readonly _tag: "Normal"; readonly at: EpochMs }
  /** What came late shows that it did not hold. */
  | { readonly _tag: "Late"; readonly hit: Hit | undefined }

export interface Settled extends Telling {
  readonly told: ReadonlyArray<Told>
  /** When there is something to decide next. */
  readonly due: EpochMs | undefined
}

/** How a kind of rule reads its hits. */
export interface Reading {
  readonly matches: (hits: ReadonlyArray<Hit>) => ReadonlyArray<Match>
  /** Absent where a match rests on what comes later. */
  readonly completedBy?: CompletedBy | undefined
  /** More hits never unmake a match: it is told at once. */
  readonly prompt: boolean
  /** What it finds is a state that lasts. */
  readonly isState: boolean
}

/** The first coming that is not told to its end. */
const firstAfter = (matches: ReadonlyArray<Match>, toldUntil: EpochMs): Episode | undefined => {
  let found: { from: EpochMs; until: EpochMs; first: Match } | undefined
  for (const match of [...matches].sort((a, b) => a.at - b.at)) {
    if (match.until <= toldUntil) continue
    if (found === undefined) found = { from: match.at, until: match.until, first: match }
    else if (match.at > found.until) return found
    else found.until = Math.max(found.until, match.until)
  }
  return found
}

/** What comes again while it holds already. */
interface Again {
  readonly match: Match
  readonly news: ReadonlyArray<Hit>
}

const againBy = (matches: ReadonlyArray<Match>, fresh: Hit | undefined, toldUntil: EpochMs): Again | undefined => {
  if (fresh === undefined) return undefined
  const match = matches.find(({ hits, until }) => until > toldUntil && hits.includes(fresh))
  return match === undefined ? undefined : { match, news: [fresh] }
}

/**
 * What began since its condition holds and rests on what does not come: told when nothing of that time can be on its way any
 * more. Where each stays so by itself, also what has become overdue since: another door of the area was open already.
 */
const overdueSince = (matches: ReadonlyArray<Match>, activeFrom: EpochMs, isState: boolean): ReadonlyArray<Match> =>
  matches.filter((match) => (isState ? match.at > activeFrom : match.hits.every(({ at }) => at > activeFrom)))

const againOverdue = (overdue: ReadonlyArray<Match>, now: EpochMs): Again | undefined => {
  const match = overdue.find(({ at }) => at + latenessMs === now)
  return match === undefined ? undefined : { match, news: match.hits }
}

/** When it is known next of one of them that it came again. */
const nextOverdue = (overdue: ReadonlyArray<Match>, now: EpochMs): EpochMs =>
  overdue.reduce((next, { at }) => {
    const ready = at + latenessMs
    return ready > now && ready < next ? ready : next
  }, Number.POSITIVE_INFINITY)

/**
 * What is told of a subject now, by all that is known of it; `undefined`: nothing, and there is nothing to decide. `prompt`: more
 * hits never unmake a match of its rule, `matches` are those of its hits, `before`: how far it has been told. It follows from the set of hits alone, and not from the
 * order in which they came, as long as none comes later than `latenessMs`: what more hits cannot unmake is told at once;
 * that it does not hold (any more) only when no hit of that time can be on its way. One that comes later still is told
 * all the same, visibly.
 */
export const settle = (
  { prompt, completedBy, isState }: Omit<Reading, "matches">,
  matches: ReadonlyArray<Match>,
  before: Telling | undefined,
  now: EpochMs,
  fresh?: Hit
): Settled | undefined => {
  // So it is with nearly every hit: nothing holds, and nothing was said to.
  if (matches.length === 0 && before?.activeFrom === undefined) return undefined
  const told: Array<Told> = []
  let activeFrom = before?.activeFrom
  let toldUntil = before?.toldUntil ?? Number.NEGATIVE_INFINITY
  const finished = (due: EpochMs | undefined): Settled => ({
    told,
    due,
    activeFrom,
    toldUntil: toldUntil === Number.NEGATIVE_INFINITY ? undefined : toldUntil
  })
  const completes = fresh === undefined ? [] : matches.filter(({ hits }) => hits.includes(fresh))
  for (const match of completes) {
    if (activeFrom !== undefined || match.until > toldUntil) continue
    told.push({ _tag: "Active", match, news: match.hits }, { _tag: "Normal", at: match.until })
  }
  const awaits = completedBy === undefined
  let again =
    activeFrom === undefined
      ? undefined
      : awaits
        ? againOverdue(overdueSince(matches, activeFrom, isState), now)
        : againBy(matches, fresh, toldUntil)
  for (;;) {
    const episode = firstAfter(matches, toldUntil)
    if (activeFrom === undefined) {
      if (episode === undefined) return finished(undefined)
      const ready = episode.from + latenessMs
      if (!prompt && ready > now) return finished(ready)
      activeFrom = episode.from
      told.push({ _tag: "Active", match: episode.first, news: episode.first.hits })
    } else if (episode === undefined) {
      told.push({ _tag: "Late", hit: fresh })
      toldUntil = Math.max(toldUntil, activeFrom)
      activeFrom = undefined
    } else {
      if (again !== undefined && again.match.at <= episode.until) {
        told.push({ _tag: "Active", ...again })
        again = undefined
      }
      const over = episode.until + latenessMs
      if (over > now) {
        const next =
          awaits && Number.isFinite(now)
            ? Math.min(over, nextOverdue(overdueSince(matches, activeFrom, isState), now))
            : over
        return finished(Number.isFinite(next) ? next : undefined)
      }
      told.push({ _tag: "Normal", at: episode.until })
      toldUntil = episode.until
      activeFrom = undefined
    }
  }
}
