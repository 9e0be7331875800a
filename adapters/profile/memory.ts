/** What was last heard at a point that repeats itself. */
interface Heard {
  /** What the source's counter showed. */
  readonly counter: string | undefined
  /** When the happening was first heard, and its last copy: epoch milliseconds. */
  readonly firstAt: number
  readonly lastAt: number
  readonly first: boolean
}

/** Beyond this many points the longest silent is forgotten: a copy of its last happening may then count once more. */
const pointsMax = 10_000

/** One happening lasts at most so many times its window: whoever holds a button down presses it again. */
const burstWindows = 10

/** Which happening a message tells of: `key` names it, `known` says that how old it is can be told. */
export interface Happening {
  readonly key: string
  readonly known: boolean
}

/**
 * What a link's mapping remembers of sources that say one happening more than once. Bounded; takes its time from the
 * messages, so that the same messages in the same order give the same. It never drops a copy: it gives it the native
 * key of the first, and intake, which knows what is on disk, drops it.
 */
export class Memory {
  readonly #heard = new Map<string, Heard>()
  readonly #counts = new Map<string, number>()

  /** A copy comes within `withinMs` of the one before it. */
  burst(point: string, withinMs: number, at: number): Happening {
    const before = this.#heard.get(point)
    const isCopy =
      before !== undefined &&
      Math.abs(at - before.lastAt) <= withinMs &&
      Math.abs(at - before.firstAt) <= withinMs * burstWindows
    const firstAt = isCopy ? before.firstAt : at
    this.#remember(point, { counter: undefined, firstAt, lastAt: at, first: false })
    return { key: `burst:${firstAt}:${point}`, known: true }
  }

  /** A copy shows the same counter as the one before it. The first one ever heard is of unknown age. */
  counted(point: string, counter: string, at: number): Happening {
    const before = this.#heard.get(point)
    const isCopy = before?.counter === counter
    const firstAt = isCopy ? before.firstAt : at
    const first = before === undefined || (isCopy && before.first)
    this.#remember(point, { counter, firstAt, lastAt: at, first })
    return { key: `count:${counter}:${firstAt}:${point}`, known: !first }
  }

  /** By how much more than one a counter went up since it was last heard; 0 when it began anew. */
  skipped(point: string, count: number): number {
    const before = this.#counts.get(point)
    this.#counts.delete(point)
    if (this.#counts.size >= pointsMax) forgetOldest(this.#counts)
    this.#counts.set(point, count)
    return before === undefined || count <= before ? 0 : count - before - 1
  }

  #remember(point: string, heard: Heard): void {
    this.#heard.delete(point)
    if (this.#heard.size >= pointsMax) forgetOldest(this.#heard)
    this.#heard.set(point, heard)
  }
}

const forgetOldest = (map: Map<string, unknown>): void => {
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
