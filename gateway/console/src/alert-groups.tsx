import { useMemo } from "react"
import { wiringOf } from "../../alerts/flood-causes.ts"
import { type AlertGroup, type AlertGroups, groupsOf } from "../../alerts/flood-groups.ts"
import { acknowledgeable, byUrgency } from "./alert-order.ts"
import { Badge } from "./badge.tsx"
import type { Alert, Campus, Flood } from "./wire.ts"
import "./flood.css"

const nothing: AlertGroups<Alert> = { groups: [], single: [] }

/** Alerts by what they come from while there is a flood; by themselves while there is none. */
export const useGroups = (
  alerts: ReadonlyArray<Alert>,
  flood: Flood | undefined,
  campus: Campus | undefined
): AlertGroups<Alert> => {
  const wiring = useMemo(() => wiringOf(campus ?? { devices: [], doors: [] }), [campus])
  const floods = flood !== undefined
  return useMemo(() => (floods ? groupsOf(alerts, wiring) : { ...nothing, single: alerts }), [alerts, wiring, floods])
}

/** The alerts of a group: its cause first, the most urgent next. */
export const membersOf = ({ cause, alerts }: AlertGroup<Alert>): ReadonlyArray<Alert> => [
  ...(cause === undefined ? [] : [cause]),
  ...alerts.toSorted(byUrgency)
]

/** A line of the list: one alert, by itself or of the opened group above it, or a group. */
export type Line =
  | { readonly id: string; readonly alert: Alert; readonly inGroup: "yes" | "no" }
  | { readonly id: string; readonly group: AlertGroup<Alert>; readonly state: "open" | "shut" }

/** The lines in order: what is critical, the groups with what is opened of them, the others. */
export const linesOf = (
  rows: ReadonlyArray<Alert>,
  groups: ReadonlyArray<AlertGroup<Alert>>,
  opened: ReadonlySet<string>
): ReadonlyArray<Line> => {
  const single = (alert: Alert): Line => ({ id: alert.id, alert, inGroup: "no" })
  const grouped = groups.flatMap((group): ReadonlyArray<Line> => {
    const head: Line = { id: group.id, group, state: opened.has(group.id) ? "open" : "shut" }
    if (head.state === "shut") return [head]
    return [head, ...membersOf(group).map((alert): Line => ({ id: alert.id, alert, inGroup: "yes" }))]
  })
  return [
    ...rows.filter(({ priority }) => priority === 1).map(single),
    ...grouped,
    ...rows.filter(({ priority }) => priority !== 1).map(single)
  ]
}

export interface GroupActs {
  readonly onToggle: (id: string) => void
  readonly onAcknowledge: (alerts: ReadonlyArray<Alert>) => void
}

interface GroupProps extends GroupActs {
  readonly group: AlertGroup<Alert>
  readonly state: "open" | "shut"
  readonly officer: string
}

/** Inside a list item: alerts of one cause as one row, which opens. The gravest of them stands for it. */
export const GroupRow = ({ group, state, officer, onToggle, onAcknowledge }: GroupProps) => {
  const members = membersOf(group)
  const asking = members.filter(({ acknowledged }) => !acknowledged)
  const together = acknowledgeable(members, officer)
  const [first] = members.toSorted(byUrgency)
  return (
    <div className="group-head">
      <button type="button" aria-expanded={state === "open"} onClick={() => onToggle(group.id)}>
        {first !== undefined && <Badge alert={first} />}
        <span className="row-what">{group.title}</span>
        <span className="row-state">
          {asking.length === 0 ? "All acknowledged" : `${asking.length} unacknowledged`} · {members.length} open
        </span>
        <span className="group-sign" aria-hidden="true">
          {state === "open" ? "▾" : "▸"}
        </span>
      </button>
      {together.length > 0 && (
        <button type="button" className="secondary" onClick={() => onAcknowledge(together)}>
          Acknowledge {together.length}…<span className="unseen"> of {group.title}</span>
        </button>
      )}
    </div>
  )
}
