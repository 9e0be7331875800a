import type { Reason } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Cover } from "./door-memory.ts"

/**
 * What a grant is to an opening. `after`: given too long after it. `refused`: the door's mode lets no credential open it.
 * `over`: its time had run out unused. `used`: it had made another opening rightful, and the lock was released no longer.
 * `locked again`: likewise, and the lock had told so.
 */
export type GrantVerdict = "covers" | "after" | "refused" | "over" | "used" | "locked again"

/**
 * What a request to exit is to an opening. `over`: it came and went too long before. `after`: it came too long after.
 * `not seen to begin`: it had ended by then, and nobody knows since when it was on.
 */
export type ExitVerdict = "covers" | "over" | "after" | "not seen to begin"

/** What the door's mode is to an opening. */
export type ModeVerdict = "covers" | "locks" | "unknown"

/**
 * What a scheduled unlock is to an opening. `awaits the first person`: nobody had been granted access yet. `refused`: the
 * door was locked down. `after`: it began later. `over`: it had ended.
 */
export type ScheduleVerdict = "covers" | "awaits the first person" | "refused" | "after" | "over"

/** Something that could have made an opening rightful, what was found of it, and how near it came. */
export type Ground = {
  /** When it was: granted, requested, or since when the mode. */
  readonly at: EpochMs
  readonly seq?: number
  /** By how much it missed the opening; 0 where it covers; absent where no other time of it would have helped. */
  readonly missedByMs?: number
} & (
  | { readonly by: "mode"; readonly mode: string; readonly verdict: ModeVerdict }
  | { readonly by: "schedule"; readonly verdict: ScheduleVerdict }
  | { readonly by: "grant"; readonly credential?: string; readonly officer?: string; readonly verdict: GrantVerdict }
  | { readonly by: "rex"; readonly point: string; readonly verdict: ExitVerdict }
)

/** What became of an opening at one moment. */
export type OpeningVerdict =
  /** Something makes it rightful. */
  | { readonly _tag: "Covered"; readonly cover: Cover }
  /** Nothing explains it yet; what is on its way may, until then. */
  | { readonly _tag: "Waits"; readonly until: EpochMs }
  /** The door had not latched: the opening before goes on. */
  | { readonly _tag: "Relatched"; readonly closedAt: EpochMs; readonly before: number }
  /** The contact had bounced while closing: the opening before goes on. */
  | { readonly _tag: "Bounced"; readonly closedAt: EpochMs; readonly before: number }
  /** It was open for less than the debounce time: none at all. */
  | { readonly _tag: "TooShort"; readonly lastedMs: number }
  /** Seen again after it was out of sight; `before`: the opening that is taken to have gone on. */
  | { readonly _tag: "FoundOpen"; readonly before?: number }
  /** Its grace is over, and nothing explains it. */
  | { readonly _tag: "Forced" }
  /** Likewise, but what could have explained it could not be heard: nobody can say whether it was by right. */
  | { readonly _tag: "Unverified"; readonly unheard: ReadonlyArray<Reason> }
  /** The door's controller calls it forced. */
  | { readonly _tag: "ReportedForced" }
  /** What explains it came late; `judged`: after there had been an alert of it. */
  | { readonly _tag: "CoveredLate"; readonly cover: Cover; readonly judged: boolean }
  /** It has lasted as long as it may. */
  | { readonly _tag: "Held"; readonly since: EpochMs; readonly allowedMs: number }
  | { readonly _tag: "Closed"; readonly lastedMs: number; readonly allowedMs: number; readonly timed: boolean }

/** One judgement of one opening, with all that was weighed: for whoever explains. It is kept nowhere; the same fold gives it again. */
export interface Judgement {
  /** When the door opened, and the entry that told. */
  readonly opening: { readonly at: EpochMs; readonly seq: number; readonly earliest?: EpochMs }
  readonly at: EpochMs
  /** The entry that decided, where it was not time alone. */
  readonly seq?: number
  readonly verdict: OpeningVerdict
  /** What was weighed, where a right to open was looked for. */
  readonly grounds: ReadonlyArray<Ground>
}
