import type { EpochMs } from "../domain/ids.ts"

/** From `at` on, local time is UTC plus `offsetMs`. */
interface Shift {
  readonly at: EpochMs
  readonly offsetMs: number
}

const dayMs = 86_400_000

/** No zone has ever changed its clocks twice within less (Morocco, around Ramadan: about a month). */
const sampleMs = 7 * dayMs

/** Offsets are looked up for a span of this length at a time. */
const chunkMs = 52 * sampleMs

/** Far more spans than any course of events touches; what a hostile one touched is forgotten. */
const chunksKept = 128

/**
 * The wall clock of an IANA zone. Its offsets come from the time zone data that the runtime brings along, which gives
 * the same answer for the same instant for as long as that data is the same; asked once a span, then looked up.
 */
export class Zone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  readonly #chunks = new Map<number, ReadonlyArray<Shift>>()

  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric"
    })
  }

  /** What the zone's wall clock shows at `at`, as if it were UTC. */
  localOf(at: EpochMs): number {
    return at + this.#offsetAt(at)
  }

  /**
   * The first instant at which the wall clock shows `local` or later. Of a time that comes twice, the first; of one that
   * is left out, the instant at which the clock passes over it. So a later reading never comes before an earlier one.
   */
  firstAt(local: number): EpochMs {
    const [earliest, latest] = [local - dayMs, local + dayMs]
    const shifts = this.#shiftsBetween(earliest, latest)
    for (const [nth, { at, offsetMs }] of shifts.entries()) {
      const from = Math.max(at, earliest)
      const to = shifts[nth + 1]?.at ?? latest
      const instant = Math.max(from, local - offsetMs)
      if (instant < to) return instant
    }
    return latest
  }

  #offsetAt(at: EpochMs): number {
    const chunk = Math.floor(at / chunkMs)
    const known = this.#chunk(chunk)
    for (let nth = known.length - 1; nth > 0; nth--) {
      const shift = known[nth]
      if (shift !== undefined && shift.at <= at) return shift.offsetMs
    }
    return known[0]?.offsetMs ?? 0
  }

  /** In order; the first one holds from `from` on or earlier. */
  #shiftsBetween(from: EpochMs, to: EpochMs): ReadonlyArray<Shift> {
    const shifts: Array<Shift> = [{ at: from, offsetMs: this.#offsetAt(from) }]
    for (let chunk = Math.floor(from / chunkMs); chunk * chunkMs < to; chunk++) {
      for (const shift of this.#chunk(chunk)) {
        if (shift.at > from && shift.at < to && shift.offsetMs !== shifts.at(-1)?.offsetMs) shifts.push(shift)
      }
    }
    return shifts
  }

  #chunk(chunk: number): ReadonlyArray<Shift> {
    const known = this.#chunks.get(chunk)
    if (known !== undefined) return known
    if (this.#chunks.size >= chunksKept) this.#chunks.clear()
    const shifts = this.#shiftsOf(chunk * chunkMs)
    this.#chunks.set(chunk, shifts)
    return shifts
  }

  #shiftsOf(from: EpochMs): ReadonlyArray<Shift> {
    const shifts: Array<Shift> = [{ at: from, offsetMs: this.#asked(from) }]
    for (let at = from; at < from + chunkMs; at += sampleMs) {
      const [before, after] = [this.#asked(at), this.#asked(at + sampleMs)]
      if (before !== after) shifts.push(this.#shiftIn(at, at + sampleMs, before))
    }
    return shifts
  }

  /** Where in between the offset stops being `before`, to the second. */
  #shiftIn(from: EpochMs, to: EpochMs, before: number): Shift {
    let [low, high] = [from / 1000, to / 1000]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#asked(middle * 1000) === before) low = middle
      else high = middle
    }
    return { at: high * 1000, offsetMs: this.#asked(high * 1000) }
  }

  #asked(at: EpochMs): number {
    const shown: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(at)) shown[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
  }
}

const zones = new Map<string, Zone>()

/** The wall clock of a zone; one a name, since it costs to ask. Throws `RangeError` for a zone that does not exist. */
export const zoneNamed = (name: string): Zone => {
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = new Zone(name)
  zones.set(name, zone)
  return zone
}
