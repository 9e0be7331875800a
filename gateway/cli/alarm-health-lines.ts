import type { AlarmHealth, Times } from "../explain/alarm-health/alarm-health.ts"
import { paint, printable, several } from "./output.ts"
import { columns } from "./table.ts"

const long = (seconds: number | null): string => {
  if (seconds === null) return "–"
  if (seconds < 90) return `${Math.round(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`
}

const took = ({ count, p50Seconds, p95Seconds }: Times): string =>
  count === 0 ? "none" : `half within ${long(p50Seconds)}, 95 % within ${long(p95Seconds)} (${count})`

const priorityNames = ["critical", "high", "medium", "low"] as const

const targetLines = ({ targets }: AlarmHealth): ReadonlyArray<string> =>
  columns(
    targets.map(({ figure, value, unit, target, met, source }) => {
      const sign = met === null ? paint("dim", "·") : met ? paint("green", "✔") : paint("yellow", "!")
      return [sign, figure, value === null ? "too few" : `${value}${unit}`, target, paint("dim", source)]
    })
  )

const doorLines = ({ nuisanceDoors }: AlarmHealth): ReadonlyArray<string> =>
  columns(
    nuisanceDoors.map(({ name, alerts, nuisance, outcomes, open }) => [
      `  ${printable(name)}`,
      several(alerts, "alert"),
      `${nuisance} nuisance`,
      [...outcomes.map(({ outcome, count }) => `${outcome} ${count}`), ...(open > 0 ? [`open ${open}`] : [])].join(", ")
    ])
  )

/** The figures as lines for people; `shown` says an instant by the site's clocks. */
export const alarmHealthLines = (health: AlarmHealth, shown: (at: number) => string): ReadonlyArray<string> => {
  const { from, to, asked, perHour, priorities, acknowledge, acknowledgeCritical, clear, floods, stale } = health
  const mix = priorities.flatMap(({ priority, count }) =>
    count === 0 ? [] : [`${count} ${priorityNames[priority - 1] ?? ""}`]
  )
  const doors = doorLines(health)
  return [
    `${several(asked, "alert")} from ${shown(from)} to ${shown(to)}, ${perHour} an hour`,
    ...(mix.length === 0 ? [] : [`  ${mix.join(", ")}`]),
    `Acknowledged: ${took(acknowledge)}; critical ones: ${took(acknowledgeCritical)}`,
    `Over by themselves: ${took(clear)}`,
    `Floods: ${floods.count === 0 ? "none" : `${floods.count}, ${floods.minutes} min`}`,
    ...floods.list.map(
      ({ since, until, alerts }) => `  ${shown(since)} to ${shown(until)}: ${several(alerts, "alert")}`
    ),
    `Open for more than a day: ${stale.count}`,
    ...stale.list.map(({ alert, title, raisedAt }) => `  ${alert} ${printable(title)}, since ${shown(raisedAt)}`),
    `Shelved: ${health.silences.shelved} times, ${health.silences.minutes} min`,
    `Consoles silenced: ${health.silences.consoles} times, ${health.silences.consoleMinutes} min`,
    ...health.chattering.map(({ alert, title, times }) => `Chattering: ${alert} ${printable(title)}, ${times} times`),
    ...(doors.length === 0 ? [] : ["Doors, the most nuisance first", ...doors]),
    "Targets",
    ...targetLines(health),
    ...(health.cut === true ? ["There was more than is looked at: choose a shorter span"] : [])
  ]
}
