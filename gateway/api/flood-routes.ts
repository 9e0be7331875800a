import { Effect, HashMap, Schema } from "effect"
import { wiringOf } from "../alerts/flood-causes.ts"
import { groupsOf } from "../alerts/flood-groups.ts"
import type { Situation } from "../correlation/situation.ts"
import { Priority } from "../domain/alert.ts"
import { Flood, FloodLimits, usualFloodLimits } from "../domain/flood.ts"
import { AlertId } from "../domain/ids.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import type { Sources } from "./sources.ts"

/** How a flood of alerts stands, and how the open ones group by what they come from. */
export const FloodAnswer = Schema.Struct({
  flood: Schema.NullOr(Flood),
  limits: FloodLimits,
  critical: Schema.Finite.annotate({ description: "How many critical alerts are open and not acknowledged" }),
  groups: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      title: Schema.String,
      priority: Priority.annotate({ description: "That of the gravest alert in it; never 1" }),
      cause: Schema.optionalKey(AlertId),
      alerts: Schema.Array(AlertId)
    })
  ),
  single: Schema.Array(AlertId)
}).annotate({ identifier: "FloodStanding" })

const standing = ({ flood, campus, alerts }: Situation): typeof FloodAnswer.Type => {
  const open = [...HashMap.values(alerts)].sort((a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1))
  const { groups, single } = groupsOf(open, wiringOf(campus ?? { devices: [], doors: [] }))
  return {
    flood: flood ?? null,
    limits: campus?.flood ?? usualFloodLimits,
    critical: open.filter(({ priority, acknowledged }) => priority === 1 && !acknowledged).length,
    groups: groups.map(({ id, title, cause, alerts: members }) => ({
      id,
      title,
      priority: [cause, ...members].reduce<Priority>(
        (gravest, one) => (one !== undefined && one.priority < gravest ? one.priority : gravest),
        4
      ),
      ...(cause === undefined ? {} : { cause: cause.id }),
      alerts: members.map(({ id: member }) => member)
    })),
    single: single.map(({ id }) => id)
  }
}

/** Floods of alerts. */
export const floodRoutes = ({ intake }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/flood",
    right: "see",
    summary: "Whether alerts come faster than people can look at them, and how the open ones group by their cause",
    answer: FloodAnswer,
    handle: () => Effect.sync(() => standing(intake.situation()))
  })
]
