import { Schema } from "effect"
import { Alert, AlertTransition, Reason } from "../domain/alert.ts"
import { DeviceEvent } from "../domain/device-event.ts"
import { EpochMs } from "../domain/ids.ts"

/** One step of an alert's life, with who, when and why, and the alert as it stands after it. */
export const AlertChange = Schema.Struct({
  transition: AlertTransition,
  at: EpochMs,
  /** The officer, or the rule. */
  by: Schema.String,
  note: Schema.optionalKey(Schema.String),
  why: Schema.Array(Reason),
  alert: Alert
}).annotate({ identifier: "AlertChange" })
export type AlertChange = typeof AlertChange.Type

/** What the fold concludes from one fact. Each decision becomes a log entry of its own, behind its fact. */
export type Decision =
  | { readonly _tag: "Event"; readonly event: DeviceEvent }
  | { readonly _tag: "Alert"; readonly change: AlertChange }
