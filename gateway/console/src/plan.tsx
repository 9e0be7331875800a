import { useMemo, useState } from "react"
import type { Plan } from "../../domain/plan.ts"
import { Badge } from "./badge.tsx"
import type { PageProps } from "./page.ts"
import { addressOf } from "./place.ts"
import { PlanMap } from "./plan-map.tsx"
import "./plan.css"
import {
  byBuilding,
  type PlanLayer,
  planLayers,
  type PlanThing,
  planWith,
  type Standing,
  thingsOf
} from "./plan-things.ts"
import { ageWords } from "./words.ts"

interface SwitchProps {
  readonly standing: Standing
  readonly plans: ReadonlyArray<Plan>
  readonly shown: Plan
  readonly onSwitch: (plan: Plan) => void
}

/** Building and floor, each with how many alerts wait there. */
const PlanSwitch = ({ standing, plans, shown, onSwitch }: SwitchProps) => (
  <div className="plan-switch" role="group" aria-label="Building and floor">
    {byBuilding(plans, standing.campus).map(({ building, plans: floors }) => (
      <div key={building} role="group" aria-label={building} className="plan-building">
        <span aria-hidden="true">{building}</span>
        {floors.map((plan) => {
          const alerts = thingsOf(plan, standing).filter(({ alert }) => alert?.acknowledged === false).length
          const floor = standing.campus.areas.find(({ id }) => id === plan.area)?.name ?? plan.name
          return (
            <button
              key={plan.id}
              type="button"
              className="secondary"
              aria-pressed={plan.id === shown.id}
              onClick={() => onSwitch(plan)}
            >
              {floor === building ? plan.name : floor}
              {alerts > 0 && " "}
              {alerts > 0 && (
                <strong className="waiting">
                  {alerts} <span className="unseen">unacknowledged</span>
                </strong>
              )}
            </button>
          )
        })}
      </div>
    ))}
  </div>
)

interface LayersProps {
  readonly hidden: ReadonlySet<PlanLayer>
  readonly counts: ReadonlyMap<PlanLayer, number>
  readonly onToggle: (layer: PlanLayer) => void
}

const Layers = ({ hidden, counts, onToggle }: LayersProps) => (
  <fieldset className="plan-layers">
    <legend className="unseen">Show</legend>
    {planLayers.map(({ id, name }) => (
      <label key={id} className={`plan-layer ${id}`}>
        <input type="checkbox" checked={!hidden.has(id)} onChange={() => onToggle(id)} />
        {name} <span className="tally">{counts.get(id) ?? 0}</span>
      </label>
    ))}
  </fieldset>
)

interface ListProps {
  readonly things: ReadonlyArray<PlanThing>
  readonly selected: string | undefined
  readonly nowMs: number
  readonly onSelect: (spot: string) => void
}

/** The same as the plan, to be read: worst first. */
const ThingList = ({ things, selected, nowMs, onSelect }: ListProps) => (
  <section className="panel plan-list" aria-labelledby="plan-list-title">
    <header className="panel-head">
      <h2 id="plan-list-title">On this plan</h2>
      <p className="tally">{things.length} shown, worst first</p>
    </header>
    <ul>
      {things.map((thing) => (
        <li key={thing.spot} className={`plan-thing ${thing.layer}`}>
          <button type="button" aria-pressed={thing.spot === selected} onClick={() => onSelect(thing.spot)}>
            {thing.alert === undefined ? (
              <span className="sign" aria-hidden="true">
                {thing.sign}
              </span>
            ) : (
              <Badge alert={thing.alert} />
            )}
            <span>
              <strong>{thing.name}</strong>
              <span className="hint">{thing.standing}</span>
            </span>
          </button>
          {thing.alert !== undefined && (
            <a href={addressOf("desk", thing.alert.id)}>
              Alert {thing.alert.id}, {ageWords(thing.alert.occurredAt, nowMs)} ago
            </a>
          )}
        </li>
      ))}
      {things.length === 0 && <li className="empty">Nothing of what is shown.</li>}
    </ul>
  </section>
)

const noPlan = (
  <section className="panel plan-none">
    <h2>No plan is configured</h2>
    <p>
      Name the drawings under <code>plans:</code> in the configuration: an SVG of each floor, and where its doors,
      cameras and areas are. What stands where is also in words on the desk.
    </p>
  </section>
)

/** What the address names on a plan: a spot such as `door:east-exit`, or a plan by its id. */
const usePlanChoice = (of: string | undefined, plans: ReadonlyArray<Plan>, campus: Standing["campus"] | undefined) => {
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const [selected, setSelected] = useState<string | undefined>(undefined)
  const [heeded, setHeeded] = useState<string | undefined>(undefined)
  if (of !== undefined && of !== heeded && campus !== undefined) {
    setHeeded(of)
    const named = planWith(of, campus)
    setChosen(named?.id ?? of)
    setSelected(named === undefined ? undefined : of)
  }
  if (of === undefined && heeded !== undefined) setHeeded(undefined)
  return { plan: plans.find(({ id }) => id === chosen) ?? plans[0], selected, setChosen, setSelected }
}

/** The floor plans: what is where, and how it stands. */
export const PlanPage = ({ state, nowMs, hidden, of }: PageProps) => {
  const { campus, alerts, doors, devices, areas } = state
  const plans = campus?.plans ?? []
  const { plan, selected, setChosen, setSelected } = usePlanChoice(of, plans, campus)
  const [off, setOff] = useState<ReadonlySet<PlanLayer>>(new Set())
  const standing = useMemo(
    () => (campus === undefined ? undefined : { campus, alerts, doors, devices, areas }),
    [campus, alerts, doors, devices, areas]
  )
  const things = useMemo(
    () => (plan === undefined || standing === undefined ? [] : thingsOf(plan, standing)),
    [plan, standing]
  )
  const shown = useMemo(
    () => things.filter(({ layer, spot }) => !off.has(layer) || spot === selected),
    [things, off, selected]
  )
  const counts = useMemo(() => {
    const tally = new Map<PlanLayer, number>()
    for (const { layer } of things) tally.set(layer, (tally.get(layer) ?? 0) + 1)
    return tally
  }, [things])
  if (standing === undefined || plan === undefined) {
    return (
      <main className="page" hidden={hidden}>
        {state.loaded ? noPlan : <p className="empty">Loading…</p>}
      </main>
    )
  }
  return (
    <main className="plan" hidden={hidden}>
      <section className="panel plan-panel" aria-labelledby="plan-title">
        <header className="panel-head">
          <h2 id="plan-title">{plan.name}</h2>
          <PlanSwitch
            {...{ standing, plans }}
            shown={plan}
            onSwitch={(next) => {
              setChosen(next.id)
              setSelected(undefined)
            }}
          />
        </header>
        <Layers
          hidden={off}
          counts={counts}
          onToggle={(layer) => {
            const next = new Set(off)
            if (!next.delete(layer)) next.add(layer)
            setOff(next)
          }}
        />
        {!hidden && <PlanMap key={plan.id} {...{ plan, selected }} things={shown} onSelect={setSelected} />}
      </section>
      <ThingList things={shown} {...{ selected, nowMs }} onSelect={setSelected} />
    </main>
  )
}
