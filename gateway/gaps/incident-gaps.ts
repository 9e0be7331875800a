import { HashMap } from "effect"
import { cleryLacks } from "../alerts/incident-life.ts"
import type { Gap } from "../domain/gap.ts"
import type { GapSources } from "./list.ts"

/** Cases whose entry of the Clery log was to be made by now. */
export const incidentGaps = ({ situation }: GapSources): ReadonlyArray<Gap> =>
  [...HashMap.values(situation.incidents)].flatMap((incident): ReadonlyArray<Gap> => {
    const { id, title, author, cleryDue, cleryOverdue } = incident
    if (cleryOverdue !== true || cleryDue === undefined) return []
    return [
      {
        id: `clery-overdue:${id}`,
        kind: "clery-overdue",
        severity: 2,
        title: `The Clery log's entry of ${id} is overdue: ${title}`,
        incident: id,
        since: cleryDue,
        owner: author,
        reason: `it lacks ${cleryLacks(incident).join(", ")}`,
        todo: "Say in the incident whether it belongs in the Clery log, and write what its entry needs."
      }
    ]
  })
