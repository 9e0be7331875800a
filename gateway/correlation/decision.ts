import type { AlertChange } from "../domain/alert.ts"
import type { DeviceEvent } from "../domain/device-event.ts"

/** What the fold concludes from one fact. Each decision becomes a log entry of its own, behind its fact. */
export type Decision =
  | { readonly _tag: "Event"; readonly event: DeviceEvent }
  | { readonly _tag: "Alert"; readonly change: AlertChange }
