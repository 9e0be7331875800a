import type { AlarmHealth } from "./alarm-health/alarm-health.ts"
import { measureAlarmHealth } from "./alarm-health/measure.ts"
import type { EpochMs } from "../domain/ids.ts"
import { type Examination, examine } from "./doctor/examine.ts"
import type { DoctorReport } from "./doctor/report.ts"
import { History } from "../log/history.ts"
import { alertExplanation, doorExplanation } from "./explainer.ts"
import type { AlertExplanation, DoorExplanation } from "./explanation.ts"

/** Explains from a log's file alone. Throws where there is none that can be read. */
export interface ExplainLog {
  readonly alert: (dataDir: string, id: string) => AlertExplanation | undefined
  readonly door: (dataDir: string, id: string, at: EpochMs) => DoorExplanation | undefined
  readonly doctor: (dataDir: string, asked: Examination) => DoctorReport
  /** How the alerts of a span served the people who answer them. */
  readonly alarmHealth: (dataDir: string, span: { readonly from: EpochMs; readonly to: EpochMs }) => AlarmHealth
  /** The zone of the site's clocks, as the newest configuration has it, and when the newest entry was recorded. */
  readonly clocks: (dataDir: string) => { readonly timeZone: string; readonly newestAt: EpochMs }
}

const reading = <A>(dataDir: string, read: (history: History) => A): A => {
  const history = new History(dataDir)
  try {
    return read(history)
  } finally {
    history.close()
  }
}

export const explainLog: ExplainLog = {
  alert: (dataDir, id) => reading(dataDir, (history) => alertExplanation(history, id)),
  door: (dataDir, id, at) => reading(dataDir, (history) => doorExplanation(history, id, at)),
  doctor: (dataDir, asked) => reading(dataDir, (history) => examine(history, asked)),
  alarmHealth: (dataDir, span) => reading(dataDir, (history) => measureAlarmHealth(history, span)),
  clocks: (dataDir) =>
    reading(dataDir, (history) => ({
      timeZone: history.lastConfiguration(history.head())?.fact.campus.site.timeZone ?? "UTC",
      newestAt: history.newestAt()
    }))
}
