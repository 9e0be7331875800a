import { HashMap } from "effect"
import { signedOnAt } from "../correlation/shift.ts"
import type { Situation } from "../correlation/situation.ts"
import { type Alert, Outcome } from "../domain/alert.ts"
import type { Gap, GapKind } from "../domain/gap.ts"
import type { HandedAlert, HandedGap, HandOverReport } from "../domain/hand-over.ts"
import type { Incident } from "../domain/incident.ts"
import type { EpochMs } from "../domain/ids.ts"
import { whereIsAlert } from "../domain/where.ts"

/** A list holds so many, the worst; it says how many there were. */
const listed = 100
/** Doors that made the most needless alerts (console reference: a top list that somebody can mend). */
const nuisanceDoors = 10

const outOfService: ReadonlySet<GapKind> = new Set(["maintenance", "bypass", "alert-shelved", "area-disarmed"])
const faults: ReadonlySet<GapKind> = new Set([
  "store-refuses",
  "link-away",
  "device-away",
  "clock-skewed",
  "certificate-ends",
  "picture-frozen",
  "door-blind"
])

const cut = <A>(items: ReadonlyArray<A>) => ({ total: items.length, items: items.slice(0, listed) })

const handedAlert = (situation: Situation, alert: Alert): HandedAlert => {
  const { id, condition, title, priority, raisedAt, acknowledged, outcome } = alert
  const owner = alert.claimed?.by ?? alert.acknowledgedBy
  return {
    id,
    condition,
    title,
    priority,
    where: whereIsAlert(situation.campus, alert),
    raisedAt,
    acknowledged,
    ...(owner === undefined ? {} : { owner }),
    ...(outcome === undefined ? {} : { outcome })
  }
}

const handedGap = ({ kind, title, owner, reason, since, until }: Gap): HandedGap => ({
  kind,
  title,
  owner,
  reason,
  ...(since === undefined ? {} : { since }),
  ...(until === undefined ? {} : { until })
})

const isNuisance = ({ outcome }: Alert): boolean => outcome === "nuisance-hardware" || outcome === "nuisance-user"

const nuisanceOf = ({ campus }: Situation, closed: ReadonlyArray<Alert>): HandOverReport["nuisance"] => {
  const counts = new Map<NonNullable<Alert["door"]>, number>()
  for (const alert of closed) {
    if (alert.door !== undefined && isNuisance(alert)) counts.set(alert.door, (counts.get(alert.door) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, nuisanceDoors)
    .map(([door, count]) => ({ door, name: campus?.doors.find(({ id }) => id === door)?.name ?? door, count }))
}

/** All that a report is filled from. */
export interface HandOverSources {
  readonly situation: Situation
  readonly gaps: ReadonlyArray<Gap>
  /** Alerts raised or closed in the period, in any order; others among them are passed over. */
  readonly alerts: ReadonlyArray<Alert>
  /** Cases, in any order; of the closed ones those of the period count. */
  readonly incidents: ReadonlyArray<Incident>
  readonly from: EpochMs
  readonly to: EpochMs
}

/** What one shift leaves to the next. The same log and period give the same report. */
export const handOverReportOf = (sources: HandOverSources): HandOverReport => {
  const { situation, gaps, alerts, from, to } = sources
  const within = (at: EpochMs | undefined): boolean => at !== undefined && at >= from && at <= to
  const raised = alerts.filter(({ raisedAt }) => within(raisedAt))
  const closed = alerts.filter((alert) => alert.closed && within(alert.closedAt))
  const open = HashMap.toValues(situation.alerts).sort((a, b) => a.priority - b.priority || a.raisedAt - b.raisedAt)
  const incidents = sources.incidents
    .filter(({ closed: over, openedAt, closedAt }) => !over || within(openedAt) || within(closedAt))
    .toSorted((a, b) => a.openedAt - b.openedAt)
  const { shift } = situation
  return {
    from,
    to,
    onShift: signedOnAt(situation, to),
    turns: shift.turns
      .filter(({ at }) => within(at))
      .map(({ at, name, turn, sound }) => ({ at, name, turn, ...(sound === undefined ? {} : { sound }) })),
    raised: [1, 2, 3, 4].map((priority) => raised.filter((alert) => alert.priority === priority).length),
    closed: Object.fromEntries(
      Outcome.literals.map((outcome) => [outcome, closed.filter((alert) => alert.outcome === outcome).length])
    ) as HandOverReport["closed"],
    open: cut(open.map((alert) => handedAlert(situation, alert))),
    outOfService: cut(gaps.filter(({ kind }) => outOfService.has(kind)).map(handedGap)),
    faults: cut(gaps.filter(({ kind }) => faults.has(kind)).map(handedGap)),
    incidents: cut(
      incidents.map(({ id, title, author, closed: over }) => ({
        id,
        title,
        state: over ? "closed" : "open",
        owner: author
      }))
    ),
    drills: cut(closed.filter(({ outcome }) => outcome === "test-drill").map((alert) => handedAlert(situation, alert))),
    nuisance: nuisanceOf(situation, closed),
    notes: shift.notes.filter(({ at }) => within(at))
  }
}
