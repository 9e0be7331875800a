import type Database from "better-sqlite3"
import type { Delivery } from "../../adapters/adapter.ts"

/** A redelivery is looked for among this many of a link's last messages; packet ids wrap at 65 535. */
export const deliveryWindow = 10_000

/** What is remembered of a message: the connection it came by, and what tells it from another with the same slot. */
interface Kept {
  readonly slot: string
  readonly session: string
  readonly digest: string
  /** About the how manieth of its link: in one batch, those of one connection count as if they came one after the other. */
  readonly ordinal: number
}

/** Messages of one connection in their order: its session, then slot and digest of each. */
type Run = Array<string>

/** How one transaction's messages stood in a row up to schema version 2: each as slot, session, digest. */
type Former = readonly [slot: string, session: string, digest: string]

const runsIn = (body: string): ReadonlyArray<Run> => {
  const kept = JSON.parse(body) as { readonly runs: ReadonlyArray<Run> } | ReadonlyArray<Former>
  return "runs" in kept ? kept.runs : kept.map(([slot, session, digest]) => [session, slot, digest])
}

/** The messages of a link that one batch has kept, as their row holds them; `last` counts them. */
export type DeliveryRow = readonly [link: string, last: number, body: string]

/** A run of the batch that is made. */
interface Fresh {
  readonly run: Run
  /** How many messages of the link were kept before it was begun. */
  readonly before: number
  /** Where in the run the first message is that is not among those by slot. */
  next: number
}

/** A row, without its link. */
interface StoredRow {
  readonly last: number
  readonly body: string
}

/**
 * One link's last messages. A message that comes again is rare, and reads them from the disk: until then nothing is held of those
 * that are there.
 */
interface Line {
  /** How many there were. */
  ordinal: number
  readonly bySlot: Map<string, Kept>
  /** Up to the how manieth they are among those by slot. */
  placed: number
  /** The how manieth the last of those is that are on disk, or were taken to be. */
  newest: number
  /** The batch that was taken last: it may not be on disk yet. */
  taken: StoredRow | undefined
  /** Those of the batch that is made, by their sessions: many connections of one link speak in turns. */
  fresh: Map<string, Fresh>
}

const countOf = (run: Run): number => (run.length - 1) / 2

/** Places what of a run is behind `from`. */
const placeRun = ({ bySlot }: Line, run: Run, before: number, from = 1): void => {
  const session = run[0]!
  for (let at = from; at < run.length; at += 2) {
    const slot = run[at]!
    bySlot.set(slot, { slot, session, digest: run[at + 1]!, ordinal: before + (at + 1) / 2 })
  }
}

const placeRow = (line: Line, { last, body }: StoredRow): void => {
  if (last <= line.placed) return
  line.placed = last
  const runs = runsIn(body)
  let before = last - runs.reduce((messages, run) => messages + countOf(run), 0)
  for (const run of runs) {
    placeRun(line, run, before)
    before += countOf(run)
  }
}

/**
 * The last messages of each link that has a transport which delivers twice, by their slot. Those of one batch and link are one
 * row on disk, which is read when a message comes again.
 */
export class Deliveries {
  readonly #newest: Database.Statement<[string], { readonly last: number | null }>
  readonly #kept: Database.Statement<[string, number], StoredRow>
  readonly #lines = new Map<string, Line>()

  /** `reading`: sees every batch but, maybe, the one that was taken last. */
  constructor(reading: Database.Database) {
    this.#newest = reading.prepare("SELECT max(last) AS last FROM delivery WHERE link = ?")
    this.#kept = reading.prepare("SELECT last, body FROM delivery WHERE link = ? AND last > ? ORDER BY last")
  }

  /** Whether the transport delivers a message again that is kept already; remembers the message if not. */
  isAgain(link: string, { slot, session, digest, redelivered }: Delivery): boolean {
    const line = this.#line(link)
    const known = redelivered ? this.#keptAt(link, line, slot) : undefined
    const again =
      known !== undefined &&
      known.session !== session &&
      known.digest === digest &&
      known.ordinal > line.ordinal - deliveryWindow
    if (again) return true
    const fresh = line.fresh.get(session)
    if (fresh === undefined) line.fresh.set(session, { run: [session, slot, digest], before: line.ordinal, next: 1 })
    else fresh.run.push(slot, digest)
    line.ordinal++
    return false
  }

  /** What is remembered since the last time: to be written with what it was remembered of. */
  taken(): ReadonlyArray<DeliveryRow> {
    const rows: Array<DeliveryRow> = []
    for (const [link, line] of this.#lines) {
      if (line.fresh.size === 0) continue
      const body = JSON.stringify({ runs: Array.from(line.fresh.values(), ({ run }) => run) })
      rows.push([link, line.ordinal, body])
      line.fresh = new Map()
      line.taken = { last: line.ordinal, body }
      line.newest = line.ordinal
    }
    return rows
  }

  /** Believes the disk alone: what was taken last is not on it, nor will be what is remembered since. */
  drop(): void {
    this.#lines.clear()
  }

  /** Forgets what no redelivery is looked for among. */
  forget(): void {
    for (const line of this.#lines.values()) {
      const { bySlot, ordinal } = line
      for (const [slot, kept] of bySlot) if (kept.ordinal <= ordinal - deliveryWindow) bySlot.delete(slot)
    }
  }

  #line(link: string): Line {
    const known = this.#lines.get(link)
    if (known !== undefined) return known
    const ordinal = this.#newest.get(link)?.last ?? 0
    const line: Line = { ordinal, bySlot: new Map(), placed: 0, newest: ordinal, taken: undefined, fresh: new Map() }
    this.#lines.set(link, line)
    return line
  }

  /** The newest message in a slot. */
  #keptAt(link: string, line: Line, slot: string): Kept | undefined {
    const { taken, fresh, bySlot } = line
    if (line.placed < line.newest) {
      const from = Math.max(line.placed, line.ordinal - deliveryWindow)
      for (const row of this.#kept.all(link, from)) placeRow(line, row)
      if (taken !== undefined) placeRow(line, taken)
    }
    for (const one of fresh.values()) {
      placeRun(line, one.run, one.before, one.next)
      one.next = one.run.length
    }
    return bySlot.get(slot)
  }
}
