import type { Alert, Priority } from "../../domain/alert.ts"
import type { Campus } from "../../domain/campus.ts"
import type { EscalationPolicy, EscalationRoutes } from "../../domain/escalation.ts"

/**
 * Whether an alert asks for somebody: nobody has answered it, no officer has shelved it, nothing that it is about is worked
 * on, and no late evidence explains it. That its condition is normal again does not end it: somebody is to say that they
 * know (ANSI/ISA-18.2: returned to normal, unacknowledged).
 */
export const asks = (alert: Alert): boolean =>
  !alert.closed &&
  !alert.acknowledged &&
  !alert.resolvedByLateEvidence &&
  alert.shelved === undefined &&
  alert.outOfService === undefined

/** The route of each priority. */
export const routeOf: Readonly<Record<Priority, keyof EscalationRoutes>> = {
  1: "critical",
  2: "high",
  3: "medium",
  4: "low"
}

/** The policy that an alert goes by: the one that its rule names, else that of its priority; `undefined`: the console only. */
export const policyOf = (
  campus: Campus | undefined,
  { escalation, priority }: Pick<Alert, "escalation" | "priority">
): EscalationPolicy | undefined => {
  const policies = campus?.escalations ?? []
  const named = escalation === undefined ? undefined : policies.find(({ id }) => id === escalation)
  return named ?? policies.find(({ id }) => id === campus?.routes?.[routeOf[priority]])
}
