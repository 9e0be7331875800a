import { holiday, type SpecialDays } from "../domain/schedule.ts"

/** Days on which two events want another type of day; of a calendar the later entry holds. */
export interface Overlap {
  readonly from: string
  readonly to: string
  readonly holds: SpecialDays
  readonly over: SpecialDays
}

const typeOf = ({ type = holiday }: SpecialDays): string => type

const sortKey = (day: SpecialDays): string => {
  const { from, to = from, type = "", name = "" } = day
  return [typeOf(day) === holiday ? 1 : 0, from, to, type, name].join(" ")
}

/**
 * Each once, by date, and the holidays after all others: where a half day falls into a break, the break holds, and nothing
 * opens.
 */
export const inOrder = (days: ReadonlyArray<SpecialDays>): ReadonlyArray<SpecialDays> =>
  [...new Map(days.map((day) => [sortKey(day), day]))].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, day]) => day)

/** Where two of a calendar's entries are of different types on the same days. */
export const overlapsOf = (days: ReadonlyArray<SpecialDays>): ReadonlyArray<Overlap> =>
  days.flatMap((over, n) => {
    const { from: begins, to: ends = begins } = over
    return days.slice(n + 1).flatMap((holds): ReadonlyArray<Overlap> => {
      const { from: first, to: last = first } = holds
      if (typeOf(holds) === typeOf(over) || first > ends || last < begins) return []
      return [{ from: first > begins ? first : begins, to: last < ends ? last : ends, holds, over }]
    })
  })
