import { HashMap, Option } from "effect"
import type { Alert, AlertCondition } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import { type EpochMs, pointRef } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import { activate, callKinds, conditionOf, type Kind, panelKeyOf } from "./conditions.ts"
import type { Draft } from "./draft.ts"
import { entryOf, isOf, type KnownCondition, knownKey, withEntry } from "./known-conditions.ts"
import { heard } from "./supervision.ts"
import { turned } from "./condition-turns.ts"
import { isOwnComment } from "./write-back-steps.ts"
import { isOwing, type Telling } from "./write-back.ts"

type Observed = Extract<Fact, { _tag: "Observed" }>
type Seen = Extract<Observation, { _tag: "PanelCondition" }>

/** No site has more that want a person; what is beyond is kept in the log, and answered at its panel alone. */
const knownMax = 10_000

/**
 * So many unanswered earlier states of one condition have an alert each. A condition that comes and goes makes more of
 * them: those are told with the alert of the condition itself.
 */
const branchAlertsMax = 8

/** The alert that a condition is of. `own`: what it is called, where it is this condition's alone and not its door's. */
interface Target {
  readonly condition: AlertCondition
  readonly key: string
  readonly own?: Kind
}

const doorAlarms: { readonly [word: string]: AlertCondition } = {
  DoorForcedOpen: "DoorForcedOpen",
  DoorOpenTooLong: "DoorOpenTooLong",
  DoorForcedReported: "DoorForcedOpen",
  DoorHeldReported: "DoorOpenTooLong"
}

/** The controller's alarm and the one that is derived from the door's contact are one alert: the door's. */
const ofDoor = (draft: Draft, ref: string, word: string): Target | undefined => {
  const bound = draft.inner.index.roles.get(ref)?.[0]
  const condition = doorAlarms[word]
  return bound === undefined || condition === undefined ? undefined : { condition, key: `door:${bound.door.door.id}` }
}

const isCall = (word: string): word is keyof typeof callKinds => word in callKinds

const aimOf = (draft: Draft, ref: string, { device, condition, means }: Seen): Target | undefined => {
  const own = (kind: Kind): Target => ({ condition: kind.condition, key: panelKeyOf(device, condition), own: kind })
  if ("occurrence" in means) {
    return isCall(means.occurrence) ? own(callKinds[means.occurrence]) : ofDoor(draft, ref, means.occurrence)
  }
  const role = draft.inner.index.roles.get(ref)?.[0]?.role
  if (means.reading.kind === "alarm") return role === "alarm" ? ofDoor(draft, ref, means.reading.value) : undefined
  const found = conditionOf(role, means.reading)
  return found === undefined ? undefined : own(found)
}

/**
 * Where a condition was last, there it stays. A branch too many goes where the condition itself is, and so does one of a
 * condition that is shelved: it is not to make a sound.
 */
const targetOf = (draft: Draft, ref: string, seen: Seen): Target | undefined => {
  const aim = aimOf(draft, ref, seen)
  const { device, condition } = seen
  if (aim?.own === undefined || condition.branch === undefined || draft.openAlert(aim.condition, aim.key) !== undefined)
    return aim
  const trunk = { condition: aim.condition, key: panelKeyOf(device, { id: condition.id }) }
  const known = Option.getOrUndefined(
    HashMap.get(draft.inner.panelConditions, knownKey(device, condition, aim.condition))
  )
  if (known !== undefined) return known.of.key === trunk.key ? trunk : aim
  if (draft.openAlert(trunk.condition, trunk.key)?.shelved !== undefined) return trunk
  const beside = [...HashMap.values(draft.situation.alerts)].filter(({ key }) => key.startsWith(`${trunk.key}#`))
  return beside.length < branchAlertsMax ? aim : trunk
}

/** A panel by the name that people know it by. */
const nameOf = (draft: Draft, { device }: Seen): string => draft.inner.index.devices.get(device)?.name ?? device

/** So many states that mean the same are kept in mind. */
const sameMax = 8

/**
 * The states before this one that an officer may have looked at as well: nothing has changed since but a note that was
 * sent from here, or its shelving.
 */
const sameStates = (draft: Draft, seen: Seen, was: KnownCondition | undefined): ReadonlyArray<string> => {
  if (was === undefined || was.active !== seen.active || was.acked !== seen.acked) return []
  if (was.event === seen.event) return was.same ?? []
  const isCommented =
    was.comment !== seen.comment && alertsOf(draft, was).some((alert) => isOwnComment(alert, seen.comment))
  return isCommented || was.shelved !== seen.shelved ? [...(was.same ?? []), was.event].slice(-sameMax) : []
}

/** Takes over how a condition stands; one that its panel does not hold for interesting is not kept in mind. */
const keep = (
  draft: Draft,
  seen: Seen,
  { condition, key }: Target,
  was: KnownCondition | undefined
): KnownCondition => {
  const same = sameStates(draft, seen, was)
  const known: KnownCondition = {
    device: seen.device,
    condition: seen.condition,
    of: { condition, key },
    event: seen.event,
    ...(same.length === 0 ? {} : { same }),
    acked: seen.acked,
    answerable: seen.answerable,
    ...(seen.commentable === undefined ? {} : { commentable: seen.commentable }),
    ...(seen.shelvable === undefined ? {} : { shelvable: seen.shelvable }),
    ...(seen.shelved === undefined ? {} : { shelved: seen.shelved }),
    ...(seen.active === undefined ? {} : { active: seen.active }),
    ...(seen.by === undefined ? {} : { by: seen.by }),
    ...(seen.comment === undefined ? {} : { comment: seen.comment })
  }
  const at = knownKey(seen.device, seen.condition, condition)
  const { panelConditions } = draft.inner
  if (!seen.retain) draft.inner.panelConditions = HashMap.remove(panelConditions, at)
  else if (HashMap.has(panelConditions, at) || HashMap.size(panelConditions) < knownMax) {
    draft.inner.panelConditions = HashMap.set(panelConditions, at, known)
  }
  return known
}

const update = (draft: Draft, after: Alert, at: EpochMs, text: string): void => {
  const why = [{ at, seq: draft.seq, text }]
  draft.alert({ alert: after, change: { transition: "updated", at: draft.now, by: after.rule, why, alert: after } })
}

/** What an alert makes of a condition that was told: it is added to it, or stands otherwise than before. */
const tellAlert = (draft: Draft, alert: Alert, telling: Telling): void => {
  const { known, seen } = telling
  const entries = alert.panelConditions ?? []
  const place = entries.findIndex((one) => isOf(one, known))
  const before = entries[place]
  if (before === undefined) {
    const panelConditions = withEntry(entries, entryOf(known))
    if (alert.closed || !seen.retain || known.acked || panelConditions === entries) return
    return update(
      draft,
      { ...alert, panelConditions, updatedAt: draft.now },
      draft.now,
      `${nameOf(draft, seen)} tells it too`
    )
  }
  for (const { entry, transition, by, note } of turned(before, entryOf(known), telling)) {
    const after: Alert = { ...alert, panelConditions: entries.with(place, entry), updatedAt: draft.now }
    draft.alert({ alert: after, change: { transition, at: draft.now, by, note, why: [], alert: after } })
  }
}

/** The alerts that a condition is behind: the open one, and closed ones of which something has still to go back. */
const alertsOf = (draft: Draft, known: KnownCondition): ReadonlyArray<Alert> => {
  const open = draft.openAlert(known.of.condition, known.of.key)
  const closed = [...HashMap.values(draft.inner.owing)]
    .filter(({ panelConditions = [] }) => panelConditions.some((one) => isOf(one, known) && isOwing(one)))
    .sort((a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1))
  return open === undefined ? closed : [open, ...closed]
}

const normal = (draft: Draft, { condition, key }: Target, at: EpochMs, text: string): void =>
  draft.finding({ _tag: "ConditionNormal", condition, key, at, why: [{ at, seq: draft.seq, text }] })

const isTrunkOf = ({ device, condition }: Seen, one: NonNullable<Alert["panelConditions"]>[number]): boolean =>
  one.device === device && one.id === condition.id && one.branch === undefined

/**
 * An earlier state of a condition wants an answer of its own. The alert that stood for it goes on as the branch's, so that
 * what the condition does next is another alert; where none did, it is an alert of what is past.
 */
const branchTold = (draft: Draft, ref: string, seen: Seen, target: Target, at: EpochMs): void => {
  const { condition, key, own } = target
  if (own === undefined || seen.acked || !seen.retain || draft.openAlert(condition, key) !== undefined) return
  const text = `${nameOf(draft, seen)} wants an answer to it still, though the condition has gone on`
  const trunk = draft.openAlert(condition, panelKeyOf(seen.device, { id: seen.condition.id }))
  if (trunk !== undefined && trunk.count === 1 && !trunk.acknowledged) {
    const panelConditions = (trunk.panelConditions ?? []).map((one) => {
      if (!isTrunkOf(seen, one)) return one
      const notes = one.besides === undefined ? {} : { besides: one.besides }
      return { device: seen.device, ...seen.condition, acked: false, ...notes }
    })
    update(draft, { ...draft.released(trunk), key, panelConditions, updatedAt: draft.now }, at, text)
  } else if (seen.origin === "change") activate(draft, ref, own, { at, text, key })
  normal(draft, target, at, "It is an earlier state of the condition")
}

/** The alert that is a condition's own comes and goes with it. What a momentary happening raises, the happening raises. */
const trunkTold = (draft: Draft, ref: string, seen: Seen, target: Target, wasActive: boolean, at: EpochMs): void => {
  const { own, key } = target
  if (own === undefined) return
  if (seen.active === false) return normal(draft, target, at, `It is over at ${nameOf(draft, seen)}`)
  const began = seen.active === true && !wasActive && seen.origin === "change" && "reading" in seen.means
  if (began) activate(draft, ref, own, { at, text: `It is active at ${nameOf(draft, seen)}`, key })
}

/** A condition of a panel was told: its own alert comes and goes with it, and every alert that it is behind knows it. */
export const panelConditionTold = (draft: Draft, fact: Observed, seen: Seen): void => {
  if (seen.origin === "change") heard(draft, seen.device)
  if (seen.test === true || seen.origin === "replayed") return
  const ref = pointRef(seen.device, seen.point)
  const target = targetOf(draft, ref, seen)
  if (target === undefined) return
  const { branch } = seen.condition
  // Not every panel repeats its branches: whether it has one still, only an answer to it shows.
  if (seen.gone === true && branch !== undefined) return
  const at = knownKey(seen.device, seen.condition, target.condition)
  const was = Option.getOrUndefined(HashMap.get(draft.inner.panelConditions, at))
  const known = keep(draft, seen, target, was)
  if (branch === undefined) trunkTold(draft, ref, seen, target, was?.active === true, fact.occurredAt)
  else branchTold(draft, ref, seen, target, fact.occurredAt)
  for (const alert of alertsOf(draft, known)) tellAlert(draft, alert, { seen, was, known, now: draft.now })
}
