import type { EpochMs } from "../../domain/ids.ts"
import type { History } from "../../log/history.ts"
import type { AlarmHealth } from "./alarm-health.ts"
import { alarmHealth } from "./figures.ts"

/** So many steps of alerts are looked at; ten thousand alerts a day make as many in a fortnight. Ours. */
const stepsAtMost = 500_000

/** ANSI/ISA-18.2: an alarm is stale when it stands for more than a day. */
const staleMs = 24 * 3_600_000

/** The figures of a span, from a log. */
export const measureAlarmHealth = (
  history: History,
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs }
): AlarmHealth => {
  const [after, upTo] = [history.seqAt(from - 1), history.seqAt(to)]
  const campus = history.lastConfiguration(upTo)?.fact.campus
  const names = new Map(campus?.doors.map(({ id, name }) => [id as string, name]) ?? [])
  const steps = history.alertSteps(after, upTo, stepsAtMost + 1)
  return alarmHealth({
    from,
    to,
    timeZone: campus?.site.timeZone ?? "UTC",
    steps: steps.slice(0, stepsAtMost),
    floods: history.floodSteps(after, upTo),
    stale: history.openFor(staleMs, to),
    silences: history.silences(after, upTo),
    doorName: (door) => names.get(door) ?? door,
    cut: steps.length > stepsAtMost
  })
}
