import { slotOf } from "../correlation/draft.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { HeardCall } from "./calls.ts"

/** Two calls of one condition and key that stand for the same happening. */
export interface Pair {
  readonly before: HeardCall
  readonly after: HeardCall
}

export interface Matched {
  readonly pairs: ReadonlyArray<Pair>
  readonly onlyBefore: ReadonlyArray<HeardCall>
  readonly onlyAfter: ReadonlyArray<HeardCall>
}

/**
 * Without a fact in common, calls of one condition and key this near are taken for the same happening: longer than the
 * times that doors are usually given, shorter than the pause between two happenings that an officer tells apart.
 */
const nearMs = 5 * 60_000

type PartnerOf = (call: HeardCall) => HeardCall | undefined

/** The newest of `calls`, in the order of time, at or before an instant. */
const newestAt = (calls: ReadonlyArray<HeardCall>, at: EpochMs): number => {
  let [low, high] = [0, calls.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (calls[middle]!.at <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** One condition and key: its calls in both courses, in the order of time, and who has found whom. */
class SlotMatch {
  readonly pairs: Array<Pair> = []
  readonly #after: ReadonlyArray<HeardCall>
  readonly #others: Set<HeardCall>
  #rest: ReadonlyArray<HeardCall>

  constructor(before: ReadonlyArray<HeardCall>, after: ReadonlyArray<HeardCall>) {
    this.#rest = before
    this.#after = after
    this.#others = new Set(after)
  }

  get rest(): ReadonlyArray<HeardCall> {
    return this.#rest
  }

  get others(): ReadonlyArray<HeardCall> {
    return [...this.#others]
  }

  /** Pairs whoever finds a partner that is nobody else's. */
  pair(partnerOf: PartnerOf): void {
    this.#rest = this.#rest.filter((before) => {
      const after = partnerOf(before)
      if (after === undefined || !this.#others.delete(after)) return true
      this.pairs.push({ before, after })
      return false
    })
  }

  sameInstant(): void {
    const byInstant = new Map(this.#after.map((call) => [call.at, call]))
    this.pair(({ at }) => byInstant.get(at))
  }

  sameFacts(): void {
    const byFact = new Map(this.others.flatMap((call) => call.rests.map((seq) => [seq, call] as const)))
    this.pair(({ rests }) => rests.map((seq) => byFact.get(seq)).find((call) => call !== undefined))
  }

  near(): void {
    const free = this.others
    this.pair((call) => {
      let best: HeardCall | undefined
      for (let nth = newestAt(free, call.at - nearMs - 1) + 1; nth < free.length; nth++) {
        const other = free[nth]!
        if (other.at > call.at + nearMs) break
        const nearer = best === undefined || Math.abs(other.at - call.at) < Math.abs(best.at - call.at)
        if (nearer && this.#others.has(other)) best = other
      }
      return best
    })
  }

  /** What has no call of its own may have an alert that stood already: what happened was told by that one. */
  standing(): void {
    this.#rest = this.#rest.filter((before) => {
      const after = this.#after[newestAt(this.#after, before.at)]
      if (after === undefined || (after.until ?? Infinity) < before.at) return true
      this.pairs.push({ before, after })
      return false
    })
  }
}

const matchSlot = (before: ReadonlyArray<HeardCall>, after: ReadonlyArray<HeardCall>): SlotMatch => {
  const matching = new SlotMatch(before, after)
  matching.sameInstant()
  matching.sameFacts()
  matching.near()
  matching.standing()
  return matching
}

/** A rule that counts by something else, or whose alert is called otherwise, finds the same in the same facts. */
const otherwiseCalled = ({ onlyBefore, onlyAfter }: Matched): ReadonlyArray<Pair> => {
  const byFact = new Map<number, Array<HeardCall>>()
  for (const call of onlyAfter) for (const seq of call.rests) byFact.set(seq, [...(byFact.get(seq) ?? []), call])
  const taken = new Set<HeardCall>()
  return onlyBefore.flatMap((before) => {
    const after = before.rests
      .flatMap((seq) => byFact.get(seq) ?? [])
      .find((one) => !taken.has(one) && (one.condition === before.condition || one.rule === before.rule))
    if (after === undefined) return []
    taken.add(after)
    return [{ before, after }]
  })
}

/**
 * Which calls of two courses, each in the order of time, are the same happening: of the same condition and key at the
 * same instant, else resting on a fact in common, else near one another; and what happened while the other course's
 * alert stood is told by that one. Of what is left over, what the same rule, or the same condition, makes of the same facts.
 */
export const match = (before: ReadonlyArray<HeardCall>, after: ReadonlyArray<HeardCall>): Matched => {
  const [left, right] = [Map.groupBy(before, slotOf), Map.groupBy(after, slotOf)]
  const slots = [...new Set([...left.keys(), ...right.keys()])]
  const matched = slots.map((slot) => matchSlot(left.get(slot) ?? [], right.get(slot) ?? []))
  const pairs = matched.flatMap((slot) => slot.pairs)
  const onlyBefore = matched.flatMap(({ rest }) => rest)
  const onlyAfter = matched.flatMap(({ others }) => others)
  const more = otherwiseCalled({ pairs, onlyBefore, onlyAfter })
  if (more.length === 0) return { pairs, onlyBefore, onlyAfter }
  const paired = new Set(more.flatMap((pair) => [pair.before, pair.after]))
  const isLeft = (call: HeardCall): boolean => !paired.has(call)
  return { pairs: [...pairs, ...more], onlyBefore: onlyBefore.filter(isLeft), onlyAfter: onlyAfter.filter(isLeft) }
}
