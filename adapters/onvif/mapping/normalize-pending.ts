import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"

type Reading = Extract<Observation, { readonly _tag: "Reading" }>

interface Pending {
  readonly at: EpochMs
  readonly reading: Reading
}

/** The other value of a point that is on, or off where its contact is inverted. */
const over = (reading: Reading): Reading["reading"] | undefined => {
  const { kind, value } = reading.reading
  const other = value === "on" ? "off" : value === "off" ? "on" : undefined
  return other === undefined ? undefined : ({ kind, value: other } as Reading["reading"])
}

/** Readings that are over by themselves when nothing more is heard of them. Time comes in; there is no timer here. */
export class PendingEnds {
  readonly #pending = new Map<string, Pending>()

  /** The point was told to be active, just now: it is over so long after. */
  begin(reading: Reading, now: EpochMs, afterSeconds: number): void {
    const ended = over(reading)
    if (ended === undefined) return
    const { deviceTime: _, nativeKey: __, raw: ___, ...signal } = reading
    this.#pending.set(reading.point, {
      at: now + afterSeconds * 1000,
      reading: { ...signal, origin: "change", reading: ended }
    })
  }

  /** Its end was heard. */
  end(point: string): void {
    this.#pending.delete(point)
  }

  forget(): void {
    this.#pending.clear()
  }

  /** When the next one is over; undefined when none is waited for. */
  next(): EpochMs | undefined {
    const times = [...this.#pending.values()].map(({ at }) => at)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** What is over by now, in the order of its time. */
  due(now: EpochMs): ReadonlyArray<Observation> {
    const due = [...this.#pending].filter(([, { at }]) => at <= now).sort(([, a], [, b]) => a.at - b.at)
    for (const [point] of due) this.#pending.delete(point)
    return due.map(([, { reading }]) => reading)
  }
}
