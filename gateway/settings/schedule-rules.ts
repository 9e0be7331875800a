import { holiday, weekdays } from "../domain/schedule.ts"
import { hint } from "./did-you-mean.ts"
import { idsOf, isRaw, itemsOf, type Key, mapsOf, type Raw, type Refer, type Wrong } from "./raw.ts"

/** The names that a schedule's periods have. */
const periodNamesOf = (schedule: Raw): ReadonlyArray<string> => {
  const special = isRaw(schedule["onDays"]) ? Object.values(schedule["onDays"]) : []
  return [schedule["periods"], ...special].flatMap((periods) =>
    mapsOf(periods).flatMap(([, { name }]) => (typeof name === "string" ? [name] : []))
  )
}

/** Everything that a reference to a schedule may say: each schedule, and each named period of one. */
export const scheduleRefsOf = (value: Raw): ReadonlyArray<string> =>
  itemsOf(value, "schedules").flatMap(([, schedule]) => {
    const { id } = schedule
    if (typeof id !== "string") return []
    return [id, ...new Set(periodNamesOf(schedule).map((name) => `${id}/${name}`))]
  })

/** The schedules that one refers to, each with the path to where it does. */
const referredBy = (schedule: Raw): ReadonlyArray<readonly [path: ReadonlyArray<Key>, ref: string]> => {
  const { outside, anyOf } = schedule
  const one = typeof outside === "string" ? [[["outside"], outside] as const] : []
  const many = Array.isArray(anyOf)
    ? anyOf.flatMap((ref, n) => (typeof ref === "string" ? [[["anyOf", n], ref] as const] : []))
    : []
  return [...one, ...many]
}

const idIn = (ref: string): string => ref.split("/")[0] ?? ref

const checkCircles = (value: Raw, wrong: Wrong): void => {
  const schedules = itemsOf(value, "schedules")
  const to = new Map(
    schedules.map(([, schedule]) => [String(schedule["id"]), referredBy(schedule).map(([, ref]) => idIn(ref))])
  )
  for (const [index, schedule] of schedules) {
    const id = String(schedule["id"])
    for (const [path, ref] of referredBy(schedule)) {
      const seen = new Set<string>()
      const walk = (here: string): void => {
        if (seen.has(here)) return
        seen.add(here)
        for (const next of to.get(here) ?? []) walk(next)
      }
      walk(idIn(ref))
      if (seen.has(id)) wrong(["schedules", index, ...path], `schedule "${id}" refers to itself by way of "${ref}"`)
    }
  }
}

const kinds = ["periods", "outside", "anyOf"] as const

/** A schedule is one of three things; what belongs to another of them would be passed over without a word. */
const checkKind = (index: number, schedule: Raw, wrong: Wrong): void => {
  const id = String(schedule["id"])
  const [kind, another] = kinds.filter((one) => schedule[one] !== undefined)
  const path = ["schedules", index] as const
  if (kind === undefined && schedule["onDays"] === undefined)
    return wrong(path, `schedule "${id}" says not when it holds; add periods, outside or anyOf`)
  if (another !== undefined)
    return wrong([...path, another], `schedule "${id}" has ${kind} already; write one of them`, "key")
  if (kind === undefined || kind === "periods") return
  for (const key of ["calendar", "onDays", "timeZone"]) {
    if (schedule[key] === undefined) continue
    wrong([...path, key], `schedule "${id}" has no periods of its own, so that ${key} means nothing; remove it`, "key")
  }
}

const typesOf = (calendar: Raw): ReadonlyArray<string> => [
  ...new Set(mapsOf(calendar["days"]).map(([, { type }]) => (typeof type === "string" ? type : holiday)))
]

/** A type of day that the calendar does not know never comes; this year there may be none. */
const checkDayTypes = (value: Raw, index: number, schedule: Raw, wrong: Wrong): void => {
  const { onDays, calendar } = schedule
  if (!isRaw(onDays)) return
  const path = ["schedules", index, "onDays"] as const
  if (typeof calendar !== "string") return wrong(path, "onDays needs the calendar that says which days they are", "key")
  const known = itemsOf(value, "calendars").find(([, { id }]) => id === calendar)
  if (known === undefined) return
  const types = [holiday, ...typesOf(known[1])]
  for (const type of Object.keys(onDays)) {
    if (types.includes(type)) continue
    const message = `calendar "${calendar}" has no day of type "${type}"${hint(type, types)}`
    wrong([...path, type], message, "key", "warning")
  }
}

/** Of a type that no schedule names, a day would be like any other of its weekday. */
const checkNamed = (value: Raw, index: number, calendar: Raw, wrong: Wrong): void => {
  const using = itemsOf(value, "schedules").filter(([, schedule]) => schedule["calendar"] === calendar["id"])
  if (using.length === 0) return
  const named = using.flatMap(([, { onDays }]) => (isRaw(onDays) ? Object.keys(onDays) : []))
  const known: ReadonlyArray<string> = [holiday, ...weekdays, ...named]
  for (const [n, { type }] of mapsOf(calendar["days"])) {
    if (typeof type !== "string" || known.includes(type)) continue
    wrong(
      ["calendars", index, "days", n, "type"],
      `no schedule of calendar "${String(calendar["id"])}" says what holds on a day of type "${type}"${hint(type, known)}`
    )
  }
}

/** Outside of these a date is a slip of the pen; and each day of a calendar is kept in memory. */
const [firstYear, lastYear] = [2000, 2100]
const longestDays = 366

const dayMs = 86_400_000

const checkDate = (path: ReadonlyArray<Key>, date: unknown, wrong: Wrong): number | undefined => {
  if (typeof date !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined
  const at = Date.parse(`${date}T00:00Z`)
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date) {
    wrong(path, `there is no day ${date}`)
    return undefined
  }
  const year = Number(date.slice(0, 4))
  if (year < firstYear || year > lastYear)
    wrong(path, `the year must be between ${firstYear} and ${lastYear} (is ${year})`)
  return at
}

const checkSpecialDays = (index: number, calendar: Raw, wrong: Wrong): void => {
  for (const [n, { from, to }] of mapsOf(calendar["days"])) {
    const path = ["calendars", index, "days", n] as const
    const [first, last] = [checkDate([...path, "from"], from, wrong), checkDate([...path, "to"], to, wrong)]
    if (first === undefined || last === undefined) continue
    if (last < first) wrong([...path, "to"], `the last day (${String(to)}) comes before the first (${String(from)})`)
    else if (last - first >= longestDays * dayMs)
      wrong(
        [...path, "to"],
        `special days may be at most ${longestDays} in a row; write an end nearer to ${String(from)}`
      )
  }
}

const checkPeriods = (index: number, schedule: Raw, wrong: Wrong): void => {
  const path = ["schedules", index] as const
  const check = (under: ReadonlyArray<Key>, periods: unknown): void => {
    for (const [n, { from, to, days }] of mapsOf(periods)) {
      if (from === "24:00") wrong([...path, ...under, n, "from"], 'a period begins at "00:00" of the next day instead')
      if (from === to && typeof to === "string")
        wrong([...path, ...under, n, "to"], `it ends when it begins; for the whole day write from "00:00" to "24:00"`)
      if (Array.isArray(days) && days.length === 0)
        wrong([...path, ...under, n, "days"], "it names no day; name some, or leave days out for every day", "key")
    }
  }
  check(["periods"], schedule["periods"])
  if (isRaw(schedule["onDays"]))
    for (const [type, periods] of Object.entries(schedule["onDays"])) check(["onDays", type], periods)
}

/** What no schema can hold of schedules and calendars: references, circles, days that do not exist. */
export const checkSchedules = (value: Raw, refer: Refer, wrong: Wrong): void => {
  const refs = scheduleRefsOf(value)
  for (const [index, schedule] of itemsOf(value, "schedules")) {
    checkKind(index, schedule, wrong)
    refer(["schedules", index, "calendar"], schedule["calendar"], "calendar", idsOf(value, "calendars"))
    for (const [path, ref] of referredBy(schedule)) refer(["schedules", index, ...path], ref, "schedule", refs)
    checkDayTypes(value, index, schedule, wrong)
    checkPeriods(index, schedule, wrong)
  }
  checkCircles(value, wrong)
  for (const [index, calendar] of itemsOf(value, "calendars")) {
    checkSpecialDays(index, calendar, wrong)
    checkNamed(value, index, calendar, wrong)
  }
}
