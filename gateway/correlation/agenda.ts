import type { EpochMs } from "../domain/ids.ts"
import { DeadlineHeap, type Due } from "./deadline-heap.ts"
import { Spot, Table } from "./table.ts"

/** Something that falls due: a door, a device or a link, by its key. */
export interface Deadline {
  readonly at: EpochMs
  readonly key: string
}

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

  /** The agenda with this one due at `at`, in place of what was; `undefined`: not at all. */
  with(whose: Spot, at: EpochMs | undefined): Agenda {
    const wanted = at === undefined ? this.wanted.drop(whose) : this.wanted.put(whose, at)
    if (wanted === this.wanted) return this
    const heap = this.#heap
    this.#heap = undefined
    if (heap === undefined) return new Agenda(wanted)
    if (at !== undefined) heap.put({ at, whose })
    const most = 2 * wanted.size + slack
    if (heap.size > most) heap.keep((one) => wanted.at(one.whose) === one.at)
    // What was set, overtaken and set again stands there more than once: then it is left behind.
    return new Agenda(wanted, heap.size > most ? undefined : heap)
  }

  /** The nearest deadline. What was overtaken since is dropped from the top. */
  get least(): Due | undefined {
    const heap = this.#ownHeap()
    let { least } = heap
    while (least !== undefined && this.wanted.at(least.whose) !== least.at) {
      heap.drop()
      least = heap.least
    }
    return least
  }

  #ownHeap(): DeadlineHeap {
    if (this.#heap !== undefined) return this.#heap
    const heap = new DeadlineHeap()
    for (const [key, at] of this.wanted.unordered()) heap.put({ at, whose: new Spot(key) })
    this.#heap = heap
    return heap
  }
}

export const emptyAgenda: Agenda = new Agenda(Table.of())

export const wantedAt = ({ wanted }: Agenda, key: string | Spot): EpochMs | undefined =>
  typeof key === "string" ? wanted.get(key) : wanted.at(key)

/** Sets when `key` falls due, in place of what was; `undefined`: not at all. */
export const withDeadline = (agenda: Agenda, key: string | Spot, at: EpochMs | undefined): Agenda =>
  agenda.with(typeof key === "string" ? new Spot(key) : key, at)

/** The nearest deadline. */
export const nearest = ({ least }: Agenda): Deadline | undefined =>
  least === undefined ? undefined : { at: least.at, key: least.whose.key }
