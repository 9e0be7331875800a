interface Line<T> {
  readonly items: Array<T>
  head: number
}

/**
 * What waits, in a line for each source; the lines take turns, so that a source which floods makes nobody else wait.
 * What one source said keeps its order. Nothing crosses a mark: all before it are taken before it, all after it later.
 */
export class TurnQueue<T> {
  /** Newest last; between two of them stands a mark. */
  #spans: Array<Map<string, Line<T>>> = [new Map()]
  #length = 0

  get length(): number {
    return this.#length
  }

  push(source: string, item: T): void {
    const lines = this.#spans.at(-1)!
    const line = lines.get(source)
    if (line === undefined) lines.set(source, { items: [item], head: 0 })
    else line.items.push(item)
    this.#length++
  }

  /** Puts an item that nothing may cross. */
  mark(item: T): void {
    this.#spans.push(new Map([["", { items: [item], head: 0 }]]), new Map())
    this.#length++
  }

  /** The next of each line in turn, at most `most`. */
  take(most: number): Array<T> {
    const taken: Array<T> = []
    while (taken.length < most && this.#length > 0) {
      const lines = this.#spans[0]!
      for (const [source, line] of lines) {
        if (taken.length === most) break
        taken.push(line.items[line.head++]!)
        this.#length--
        // Behind the others: who was served waits for all of them.
        lines.delete(source)
        if (line.head < line.items.length) lines.set(source, shortened(line))
      }
      if (lines.size === 0 && this.#spans.length > 1) this.#spans.shift()
    }
    return taken
  }
}

/** What has been taken is let go of, but not with each item. */
const shortened = <T>(line: Line<T>): Line<T> =>
  line.head < 1024 ? line : { items: line.items.slice(line.head), head: 0 }
