import type Database from "better-sqlite3"
import type { Delivery } from "../../adapters/adapter.ts"

/** A redelivery is looked for among this many of a link's last messages; packet ids wrap at 65 535. */
export const deliveryWindow = 10_000

/** What is remembered of a message: the connection it came by, and what tells it from another with the same slot. */
interface Kept {
  readonly slot: string
  readonly session: string
  readonly digest: string
  /** The how manieth of its link. */
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

/** A run, and how far it is among those by slot: nothing is made of its own for a message that never comes again. */
interface Remembered {
  readonly run: Run
  /** How many messages of the link were kept before it was begun. */
  readonly before: number
  /** Where in the run the first is that is not. */
  next: number
}

const remembered = (run: Run, before: number): Remembered => ({ run, before, next: 1 })

const countOf = (run: Run): number => (run.length - 1) / 2

/** One link's last messages. */
interface Line {
  /** How many there were. */
  ordinal: number
  readonly bySlot: Map<string, Kept>
  /** The newest, in their order, as far as they are not among those by slot: a message that comes again is rare, and looks for them. */
  recent: Array<Remembered>
  /** Those of the batch that is made, by their sessions: many connections of one link speak in turns. */
  fresh: Map<string, Remembered>
}

const placeBySlot = (line: Line, one: Remembered): void => {
  const { run, before } = one
  for (; one.next < run.length; one.next += 2) {
    const slot = run[one.next]!
    const ordinal = before + (one.next + 1) / 2
    line.bySlot.set(slot, { slot, session: run[0]!, digest: run[one.next + 1]!, ordinal })
  }
}

const keptAt = (line: Line, slot: string): Kept | undefined => {
  for (const one of line.recent.splice(0)) placeBySlot(line, one)
  for (const one of line.fresh.values()) placeBySlot(line, one)
  return line.bySlot.get(slot)
}

/** Lets go of those that no redelivery is looked for among. */
const withoutOld = (line: Line): Array<Remembered> =>
  line.recent.filter(({ run, before }) => before + countOf(run) > line.ordinal - deliveryWindow)

/** The messages of a link that one batch has kept, as their row holds them; `last` counts them. */
export type DeliveryRow = readonly [link: string, last: number, body: string]

/**
 * The last messages of each link that has a transport which delivers twice, by their slot. They are looked for in memory;
 * on disk, those of one batch and link are one row, read again at the first message after a start.
 */
export class Deliveries {
  readonly #kept: Database.Statement<[string], { readonly last: number; readonly body: string }>
  readonly #lines = new Map<string, Line>()

  /** `reading`: sees what is on disk when nothing is at the store. */
  constructor(reading: Database.Database) {
    this.#kept = reading.prepare("SELECT last, body FROM delivery WHERE link = ? ORDER BY last")
  }

  /** Whether the transport delivers a message again that is kept already; remembers the message if not. */
  isAgain(link: string, { slot, session, digest, redelivered }: Delivery): boolean {
    const line = this.#line(link)
    const known = redelivered ? keptAt(line, slot) : undefined
    const again =
      known !== undefined &&
      known.session !== session &&
      known.digest === digest &&
      known.ordinal > line.ordinal - deliveryWindow
    if (again) return true
    const fresh = line.fresh.get(session)
    if (fresh === undefined) line.fresh.set(session, remembered([session, slot, digest], line.ordinal))
    else fresh.run.push(slot, digest)
    line.ordinal++
    return false
  }

  /** What is remembered since the last time: to be written with what it was remembered of. */
  taken(): ReadonlyArray<DeliveryRow> {
    const rows: Array<DeliveryRow> = []
    for (const [link, line] of this.#lines) {
      if (line.fresh.size === 0) continue
      const fresh = [...line.fresh.values()]
      rows.push([link, line.ordinal, JSON.stringify({ runs: fresh.map(({ run }) => run) })])
      line.fresh = new Map()
      line.recent.push(...fresh)
      if (line.recent[0]!.before < line.ordinal - 2 * deliveryWindow) line.recent = withoutOld(line)
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
      line.recent = withoutOld(line)
    }
  }

  #line(link: string): Line {
    const known = this.#lines.get(link)
    if (known !== undefined) return known
    const line: Line = { ordinal: 0, bySlot: new Map(), recent: [], fresh: new Map() }
    for (const { last, body } of this.#kept.all(link)) {
      const runs = runsIn(body)
      let before = last - runs.reduce((messages, run) => messages + countOf(run), 0)
      for (const run of runs) {
        line.recent.push(remembered(run, before))
        before += countOf(run)
      }
      line.ordinal = last
    }
    this.#lines.set(link, line)
    return line
  }
}
