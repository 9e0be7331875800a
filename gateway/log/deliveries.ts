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

const runsIn = (body: string): ReadonlyArray<ReadonlyArray<string>> => {
  const kept = JSON.parse(body) as { readonly runs: ReadonlyArray<Run> } | ReadonlyArray<Former>
  return "runs" in kept ? kept.runs : kept.map(([slot, session, digest]) => [session, slot, digest])
}

/** One link's last messages. */
interface Line {
  ordinal: number
  readonly bySlot: Map<string, Kept>
  /** The newest, in their order, that are not among those by slot yet: a message that comes again is rare, and looks for them. */
  recent: Array<Kept>
  /** Those of the batch that is made, by their sessions: many connections of one link speak in turns. */
  readonly fresh: Map<string, Run>
}

const keptAt = ({ bySlot, recent }: Line, slot: string): Kept | undefined => {
  for (const kept of recent.splice(0)) bySlot.set(kept.slot, kept)
  return bySlot.get(slot)
}

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
    line.recent.push({ slot, session, digest, ordinal: ++line.ordinal })
    if (line.recent.length >= 2 * deliveryWindow) line.recent = line.recent.slice(-deliveryWindow)
    const run = line.fresh.get(session)
    if (run === undefined) line.fresh.set(session, [session, slot, digest])
    else run.push(slot, digest)
    return false
  }

  /** What is remembered since the last time: to be written with what it was remembered of. */
  taken(): ReadonlyArray<DeliveryRow> {
    const rows: Array<DeliveryRow> = []
    for (const [link, line] of this.#lines) {
      if (line.fresh.size === 0) continue
      rows.push([link, line.ordinal, JSON.stringify({ runs: [...line.fresh.values()] })])
      line.fresh.clear()
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
      line.recent = line.recent.slice(-deliveryWindow)
    }
  }

  #line(link: string): Line {
    const known = this.#lines.get(link)
    if (known !== undefined) return known
    const line: Line = { ordinal: 0, bySlot: new Map(), recent: [], fresh: new Map() }
    for (const { last, body } of this.#kept.all(link)) {
      const runs = runsIn(body)
      let ordinal = last - runs.reduce((messages, run) => messages + (run.length - 1) / 2, 0)
      for (const [session = "", ...messages] of runs) {
        for (let nth = 0; nth < messages.length; nth += 2)
          line.recent.push({ slot: messages[nth]!, session, digest: messages[nth + 1]!, ordinal: ++ordinal })
      }
      line.ordinal = last
    }
    this.#lines.set(link, line)
    return line
  }
}
