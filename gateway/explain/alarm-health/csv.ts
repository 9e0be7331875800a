import type { AlarmHealth } from "./alarm-health.ts"

type Cell = string | number | null

/** RFC 4180; a cell that a spreadsheet would take for a formula is text to it (OWASP, CSV injection). */
const cell = (value: Cell): string => {
  if (value === null) return ""
  if (typeof value === "number") return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const iso = (at: number): string => new Date(at).toISOString()

const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const

const rowsOf = (health: AlarmHealth): ReadonlyArray<ReadonlyArray<Cell>> => [
  ["span", "from", iso(health.from), ""],
  ["span", "to", iso(health.to), ""],
  ["span", "time zone", health.timeZone, ""],
  ["alerts", "asked", health.asked, ""],
  ["alerts", "per hour", health.perHour, "/h"],
  ["alerts", "busiest ten minutes", health.busiestTenMinutes, ""],
  ...health.priorities.map(({ priority, count }) => ["priority", String(priority), count, ""]),
  ...(["acknowledge", "acknowledgeCritical", "clear"] as const).flatMap((name) => [
    [name, "count", health[name].count, ""],
    [name, "p50", health[name].p50Seconds, "s"],
    [name, "p95", health[name].p95Seconds, "s"]
  ]),
  ["floods", "count", health.floods.count, ""],
  ["floods", "time", health.floods.minutes, "min"],
  ...health.floods.list.map(({ since, until, alerts }) => ["flood", `${iso(since)}/${iso(until)}`, alerts, ""]),
  ["stale", "count", health.stale.count, ""],
  ...health.stale.list.map(({ alert, title, raisedAt }) => ["stale alert", `${alert} ${title}`, iso(raisedAt), ""]),
  ...health.chattering.map(({ alert, title, times }) => ["chattering", `${alert} ${title}`, times, ""]),
  ...health.busiest.map(({ condition, key, count }) => ["asks most", `${condition} ${key}`, count, ""]),
  ...health.nuisanceDoors.flatMap(({ door, name, alerts, nuisance, outcomes }) => [
    ["door alerts", `${door} ${name}`, alerts, ""],
    ["door nuisance", `${door} ${name}`, nuisance, ""],
    ...outcomes.map(({ outcome, count }) => [`door ${outcome}`, `${door} ${name}`, count, ""])
  ]),
  ["shelvings", "count", health.silences.shelved, ""],
  ["shelvings", "time", health.silences.minutes, "min"],
  ["consoles silenced", "count", health.silences.consoles, ""],
  ["consoles silenced", "time", health.silences.consoleMinutes, "min"],
  ...health.heat.flatMap((hours, day) =>
    hours.map((count, hour) => ["by hour", `${days[day] ?? ""} ${String(hour).padStart(2, "0")}:00`, count, ""])
  ),
  ...health.course.bins.map(({ at, counts }) => ["course", iso(at), counts.reduce((sum, one) => sum + one, 0), ""]),
  ...health.targets.map(({ figure, value, unit, target }) => ["target", `${figure} (${target})`, value, unit])
]

/** All figures as one table of four columns, for a spreadsheet. */
export const alarmHealthCsv = (health: AlarmHealth): string =>
  [["section", "name", "value", "unit"], ...rowsOf(health)].map((row) => `${row.map(cell).join(",")}\r\n`).join("")
