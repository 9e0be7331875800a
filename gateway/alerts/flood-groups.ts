import { type Causes, causeOf, causesIn, type Groupable, type Wiring } from "./flood-causes.ts"

/** So many of one rule in one area are a burst, and one row. */
const burstFrom = 3

/** Alerts that come from one cause, as one row. */
export interface AlertGroup<A> {
  /** `cause:<alert>`, or `burst:<rule>|<area>`. */
  readonly id: string
  readonly title: string
  /** The alert that the others follow from, unless it is critical: then it stands by itself. Absent for a burst. */
  readonly cause?: A
  /** What follows from it, or what came in a burst, in the order given. */
  readonly alerts: ReadonlyArray<A>
}

export interface AlertGroups<A> {
  readonly groups: ReadonlyArray<AlertGroup<A>>
  /** Each by itself: whatever is critical, and what has nothing in common with others. */
  readonly single: ReadonlyArray<A>
}

/** What came of one rule in one area. */
export const burstOf = ({ rule, area }: Pick<Groupable, "rule" | "area">): string => `burst:${rule}|${area ?? ""}`

const titleOf = <A extends Groupable>(alerts: ReadonlyArray<A>, cause: A | undefined): string => {
  const many = alerts.length
  if (cause !== undefined) return `${many} ${many === 1 ? "alert follows" : "alerts follow"} from: ${cause.title}`
  const [first] = alerts
  const others = new Set(alerts.map(({ title }) => title)).size - 1
  return `${many} alike: ${first?.title ?? ""}${others === 0 ? "" : ` and ${others} more`}`
}

/** The widest cause behind an alert: that of its cause, where that one has one itself. */
const rootOf = <A extends Groupable>(alert: A, causes: Causes<A>, wiring: Wiring): A | undefined => {
  const seen = new Set([alert.id])
  let root: A | undefined
  for (let next = causeOf(alert, causes, wiring); next !== undefined && !seen.has(next.id);) {
    seen.add(next.id)
    root = next
    next = causeOf(next, causes, wiring)
  }
  return root
}

/**
 * Alerts in a flood, by what they come from: a link, controller or bridge that is lost, fire, power; else what one rule says
 * of one area in a burst. What is critical is never in a group, and every alert is somewhere. Pure.
 */
export const groupsOf = <A extends Groupable>(alerts: ReadonlyArray<A>, wiring: Wiring): AlertGroups<A> => {
  const causes = causesIn(alerts)
  const placed = new Set<string>()
  const following = new Map<A, Array<A>>()
  for (const alert of alerts) {
    const root = alert.priority === 1 ? undefined : rootOf(alert, causes, wiring)
    if (root === undefined) continue
    const members = following.get(root)
    if (members === undefined) following.set(root, [alert])
    else members.push(alert)
    placed.add(alert.id)
    if (root.priority !== 1) placed.add(root.id)
  }
  const caused = [...following].map(([cause, members]): AlertGroup<A> => ({
    id: `cause:${cause.id}`,
    title: titleOf(members, cause),
    ...(cause.priority === 1 ? {} : { cause }),
    alerts: members
  }))
  const left = alerts.filter(({ id, priority }) => priority !== 1 && !placed.has(id))
  const bursts = [...Map.groupBy(left, burstOf)].filter(([, members]) => members.length >= burstFrom)
  for (const [, members] of bursts) for (const { id } of members) placed.add(id)
  return {
    groups: [
      ...caused,
      ...bursts.map(([id, members]) => ({ id, title: titleOf(members, undefined), alerts: members }))
    ],
    single: alerts.filter(({ id }) => !placed.has(id))
  }
}
