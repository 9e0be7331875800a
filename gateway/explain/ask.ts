import type { AlarmHealth } from "./alarm-health/alarm-health.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Examination } from "./doctor/examine.ts"
import type { DoctorReport } from "./doctor/report.ts"
import type { AlertExplanation, DoorExplanation } from "./explanation.ts"

/** What the thread that explains can be asked. */
export type Ask =
  | { readonly _tag: "Alert"; readonly id: string }
  | { readonly _tag: "Door"; readonly id: string; readonly at: EpochMs }
  | ({ readonly _tag: "Doctor" } & Examination)
  | { readonly _tag: "AlarmHealth"; readonly from: EpochMs; readonly to: EpochMs }

/** What it answers to each; absent: the log has no such thing. */
export interface Answers {
  readonly Alert: AlertExplanation | undefined
  readonly Door: DoorExplanation | undefined
  readonly Doctor: DoctorReport
  readonly AlarmHealth: AlarmHealth
}
