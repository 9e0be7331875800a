import type { Reason } from "../domain/alert.ts"
import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { grantSpanMs, refusedGrants } from "./door-cover.ts"
import type { DoorMemory, Unexplained, Unheard } from "./door-memory.ts"
import type { DoorDraft } from "./door-step.ts"

/** What makes an opening rightful, and is told once: whoever does not listen at that moment never hears of it. */
export type Telling = keyof NonNullable<DoorMemory["unheard"]>

const spanMs = (of: Telling, times: CompleteDoorTimes): number =>
  of === "grants" ? grantSpanMs(times, false) : times.rexValidSeconds * 1000

/**
 * Nobody could hear of the door's grants, or of its requests to exit, in this span. Of several only the last counts, and
 * what lies so near before it that one opening could be touched by both.
 */
export const couldNotHear = (draft: DoorDraft, of: Telling, span: Unheard, times: CompleteDoorTimes): void => {
  const before = draft.unheard?.[of]
  const touches = before !== undefined && span.from <= before.until + spanMs(of, times)
  const joined = touches ? { from: Math.min(before.from, span.from), until: Math.max(before.until, span.until) } : span
  if (before !== undefined && joined.until < before.until) return
  draft.unheard = { ...draft.unheard, [of]: { ...before, ...joined } }
}

interface Witness {
  readonly of: Telling
  readonly device: string
  readonly at: EpochMs
}

/** A device that tells them is away: nothing is heard of it from here on. */
export const witnessLost = (draft: DoorDraft, { of, device, at }: Witness): void => {
  const before = draft.unheard?.[of] ?? { from: at, until: at }
  const { away = [] } = before
  if (away.some((one) => one.device === device)) return
  draft.unheard = { ...draft.unheard, [of]: { ...before, away: [...away, { device, from: at }] } }
}

/** It is there again: what it told meanwhile was not heard. */
export const witnessBack = (draft: DoorDraft, { of, device, at }: Witness, times: CompleteDoorTimes): void => {
  const before = draft.unheard?.[of]
  const gone = before?.away?.find((one) => one.device === device)
  if (before === undefined || gone === undefined) return
  const { away: _, ...span } = before
  const away = (before.away ?? []).filter((one) => one !== gone)
  draft.unheard = { ...draft.unheard, [of]: away.length === 0 ? span : { ...span, away } }
  couldNotHear(draft, of, { from: gone.from, until: at }, times)
}

const said = { grants: "Grants", exits: "Requests to exit" } as const

const clock = (at: EpochMs): string => `${new Date(at).toISOString().slice(11, 19)} UTC`

/**
 * What could not be heard of all that might have made the opening rightful: whether the door was opened by right is then
 * not known. Empty when all of it would have been heard.
 */
export const unheardBefore = (
  door: DoorMemory,
  { at, earliest = at }: Pick<Unexplained, "at" | "earliest">,
  times: CompleteDoorTimes
): ReadonlyArray<Reason> =>
  (["grants", "exits"] as const).flatMap((of) => {
    // Where no grant would have opened the door, none is missed.
    if (of === "grants" && refusedGrants(door, at)) return []
    const span = door.unheard?.[of]
    const away = (span?.away ?? []).filter(({ from }) => from <= at)
    const isTouched = span !== undefined && span.from <= at && span.until > earliest - spanMs(of, times)
    return [
      ...(isTouched ? [{ at: span.until, text: `${said[of]} before ${clock(span.until)} could not be heard` }] : []),
      ...away.map(({ device, from }) => ({
        at: from,
        text: `${said[of]} cannot be heard since ${clock(from)}: ${device} is away`
      }))
    ]
  })
