import type { Alert, AlertTransition } from "../domain/alert.ts"
import { causeOf, causesIn, type Groupable, type Wiring } from "./flood-causes.ts"
import { burstOf } from "./flood-groups.ts"

/** What it takes to say whether an alert is to be heard. */
export interface Audible extends Groupable, Pick<Alert, "acknowledged" | "closed"> {
  readonly shelved?: unknown
  readonly outOfService?: unknown
}

/** One step of an alert's life, and the alert after it. */
export interface AudibleChange<A extends Audible> {
  readonly transition: AlertTransition
  readonly alert: A
}

/** Whether the alert calls for somebody now. */
export const calls = ({ acknowledged, closed, shelved, outOfService }: Audible): boolean =>
  !acknowledged && !closed && shelved === undefined && outOfService === undefined

/** The steps with which an alert asks, or asks anew. */
const asking: ReadonlySet<AlertTransition> = new Set([
  "raised",
  "reactivated",
  "unshelved",
  "confirmed",
  "acknowledgement-undone"
])

/** An alert that a sensor of another kind confirms is told again only where that made it critical. */
const isNews = <A extends Audible>({ transition, alert }: AudibleChange<A>): boolean =>
  asking.has(transition) && (transition !== "confirmed" || alert.priority === 1)

/**
 * Whether a change of an alert is to be heard. In a flood only what is critical, and what comes from something that no open
 * alert came from before: its first alert sounds, and its hundredth does not. `open`: the alerts as they stood before the
 * change. Pure.
 */
export const isToSound = <A extends Audible>(
  change: AudibleChange<A>,
  { flood, open, wiring }: { readonly flood: boolean; readonly open: ReadonlyArray<A>; readonly wiring: Wiring }
): boolean => {
  const { alert } = change
  if (!isNews(change) || !calls(alert)) return false
  if (!flood || alert.priority === 1) return true
  const others = open.filter(({ id }) => id !== alert.id)
  const causes = causesIn([...others, alert])
  // What the alert follows from has been heard.
  if (causeOf(alert, causes, wiring) !== undefined) return false
  const own = burstOf(alert)
  return !others.some((other) => burstOf(other) === own && causeOf(other, causes, wiring) === undefined)
}
