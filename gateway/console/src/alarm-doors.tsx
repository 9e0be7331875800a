import type { Outcome } from "../../domain/alert.ts"
import type { NuisanceDoor } from "./alarm-health-wire.ts"
import { outcomes } from "./words.ts"

const shown: ReadonlyArray<Outcome> = ["nuisance-hardware", "nuisance-user", "real", "test-drill", "unknown"]

const wordOf = (outcome: Outcome): string => outcomes.find(({ value }) => value === outcome)?.text ?? outcome

const countOf = ({ outcomes: said }: NuisanceDoor, outcome: Outcome): number =>
  said.find((one) => one.outcome === outcome)?.count ?? 0

/** One door's closed alerts as a bar; the cells beside it say the same in numbers. */
const Bar = ({ door, most }: { readonly door: NuisanceDoor; readonly most: number }) => {
  let left = 0
  return (
    <svg className="outcomes" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {shown.map((outcome) => {
        const wide = (countOf(door, outcome) / most) * 100
        const x = left
        left += wide
        return wide === 0 ? undefined : (
          <rect key={outcome} className={`outcome ${outcome}`} x={x} width={wide} y="0" height="10" />
        )
      })}
    </svg>
  )
}

/** The doors with the most nuisance, the worst first. */
export const AlarmDoors = ({ doors }: { readonly doors: ReadonlyArray<NuisanceDoor> }) => {
  const most = Math.max(1, ...doors.map((door) => shown.reduce((sum, outcome) => sum + countOf(door, outcome), 0)))
  if (doors.length === 0) return <p className="empty">No door had an alert in this time.</p>
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Doors by nuisance">
      <table className="doors">
        <thead>
          <tr>
            <th scope="col">Door</th>
            <td />
            <th scope="col">Alerts</th>
            {shown.map((outcome) => (
              <th key={outcome} scope="col">
                <span className={`key ${outcome}`} aria-hidden="true" />
                {wordOf(outcome)}
              </th>
            ))}
            <th scope="col">Open</th>
          </tr>
        </thead>
        <tbody>
          {doors.map((door) => (
            <tr key={door.door}>
              <th scope="row">{door.name}</th>
              <td className="bar-cell">
                <Bar door={door} most={most} />
              </td>
              <td>{door.alerts}</td>
              {shown.map((outcome) => (
                <td key={outcome}>{countOf(door, outcome)}</td>
              ))}
              <td>{door.open}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
