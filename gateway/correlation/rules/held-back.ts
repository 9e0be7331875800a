import type { Finding } from "../../domain/finding.ts"
import { slotOf } from "../draft.ts"
import { appended } from "../lists.ts"
import { Table } from "../table.ts"

/** A consequence that is not told while its cause lasts: plain JSON, so that a snapshot carries it. */
export interface Held {
  readonly finding: Extract<Finding, { _tag: "ConditionActive" }>
  /** The alert that stands for it. */
  readonly cause: string
}

/**
 * What is held back, by key, at most once each condition. First by key: a door that closes is asked for one condition after
 * another, and mostly has none.
 */
export type HeldBack = Table<ReadonlyArray<Held>>

type Slot = Pick<Finding, "condition" | "key">

/** What is held back of a condition and key. */
export const heldOf = (all: HeldBack, { condition, key }: Slot): Held | undefined =>
  all.size === 0 ? undefined : all.get(key)?.find(({ finding }) => finding.condition === condition)

/** With one that was not held back before. */
export const holding = (all: HeldBack, held: Held): HeldBack => {
  const { key } = held.finding
  return all.with(key, appended(all.get(key) ?? [], held))
}

/** Without the one of a condition and key. */
export const released = (all: HeldBack, { condition, key }: Slot): HeldBack => {
  const left = all.get(key)?.filter(({ finding }) => finding.condition !== condition) ?? []
  return left.length === 0 ? all.without(key) : all.with(key, left)
}

const unordered = (all: HeldBack): Array<Held> => all.unordered().flatMap(([, held]) => held)

const bySlot = (a: Held, b: Held): number => (slotOf(a.finding) < slotOf(b.finding) ? -1 : 1)

/** All of them, in the order of their conditions and keys. */
export const everyHeld = (all: HeldBack): ReadonlyArray<Held> => unordered(all).sort(bySlot)

/** Those of them that are wanted, in that order: where many are held back, few may be. */
export const heldWhere = (all: HeldBack, isWanted: (held: Held) => boolean): ReadonlyArray<Held> =>
  unordered(all).filter(isWanted).sort(bySlot)

/** How many an alert stands for. */
export const heldByCount = (all: HeldBack, cause: string): number =>
  unordered(all).filter((held) => held.cause === cause).length

export const heldBackOf = (every: Iterable<Held>): HeldBack =>
  Table.of(Map.groupBy(every, ({ finding }) => finding.key))
