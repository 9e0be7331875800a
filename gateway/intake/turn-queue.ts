/** What one source said and is not taken yet, oldest first. */
interface Line<T> {
  readonly source: string
  items: Array<T>
  head: number
}

/** What waits between two marks. */
interface Span<T> {
  readonly lines: Map<string, Line<T>>
  /** Lines in which something waits; the next one first. */
  turns: Array<Line<T>>
}

const emptySpan = <T>(): Span<T> => ({ lines: new Map(), turns: [] })

/**
 * What waits, in a line for each source; the lines take turns, so that a source which floods makes nobody else wait.
 * What one source said keeps its order. Nothing crosses a mark: all before it are taken before it, all after it later.
 */
export class TurnQueue<T> {
  /** Newest last; between two of them stands a mark. */
  readonly #spans: Array<Span<T>> = [emptySpan()]
  #length = 0

  get length(): number {
    return this.#length
  }

  push(source: string, item: T): void {
    this.#wait(this.#spans.at(-1)!, source, item)
  }

  /** Puts an item that nothing may cross. */
  mark(item: T): void {
    const alone = emptySpan<T>()
    this.#wait(alone, "", item)
    this.#spans.push(alone, emptySpan())
  }

  /** The next of each line in turn, at most `most`. */
  take(most: number): Array<T> {
    const taken: Array<T> = []
    while (taken.length < most && this.#length > 0) {
      this.#takeTurns(this.#spans[0]!, taken, most)
      if (this.#spans[0]!.turns.length > 0) continue
      // A span that is over is let go of whole. Taking its lines out one by one would have the Map make itself anew time
      // after time, and what it was before point to what it is now: once the collector holds one of these for old, it keeps
      // all that came after, and with it every message.
      if (this.#spans.length > 1) this.#spans.shift()
      else this.#spans[0] = emptySpan()
    }
    return taken
  }

  #wait({ lines, turns }: Span<T>, source: string, item: T): void {
    const line = lines.get(source)
    if (line === undefined) {
      const begun = { source, items: [item], head: 0 }
      lines.set(source, begun)
      turns.push(begun)
    } else line.items.push(item)
    this.#length++
  }

  #takeTurns(span: Span<T>, taken: Array<T>, most: number): void {
    const { lines, turns } = span
    const isAll = most - taken.length >= this.#length
    let turn = 0
    for (; turn < turns.length && taken.length < most; turn++) {
      const line = turns[turn]!
      taken.push(line.items[line.head++]!)
      this.#length--
      // Behind the others: who was served waits for all of them.
      if (line.head < line.items.length) turns.push(shortened(line))
      else if (!isAll) lines.delete(line.source)
    }
    span.turns = turns.slice(turn)
  }
}

/** What has been taken is let go of, but not with each item. */
const shortened = <T>(line: Line<T>): Line<T> => {
  if (line.head >= 1024) {
    line.items = line.items.slice(line.head)
    line.head = 0
  }
  return line
}
