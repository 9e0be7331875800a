import type { Campus } from "../domain/campus.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Schedule } from "../domain/schedule.ts"
import { DayPlan, dayMs, dayOf } from "./day-plan.ts"
import { zoneNamed } from "./zone.ts"

/** What schedules need to know of a campus. */
export type Scheduled = Pick<Campus, "schedules" | "calendars" | "site">

/** A schedule, arranged for asking. */
interface Compiled {
  /** Whether it holds at an instant. */
  readonly holds: (at: EpochMs) => boolean
  /** The first instant after `at` at which a period begins or ends; `undefined` when none does any more. */
  readonly edgeAfter: (at: EpochMs) => EpochMs | undefined
  /** From here on one week is like the other. */
  readonly settledAt: EpochMs
}

const never: Compiled = { holds: () => false, edgeAfter: () => undefined, settledAt: 0 }

/** Whatever a week can bring, two whole ones show. */
const alikeDays = 15

const compilePlan = (plan: DayPlan): Compiled => {
  const dayAt = (at: EpochMs): number => dayOf(plan.zone.localOf(at))
  return {
    settledAt: plan.lastSpecialDay === undefined ? 0 : plan.zone.firstAt((plan.lastSpecialDay + 2) * dayMs),
    holds: (at) => {
      const day = dayAt(at)
      // What began the day before may go on; where the clock leaves out a day, that one lies two days back.
      for (let begun = day - 2; begun <= day; begun++) {
        if (plan.stretchesOf(begun).some(({ from, to }) => from <= at && at < to)) return true
      }
      return false
    },
    edgeAfter: (at) => {
      const today = dayAt(at)
      const last = Math.max(today, plan.lastSpecialDay ?? today) + alikeDays
      let edge: EpochMs | undefined
      for (let day = today - 2; day <= last; day++) {
        for (const { from, to } of plan.stretchesOf(day)) {
          for (const one of [from, to]) if (one > at && (edge === undefined || one < edge)) edge = one
        }
        // What begins on a later day comes after it.
        if (edge !== undefined && day >= dayAt(edge)) return edge
      }
      return edge
    }
  }
}

const complement = (inner: Compiled): Compiled => ({ ...inner, holds: (at) => !inner.holds(at) })

const union = (parts: ReadonlyArray<Compiled>): Compiled => ({
  settledAt: Math.max(0, ...parts.map(({ settledAt }) => settledAt)),
  holds: (at) => parts.some(({ holds }) => holds(at)),
  edgeAfter: (at) => {
    const edges = parts.flatMap(({ edgeAfter }) => edgeAfter(at) ?? [])
    return edges.length === 0 ? undefined : Math.min(...edges)
  }
})

/** From `from` until `until` the answer is the same; `until` is absent when it stays so. */
interface Known {
  readonly from: EpochMs
  readonly until: EpochMs | undefined
  readonly holds: boolean
}

/** The answers of one schedule; the newest is kept, for the next question is nearly always about the same stretch. */
class Answers {
  readonly #compiled: Compiled
  #known: Known | undefined

  constructor(compiled: Compiled) {
    this.#compiled = compiled
  }

  at(at: EpochMs): Known {
    const known = this.#known
    if (known !== undefined && known.from <= at && (known.until === undefined || at < known.until)) return known
    const holds = this.#compiled.holds(at)
    this.#known = { from: at, until: this.#changeAfter(at, holds), holds }
    return this.#known
  }

  #changeAfter(at: EpochMs, holds: boolean): EpochMs | undefined {
    const { edgeAfter, settledAt } = this.#compiled
    const horizon = Math.max(at, settledAt) + alikeDays * dayMs
    for (let edge = edgeAfter(at); edge !== undefined && edge <= horizon; edge = edgeAfter(edge)) {
      if (this.#compiled.holds(edge) !== holds) return edge
    }
    return undefined
  }
}

/** Everything that may be asked of a campus: each schedule, and each named period of one. */
export const scheduleRefsOf = ({ schedules = [] }: Scheduled): ReadonlyArray<string> =>
  schedules.flatMap(({ id, periods = [], onDays = {} }) => {
    const names = [periods, ...Object.values(onDays)].flat().flatMap(({ name }) => name ?? [])
    return [id, ...new Set(names.map((name) => `${id}/${name}`))]
  })

/** The schedules of one campus, each compiled when it is first asked. */
class Schedules {
  readonly #campus: Scheduled
  readonly #answers = new Map<string, Answers>()

  constructor(campus: Scheduled) {
    this.#campus = campus
  }

  answers(ref: string): Answers {
    const known = this.#answers.get(ref)
    if (known !== undefined) return known
    const answers = new Answers(this.#compile(ref, []))
    this.#answers.set(ref, answers)
    return answers
  }

  /** A schedule that nobody has written, or that leads back to itself, holds never: a configuration with one is refused. */
  #compile(ref: string, within: ReadonlyArray<string>): Compiled {
    const [id, period] = ref.split("/")
    const schedule = this.#campus.schedules?.find((one) => one.id === id)
    if (schedule === undefined || within.includes(schedule.id)) return never
    const inner = [...within, schedule.id]
    if (schedule.outside !== undefined) return complement(this.#compile(schedule.outside, inner))
    if (schedule.anyOf !== undefined) return union(schedule.anyOf.map((one) => this.#compile(one, inner)))
    return this.#compilePlan(schedule, period)
  }

  #compilePlan(schedule: Schedule, period: string | undefined): Compiled {
    const { calendars = [], site } = this.#campus
    const calendar = calendars.find(({ id }) => id === schedule.calendar)
    return compilePlan(new DayPlan(schedule, calendar, zoneNamed(schedule.timeZone ?? site.timeZone), period))
  }
}

/** Derived from campuses and never stored. A campus is a value: whoever changes one makes another. */
const compiled = new WeakMap<Scheduled, Schedules>()

const answersOf = (campus: Scheduled, ref: string): Answers => {
  const known = compiled.get(campus)
  if (known !== undefined) return known.answers(ref)
  const schedules = new Schedules(campus)
  compiled.set(campus, schedules)
  return schedules.answers(ref)
}

/**
 * Whether a schedule, or one of its named periods (`school-day/recess`), holds at an instant. By the wall clock of its
 * zone: a period begins when the clock first shows its beginning or later, and ends when it first shows its end or later.
 * An hour that comes twice does not begin it twice, and one that is left out leaves nothing of it behind.
 */
export const isDuring = (campus: Scheduled, schedule: string, at: EpochMs): boolean =>
  answersOf(campus, schedule).at(at).holds

/** The first instant after `at` at which `isDuring` says otherwise; `undefined` when it never will. */
export const nextChange = (campus: Scheduled, schedule: string, at: EpochMs): EpochMs | undefined =>
  answersOf(campus, schedule).at(at).until
