import type { Area, ThreatLevel } from "./wire.ts"
import "./boards.css"

const signs = { armed: "●", disarmed: "○" } as const

/** What decides over an area, and until when, in words. */
export const becauseWords = ({ because, override }: Area, clock: (at: string) => string): string =>
  override === undefined ? because : `${because}, until ${clock(override.until).slice(0, 5)}`

/** Those whose standing is their own: the others stand as the one that they lie in. */
const ownStandings = (areas: ReadonlyArray<Area>): ReadonlyArray<Area> => {
  const byId = new Map(areas.map((area) => [area.id, area]))
  return areas.filter((area) => {
    if (area.since === null) return false
    const around = area.in === undefined ? undefined : byId.get(area.in)
    return area.override !== undefined || around?.state !== area.state || around.because !== area.because
  })
}

interface BoardProps {
  readonly areas: ReadonlyArray<Area>
  readonly clock: (at: string) => string
  /** An officer wants to arm or disarm; `area`: this one. */
  readonly onAsk: (area: string | undefined) => void
}

/** Which areas are armed and what decides it; what lies in one and stands as it does is not told again. */
export const AreaBoard = ({ areas, clock, onAsk }: BoardProps) => {
  const shown = ownStandings(areas).toSorted((a, b) => a.where.localeCompare(b.where))
  if (areas.length === 0) return null
  return (
    <section className="panel areas" aria-labelledby="areas-title">
      <header className="panel-head">
        <h2 id="areas-title">Areas</h2>
        <p className="tally">
          {areas.filter(({ state }) => state === "armed").length} of {areas.length} armed
        </p>
        <button
          type="button"
          className="secondary"
          aria-label="Change: arm or disarm an area"
          onClick={() => onAsk(undefined)}
        >
          Change…
        </button>
      </header>
      {shown.length === 0 ? (
        <p className="hint area-none">No schedule says when an area is armed.</p>
      ) : (
        <ul className="things">
          {shown.map((area) => (
            <li key={area.id} className={area.override === undefined ? "calm" : "odd"}>
              <span className="sign" aria-hidden="true">
                {signs[area.state]}
              </span>
              <span>
                <button type="button" className="area-row" onClick={() => onAsk(area.id)}>
                  {area.where}: <strong>{area.state}</strong>
                </button>
                <span className="hint">
                  {area.override === undefined ? "" : "Overridden: "}
                  {becauseWords(area, clock)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Until when a threat level holds, where it ends by itself: `, until 13:10`. */
export const threatEndWords = ({ until }: ThreatLevel, clock: (at: string) => string): string =>
  until === undefined ? "" : `, until ${clock(until).slice(0, 5)}`

interface BadgeProps {
  readonly threat: ThreatLevel | undefined
  readonly clock: (at: string) => string
  readonly onAsk: () => void
}

/** The site's threat level; above the lowest it stands out by its sign and its weight as well. */
export const ThreatBadge = ({ threat, clock, onAsk }: BadgeProps) => {
  if (threat === undefined) return null
  const raised = threat.level !== threat.levels[0]
  return (
    <button type="button" className={`secondary threat${raised ? " raised" : ""}`} onClick={onAsk}>
      {raised && <span aria-hidden="true">▲ </span>}
      Threat: {threat.level}
      {threatEndWords(threat, clock)}
    </button>
  )
}
