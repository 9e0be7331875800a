/** Versions are handed on so often for each row, and at least so often, before the rows are copied. */
const [handedOnPerRow, handedOnAtLeast] = [4, 1024]

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * A map by text whose versions never change, for what the fold looks up with every fact: of its newest version it costs
 * what a plain `Map` does. All versions of one course share one `Map`, which is always the newest one's; an older one knows
 * only what the next has changed (Baker, "Shallow Binding Makes Functional Arrays Fast", 1991). Whoever goes back to an older
 * one, be it to read, gives it a `Map` of its own, once.
 *
 * Somebody may keep an old version for ever. What stays with it is bounded: after a number of changes that grows with the
 * rows, the newest version gets a copy of them and lets the old ones be.
 */
export class Table<V> {
  /** Absent: the next version has them. */
  #rows: Map<string, V> | undefined
  #next: Table<V> | undefined
  /** The row that the next version has changed, and what it was; `undefined`: there was none. */
  #changed = ""
  #was: V | undefined
  /** How often these rows have been handed on. */
  readonly #handedOn: number

  private constructor(rows: Map<string, V>, handedOn: number) {
    this.#rows = rows
    this.#handedOn = handedOn
  }

  static of<V>(rows: Iterable<readonly [string, V]> = []): Table<V> {
    return new Table(new Map(rows), 0)
  }

  get size(): number {
    return (this.#rows ?? this.#ownRows()).size
  }

  get(key: string): V | undefined {
    return (this.#rows ?? this.#ownRows()).get(key)
  }

  has(key: string): boolean {
    return (this.#rows ?? this.#ownRows()).has(key)
  }

  /** The version in which the key has this value; this one, where it has it already. */
  with(key: string, value: V & {}): Table<V> {
    const was = this.get(key)
    if (was === value) return this
    const rows = this.#rowsToChange()
    const next = this.#handOn(rows, key, was)
    rows.set(key, value)
    return next
  }

  /** The version without the key; this one, where it has none. */
  without(key: string): Table<V> {
    const was = this.get(key)
    if (was === undefined) return this
    const rows = this.#rowsToChange()
    const next = this.#handOn(rows, key, was)
    rows.delete(key)
    return next
  }

  /** In the order of the keys, which is the same whatever came first: what is concluded row by row never depends on that. */
  entries(): ReadonlyArray<readonly [string, V]> {
    return [...(this.#rows ?? this.#ownRows())].sort(byKey)
  }

  /** As they come, for whom their order makes no difference. */
  unordered(): ReadonlyArray<readonly [string, V]> {
    return [...(this.#rows ?? this.#ownRows())]
  }

  keys(): ReadonlyArray<string> {
    return [...(this.#rows ?? this.#ownRows()).keys()].sort()
  }

  #rowsToChange(): Map<string, V> {
    const rows = this.#rows ?? this.#ownRows()
    const copies = rows.size === 0 || this.#handedOn >= Math.max(handedOnAtLeast, handedOnPerRow * rows.size)
    return copies ? new Map(rows) : rows
  }

  /** The next version, in which this key is about to change. */
  #handOn(rows: Map<string, V>, key: string, was: V | undefined): Table<V> {
    if (rows !== this.#rows) return new Table(rows, 0)
    const next = new Table(rows, this.#handedOn + 1)
    this.#rows = undefined
    this.#next = next
    this.#changed = key
    this.#was = was
    return next
  }

  /** The rows of an older version, from those of the newest: what was changed since is taken back, the last change first. */
  #ownRows(): Map<string, V> {
    const changed: Array<Table<V>> = [this]
    let newest = this.#next
    while (newest !== undefined && newest.#rows === undefined) {
      changed.push(newest)
      newest = newest.#next
    }
    const rows = new Map(newest === undefined ? [] : newest.#rows)
    for (const version of changed.reverse()) {
      if (version.#was === undefined) rows.delete(version.#changed)
      else rows.set(version.#changed, version.#was)
    }
    this.#rows = rows
    this.#next = undefined
    this.#was = undefined
    return rows
  }
}
