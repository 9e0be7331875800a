import type { AlertChange } from "../domain/alert.ts"
import type { DeviceEvent } from "../domain/device-event.ts"
import type { IncidentChange } from "../domain/incident.ts"
import type { Notification } from "../domain/notification.ts"

/** What the fold concludes from one fact. Each becomes an entry of the log behind its fact, or is told in its fact's. */
export type Decision =
  | { readonly _tag: "Event"; readonly event: DeviceEvent }
  | { readonly _tag: "Alert"; readonly change: AlertChange }
  | { readonly _tag: "Incident"; readonly change: IncidentChange }
  | { readonly _tag: "Notification"; readonly notification: Notification }
