import { HashMap, Option } from "effect"
import type { Gap } from "../domain/gap.ts"
import type { GapSources } from "./list.ts"
import { activeAlerts } from "./open-alerts.ts"

/** Nobody is told of what is critical but who looks at the console. */
const routeGaps = ({ situation: { campus } }: GapSources): ReadonlyArray<Gap> => {
  if (campus === undefined) return []
  const { channels = [], escalations = [], routes } = campus
  const isRouted = escalations.some(({ id }) => id === routes?.critical)
  if (channels.length > 0 && isRouted) return []
  return [
    {
      id: "nobody-told",
      kind: "nobody-told",
      severity: 3,
      title: "Critical alerts are on the console only",
      owner: "configuration",
      reason:
        channels.length === 0
          ? "there are no channels to people"
          : "no escalation is for critical alerts (notify.routes)",
      todo: "Add channels, people who are reached by them, and a route for critical alerts."
    }
  ]
}

/** What takes no messages now. */
const brokenGaps = ({ situation }: GapSources): ReadonlyArray<Gap> => {
  const alertOf = activeAlerts(situation)
  return (situation.campus?.channels ?? []).flatMap(({ id, kind }): ReadonlyArray<Gap> => {
    const standing = Option.getOrUndefined(HashMap.get(situation.channels, id))
    if (standing?.state !== "broken" && standing?.state !== "failing") return []
    const alert = alertOf("ChannelBroken", `channel:${id}`)
    return [
      {
        id: `channel-broken:${id}`,
        kind: "channel-broken",
        severity: 2,
        title: `Channel ${id} takes no messages`,
        since: standing.since,
        ...(alert === undefined ? {} : { alert: alert.id }),
        owner: alert?.acknowledgedBy ?? `channel ${id}`,
        reason: standing.detail ?? "it does not answer",
        todo: `Look after the ${kind} of channel ${id}; it is tried again by itself, and its test says at once whether it does.`
      }
    ]
  })
}

/** What is amiss with the ways out to people. */
export const channelGaps = (sources: GapSources): ReadonlyArray<Gap> => [...brokenGaps(sources), ...routeGaps(sources)]
