import { HashMap, Option } from "effect"
import type { Lived } from "../../alerts/alert-life.ts"
import { unacknowledged } from "../../alerts/shelving.ts"
import type { Alert } from "../../domain/alert.ts"
import type { EpochMs } from "../../domain/ids.ts"
import type { Rule } from "../../domain/rule.ts"
import { type Draft, slotOf } from "../draft.ts"

const withoutChatter = ({ chattering: _chatter, ...alert }: Alert): Alert => alert

/**
 * An alert that comes again too often is chattering (ANSI/ISA-18.2): from here on it is counted and shown, and asks nobody
 * anew until it has been still for the rule's time. One that is critical asks all the same.
 */
export const chatter = (draft: Draft, before: Alert | undefined, lived: Lived, at: EpochMs): Lived => {
  const { alert, change } = lived
  const rule = draft.inner.index.rules.storms.get(alert.condition)
  if (rule?.storm === undefined || (change.transition !== "reactivated" && change.transition !== "raised")) return lived
  const { moreThan, withinSeconds } = rule.storm
  const slot = slotOf(alert)
  const known = Option.getOrElse(HashMap.get(draft.inner.comings, slot), (): ReadonlyArray<EpochMs> => [])
  const recent = [...known, at].filter((one) => one > at - withinSeconds * 1000).slice(-(moreThan + 1))
  draft.inner.comings = HashMap.set(draft.inner.comings, slot, recent)
  draft.grace(`storm:${slot}`, draft.instant + withinSeconds * 1000)
  if (recent.length <= moreThan && before?.chattering === undefined) return lived
  return chattering({ before, alert, change }, rule, at)
}

const chattering = (
  { before, alert, change }: Lived & { readonly before: Alert | undefined },
  rule: Rule,
  at: EpochMs
): Lived => {
  const { moreThan = 0, withinSeconds = 0 } = rule.storm ?? {}
  const told = before?.chattering ?? { since: at, times: moreThan, rule: rule.id }
  const counted: Alert = { ...alert, chattering: { ...told, times: told.times + 1 } }
  const note = `chattering: more than ${moreThan} times in ${withinSeconds} s`
  if (before === undefined || counted.priority === 1)
    return { alert: counted, change: { ...change, note, alert: counted } }
  const { acknowledged, acknowledgedBy, acknowledgedAt } = before
  const calm: Alert = {
    ...counted,
    acknowledged,
    ...(acknowledgedBy === undefined ? {} : { acknowledgedBy }),
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAt })
  }
  return { alert: calm, change: { ...change, transition: "updated", note, alert: calm } }
}

/** It has been still for the rule's time: it asks again as any alert does, and at once if its condition holds. */
export const stormEnds = (draft: Draft, slot: string): void => {
  draft.endGrace(`storm:${slot}`)
  draft.inner.comings = HashMap.remove(draft.inner.comings, slot)
  const id = draft.inner.openAlert.get(slot)
  const open = id === undefined ? undefined : Option.getOrUndefined(HashMap.get(draft.situation.alerts, id))
  if (open?.chattering === undefined) return
  const { times, rule } = open.chattering
  const still = { ...withoutChatter(open), updatedAt: draft.now }
  const alert = open.active && open.shelved === undefined ? unacknowledged(still) : still
  const transition = open.active && open.shelved === undefined ? "reactivated" : "updated"
  const note = `chattering no longer; it came ${times} times`
  draft.alert({ alert, change: { transition, at: draft.now, by: rule, note, why: [], alert } })
}
