import { HashMap } from "effect"
import type { Alert } from "../domain/alert.ts"
import type { Gap } from "../domain/gap.ts"
import type { GapSources } from "./list.ts"

const aboutOf = ({ id, door, device, area }: Alert) => ({
  alert: id,
  ...(door === undefined ? {} : { door }),
  ...(device === undefined ? {} : { device }),
  ...(area === undefined ? {} : { area })
})

const shelvedGap = (alert: Alert): ReadonlyArray<Gap> => {
  const { shelved } = alert
  if (shelved === undefined) return []
  return [
    {
      id: `alert-shelved:${alert.id}`,
      kind: "alert-shelved",
      severity: alert.priority,
      title: `${alert.title} is shelved: it makes no sound`,
      ...aboutOf(alert),
      since: shelved.at,
      owner: shelved.by,
      reason: shelved.reason,
      until: shelved.until,
      todo: "Unshelve it when its cause is mended."
    }
  ]
}

const chatteringGap = (alert: Alert): ReadonlyArray<Gap> => {
  const { chattering } = alert
  if (chattering === undefined) return []
  return [
    {
      id: `alert-chattering:${alert.id}`,
      kind: "alert-chattering",
      severity: alert.priority === 1 ? 2 : 3,
      title: `${alert.title} comes so often that it asks nobody anew`,
      ...aboutOf(alert),
      since: chattering.since,
      owner: alert.acknowledgedBy ?? `rule ${chattering.rule}`,
      reason: `it came ${chattering.times} times`,
      todo: "Mend what chatters: a contact, a latch, a rule that is too fine."
    }
  ]
}

const overloadedGap = (alert: Alert): ReadonlyArray<Gap> =>
  alert.condition !== "RuleOverloaded" || !alert.active
    ? []
    : [
        {
          id: `rule-overloaded:${alert.key}`,
          kind: "rule-overloaded",
          severity: 2,
          title: alert.title,
          alert: alert.id,
          since: alert.occurredAt,
          owner: alert.acknowledgedBy ?? alert.rule,
          reason: alert.why.at(-1)?.text ?? "the rule follows as many subjects as it can",
          todo: "Give the rule a coarser key, or a shorter window."
        }
      ]

/** Alerts that ask nobody though they are open, and rules that do not follow all they should. */
export const alertGaps = ({ situation: { alerts } }: GapSources): ReadonlyArray<Gap> =>
  [...HashMap.values(alerts)].flatMap((alert) => [
    ...shelvedGap(alert),
    ...chatteringGap(alert),
    ...overloadedGap(alert)
  ])
