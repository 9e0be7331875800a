import { HashMap, Option } from "effect"
import { type Lived, turned } from "../../alerts/turned.ts"
import type { Alert, AlertCondition } from "../../domain/alert.ts"
import type { EpochMs } from "../../domain/ids.ts"
import type { Rule } from "../../domain/rule.ts"
import { type Draft, slotOf } from "../draft.ts"
import { listens } from "./circumstances.ts"
import { placeOfAlert } from "./places.ts"

const withoutChatter = ({ chattering: _chatter, ...alert }: Alert): Alert => alert

/** The rule that watches an alert for chattering there and then; the first, where there are several. */
const watching = (draft: Draft, alert: Alert, at: EpochMs): Rule | undefined => {
  const { storms } = draft.inner.index.rules
  return storms.get(alert.condition)?.find((rule) => listens(draft, rule, placeOfAlert(draft.inner.index, alert), at))
}

/**
 * An alert that comes again too often is chattering (ANSI/ISA-18.2): from here on it is counted and shown, and asks nobody
 * anew until it has been still for the rule's time. One that is critical asks all the same.
 */
export const chatter = (draft: Draft, before: Alert | undefined, lived: Lived, at: EpochMs): Lived => {
  const { alert, change } = lived
  const rule = watching(draft, alert, at)
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
  const note = `chattering: more than ${moreThan} times in ${withinSeconds} s`
  const noted = { ...told, times: told.times + 1 }
  const counted: Alert = { ...alert, chattering: noted }
  if (before === undefined) return { alert: counted, change: { ...change, note, alert: counted } }
  const { priority, count, why } = alert
  const calm = { ...before, priority, count, why, chattering: noted }
  const { at: now, by } = change
  return turned(calm, "comes too often", { at: now, by, why: change.why, note }) ?? { alert: counted, change }
}

/** It has been still for the rule's time: it asks again as any alert does, and at once if its condition holds. */
export const stormEnds = (draft: Draft, slot: string): void => {
  draft.endGrace(`storm:${slot}`)
  draft.inner.comings = HashMap.remove(draft.inner.comings, slot)
  const bar = slot.indexOf("|")
  const open = draft.openAlert(slot.slice(0, bar) as AlertCondition, slot.slice(bar + 1))
  if (open?.chattering === undefined) return
  const { times, rule } = open.chattering
  const note = `chattering no longer; it came ${times} times`
  const lived = turned(withoutChatter(open), "chattering ends", { at: draft.now, by: rule, note })
  if (lived !== undefined) draft.alert(lived)
}
