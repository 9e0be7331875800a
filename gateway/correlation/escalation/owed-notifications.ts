import { HashMap, Option } from "effect"
import type { Alert, Priority } from "../../domain/alert.ts"
import type { Notification } from "../../domain/notification.ts"
import { innerOf } from "../draft.ts"
import type { Situation } from "../situation.ts"

/** What waits to be sent, and what it is about as that stands now. */
export interface OwedNotification {
  readonly notification: Notification
  readonly alert: Alert
}

/** What is critical is for people's lives. */
export const isLifeSafety = ({ priority }: { readonly priority: Priority }): boolean => priority === 1

/**
 * What is for people's lives goes first, the newest of it before what is older: what has waited long is known to be late.
 * Of the rest the more urgent goes first, and the older.
 */
const byUrgency = (a: OwedNotification, b: OwedNotification): number =>
  a.alert.priority - b.alert.priority ||
  (isLifeSafety(a.alert) ? b.alert.raisedBy - a.alert.raisedBy : a.alert.raisedBy - b.alert.raisedBy) ||
  a.notification.queuedAt - b.notification.queuedAt ||
  (a.notification.id < b.notification.id ? -1 : 1)

/** All that waits to be sent, in the order in which it is to go; also what is not to be tried again before its time. */
export const owedNotifications = (situation: Situation): ReadonlyArray<OwedNotification> => {
  const owed: Array<OwedNotification> = []
  for (const id of HashMap.keys(innerOf(situation).outbox)) {
    const state = Option.getOrUndefined(HashMap.get(situation.escalations, id))
    const alert = Option.getOrUndefined(HashMap.get(situation.alerts, id))
    if (state?.asking !== true || alert === undefined) continue
    for (const { notification } of state.deliveries)
      if (notification.state === "queued") owed.push({ notification, alert })
  }
  return owed.sort(byUrgency)
}
