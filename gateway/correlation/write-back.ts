import { HashMap, Option } from "effect"
import type { Lived, OfficerFact } from "../alerts/alert-life.ts"
import type { Alert, AlertTransition } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import {
  type AcknowledgementOutcome,
  type AlertPanelCondition,
  commentOf,
  type ConditionRef,
  type WriteBack,
  type WriteBackState
} from "../domain/panel-condition.ts"
import type { Draft } from "./draft.ts"
import { knownKey } from "./known-conditions.ts"

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { _tag: Tag }>

/**
 * An acknowledgement waits this long for its panel to be there; so long is waited for the answer, and so long for the
 * panel to tell a condition again of which nobody knows. What comes later an officer must look at again.
 */
export const writeBackWithinMs = 60_000

const within = `${writeBackWithinMs / 1000} s`

/** Whether something is still to come of it. */
export const isPending = (writeBack: WriteBack | undefined): boolean =>
  writeBack?.state === "owed" || writeBack?.state === "sent" || writeBack?.state === "unknown"

/** Whether an acknowledgement of the alert is on its way. */
export const owesWriteBack = ({ panelConditions = [] }: Alert): boolean =>
  panelConditions.some(({ writeBack }) => isPending(writeBack))

const dueOf = (writeBack: WriteBack | undefined): EpochMs | undefined => {
  if (writeBack === undefined || !isPending(writeBack)) return undefined
  return (writeBack.state === "owed" ? writeBack.askedAt : writeBack.at) + writeBackWithinMs
}

/** When an acknowledgement of the alert is given up next. */
export const writeBackDue = ({ panelConditions = [] }: Alert): EpochMs | undefined => {
  const all = panelConditions.flatMap(({ writeBack }) => dueOf(writeBack) ?? [])
  return all.length === 0 ? undefined : Math.min(...all)
}

/** An acknowledgement that came into another state; it has no word for why, unless one is given. */
const become = (writeBack: WriteBack, state: WriteBackState, at: EpochMs, detail?: string): WriteBack => {
  const { detail: _, ...kept } = writeBack
  return { ...kept, state, at, ...(detail === undefined ? {} : { detail }) }
}

/** What the officer's words go to: what the panel shows unacknowledged, and waits for no other acknowledgement. */
const ask = (draft: Draft, { condition: of }: Alert, entry: AlertPanelCondition, by: string, note?: string) => {
  const { device, id, branch } = entry
  const ref: ConditionRef = branch === undefined ? { id } : { id, branch }
  const known = Option.getOrUndefined(HashMap.get(draft.inner.panelConditions, knownKey(device, ref, of)))
  if (known === undefined || !known.answerable || known.acked || isPending(entry.writeBack)) return entry
  const now = draft.now
  const writeBack: WriteBack = { state: "owed", by, askedAt: now, at: now, event: known.event }
  return { ...entry, writeBack: note === undefined ? writeBack : { ...writeBack, note } }
}

/**
 * What an officer has acknowledged is to be acknowledged at its panel, too. So is what is closed without having been
 * acknowledged: a panel must not go on calling for somebody who was there.
 */
export const owe = (draft: Draft, before: Alert, { alert, change }: Lived, fact: OfficerFact): Lived => {
  const acknowledges = fact._tag === "AlertAcknowledged" || (fact._tag === "AlertClosed" && !before.acknowledged)
  const { panelConditions } = alert
  if (!acknowledges || panelConditions === undefined) return { alert, change }
  const note = fact._tag === "AlertClosed" ? fact.reason : fact.note
  const owing = { ...alert, panelConditions: panelConditions.map((entry) => ask(draft, alert, entry, fact.by, note)) }
  return { alert: owing, change: { ...change, alert: owing } }
}

/** How one condition of an alert has changed, and how the alert tells it. */
interface Turned {
  readonly entry: AlertPanelCondition
  readonly transition: AlertTransition
  readonly by: string
  readonly note: string
}

type Seen = Extract<Observation, { _tag: "PanelCondition" }>

/** How a condition was told, and whether it was active before. */
interface Telling {
  readonly seen: Seen
  readonly wasActive: boolean
  readonly now: EpochMs
}

/** Some panels call the next state acknowledged as soon as a condition is over; the one that was answered to is then a branch. */
const isOverByItself = ({ seen, wasActive }: Telling): boolean => wasActive && seen.active === false

const isOurs = ({ by, note = "" }: WriteBack, { comment }: Seen): boolean => comment === commentOf(by, note)

/** Whether the panel shows what the officer asked for. A state that was not the officer's may be acknowledged by others. */
const isProof = (writeBack: WriteBack, acked: boolean, telling: Telling): boolean => {
  if (!acked) return false
  if (isOurs(writeBack, telling.seen)) return true
  return isPending(writeBack) || writeBack.state === "not-proved" ? !isOverByItself(telling) : false
}

const changedSince = "its state has changed since: look again"

/** What a condition that is told means for the acknowledgement on its way to it; `undefined`: nothing. */
const turnedBy = (writeBack: WriteBack, acked: boolean, telling: Telling): WriteBack | undefined => {
  const { seen, now } = telling
  const { state } = writeBack
  // What comes of one that is being sent, its answer tells.
  if (state === "sent" || state === "proved") return undefined
  if (isProof(writeBack, acked, telling)) return become(writeBack, "proved", now)
  if (!isPending(writeBack)) return undefined
  if (!seen.retain) {
    const detail = "the panel wants no answer to it any more"
    return become(writeBack, state === "owed" ? "stale" : "not-proved", now, detail)
  }
  if (acked || seen.event !== writeBack.event) return become(writeBack, "stale", now, changedSince)
  // The panel tells all that it has once it is reached anew: what it shows as it was, it has not heard of.
  if (state !== "unknown" || seen.origin !== "recovery") return undefined
  return now - writeBack.askedAt < writeBackWithinMs
    ? become(writeBack, "owed", now)
    : become(writeBack, "not-written-back", now, "the panel has not heard of it; acknowledge again to send it")
}

/** What a condition of an alert has become now that its panel tells it; `undefined`: nothing that matters. */
export const turned = (
  before: AlertPanelCondition,
  told: AlertPanelCondition,
  telling: Telling
): Turned | undefined => {
  const { writeBack } = before
  const next = writeBack === undefined ? undefined : turnedBy(writeBack, told.acked, telling)
  if (next !== undefined) {
    return { entry: { ...told, writeBack: next }, transition: "write-back", by: next.by, note: wordsOf(next) }
  }
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

const stateWords: Readonly<Record<WriteBackState, string>> = {
  owed: "is to go back to the panel",
  sent: "is being sent to the panel",
  unknown: "may have reached the panel or not",
  proved: "is shown by the panel",
  refused: "is refused by the panel",
  stale: "was not taken",
  "not-proved": "is not shown by the panel",
  "not-written-back": "is not written back"
}

/** How far it has come, in words for the timeline. */
export const wordsOf = ({ state, detail }: WriteBack): string =>
  `the acknowledgement ${stateWords[state]}${detail === undefined ? "" : `: ${detail}`}`

const changed = (draft: Draft, alert: Alert, place: number, writeBack: WriteBack, acked?: true): void => {
  const entries = alert.panelConditions ?? []
  const entry = entries[place]
  if (entry === undefined) return
  const panelConditions = entries.with(place, { ...entry, ...(acked === undefined ? {} : { acked }), writeBack })
  const after: Alert = { ...alert, panelConditions, updatedAt: draft.now }
  const { by } = writeBack
  const change = {
    transition: "write-back",
    at: draft.now,
    by,
    note: wordsOf(writeBack),
    why: [],
    alert: after
  } as const
  draft.alert({ alert: after, change })
}

const placeOf = (
  { panelConditions = [] }: Alert,
  { device, condition, event }: Pick<Of<"AcknowledgementSent">, "device" | "condition" | "event">,
  state: WriteBackState
): number =>
  panelConditions.findIndex(
    (one) =>
      one.device === device &&
      one.id === condition.id &&
      one.branch === condition.branch &&
      one.writeBack?.state === state &&
      one.writeBack.event === event
  )

/** An acknowledgement goes out; nothing changes where it is not owed any more, and then it is not sent. */
export const acknowledgementSent = (draft: Draft, fact: Of<"AcknowledgementSent">): void => {
  const alert = draft.unsettledAlert(fact.alert)
  if (alert === undefined) return
  const place = placeOf(alert, fact, "owed")
  const writeBack = alert.panelConditions?.[place]?.writeBack
  if (writeBack === undefined || draft.now - writeBack.askedAt >= writeBackWithinMs) return
  changed(draft, alert, place, become(writeBack, "sent", draft.now))
}

const stateAfter: Readonly<Record<AcknowledgementOutcome, WriteBackState>> = {
  proved: "proved",
  "not-proved": "not-proved",
  stale: "stale",
  refused: "refused",
  unknown: "unknown",
  // It waits on, for as long as it may.
  away: "owed"
}

/** What came of one that was sent. The panel may have shown it acknowledged meanwhile: then it is. */
export const acknowledgementAnswered = (draft: Draft, fact: Of<"AcknowledgementAnswered">): void => {
  const alert = draft.unsettledAlert(fact.alert)
  if (alert === undefined) return
  const place = placeOf(alert, fact, "sent")
  const entry = alert.panelConditions?.[place]
  if (entry?.writeBack === undefined) return
  const isShown = fact.outcome === "proved" || (entry.acked && fact.outcome !== "refused")
  const state = isShown ? "proved" : stateAfter[fact.outcome]
  const writeBack = become(entry.writeBack, state, draft.now, state === "proved" ? undefined : fact.detail)
  changed(draft, alert, place, writeBack, isShown ? true : undefined)
}

/** The alerts an acknowledgement of which is on its way, in one order, however the maps came about. */
export const owingAlerts = (...maps: ReadonlyArray<HashMap.HashMap<string, Alert>>): ReadonlyArray<Alert> =>
  maps
    .flatMap((map) => [...HashMap.values(map)])
    .filter(owesWriteBack)
    .sort((a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1))

/** The process that was to hear the answer is gone: whether the panel has heard it, the panel will tell. */
export const answersLost = (draft: Draft): void => {
  for (const { id } of owingAlerts(draft.situation.alerts, draft.inner.owing)) {
    const places = (draft.unsettledAlert(id)?.panelConditions ?? []).keys()
    for (const place of places) {
      const alert = draft.unsettledAlert(id)
      const entry = alert?.panelConditions?.[place]
      if (alert === undefined || entry?.writeBack?.state !== "sent") continue
      const state = entry.acked ? "proved" : "unknown"
      const detail = entry.acked ? undefined : "the gateway stopped before the answer"
      changed(draft, alert, place, become(entry.writeBack, state, draft.now, detail))
    }
  }
}

const gaveUp = (writeBack: WriteBack, at: EpochMs): WriteBack => {
  if (writeBack.state === "owed") {
    return become(writeBack, "not-written-back", at, `the panel was away for ${within}; acknowledge again to send it`)
  }
  const why = writeBack.detail ?? `no answer came within ${within}`
  return become(writeBack, "not-proved", at, `${why}, and the panel has not told the condition again`)
}

/** The time of an acknowledgement is over: an officer must know. */
export const writeBackOverdue = (draft: Draft, id: string, upTo: EpochMs): void => {
  const alert = draft.unsettledAlert(id)
  const place = (alert?.panelConditions ?? []).findIndex(({ writeBack }) => (dueOf(writeBack) ?? Infinity) <= upTo)
  const writeBack = alert?.panelConditions?.[place]?.writeBack
  // The agenda is only an index: one that disagrees with the alert is set right.
  if (alert === undefined || writeBack === undefined) return draft.setWriteBackDue(id, alert)
  changed(draft, alert, place, gaveUp(writeBack, upTo))
}
