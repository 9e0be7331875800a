import type { Lived } from "../alerts/turned.ts"
import { checklistOf } from "../alerts/procedure-life.ts"
import type { Alert } from "../domain/alert.ts"
import type { Procedure } from "../domain/procedure.ts"
import type { CampusIndex } from "./campus-index.ts"

const areasOf = (
  { doors, devices, areasAround }: CampusIndex,
  { door, device, area }: Alert
): ReadonlyArray<string> => {
  const where =
    area ??
    (door === undefined ? undefined : doors.get(door)?.door.area) ??
    (device === undefined ? undefined : devices.get(device)?.area)
  return where === undefined ? [] : (areasAround.get(where) ?? [])
}

/** How well a procedure is meant for an alert, by what its `for` says; 0: not at all. */
const fit = ({ for: purpose }: Procedure, alert: Alert, areas: ReadonlyArray<string>): number => {
  if (purpose === undefined) return 0
  const { conditions, priorities, areas: where } = purpose
  const near = where === undefined ? -1 : areas.findIndex((id) => where.some((one) => one === id))
  if (conditions?.includes(alert.condition) === false) return 0
  if (priorities?.includes(alert.priority) === false) return 0
  if (where !== undefined && near === -1) return 0
  // What is said of the condition weighs most, then the nearest area, then the priority.
  return (
    (conditions === undefined ? 0 : 1000) + (where === undefined ? 0 : 500 - near) + (priorities === undefined ? 0 : 1)
  )
}

/** The procedure that its rule names, or else the one that is meant for it most; of equals the first. */
const procedureFor = (
  procedures: ReadonlyArray<Procedure>,
  alert: Alert,
  index: CampusIndex
): Procedure | undefined => {
  const named = procedures.find(({ id }) => id === alert.procedure)
  if (named !== undefined) return named
  const areas = areasOf(index, alert)
  let best: { readonly procedure: Procedure; readonly fit: number } | undefined
  for (const procedure of procedures) {
    const found = fit(procedure, alert, areas)
    if (found > (best?.fit ?? 0)) best = { procedure, fit: found }
  }
  return best?.procedure
}

/** A new alert begins with its procedure, as that is configured now. What its rule says in a sentence stays beside it. */
export const withProcedure = (
  { alert, change }: Lived,
  procedures: ReadonlyArray<Procedure> | undefined,
  index: CampusIndex
): Lived => {
  const procedure = procedures === undefined ? undefined : procedureFor(procedures, alert, index)
  if (procedure === undefined) return { alert, change }
  const { procedure: said, ...rest } = alert
  const sentence = said === undefined || said === procedure.id ? {} : { procedure: said }
  const after: Alert = { ...rest, ...sentence, checklist: checklistOf(procedure) }
  return { alert: after, change: { ...change, alert: after } }
}
