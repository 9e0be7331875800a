import type { AlertTransition } from "../domain/alert.ts"
import type { AlertPanelCondition, WriteBack } from "../domain/panel-condition.ts"
import { isOverByItself, type Telling, turnedBy, withWriteBack, wordsOf } from "./write-back.ts"

/** How one condition of an alert has changed, and how the alert tells it. */
export interface Turned {
  readonly entry: AlertPanelCondition
  readonly transition: AlertTransition
  readonly by: string
  readonly note: string
}

const writtenBack = (entry: AlertPanelCondition, next: WriteBack): Turned => ({
  entry,
  transition: "write-back",
  by: next.by,
  note: wordsOf(next)
})

/** What has become of its acknowledgement, whether it was ours or somebody else's; `undefined`: nothing that matters. */
const answeredOtherwise = (
  before: AlertPanelCondition,
  told: AlertPanelCondition,
  telling: Telling
): Turned | undefined => {
  const { writeBack } = before
  const next = writeBack === undefined ? undefined : turnedBy(writeBack, telling)
  if (next !== undefined) return writtenBack({ ...told, writeBack: next }, next)
  if (before.acked === told.acked) return undefined
  // The server's word may be here before what it had told until then: that is the state which was acknowledged.
  if (!told.acked && writeBack?.state === "proved" && writeBack.event === telling.seen.event) return undefined
  const panel = told.device
  // Of a new state that nobody has acknowledged yet, what was proved of the one before says nothing.
  const isPast = writeBack === undefined || (!told.acked && writeBack.state === "proved")
  const entry = isPast ? told : { ...told, writeBack }
  if (!told.acked) return { entry, transition: "updated", by: panel, note: "it wants to be acknowledged anew" }
  if (isOverByItself(telling)) {
    return { entry, transition: "updated", by: panel, note: "the condition is over there, and wants no answer" }
  }
  const by = told.ackedBy === undefined ? panel : `${told.ackedBy} at ${panel}`
  const words = told.comment === undefined ? "" : `: ${told.comment}`
  return { entry, transition: "acknowledged-at-panel", by, note: `it is shown as acknowledged there${words}` }
}

/** What a condition of an alert becomes, step by step, now that its panel tells it; empty: nothing that matters. */
export const turned = (
  before: AlertPanelCondition,
  told: AlertPanelCondition,
  telling: Telling
): ReadonlyArray<Turned> => {
  const turns: Array<Turned> = []
  let entry = before
  for (const one of before.besides ?? []) {
    const next = turnedBy(one, telling)
    if (next === undefined) continue
    entry = withWriteBack(entry, one, next)
    turns.push(writtenBack(entry, next))
  }
  const { besides } = entry
  const last = answeredOtherwise(entry, besides === undefined ? told : { ...told, besides }, telling)
  return last === undefined ? turns : [...turns, last]
}
