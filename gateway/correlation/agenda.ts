import { HashMap, Option } from "effect"
import type { EpochMs } from "../domain/ids.ts"
import { type Deadline, type DeadlineHeap, insert, withoutLeast } from "./deadline-heap.ts"

/**
 * What falls due next, of whom: at most one deadline a key. `wanted` is the truth; the heap is an index over it that
 * also holds entries overtaken since. None of these is ever on top, and together they never outnumber the truth by
 * much, however often deadlines change.
 */
export interface Agenda {
  readonly wanted: HashMap.HashMap<string, EpochMs>
  readonly heap: DeadlineHeap
  /** Entries in the heap, overtaken ones included. */
  readonly entries: number
}

export const emptyAgenda: Agenda = { wanted: HashMap.empty(), heap: undefined, entries: 0 }

/** So few overtaken entries are not worth a rebuild. */
const slack = 64

const rebuilt = (wanted: Agenda["wanted"]): Agenda => {
  let heap: DeadlineHeap
  for (const [key, at] of HashMap.entries(wanted)) heap = insert(heap, { at, key })
  return { wanted, heap, entries: HashMap.size(wanted) }
}

/** Drops overtaken entries from the top, or all of them once they outnumber the others. */
const tidy = (agenda: Agenda): Agenda => {
  const { wanted } = agenda
  if (agenda.entries > 2 * HashMap.size(wanted) + slack) return rebuilt(wanted)
  let { heap, entries } = agenda
  while (heap !== undefined && wantedAt(agenda, heap.least.key) !== heap.least.at) {
    heap = withoutLeast(heap)
    entries--
  }
  return { wanted, heap, entries }
}

export const wantedAt = ({ wanted }: Agenda, key: string): EpochMs | undefined =>
  Option.getOrUndefined(HashMap.get(wanted, key))

/** Sets when `key` falls due, in place of what was; `undefined`: not at all. */
export const withDeadline = (agenda: Agenda, key: string, at: EpochMs | undefined): Agenda => {
  if (wantedAt(agenda, key) === at) return agenda
  if (at === undefined) return tidy({ ...agenda, wanted: HashMap.remove(agenda.wanted, key) })
  const wanted = HashMap.set(agenda.wanted, key, at)
  return tidy({ wanted, heap: insert(agenda.heap, { at, key }), entries: agenda.entries + 1 })
}

/** The nearest deadline. */
export const nearest = ({ heap }: Agenda): Deadline | undefined => heap?.least
