/** Versions are handed on so often for each row, and at least so often, before the rows are copied. */
const [handedOnPerRow, handedOnAtLeast] = [4, 1024]

/**
 * So many places without a row are not worth a rebuild: who comes and goes, as badges do, mostly comes again, and has the old
 * place then.
 */
const [slackPerRow, slackAtLeast] = [3, 64]

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)

/** Where rows stand, by their keys. It only ever grows, so all courses that began with the same rows share it. */
class Places {
  readonly keys: Array<string> = []
  readonly #byKey = new Map<string, number>()

  find(key: string): number {
    return this.#byKey.get(key) ?? -1
  }

  add(key: string): number {
    const place = this.keys.push(key) - 1
    this.#byKey.set(key, place)
    return place
  }
}

/**
 * A key whose place is remembered, for what is looked up over and over: whoever keeps it finds its row without looking. Of
 * any table it gives what the key itself gives.
 */
export class Spot {
  readonly key: string
  #places: Places | undefined
  #place = -1
  /** Among how many it was looked for last. */
  #among = 0

  constructor(key: string) {
    this.key = key
  }

  /** The place in these; -1: there is none yet. */
  in(places: Places): number {
    const among = places.keys.length
    if (this.#places === places && (this.#place >= 0 || this.#among === among)) return this.#place
    this.#places = places
    this.#among = among
    return (this.#place = places.find(this.key))
  }

  /** The place in these, from now on if there was none. */
  placedIn(places: Places): number {
    const known = this.in(places)
    return known >= 0 ? known : (this.#place = places.add(this.key))
  }
}

/** What all versions of one course share: the rows, which are always the newest one's. */
interface Course<V extends {}> {
  readonly places: Places
  /** By place. */
  readonly rows: Array<V | undefined>
  size: number
  newest: Table<V> | undefined
  /** How often the rows have been handed on. */
  handedOn: number
}

/**
 * A map by text whose versions never change, for what the fold looks up with every fact: of its newest version it costs no
 * more than a plain `Map` does, and by a `Spot` what an array does. All versions of one course share one array of rows, which
 * is always the newest one's; an older one knows only what the next has changed (Baker, "Shallow Binding Makes Functional Arrays
 * Fast", 1991). Whoever goes back to an older one, be it to read, gives it a course of its own, once.
 *
 * Somebody may keep an old version for ever. What stays with it is bounded: after a number of changes that grows with the
 * rows, the newest version gets a copy of them and lets the old ones be.
 */
export class Table<V extends {}> {
  #course: Course<V>
  #next: Table<V> | undefined
  /** The place of the row that the next version has changed, and what it was; `undefined`: there was none. */
  #changed = -1
  #was: V | undefined

  private constructor(course: Course<V>) {
    this.#course = course
    course.newest = this
  }

  static of<V extends {}>(rows: Iterable<readonly [string, V]> = []): Table<V> {
    const places = new Places()
    const placed: Array<V | undefined> = []
    for (const [key, value] of rows) {
      const known = places.find(key)
      placed[known < 0 ? places.add(key) : known] = value
    }
    return new Table({ places, rows: placed, size: placed.length, newest: undefined, handedOn: 0 })
  }

  get size(): number {
    return this.#own().size
  }

  get(key: string): V | undefined {
    const { places, rows } = this.#own()
    const place = places.find(key)
    return place < 0 ? undefined : rows[place]
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** The value of a spot's key. */
  at(spot: Spot): V | undefined {
    const { places, rows } = this.#own()
    const place = spot.in(places)
    return place < 0 ? undefined : rows[place]
  }

  /** The same for who asks over and over, mostly in vain: the key has its place from here on. */
  atOwn(spot: Spot): V | undefined {
    const { places, rows, size } = this.#own()
    // An empty one may be where everything began.
    return size === 0 ? undefined : rows[spot.placedIn(places)]
  }

  /** The version in which the key has this value; this one, where it has it already. */
  with(key: string, value: V): Table<V> {
    const { places, size } = this.#own()
    // An empty one may be where everything began, and is to know of nothing that came after it.
    if (size === 0) return Table.of([[key, value]])
    const place = places.find(key)
    return this.#changedAt(place < 0 ? places.add(key) : place, value)
  }

  /** The same by a spot. */
  put(spot: Spot, value: V): Table<V> {
    const { places, size } = this.#own()
    if (size === 0) return Table.of([[spot.key, value]])
    return this.#changedAt(spot.placedIn(places), value)
  }

  /** The version without the key; this one, where it has none. */
  without(key: string): Table<V> {
    const place = this.#course.places.find(key)
    return place < 0 ? this : this.#changedAt(place, undefined)
  }

  /** The same by a spot. */
  drop(spot: Spot): Table<V> {
    const place = spot.in(this.#course.places)
    return place < 0 ? this : this.#changedAt(place, undefined)
  }

  /** In the order of the keys, which is the same whatever came first: what is concluded row by row never depends on that. */
  entries(): ReadonlyArray<readonly [string, V]> {
    return this.#all().sort(byKey)
  }

  /** As they come, for whom their order makes no difference. */
  unordered(): ReadonlyArray<readonly [string, V]> {
    return this.#all()
  }

  /** The version in which every row is what `after` makes of it; `undefined`: none. This one, where all stay as they are. */
  map(after: (value: V, key: string) => V | undefined): Table<V> {
    const { places, rows } = this.#own()
    let own: Array<V | undefined> | undefined
    let size = 0
    for (let place = 0; place < rows.length; place++) {
      const [key, value] = [places.keys[place], rows[place]]
      const made = value === undefined || key === undefined ? undefined : after(value, key)
      if (made !== undefined) size++
      if (made !== value) (own ??= rows.slice())[place] = made
    }
    return own === undefined ? this : new Table({ places, rows: own, size, newest: undefined, handedOn: 0 }).#tidy()
  }

  keys(): ReadonlyArray<string> {
    return this.#all()
      .map(([key]) => key)
      .sort()
  }

  #all(): Array<readonly [string, V]> {
    const { places, rows } = this.#own()
    const all: Array<readonly [string, V]> = []
    for (let place = 0; place < rows.length; place++) {
      const [key, value] = [places.keys[place], rows[place]]
      if (value !== undefined && key !== undefined) all.push([key, value])
    }
    return all
  }

  #changedAt(place: number, value: V | undefined): Table<V> {
    const course = this.#own()
    const { places, rows, size } = course
    const was = rows[place]
    if (was === value) return this
    const after = size + (was === undefined ? 1 : 0) - (value === undefined ? 1 : 0)
    if (course.handedOn >= handedOnAtLeast && course.handedOn >= handedOnPerRow * size) {
      const own = rows.slice()
      own[place] = value
      return new Table({ places, rows: own, size: after, newest: undefined, handedOn: 0 }).#tidy()
    }
    course.handedOn++
    course.size = after
    rows[place] = value
    const next = new Table(course)
    this.#next = next
    this.#changed = place
    this.#was = was
    return next
  }

  /** The same rows, without the places that stand empty, if those are many. */
  #tidy(): Table<V> {
    const { places, size } = this.#course
    return places.keys.length <= (1 + slackPerRow) * size + slackAtLeast ? this : Table.of(this.#all())
  }

  /** The course whose newest version this is: its own from here on, if it was none. */
  #own(): Course<V> {
    return this.#course.newest === this ? this.#course : this.#parted()
  }

  /** An older version's rows, from those of the newest: what was changed since is taken back, the last change first. */
  #parted(): Course<V> {
    const changed: Array<Table<V>> = [this]
    let newest = this.#next
    while (newest !== undefined && newest.#course.newest !== newest) {
      changed.push(newest)
      newest = newest.#next
    }
    const { places } = this.#course
    const rows = newest === undefined ? [] : newest.#course.rows.slice()
    let size = newest === undefined ? 0 : newest.#course.size
    for (const version of changed.reverse()) {
      size += (version.#was === undefined ? 0 : 1) - (rows[version.#changed] === undefined ? 0 : 1)
      rows[version.#changed] = version.#was
    }
    this.#course = { places, rows, size, newest: this, handedOn: 0 }
    this.#next = undefined
    this.#was = undefined
    return this.#course
  }
}
