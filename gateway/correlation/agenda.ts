import type { EpochMs } from "../domain/ids.ts"
import { type Deadline, DeadlineHeap } from "./deadline-heap.ts"
import { Table } from "./table.ts"

/** So few overtaken entries are not worth a rebuild. */
const slack = 64

/**
 * What falls due next, of whom: at most one deadline a key. No version of it ever changes. `wanted` is the truth; the heap
 * is an index over it that also holds entries overtaken since, which together never outnumber the truth by much. As a
 * table's rows it is always the newest version's; an older one that is asked makes itself one.
 */
export class Agenda {
  readonly wanted: Table<EpochMs>
  #heap: DeadlineHeap | undefined

  constructor(wanted: Table<EpochMs>, heap?: DeadlineHeap) {
    this.wanted = wanted
    this.#heap = heap
  }

  /** Entries in the heap, overtaken ones included. */
  get entries(): number {
    return this.#ownHeap().size
  }

  /** The agenda with `key` due at `at`, in place of what was; `undefined`: not at all. */
  with(key: string, at: EpochMs | undefined): Agenda {
    const wanted = at === undefined ? this.wanted.without(key) : this.wanted.with(key, at)
    if (wanted === this.wanted) return this
    const heap = this.#heap
    this.#heap = undefined
    if (at !== undefined) heap?.put({ at, key })
    // It is left behind once most of it is overtaken.
    const isKept = heap !== undefined && heap.size <= 2 * wanted.size + slack
    return new Agenda(wanted, isKept ? heap : undefined)
  }

  /** The nearest deadline. What was overtaken since is dropped from the top. */
  get nearest(): Deadline | undefined {
    const heap = this.#ownHeap()
    let { least } = heap
    while (least !== undefined && this.wanted.get(least.key) !== least.at) {
      heap.drop()
      least = heap.least
    }
    return least
  }

  #ownHeap(): DeadlineHeap {
    if (this.#heap !== undefined) return this.#heap
    const heap = new DeadlineHeap()
    for (const [key, at] of this.wanted.unordered()) heap.put({ at, key })
    this.#heap = heap
    return heap
  }
}

export const emptyAgenda: Agenda = new Agenda(Table.of())

export const wantedAt = ({ wanted }: Agenda, key: string): EpochMs | undefined => wanted.get(key)

/** Sets when `key` falls due, in place of what was; `undefined`: not at all. */
export const withDeadline = (agenda: Agenda, key: string, at: EpochMs | undefined): Agenda => agenda.with(key, at)

/** The nearest deadline. */
export const nearest = (agenda: Agenda): Deadline | undefined => agenda.nearest
