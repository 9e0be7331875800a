import { HashMap, Option } from "effect"
import type { Gap } from "../domain/gap.ts"
import type { Person } from "../domain/person.ts"
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

/** So many are named of those who are not reached. */
const namedMax = 5

const named = (people: ReadonlyArray<Person>): string => {
  const names = people.slice(0, namedMax).map(({ name }) => name)
  const more = people.length - names.length
  return more === 0 ? names.join(", ") : `${names.join(", ")} and ${more} more`
}

/** Channels that people register their devices for, and those who are to be reached so and have none. */
const unregisteredGaps = ({ situation: { campus }, registered }: GapSources): ReadonlyArray<Gap> => {
  const people = (campus?.people ?? []).filter(({ disabled }) => disabled !== true)
  return (campus?.channels ?? []).flatMap((channel): ReadonlyArray<Gap> => {
    if (channel.recipients !== "registered") return []
    const { id } = channel
    const without = people.filter((person) => person.reach?.includes(id) === true && !registered.has(person.id))
    const isNobody = !people.some((person) => registered.has(person.id))
    if (!isNobody && without.length === 0) return []
    const who = without.length === 0 ? "" : `: ${named(without)}`
    return [
      {
        id: `nobody-registered:${id}`,
        kind: "nobody-registered",
        severity: isNobody ? 2 : 3,
        title: isNobody
          ? `Nobody can be reached by channel ${id}: no device is registered`
          : `${without.length === 1 ? "One person" : `${without.length} people`} cannot be reached by channel ${id}`,
        owner: `channel ${id}`,
        reason: isNobody ? `nobody has registered a device${who}` : `they have registered no device${who}`,
        todo: "Each opens the console on their phone as themselves and allows notifications under My devices."
      }
    ]
  })
}

/** What is amiss with the ways out to people. */
export const channelGaps = (sources: GapSources): ReadonlyArray<Gap> => [
  ...brokenGaps(sources),
  ...unregisteredGaps(sources),
  ...routeGaps(sources)
]
