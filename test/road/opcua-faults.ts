import type { OpcuaRun } from "./opcua-run.ts"

/** What is wrong with a run, in words; nothing where all is as promised. */
export const faultsOf = ({ parts, twice, disordered, raised, forced }: OpcuaRun): ReadonlyArray<string> => {
  const faults: Array<string> = []
  for (const { name, forgets, lost, unexplained, gaps, ranOver } of parts) {
    // What a queue of the panel has no room for, no protocol lets one keep.
    const mayLose = forgets || ranOver > 0
    if (mayLose ? unexplained > 0 : lost > 0) faults.push(`${name}: ${lost} lost, ${unexplained} without a gap`)
    if (!forgets && gaps > ranOver) faults.push(`${name}: ${gaps - ranOver} gaps, though nothing was lost`)
    if (ranOver > 0 && lost === 0)
      faults.push(`${name}: the panel's queue is told to have run over, and nothing is lost`)
    if (forgets && gaps === 0) faults.push(`${name}: no gap, though the panel forgot its queues`)
  }
  if (twice > 0) faults.push(`${twice} are in the log once more than once`)
  if (disordered > 0) faults.push(`${disordered} are in the log behind a later one`)
  const expected = forced.map(({ door }) => `DoorForcedOpen door:panel-${door}`)
  const aboutDoors = raised.filter((alert) => alert.startsWith("Door"))
  const surplus = aboutDoors.filter((alert, nth) => !expected.includes(alert) || aboutDoors.indexOf(alert) !== nth)
  const missing = expected.filter((alert) => !raised.includes(alert))
  if (surplus.length > 0) faults.push(`alerts for nothing: ${surplus.join(", ")}`)
  if (missing.length > 0) faults.push(`no alerts: ${missing.join(", ")}`)
  for (const { door, writeBack, accepted } of forced) {
    const isRight = writeBack === "proved" ? accepted === 1 : accepted <= 1
    if (!isRight || writeBack === undefined)
      faults.push(`${door}: its acknowledgement is ${writeBack ?? "nowhere"}, and the panel accepted ${accepted}`)
  }
  return faults
}
