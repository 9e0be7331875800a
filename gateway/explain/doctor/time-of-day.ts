import { zoneNamed } from "../../correlation/zone.ts"
import type { Happening } from "./door-past.ts"

/** The same time of the day: within so much of it. A change of lessons takes about ten minutes. Ours. */
export const sameTimeMs = 20 * 60_000

/** On so many days it is a habit. Ours. */
export const habitDays = 3

/**
 * What comes at one time is measured against what comes within so long before and after it: doors are used by day, and what
 * comes evenly while a house is open is at no time of the day. Ours.
 */
const aroundMs = 3 * 3_600_000

/** So many times of the day are around one. */
const timesAround = (2 * aroundMs) / sameTimeMs

/** A door whose alarms come by chance may be told of a time of the day in one case of so many. Ours. */
const oneIn = 20

/** Habits that take longer than this together come all day: 15 h of a week's five school days, as no schedule is proposed for more. */
const allDayMs = 3 * 3_600_000

const dayMs = 86_400_000

/** A time of the day at which a happening comes again and again. */
export interface Habit {
  /** By the wall clock, since midnight. */
  readonly time: number
  readonly days: number
}

/** A happening by the wall clock, as a day's number and the time since its midnight. */
interface Shown {
  readonly happening: Happening
  readonly day: number
  readonly time: number
}

const daysOf = (shown: ReadonlyArray<Shown>): number => new Set(shown.map(({ day }) => day)).size

/** How long after another a time of the day is, before it where negative; over midnight as well. */
const afterwards = (time: number, other: number): number => ((time - other + 1.5 * dayMs) % dayMs) - dayMs / 2

/** How likely at least so many of some days are, each of which is with the same chance, apart from the others (binomial). */
const atLeast = (count: number, days: number, chance: number): number => {
  let exactly = (1 - chance) ** days
  let fewer = 0
  for (let nth = 0; nth < count; nth++) {
    fewer += exactly
    exactly *= ((days - nth) / (nth + 1)) * (chance / (1 - chance))
  }
  return 1 - fewer
}

/**
 * The habit of the time of one happening, where it comes then on more of all its days than chance would put there. By chance, what
 * comes around falls anywhere around, and a day has it at this very time with `1 - e^-mean`; the busier side counts for both, as the
 * other may be before a house opens. One day has it for certain, or nobody would look at this time; and every happening is a time
 * that is looked at.
 */
const habitAt = (one: Shown, same: ReadonlyArray<Shown>, all: number): Habit | undefined => {
  const near = same.filter(({ time }) => Math.abs(afterwards(time, one.time)) <= sameTimeMs / 2)
  const days = daysOf(near)
  if (days < habitDays) return undefined
  const within = (from: number, to: number): number =>
    same.filter(({ time }) => {
      const after = afterwards(time, one.time)
      return after > from && after <= to
    }).length
  const side = Math.max(within(-aroundMs, -sameTimeMs / 2), within(sameTimeMs / 2, aroundMs))
  const mean = (near.length + 2 * side) / timesAround / all
  const byChance = same.length * atLeast(days - 1, all - 1, 1 - Math.exp(-mean))
  return byChance < 1 / oneIn ? { time: one.time, days } : undefined
}

/** How much of the day is at the times of these habits. */
const lengthOf = (habits: ReadonlyArray<Habit>): number => {
  const times = habits.map(({ time }) => time).sort((a, b) => a - b)
  return times.reduce((sum, time, nth) => sum + Math.min(sameTimeMs, (times[nth + 1] ?? Infinity) - time), 0)
}

/** Which of a door's happenings come at a time of the day. What comes by chance, or all day, has none. */
export const habitsOf = (happenings: ReadonlyArray<Happening>, timeZone: string): ReadonlyMap<Happening, Habit> => {
  const zone = zoneNamed(timeZone)
  const shown = happenings.map((happening): Shown => {
    const local = zone.localOf(happening.at)
    return { happening, day: Math.floor(local / dayMs), time: local % dayMs }
  })
  const found = [...Map.groupBy(shown, ({ happening }) => happening.condition).values()].flatMap((same) => {
    const all = daysOf(same)
    const habits = same.flatMap((one) => {
      const habit = habitAt(one, same, all)
      return habit === undefined ? [] : [[one.happening, habit] as const]
    })
    return lengthOf(habits.map(([, habit]) => habit)) > allDayMs ? [] : habits
  })
  return new Map(found)
}

/** A time of the day, by a clock: `09:55`. */
export const clockOf = (time: number): string =>
  `${String(Math.floor(time / 3_600_000)).padStart(2, "0")}:${String(Math.floor((time % 3_600_000) / 60_000)).padStart(2, "0")}`

/** Times of the day for people, those near each other as one: `09:58 to 10:07 and around 12:30`. */
export const timesText = (times: ReadonlyArray<number>): string => {
  const spans: Array<{ readonly from: number; to: number }> = []
  for (const time of times.toSorted((a, b) => a - b)) {
    const last = spans.at(-1)
    if (last !== undefined && time - last.to <= sameTimeMs) last.to = time
    else spans.push({ from: time, to: time })
  }
  return spans
    .map(({ from, to }) => [clockOf(from), clockOf(to)])
    .map(([from, to]) => (from === to ? `around ${from}` : `${from} to ${to}`))
    .join(" and ")
}
