import type { Campus } from "../../gateway/domain/campus.ts"
import type { Action } from "./action.ts"
import { nextWalk, type Timed } from "./people.ts"

/** Words for those who watch, and when they are said. */
export interface Words {
  readonly afterMs: number
  readonly text: string
}

/** Something out of the ordinary that is to happen at a door or to a device. */
export interface Incident {
  readonly atMs: number
  /** Nobody walks through these doors around it. */
  readonly doors: ReadonlyArray<string>
  /** What happens and what is told of it, counted from `atMs`. */
  readonly course: ReadonlyArray<Timed | Words>
}

/** What happens at a moment of the day, counted from its beginning. */
export type Moment = { readonly atMs: number } & (
  | { readonly _tag: "Happens"; readonly action: Action; readonly incident: boolean }
  | { readonly _tag: "Told"; readonly text: string }
)

/** Between two people who set out. */
const pauseMs = { least: 4000, more: 6000 } as const

/** A door is left alone this long before an incident and after anything that happens at it. */
const marginMs = 15_000

const endOf = (atMs: number, course: ReadonlyArray<Timed | Words>): number =>
  atMs + Math.max(0, ...course.map((timed) => timed.afterMs))

/** Moments in order; those that fall together stay in the order in which they were added. */
class Agenda {
  readonly #moments: Array<Moment> = []

  add(beginsAtMs: number, course: ReadonlyArray<Timed | Words>, incident: boolean): void {
    for (const item of course) {
      const atMs = beginsAtMs + item.afterMs
      const moment: Moment =
        "text" in item
          ? { _tag: "Told", atMs, text: item.text }
          : { _tag: "Happens", atMs, action: item.action, incident }
      const later = this.#moments.findIndex((other) => other.atMs > moment.atMs)
      this.#moments.splice(later < 0 ? this.#moments.length : later, 0, moment)
    }
  }

  next(before: number): Moment | undefined {
    const first = this.#moments[0]
    return first !== undefined && first.atMs < before ? this.#moments.shift() : undefined
  }
}

/**
 * The life of the campus: people come and go at its doors, one rightful passage at a time per door, and `incidents`
 * (in order of time; it may be endless) happen among them. It ends only where nobody can walk and nothing is to happen.
 * The same `random` gives the same day.
 */
export function* campusDay(
  campus: Campus,
  random: () => number,
  incidents: Iterable<Incident> = []
): Generator<Moment, void, void> {
  const agenda = new Agenda()
  const coming = incidents[Symbol.iterator]()
  let incident = coming.next()
  const busyUntil = new Map<string, number>()
  for (let setsOutAt = pauseMs.least; ; setsOutAt += pauseMs.least + random() * pauseMs.more) {
    for (let moment = agenda.next(setsOutAt); moment !== undefined; moment = agenda.next(setsOutAt)) yield moment
    while (incident.done !== true && incident.value.atMs <= setsOutAt + 2 * marginMs) {
      const { atMs, doors, course } = incident.value
      agenda.add(atMs, course, true)
      for (const door of doors) busyUntil.set(door, endOf(atMs, course) + marginMs)
      incident = coming.next()
    }
    const busy = new Set([...busyUntil].flatMap(([door, until]) => (until > setsOutAt ? [door] : [])))
    const walk = nextWalk(campus, busy, random)
    if (incident.done === true && busy.size === 0 && walk.length === 0) return
    agenda.add(setsOutAt, walk, false)
    for (const { action } of walk) if ("door" in action) busyUntil.set(action.door, endOf(setsOutAt, walk) + marginMs)
  }
}
