import { useEffect, useState } from "react"
import { AlarmCourse } from "./alarm-course.tsx"
import { AlarmDoors } from "./alarm-doors.tsx"
import { AlarmHeat } from "./alarm-heat.tsx"
import type { AlarmHealth, Target, Times } from "./alarm-health-wire.ts"
import { AlarmLists } from "./alarm-lists.tsx"
import { api } from "./api.ts"
import "./alarm-health.css"
import type { PageProps } from "./page.ts"

const hourMs = 3_600_000

const spans = [
  { hours: 24, text: "24 hours" },
  { hours: 168, text: "7 days" },
  { hours: 720, text: "30 days" },
  { hours: 2160, text: "90 days" }
] as const

const isoOf = (at: number): string => new Date(at).toISOString()

/** The figures of the last hours, until then. */
const useHealth = (hours: number, until: number): { readonly health?: AlarmHealth; readonly problem?: string } => {
  const [found, setFound] = useState<{
    readonly key: string
    readonly health?: AlarmHealth
    readonly problem?: string
  }>()
  const key = `${hours} ${until}`
  useEffect(() => {
    let current = true
    api.alarmHealth(isoOf(until - hours * hourMs), isoOf(until)).then(
      (health) => {
        if (current) setFound({ key, health })
      },
      (refusal: unknown) => {
        if (current) setFound({ key, problem: refusal instanceof Error ? refusal.message : String(refusal) })
      }
    )
    return () => {
      current = false
    }
  }, [hours, until, key])
  return found?.key === key ? found : {}
}

/** "12 s", "4.5 min", "1.5 h"; a dash where there is none. */
const lengthWords = (seconds: number | null): string => {
  if (seconds === null) return "–"
  if (seconds < 90) return `${Math.round(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 6) / 10} min` : `${Math.round(seconds / 360) / 10} h`
}

const TimeTile = ({ title, times }: { readonly title: string; readonly times: Times }) => (
  <div className="figure">
    <dt>{title}</dt>
    <dd>
      <strong>{lengthWords(times.p50Seconds)}</strong>
      <span>{times.count === 0 ? "none" : `half of ${times.count}; 95 % within ${lengthWords(times.p95Seconds)}`}</span>
    </dd>
  </div>
)

const Tile = ({ title, figure, hint }: { readonly title: string; readonly figure: string; readonly hint: string }) => (
  <div className="figure">
    <dt>{title}</dt>
    <dd>
      <strong>{figure}</strong>
      <span>{hint}</span>
    </dd>
  </div>
)

const percent = (share: number): string => `${Math.round(share * 100)} %`

const Tiles = ({ health }: { readonly health: AlarmHealth }) => {
  const { asked, perHour, busiestTenMinutes, priorities, acknowledge, acknowledgeCritical, clear } = health
  const { floods, stale, silences } = health
  const critical = priorities.find(({ priority }) => priority === 1)
  return (
    <dl className="figures">
      <Tile
        title="Alerts"
        figure={String(asked)}
        hint={`${perHour} an hour; ${busiestTenMinutes} in the worst 10 min`}
      />
      <Tile title="Critical" figure={String(critical?.count ?? 0)} hint={`${percent(critical?.share ?? 0)} of all`} />
      <TimeTile title="Time to acknowledge" times={acknowledge} />
      <TimeTile title="Critical ones" times={acknowledgeCritical} />
      <TimeTile title="Time to clear" times={clear} />
      <Tile title="Floods" figure={String(floods.count)} hint={`${floods.minutes} minutes together`} />
      <Tile title="Open for over a day" figure={String(stale.count)} hint="at the end of the time" />
      <Tile
        title="Shelved"
        figure={String(silences.shelved)}
        hint={`${silences.minutes} min; consoles silenced ${silences.consoles} times`}
      />
    </dl>
  )
}

const signOf = ({ met }: Target): string => (met === null ? "· too few" : met ? "✓ met" : "! not met")

const Targets = ({ targets }: { readonly targets: ReadonlyArray<Target> }) => (
  <div className="scroll" tabIndex={0} role="region" aria-label="Figures beside their targets">
    <table className="targets">
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col">Here</th>
          <th scope="col">Target</th>
          <th scope="col">Standing</th>
          <th scope="col">Source</th>
        </tr>
      </thead>
      <tbody>
        {targets.map((target) => (
          <tr key={target.figure} className={target.met === false ? "unmet" : undefined}>
            <th scope="row">{target.figure}</th>
            <td>{target.value === null ? "–" : `${target.value} ${target.unit}`}</td>
            <td>{target.target}</td>
            <td className="standing">{signOf(target)}</td>
            <td className="source">{target.source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const Figures = ({ health, clock }: { readonly health: AlarmHealth; readonly clock: PageProps["clock"] }) => (
  <>
    {health.cut === true && <p className="empty">There was more than is looked at: choose a shorter time.</p>}
    <Tiles health={health} />
    <AlarmCourse {...health.course} timeZone={health.timeZone} />
    <AlarmHeat heat={health.heat} />
    <section aria-labelledby="doors-title">
      <h3 id="doors-title">Doors with the most nuisance</h3>
      <AlarmDoors doors={health.nuisanceDoors} />
    </section>
    <section aria-labelledby="targets-title">
      <h3 id="targets-title">Targets</h3>
      <Targets targets={health.targets} />
    </section>
    <AlarmLists {...{ health, clock }} />
  </>
)

/** How alerts serve the people who answer them, and what to mend first. */
export const AlarmHealthPage = ({ state, clock, hidden }: PageProps) => {
  const [hours, setHours] = useState<number>(168)
  const [until, setUntil] = useState(() => Date.now() + state.clockOffsetMs)
  const { health, problem } = useHealth(hours, until)
  return (
    <main className="alarm-health" hidden={hidden}>
      <section className="panel" aria-labelledby="alarm-health-title">
        <header className="panel-head">
          <h2 id="alarm-health-title">Alarm health</h2>
          <label className="span">
            Time{" "}
            <select value={hours} onChange={(event) => setHours(Number(event.target.value))}>
              {spans.map((span) => (
                <option key={span.hours} value={span.hours}>
                  {span.text}
                </option>
              ))}
            </select>
          </label>
          <p className="tally" role="status">
            {health === undefined ? (problem ?? "Being worked out…") : `until ${clock(health.to).slice(0, 5)}`}
          </p>
          <button type="button" className="secondary" onClick={() => setUntil(Date.now() + state.clockOffsetMs)}>
            Anew
          </button>
          <a className="secondary" href={api.alarmHealthCsv(isoOf(until - hours * hourMs), isoOf(until))} download>
            CSV
          </a>
        </header>
        {health !== undefined && <Figures {...{ health, clock }} />}
      </section>
    </main>
  )
}
