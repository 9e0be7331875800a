import { weekdayOf } from "../../correlation/day-plan.ts"
import { isDuring, scheduleRefsOf } from "../../correlation/schedules.ts"
import { type Zone, zoneNamed } from "../../correlation/zone.ts"
import type { Campus, Door } from "../../domain/campus.ts"
import type { CompleteDoorTimes, DoorTimes } from "../../domain/door.ts"
import type { EpochMs } from "../../domain/ids.ts"
import { type Schedule, ScheduleId, ScheduleRef, type Weekday, weekdays } from "../../domain/schedule.ts"
import type { Happening } from "./door-past.ts"
import { clockOf, habitDays, sameTimeMs } from "./time-of-day.ts"

/** Other times for a door while a schedule holds; `added`: that schedule, where the campus has none that fits. */
export interface TimesBySchedule {
  readonly schedule: ScheduleRef
  readonly times: DoorTimes
  readonly added?: Schedule
}

/** Within a schedule a door is proposed to stand open for no longer than this: recess and deliveries take about so long. Ours. */
const heldAtMostSeconds = 900

/** A schedule that holds for longer than so much of a week is no time of the day, and would hide what comes all day. Ours. */
const widestWeekMs = 15 * 3_600_000

/** Before and behind what was seen. Ours. */
const marginMs = 5 * 60_000

const dayMs = 86_400_000
const quarterMs = 15 * 60_000
const schoolDays: ReadonlyArray<Weekday> = weekdays.slice(0, 5)

/** An opening that was held, by the wall clock. */
interface Held {
  readonly from: EpochMs
  readonly to: EpochMs
  readonly localFrom: number
  readonly localTo: number
}

const heldIn = (happenings: ReadonlyArray<Happening>, zone: Zone): ReadonlyArray<Held> =>
  happenings.flatMap(({ condition, opening: { at, closedAt } }) =>
    condition !== "DoorOpenTooLong" || closedAt === undefined
      ? []
      : [{ from: at, to: closedAt, localFrom: zone.localOf(at), localTo: zone.localOf(closedAt) }]
  )

const timeOf = ({ localFrom }: Held): number => localFrom % dayMs

/** Those that begin at about the same time of the day, on enough days to be a habit. */
const habits = (held: ReadonlyArray<Held>): ReadonlyArray<ReadonlyArray<Held>> => {
  const groups: Array<Array<Held>> = []
  for (const one of held.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    const last = groups.at(-1)
    const before = last?.at(-1)
    if (last !== undefined && before !== undefined && timeOf(one) - timeOf(before) <= sameTimeMs) last.push(one)
    else groups.push([one])
  }
  return groups.filter(
    (group) => new Set(group.map(({ localFrom }) => Math.floor(localFrom / dayMs))).size >= habitDays
  )
}

const weekMsOf = (campus: Campus, ref: string, from: EpochMs): number => {
  let held = 0
  for (let at = from; at < from + 7 * dayMs; at += quarterMs) if (isDuring(campus, ref, at)) held += quarterMs
  return held
}

/** The narrowest schedule of the campus that holds whenever they began and ended. */
const fitting = (campus: Campus, group: ReadonlyArray<Held>): string | undefined =>
  scheduleRefsOf(campus)
    .filter((ref) => group.every(({ from, to }) => isDuring(campus, ref, from) && isDuring(campus, ref, to)))
    .map((ref) => ({ ref, weekMs: weekMsOf(campus, ref, group[0]?.from ?? 0) }))
    .filter(({ weekMs }) => weekMs <= widestWeekMs)
    .sort((a, b) => a.weekMs - b.weekMs)[0]?.ref

/** A schedule of its own for them; `undefined`: they go over midnight, or take too much of the week, which a person should look at. */
const scheduleFor = (door: string, group: ReadonlyArray<Held>): Schedule | undefined => {
  const begin = Math.min(...group.map(timeOf))
  const end = Math.max(...group.map((one) => timeOf(one) + (one.localTo - one.localFrom)))
  const from = Math.floor(Math.max(0, begin - marginMs) / marginMs) * marginMs
  const to = Math.ceil((end + 1) / marginMs) * marginMs
  if (to > dayMs) return undefined
  const seen = new Set(group.map(({ localFrom }) => weekdayOf(Math.floor(localFrom / dayMs))))
  const days = [...seen].every((day) => schoolDays.includes(day))
    ? schoolDays
    : weekdays.filter((day) => seen.has(day) || schoolDays.includes(day))
  if ((to - from) * days.length > widestWeekMs) return undefined
  const id = ScheduleId.make(`${door}-${clockOf(from).replace(":", "")}`.slice(-64))
  return { id, periods: [{ days: [...days], from: clockOf(from), to: clockOf(to) }] }
}

/** Of nine in ten the time has to hold: one outlier must not make the door blind for longer. Ours. */
const lastedSeconds = (group: ReadonlyArray<Held>): number => {
  const sorted = group.map(({ from, to }) => to - from).sort((a, b) => a - b)
  return Math.ceil(((sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0) / 1000 + 1) / 30) * 30
}

/**
 * Where a door is held at about the same time of the day for longer than any time of its own may be: longer times at that
 * time alone, by a schedule of the campus where one fits, else by one that is added.
 */
export const timesBySchedule = (
  happenings: ReadonlyArray<Happening>,
  { door, times, campus }: { readonly door: Door; readonly times: CompleteDoorTimes; readonly campus: Campus }
): ReadonlyArray<TimesBySchedule> => {
  const zone = zoneNamed(campus.site.timeZone)
  return habits(heldIn(happenings, zone)).flatMap((group): ReadonlyArray<TimesBySchedule> => {
    const heldOpenSeconds = lastedSeconds(group)
    if (heldOpenSeconds > heldAtMostSeconds || heldOpenSeconds <= times.heldOpenSeconds) return []
    const before = times.heldOpenSeconds - times.heldPreAlarmSeconds
    const longer = { heldOpenSeconds, heldPreAlarmSeconds: heldOpenSeconds - before }
    const known = fitting(campus, group)
    if (known !== undefined) return [{ schedule: ScheduleRef.make(known), times: longer }]
    const added = scheduleFor(door.id, group)
    return added === undefined ? [] : [{ schedule: ScheduleRef.make(added.id), times: longer, added }]
  })
}
