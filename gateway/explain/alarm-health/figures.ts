import { zoneNamed } from "../../correlation/zone.ts"
import { Outcome, type Priority } from "../../domain/alert.ts"
import { DoorId, type EpochMs } from "../../domain/ids.ts"
import type { AlertStep, FloodStep, StaleAlert } from "../../log/alert-steps.ts"
import type { AlarmHealth } from "./alarm-health.ts"
import { answerTimes, asks, timesOf } from "./answer-times.ts"
import { targetsOf } from "./targets.ts"

/** What the figures of a span are made from. */
export interface Recorded {
  readonly from: EpochMs
  readonly to: EpochMs
  readonly timeZone: string
  readonly steps: ReadonlyArray<AlertStep>
  readonly floods: ReadonlyArray<FloodStep>
  /** Open for more than a day at the end. */
  readonly stale: ReadonlyArray<StaleAlert>
  /** For how long consoles were silenced, each time, in milliseconds. */
  readonly silences: ReadonlyArray<number>
  readonly doorName: (door: string) => string
  readonly cut: boolean
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const tenMinutesMs = 600_000

/** Longer lists are in the log. */
const listed = 20
const worst = 10

const priorities: ReadonlyArray<Priority> = [1, 2, 3, 4]
const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

const mostIn = (windowMs: number, instants: ReadonlyArray<EpochMs>): number => {
  let [first, most] = [0, 0]
  for (const [nth, at] of instants.entries()) {
    while ((instants[first] ?? at) <= at - windowMs) first++
    most = Math.max(most, nth - first + 1)
  }
  return most
}

/** So that a picture has some tens of columns, and at most some hundreds. */
const binMinutes = (spanMs: number): number => (spanMs <= 2 * dayMs ? 60 : spanMs <= 14 * dayMs ? 360 : 1440)

/** Columns begin at whole hours and days of the site's clocks. */
const courseOf = ({ from, to, timeZone }: Recorded, asked: ReadonlyArray<AlertStep>): AlarmHealth["course"] => {
  const minutes = binMinutes(to - from)
  const zone = zoneNamed(timeZone)
  const binOf = (at: EpochMs): number => Math.floor(zone.localOf(at) / (minutes * 60_000))
  const [first, last] = [binOf(from), binOf(Math.max(from, to - 1))]
  const bins = Array.from({ length: last - first + 1 }, (_, nth) => ({
    at: Math.max(from, zone.firstAt((first + nth) * minutes * 60_000)),
    counts: [0, 0, 0, 0]
  }))
  for (const { at, priority } of asked) {
    const counts = bins[binOf(at) - first]?.counts
    if (counts !== undefined) counts[priority - 1] = (counts[priority - 1] ?? 0) + 1
  }
  return { minutes, bins }
}

const heatOf = (timeZone: string, asked: ReadonlyArray<AlertStep>): ReadonlyArray<ReadonlyArray<number>> => {
  const zone = zoneNamed(timeZone)
  const heat = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0))
  for (const { at } of asked) {
    const local = new Date(zone.localOf(at))
    const row = heat[(local.getUTCDay() + 6) % 7]
    const hour = local.getUTCHours()
    if (row !== undefined) row[hour] = (row[hour] ?? 0) + 1
  }
  return heat
}

/** Each flood within the span; one that goes on at the end, or had begun before, is counted for its part in it. */
const floodsOf = ({ from, to, floods: steps }: Recorded): AlarmHealth["floods"] => {
  const list: Array<{ readonly since: EpochMs; readonly until: EpochMs; readonly alerts: number }> = []
  let began: FloodStep | undefined
  for (const step of steps) {
    if (step.tag === "FloodBegan") began = step
    else {
      list.push({ since: Math.max(from, step.since ?? began?.at ?? from), until: step.at, alerts: step.count })
      began = undefined
    }
  }
  if (began !== undefined) list.push({ since: began.at, until: to, alerts: began.count })
  const ms = list.reduce((sum, { since, until }) => sum + Math.max(0, until - since), 0)
  return {
    count: list.length,
    minutes: round(ms / 60_000, 1),
    share: round(ms / Math.max(1, to - from), 4),
    list: list.slice(-listed)
  }
}

const nuisances: ReadonlySet<string> = new Set(["nuisance-hardware", "nuisance-user"])

/** The doors with the most alerts that were closed as a nuisance, and what was said of all of theirs. */
const nuisanceDoors = ({ steps, doorName }: Recorded): AlarmHealth["nuisanceDoors"] => {
  const last = new Map<string, AlertStep>()
  const asked = new Map<string, number>()
  for (const step of steps) {
    if (step.door === null) continue
    last.set(step.alert, step)
    if (asks(step)) asked.set(step.door, (asked.get(step.door) ?? 0) + 1)
  }
  return [...Map.groupBy(last.values(), ({ door }) => door ?? "")]
    .map(([door, alerts]) => {
      const outcomes = Outcome.literals.flatMap((outcome) => {
        const count = alerts.filter((one) => one.outcome === outcome).length
        return count === 0 ? [] : [{ outcome, count }]
      })
      const nuisance = outcomes.reduce((sum, { outcome, count }) => (nuisances.has(outcome) ? sum + count : sum), 0)
      const open = alerts.filter(({ closed }) => closed === 0).length
      return { door: DoorId.make(door), name: doorName(door), alerts: asked.get(door) ?? 0, nuisance, outcomes, open }
    })
    .filter(({ nuisance, alerts }) => nuisance > 0 || alerts > 0)
    .sort((a, b) => b.nuisance - a.nuisance || b.alerts - a.alerts || (a.door < b.door ? -1 : 1))
    .slice(0, worst)
}

const busiestOf = (asked: ReadonlyArray<AlertStep>): AlarmHealth["busiest"] =>
  [...Map.groupBy(asked, ({ condition, key }) => `${condition}|${key}`).values()]
    .map((steps) => {
      const { condition = "", key = "", title = "" } = steps.at(-1) ?? {}
      return { condition, key, title, count: steps.length }
    })
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, worst)

const chatteringOf = (steps: ReadonlyArray<AlertStep>): AlarmHealth["chattering"] => {
  const most = new Map<string, { readonly alert: string; readonly title: string; readonly times: number }>()
  for (const { alert, title, chattered } of steps) {
    if (chattered !== null && chattered > (most.get(alert)?.times ?? 0))
      most.set(alert, { alert, title, times: chattered })
  }
  return [...most.values()].sort((a, b) => b.times - a.times || (a.alert < b.alert ? -1 : 1)).slice(0, listed)
}

/** How often alerts were shelved, and for how long they were to be silent; one that is shelved anew counts from then. */
const silencesOf = ({ steps, silences }: Recorded): AlarmHealth["silences"] => {
  const since = new Map<string, AlertStep>()
  let [shelved, ms] = [0, 0]
  const over = (alert: string, at: EpochMs): void => {
    const shelving = since.get(alert)
    if (shelving === undefined) return
    ms += Math.max(0, Math.min(at, shelving.shelvedUntil ?? at) - shelving.at)
    since.delete(alert)
  }
  for (const step of steps) {
    if (step.shelvedUntil === null || step.transition === "shelved") over(step.alert, step.at)
    if (step.transition !== "shelved") continue
    shelved++
    since.set(step.alert, step)
  }
  for (const [alert, { shelvedUntil, at }] of since) over(alert, shelvedUntil ?? at)
  const consoleMs = silences.reduce((sum, one) => sum + one, 0)
  return {
    shelved,
    minutes: round(ms / 60_000, 1),
    consoles: silences.length,
    consoleMinutes: round(consoleMs / 60_000, 1)
  }
}

/** How the alerts of a span served the people who answer them. Pure: the same record gives the same figures. */
export const alarmHealth = (recorded: Recorded): AlarmHealth => {
  const { from, to, timeZone, steps, stale, cut } = recorded
  const asked = steps.filter(asks)
  const times = answerTimes(steps)
  const figures = {
    from,
    to,
    timeZone,
    asked: asked.length,
    perHour: round(asked.length / Math.max(1, (to - from) / hourMs), 2),
    busiestTenMinutes: mostIn(
      tenMinutesMs,
      asked.map(({ at }) => at)
    ),
    priorities: priorities.map((priority) => {
      const count = asked.filter((step) => step.priority === priority).length
      return { priority, count, share: asked.length === 0 ? 0 : round(count / asked.length, 4) }
    }),
    course: courseOf(recorded, asked),
    acknowledge: timesOf(times.acknowledge),
    acknowledgeCritical: timesOf(times.acknowledgeCritical),
    clear: timesOf(times.clear),
    floods: floodsOf(recorded),
    stale: {
      count: stale.length,
      list: stale
        .slice(0, listed)
        .map(({ id, title, priority, raisedAt }) => ({ alert: id, title, priority, raisedAt }))
    },
    chattering: chatteringOf(steps),
    busiest: busiestOf(asked),
    nuisanceDoors: nuisanceDoors(recorded),
    heat: heatOf(timeZone, asked),
    silences: silencesOf(recorded),
    ...(cut ? ({ cut: true } as const) : {})
  }
  return { ...figures, targets: targetsOf(figures) }
}
