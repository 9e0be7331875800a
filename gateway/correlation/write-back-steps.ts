import { HashMap, Option } from "effect"
import type { OfficerFact } from "../alerts/officer-acts.ts"
import type { Lived } from "../alerts/turned.ts"
import type { ShelvingFact } from "../alerts/shelving.ts"
import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type {
  AlertPanelCondition,
  WriteBack,
  WriteBackKind,
  WriteBackOutcome,
  WriteBackState
} from "../domain/panel-condition.ts"
import type { Draft } from "./draft.ts"
import { type KnownCondition, knownKey } from "./known-conditions.ts"
import {
  become,
  dueOf,
  gaveUp,
  isOurs,
  isPending,
  kindOf,
  owesWriteBack,
  withWriteBack,
  wordsOf,
  writeBacksOf,
  writeBackWithinMs
} from "./write-back.ts"

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { _tag: Tag }>

/** A condition of an alert as its panel told it last. */
const knownOf = (draft: Draft, { condition: of }: Alert, entry: AlertPanelCondition): KnownCondition | undefined => {
  const { device, id, branch } = entry
  const ref = branch === undefined ? { id } : { id, branch }
  return Option.getOrUndefined(HashMap.get(draft.inner.panelConditions, knownKey(device, ref, of)))
}

/** What an officer asks for, in whose name, and with which words. */
interface Asking {
  readonly by: string
  readonly note?: string | undefined
  readonly until?: EpochMs | undefined
}

const asked = (
  draft: Draft,
  kind: Exclude<WriteBackKind, "acknowledge"> | undefined,
  { event }: Pick<KnownCondition, "event">,
  { by, note, until }: Asking
): WriteBack => ({
  ...(kind === undefined ? {} : { kind }),
  asked: draft.seq,
  state: "owed",
  by,
  askedAt: draft.now,
  at: draft.now,
  event,
  ...(note === undefined ? {} : { note }),
  ...(until === undefined ? {} : { until })
})

/** So many notes and words on shelving of one condition are kept in mind. */
const besidesMax = 8

/** Adds to what goes back beside the acknowledgement; the oldest that is settled makes room. */
const beside = (draft: Draft, entry: AlertPanelCondition, one: WriteBack): AlertPanelCondition => {
  const { besides = [] } = entry
  if (besides.length < besidesMax) return { ...entry, besides: [...besides, one] }
  const pending = besides.filter(isPending)
  const settled = besides.find((other) => !isPending(other))
  if (pending.length < besidesMax) return { ...entry, besides: [...besides.filter((other) => other !== settled), one] }
  const tooMany = become(one, "not-written-back", draft.now, `${pending.length} others still wait for the panel`)
  return { ...entry, besides: [...pending, tooMany] }
}

type Ask = (draft: Draft, alert: Alert, entry: AlertPanelCondition, asking: Asking) => AlertPanelCondition

/** What the officer's words go to: what the panel shows unacknowledged, and waits for no other acknowledgement. */
const askAcknowledge: Ask = (draft, alert, entry, asking) => {
  const known = knownOf(draft, alert, entry)
  if (known === undefined || !known.answerable || known.acked || isPending(entry.writeBack)) return entry
  return { ...entry, writeBack: asked(draft, undefined, known, asking) }
}

/** What has not gone out does not go; what has gone cannot be taken back, and the panel shows it acknowledged. */
const takeBack: Ask = (draft, _alert, entry) =>
  entry.writeBack?.state === "owed"
    ? {
        ...entry,
        writeBack: become(entry.writeBack, "stale", draft.now, "the officer took it back before it was sent")
      }
    : entry

const askComment: Ask = (draft, alert, entry, asking) => {
  const known = knownOf(draft, alert, entry)
  return known?.commentable === true ? beside(draft, entry, asked(draft, "comment", known, asking)) : entry
}

const isShelving = (one: WriteBack): boolean => kindOf(one) === "shelve" || kindOf(one) === "unshelve"

/** A later word on shelving takes the place of one that has not gone out. */
const overtaken = (draft: Draft, entry: AlertPanelCondition): AlertPanelCondition => {
  const overtakes = (one: WriteBack): boolean => isShelving(one) && one.state === "owed"
  if (entry.besides?.some(overtakes) !== true) return entry
  const why = "a later word took its place before it was sent"
  const besides = entry.besides.map((one) => (overtakes(one) ? become(one, "stale", draft.now, why) : one))
  return { ...entry, besides }
}

/** A branch is not shelved: its condition is. */
const askShelve: Ask = (draft, alert, entry, asking) => {
  const known = knownOf(draft, alert, entry)
  if (known?.shelvable !== true || entry.branch !== undefined) return entry
  return beside(draft, overtaken(draft, entry), asked(draft, "shelve", known, asking))
}

/** Only what the panel holds for shelved, or may have been told to shelve, is taken down there. */
const askUnshelve: Ask = (draft, alert, entry, asking) => {
  const known = knownOf(draft, alert, entry)
  if (entry.branch !== undefined || (known !== undefined && known.shelvable !== true)) return entry
  const left = overtaken(draft, entry)
  const newest = (left.besides ?? []).findLast((one) => isShelving(one) && one.state !== "stale")
  const mayBe = newest !== undefined && kindOf(newest) === "shelve" && (isPending(newest) || newest.state === "proved")
  const of = known?.shelved === true ? known : mayBe ? (known ?? newest) : undefined
  return of === undefined ? left : beside(draft, left, asked(draft, "unshelve", of, asking))
}

const asking = (draft: Draft, { alert, change }: Lived, ask: Ask, what: Asking): Lived => {
  const { panelConditions } = alert
  if (panelConditions === undefined) return { alert, change }
  const owing = { ...alert, panelConditions: panelConditions.map((entry) => ask(draft, alert, entry, what)) }
  return { alert: owing, change: { ...change, alert: owing } }
}

/** An alert that is shelved no longer is to be so at its panel, too. */
export const oweUnshelving = (draft: Draft, lived: Lived, by: string): Lived =>
  asking(draft, lived, askUnshelve, { by })

/**
 * What an officer has acknowledged, noted or shelved is to be so at the panel, too. What is closed without having been
 * acknowledged is acknowledged there: a panel must not go on calling for somebody who was there. Nor is it left shelved.
 */
export const owe = (draft: Draft, before: Alert, lived: Lived, fact: OfficerFact | ShelvingFact): Lived => {
  const { by } = fact
  switch (fact._tag) {
    case "AlertAcknowledged":
      return lived.alert.acknowledged ? asking(draft, lived, askAcknowledge, { by, note: fact.note }) : lived
    case "AcknowledgementUndone":
      return lived.alert.acknowledged ? lived : asking(draft, lived, takeBack, { by })
    case "AlertClaimed":
    case "AlertReleased":
      return lived
    case "AlertNoted":
      return asking(draft, lived, askComment, { by, note: fact.note })
    case "AlertShelved": {
      const until = fact.oneShot === true ? undefined : lived.alert.shelved?.until
      return asking(draft, lived, askShelve, { by, note: fact.reason, until })
    }
    case "AlertUnshelved":
      return oweUnshelving(draft, lived, by)
    case "AlertClosed": {
      const off = before.shelved === undefined ? lived : oweUnshelving(draft, lived, by)
      return before.acknowledged ? off : asking(draft, off, askAcknowledge, { by, note: fact.reason })
    }
  }
}

/** Where one of an alert's write-backs stands. */
interface Place {
  readonly nth: number
  readonly entry: AlertPanelCondition
  readonly writeBack: WriteBack
}

const placesOf = ({ panelConditions = [] }: Alert): ReadonlyArray<Place> =>
  panelConditions.flatMap((entry, nth) => writeBacksOf(entry).map((writeBack) => ({ nth, entry, writeBack })))

const changed = (
  draft: Draft,
  alert: Alert,
  { nth, entry, writeBack: before }: Place,
  writeBack: WriteBack,
  acked?: true
): void => {
  const next = { ...withWriteBack(entry, before, writeBack), ...(acked === undefined ? {} : { acked }) }
  const panelConditions = (alert.panelConditions ?? []).with(nth, next)
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

/** The write-back of an alert that a fact is about, where it is in that state still. */
const placeOf = (
  alert: Alert,
  { device, condition, kind, asked: seq, event }: Omit<Of<"WriteBackSent">, "_tag" | "at" | "alert">,
  state: WriteBackState
): Place | undefined =>
  placesOf(alert).find(
    ({ entry, writeBack }) =>
      entry.device === device &&
      entry.id === condition.id &&
      entry.branch === condition.branch &&
      writeBack.state === state &&
      kindOf(writeBack) === kind &&
      writeBack.asked === seq &&
      (seq !== undefined || writeBack.event === event)
  )

/** Something goes out; nothing changes where it is not owed any more, and then it is not sent. */
export const writeBackSent = (draft: Draft, fact: Of<"WriteBackSent">): void => {
  const alert = draft.unsettledAlert(fact.alert)
  const place = alert === undefined ? undefined : placeOf(alert, fact, "owed")
  if (alert === undefined || place === undefined) return
  if (draft.now - place.writeBack.askedAt >= writeBackWithinMs) return
  changed(draft, alert, place, { ...become(place.writeBack, "sent", draft.now), event: fact.event })
}

const stateAfter: Readonly<Record<WriteBackOutcome, WriteBackState>> = {
  proved: "proved",
  // What the panel tells of the condition will show it.
  accepted: "sent",
  "not-proved": "not-proved",
  stale: "stale",
  refused: "refused",
  unknown: "unknown",
  // It waits on, for as long as it may.
  away: "owed"
}

/** A note is for the alert: where the condition has gone on meanwhile, it goes to the state that is now. */
const mayGoOn = (draft: Draft, alert: Alert, { entry, writeBack }: Place): boolean => {
  const known = knownOf(draft, alert, entry)
  if (known === undefined || known.event === writeBack.event) return false
  return kindOf(writeBack) === "comment" || (known.same ?? []).includes(writeBack.event)
}

/** What came of one that was sent. The panel may have shown it meanwhile: then it is so. */
export const writeBackAnswered = (draft: Draft, fact: Of<"WriteBackAnswered">): void => {
  const alert = draft.unsettledAlert(fact.alert)
  const place = alert === undefined ? undefined : placeOf(alert, fact, "sent")
  if (alert === undefined || place === undefined || fact.outcome === "accepted") return
  const isAcknowledgement = fact.kind === "acknowledge"
  const isShown = fact.outcome === "proved" || (isAcknowledgement && place.entry.acked && fact.outcome !== "refused")
  const goesOn = fact.outcome === "stale" && mayGoOn(draft, alert, place)
  const state = isShown ? "proved" : goesOn ? "owed" : stateAfter[fact.outcome]
  const writeBack = become(place.writeBack, state, draft.now, state === "proved" ? undefined : fact.detail)
  changed(draft, alert, place, writeBack, isShown && isAcknowledgement ? true : undefined)
}

/** The alerts of which something is on its way, in one order, however the maps came about. */
export const owingAlerts = (...maps: ReadonlyArray<HashMap.HashMap<string, Alert>>): ReadonlyArray<Alert> =>
  maps
    .flatMap((map) => [...HashMap.values(map)])
    .filter(owesWriteBack)
    .sort((a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1))

const isSentStill = ({ writeBack }: Place): boolean => writeBack.state === "sent"

/** The process that was to hear the answer is gone: whether the panel has heard it, the panel will tell. */
export const answersLost = (draft: Draft): void => {
  for (const { id } of owingAlerts(draft.situation.alerts, draft.inner.owing)) {
    for (;;) {
      const alert = draft.unsettledAlert(id)
      const place = alert === undefined ? undefined : placesOf(alert).find(isSentStill)
      if (alert === undefined || place === undefined) break
      const isShown = kindOf(place.writeBack) === "acknowledge" && place.entry.acked
      const detail = isShown ? undefined : "the gateway stopped before the answer"
      changed(draft, alert, place, become(place.writeBack, isShown ? "proved" : "unknown", draft.now, detail))
    }
  }
}

/** The time of one is over: an officer must know. */
export const writeBackOverdue = (draft: Draft, id: string, upTo: EpochMs): void => {
  const alert = draft.unsettledAlert(id)
  const place = alert && placesOf(alert).find(({ writeBack }) => (dueOf(writeBack) ?? Infinity) <= upTo)
  // The agenda is only an index: one that disagrees with the alert is set right.
  if (alert === undefined || place === undefined) return draft.setWriteBackDue(id, alert)
  changed(draft, alert, place, gaveUp(place.writeBack, upTo))
}

/** Whether a comment at the panel is one that was sent there for an alert. */
export const isOwnComment = (alert: Alert, comment: string | undefined): boolean =>
  comment !== undefined &&
  placesOf(alert).some(
    ({ writeBack }) => kindOf(writeBack) === "comment" && writeBack.state !== "owed" && isOurs(writeBack, comment)
  )
