import { HashMap, Option } from "effect"
import { begins } from "../../alerts/life-table.ts"
import type { Alert, AlertChange } from "../../domain/alert.ts"
import type { Finding } from "../../domain/finding.ts"
import { listed, type Rule } from "../../domain/rule.ts"
import { type Draft, slotOf } from "../draft.ts"
import { listens } from "./circumstances.ts"
import { type Held, heldByCount, heldOf, heldWhere, holding, released } from "./held-back.ts"
import { placeOfAlert } from "./places.ts"
import { aboutOf } from "./remembered.ts"
import { recordOf } from "./subjects.ts"

type Consequence = Held["finding"]

/** So many consequences are named on their cause; the rest are held, and counted in its notes. */
const namedMax = 100

const devicesOf = (draft: Draft, { door, device }: Pick<Alert, "door" | "device">): ReadonlyArray<string> => {
  const points = door === undefined ? [] : (draft.inner.index.doors.get(door)?.points ?? [])
  const own = device === undefined ? [] : [String(device)]
  return [...own, ...points.map(([ref]) => ref.slice(0, ref.indexOf("/")))]
}

/** The device that an alert is of: what a rule counts by device is, though it was heard at a door. */
const deviceOf = ({ device, key }: Pick<Alert, "device" | "key">): string | undefined =>
  device ?? (key.startsWith("device:") ? key.slice("device:".length) : undefined)

const linksOf = (draft: Draft, about: Pick<Alert, "door" | "device" | "key">): ReadonlyArray<string> =>
  about.key.startsWith("link:")
    ? [about.key.slice("link:".length)]
    : devicesOf(draft, about).flatMap((id) => draft.inner.index.devices.get(id)?.link ?? [])

const overlaps = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean => a.some((one) => b.includes(one))

/** Whether the consequence lies where the cause is. */
const isBeside = (
  draft: Draft,
  cause: Alert,
  finding: Consequence,
  by: NonNullable<Rule["inhibit"]>["by"]
): boolean => {
  switch (by) {
    case "site":
      return true
    case "door":
      return cause.door !== undefined && cause.door === finding.door
    case "area": {
      const around = finding.area === undefined ? [] : (draft.inner.index.areasAround.get(finding.area) ?? [])
      return cause.area !== undefined && around.includes(cause.area)
    }
    case "device": {
      const device = deviceOf(cause)
      return device !== undefined && devicesOf(draft, finding).includes(device)
    }
    case "bridge": {
      const device = deviceOf(cause)
      const behind = device === undefined ? [] : (draft.inner.index.behind.get(device) ?? [])
      return overlaps(behind, devicesOf(draft, finding))
    }
    case "link":
      return overlaps(linksOf(draft, cause), linksOf(draft, finding))
  }
}

interface Cause {
  readonly cause: Alert
  readonly rule: Rule
}

/** The active alerts that stand for a finding, the oldest first. */
const causesOf = (draft: Draft, finding: Consequence): ReadonlyArray<Cause> => {
  const found = (draft.inner.index.rules.inhibits.get(finding.condition) ?? []).flatMap((rule) => {
    const { inhibit } = rule
    if (inhibit === undefined) return []
    if (!listens(draft, rule, placeOfAlert(draft.inner.index, finding), finding.at)) return []
    const causes = listed(inhibit.cause)
    return [...HashMap.values(draft.situation.alerts)]
      .filter((alert) => alert.active && causes.includes(alert.condition) && slotOf(alert) !== slotOf(finding))
      .filter((alert) => isBeside(draft, alert, finding, inhibit.by))
      .map((cause) => ({ cause, rule }))
  })
  return found.sort((a, b) => a.cause.raisedBy - b.cause.raisedBy || (a.cause.id < b.cause.id ? -1 : 1))
}

const noted = (draft: Draft, alert: Alert, by: string, note: string, why: AlertChange["why"] = []): void =>
  draft.alert({ alert, change: { transition: "updated", at: draft.now, by, note, why, alert } })

const withoutHeld = ({ holdsBack: _held, ...alert }: Alert): Alert => alert

/**
 * Whether the finding is a consequence of an alert that is active: it is held on that one, named there, and told when the
 * cause ends, if it is still so. What has an alert already keeps it.
 */
export const isHeldBack = (draft: Draft, finding: Consequence): boolean => {
  const stage = isHeld(draft, finding) ? "held back" : "none"
  const [found] = stage === "none" ? causesOf(draft, finding) : []
  const after = begins(stage, found === undefined ? "comes" : "comes beside its cause")
  if (found !== undefined && after === "held back") hold(draft, finding, found)
  return after === "held back"
}

const hold = (draft: Draft, finding: Consequence, { cause, rule }: Cause): void => {
  draft.inner.heldBack = holding(draft.inner.heldBack, { finding, cause: cause.id })
  const { condition, key, title, at } = finding
  const holdsBack = [...(cause.holdsBack ?? []), { condition, key, title, at }].slice(0, namedMax)
  const all = heldByCount(draft.inner.heldBack, cause.id)
  const why = [{ at, seq: draft.seq, text: `A consequence of it, not told by itself: ${title}` }]
  noted(draft, { ...cause, holdsBack, updatedAt: draft.now }, rule.id, `it stands for ${all} more`, why)
}

/** Whether a finding of this condition and key is held back. */
export const isHeld = (draft: Draft, finding: Pick<Finding, "condition" | "key">): boolean =>
  heldOf(draft.inner.heldBack, finding) !== undefined

/** What was held back holds no longer, before it was told. */
export const heldBackEnds = (draft: Draft, finding: Pick<Finding, "condition" | "key">): void => {
  const held = heldOf(draft.inner.heldBack, finding)
  if (held === undefined) return
  draft.inner.heldBack = released(draft.inner.heldBack, finding)
  const cause = Option.getOrUndefined(HashMap.get(draft.situation.alerts, held.cause))
  if (cause?.holdsBack === undefined) return
  const left = cause.holdsBack.filter((one) => slotOf(one) !== slotOf(finding))
  const after = { ...withoutHeld(cause), ...(left.length === 0 ? {} : { holdsBack: left }), updatedAt: draft.now }
  noted(draft, after, cause.rule, `normal again, and never told: ${held.finding.title}`)
}

/** Whether what was held back is still so, as far as its rule has heard; the gateway's own end by themselves. */
const isStillSo = (draft: Draft, { rule, key }: Consequence): boolean => {
  const compiled = draft.inner.index.rules.byId.get(rule)
  const record = compiled === undefined ? undefined : recordOf(draft, rule, aboutOf(key))
  if (compiled === undefined || record === undefined) return true
  return compiled.matches(record.hits).some(({ until }) => until > draft.instant)
}

/** The causes that are over: what they held back is told now, where it is still so. */
export const releaseHeldBack = (draft: Draft): void => {
  if (draft.inner.heldBack.size === 0 || !draft.hasEnded()) return
  release(draft, ({ cause }) => {
    const alert = Option.getOrUndefined(HashMap.get(draft.situation.alerts, cause))
    return alert?.active !== true
  })
}

/** Rules were changed: what none of them holds back on its cause any more is told now, where it is still so. */
export const reviseHeldBack = (draft: Draft): void =>
  release(draft, ({ finding, cause }) => !causesOf(draft, finding).some((one) => one.cause.id === cause))

const release = (draft: Draft, isOver: (held: Held) => boolean): void => {
  const causesOver = heldWhere(draft.inner.heldBack, isOver)
  for (const { finding } of causesOver) if (!isStillSo(draft, finding)) heldBackEnds(draft, finding)
  const over = causesOver.filter(({ finding }) => isHeld(draft, finding))
  for (const { finding } of over) draft.inner.heldBack = released(draft.inner.heldBack, finding)
  for (const cause of new Set(over.map((held) => held.cause))) {
    const open = Option.getOrUndefined(HashMap.get(draft.situation.alerts, cause))
    if (open?.holdsBack === undefined) continue
    const many = open.holdsBack.length
    noted(draft, { ...withoutHeld(open), updatedAt: draft.now }, open.rule, `told now: ${many} that it stood for`)
  }
  for (const { finding } of over) draft.finding(finding)
}
