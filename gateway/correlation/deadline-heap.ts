import type { EpochMs } from "../domain/ids.ts"
import type { Spot } from "./table.ts"

/** Something that falls due: a door, a device or a link, by the spot of its key. */
export interface Due {
  readonly at: EpochMs
  readonly whose: Spot
}

/** Ties are broken by key, so that the order of insertion never matters. */
const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.whose.key < b.whose.key)

/** A binary heap in an array (Williams, 1964), changed in place: log n to put one in and to take the least out. */
export class DeadlineHeap {
  readonly #deadlines: Array<Due> = []

  get size(): number {
    return this.#deadlines.length
  }

  get least(): Due | undefined {
    return this.#deadlines[0]
  }

  put(deadline: Due): void {
    const all = this.#deadlines
    let place = all.push(deadline) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = all[parent]
      if (above === undefined || !before(deadline, above)) break
      all[place] = above
      place = parent
    }
    all[place] = deadline
  }

  /** Lets go of all others. */
  keep(isKept: (deadline: Due) => boolean): void {
    const kept = this.#deadlines.filter(isKept)
    this.#deadlines.length = 0
    for (const deadline of kept) this.put(deadline)
  }

  /** Takes the least out. */
  drop(): void {
    const all = this.#deadlines
    const last = all.pop()
    if (last === undefined || all.length === 0) return
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      let below = all[child]
      if (below === undefined) break
      const right = all[child + 1]
      if (right !== undefined && before(right, below)) {
        child++
        below = right
      }
      if (!before(below, last)) break
      all[place] = below
      place = child
    }
    all[place] = last
  }
}
