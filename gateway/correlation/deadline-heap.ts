import type { EpochMs } from "../domain/ids.ts"

/** Something that falls due: a door, a device or a link, by its key. */
export interface Deadline {
  readonly at: EpochMs
  readonly key: string
}

/**
 * A leftist heap: a persistent priority queue, log n to insert and to remove the least (Crane, 1972; Okasaki,
 * "Purely Functional Data Structures", 3.1).
 */
export type DeadlineHeap =
  | undefined
  | { readonly least: Deadline; readonly rank: number; readonly left: DeadlineHeap; readonly right: DeadlineHeap }

const rank = (heap: DeadlineHeap): number => heap?.rank ?? 0

/** Ties are broken by key, so that the order of insertion never matters. */
const before = (a: Deadline, b: Deadline): boolean => a.at < b.at || (a.at === b.at && a.key <= b.key)

const node = (least: Deadline, a: DeadlineHeap, b: DeadlineHeap): DeadlineHeap =>
  rank(a) >= rank(b) ? { least, rank: rank(b) + 1, left: a, right: b } : { least, rank: rank(a) + 1, left: b, right: a }

const merge = (a: DeadlineHeap, b: DeadlineHeap): DeadlineHeap => {
  if (a === undefined) return b
  if (b === undefined) return a
  return before(a.least, b.least) ? node(a.least, a.left, merge(a.right, b)) : node(b.least, b.left, merge(a, b.right))
}

export const insert = (heap: DeadlineHeap, deadline: Deadline): DeadlineHeap =>
  merge(heap, { least: deadline, rank: 1, left: undefined, right: undefined })

export const withoutLeast = (heap: DeadlineHeap): DeadlineHeap =>
  heap === undefined ? undefined : merge(heap.left, heap.right)
