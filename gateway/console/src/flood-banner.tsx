import type { AlertGroup } from "../../alerts/flood-groups.ts"
import type { Alert, Flood } from "./wire.ts"
import "./flood.css"

interface FloodProps {
  readonly flood: Flood | undefined
  readonly groups: ReadonlyArray<AlertGroup<Alert>>
  readonly open: ReadonlyArray<Alert>
  readonly clock: (at: string) => string
}

const several = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`

/** That alerts come faster than people can look at them: how many, of how many causes, and what is critical. */
export const FloodBanner = ({ flood, groups, open, clock }: FloodProps) => {
  if (flood === undefined) return undefined
  const critical = open.filter(({ priority, acknowledged }) => priority === 1 && !acknowledged).length
  return (
    <p className="flood" role="status">
      <strong>Flood</strong>{" "}
      <span>
        {several(flood.count, "alert")}, {several(groups.length, "group")}, {critical} critical
      </span>{" "}
      <span className="flood-since">since {clock(flood.since).slice(0, 5)}</span>
    </p>
  )
}
