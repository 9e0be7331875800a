import { Option } from "effect"
import { fold, foldJudging, initial } from "../correlation/fold.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Judgement } from "../correlation/door-verdict.ts"
import type { AlertChange } from "../domain/alert.ts"
import type { DeviceEvent } from "../domain/device-event.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"

/** Where folding begins: a situation, and the position it is of. */
export interface Base {
  readonly seq: number
  readonly situation: Situation
}

export const fromTheBeginning: Base = { seq: 0, situation: initial }

/** What was told on the way, of every door whose facts were folded. */
export interface Told {
  readonly judged?: (door: string, judgement: Judgement) => void
  readonly event?: (event: DeviceEvent) => void
  readonly changed?: (change: AlertChange) => void
}

/** A fact with its position in the log. */
export interface PlacedFact {
  readonly seq: number
  readonly fact: Fact
}

/** The situation after letting time come to `at`, with nothing else happening. */
const whenTimeIs = (situation: Situation, at: EpochMs): Situation =>
  at <= situation.at ? situation : fold(situation, situation.seq + 1, { _tag: "TimePassed", at }).situation

/** The situation that was known at an instant, and how many facts were folded in all. */
export interface Course {
  readonly known: Situation
  readonly facts: number
}

/**
 * Folds facts as the gateway did, and tells what it concluded on the way. `known` is the situation as it was known at `at`: after
 * every fact that had come by then, with all done that was due. Goes on to `until`, for what was judged only later.
 */
export const foldCourse = (
  base: Base,
  facts: Iterable<PlacedFact>,
  span: { readonly at: EpochMs; readonly until: EpochMs },
  told: Told
): Course => {
  let situation = base.situation
  let known = Option.none<Situation>()
  let count = 0
  const step = (seq: number, fact: Fact): void => {
    const folded = foldJudging(situation, seq, fact)
    situation = folded.situation
    for (const { door, judgement } of folded.judgements) told.judged?.(door, judgement)
    for (const decision of folded.decisions) {
      if (decision._tag === "Alert") told.changed?.(decision.change)
      if (decision._tag === "Event") told.event?.(decision.event)
    }
  }
  for (const { seq, fact } of facts) {
    if (fact.at > span.until) break
    if (fact.at > span.at && Option.isNone(known)) known = Option.some(whenTimeIs(situation, span.at))
    step(seq, fact)
    count++
  }
  const at = Option.getOrElse(known, () => whenTimeIs(situation, span.at))
  if (situation.at < span.until) step(situation.seq + 1, { _tag: "TimePassed", at: span.until })
  return { known: at, facts: count }
}
