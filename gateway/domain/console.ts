import { Schema } from "effect"
import { EpochMs } from "./ids.ts"

/** How long a console is silent when an officer asks for it: never a switch that somebody forgets (console reference). */
export const silenceMs = 60_000

/** One browser of one officer, as it names itself: nothing is known of it but that it is the same one. */
export const ConsoleId = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { expected: 'a console\'s name such as "c-1f0a93"' })
  ),
  Schema.brand("ConsoleId")
).annotate({ identifier: "ConsoleId" })
export type ConsoleId = typeof ConsoleId.Type

/** Why nobody is known to look at a console: its page is hidden, it is away, or the browser lets it make no sound. */
export const UnwatchedWhy = Schema.Literals(["hidden", "gone", "sound-blocked"]).annotate({
  identifier: "UnwatchedWhy"
})
export type UnwatchedWhy = typeof UnwatchedWhy.Type

const ofConsole = { console: ConsoleId, by: Schema.NonEmptyString }

/** What consoles enter into the log. */
export const consoleFacts = {
  /** An officer has a console make no sound until then. */
  AlarmSilenced: { at: EpochMs, ...ofConsole, until: EpochMs },
  /** An officer makes a console louder or quieter: percent of its loudest, never 0. */
  AlarmVolumeSet: { at: EpochMs, ...ofConsole, percent: Schema.Finite },
  /** A critical alert waits, and nobody looks at this console. */
  ConsoleUnwatched: { at: EpochMs, ...ofConsole, why: UnwatchedWhy },
  /** Somebody looks at it again. */
  ConsoleWatched: { at: EpochMs, ...ofConsole }
} as const

/** What is amiss with a console; one with which nothing is, is not known. Plain JSON. */
export interface ConsoleStanding {
  readonly console: string
  readonly by: string
  readonly silenced?: { readonly since: EpochMs; readonly until: EpochMs }
  readonly unwatched?: { readonly since: EpochMs; readonly why: UnwatchedWhy }
}
