import { HashMap, Option } from "effect"
import type { Alert } from "../../domain/alert.ts"
import type { Fact } from "../../domain/fact.ts"
import { alertOfNotification, type NotificationId, type NotificationState } from "../../domain/notification.ts"
import type { Draft } from "../draft.ts"
import { channelTold } from "./channel-standing.ts"
import {
  became,
  escalate,
  escalatingOf,
  escalationFalls,
  keepEscalating,
  nextChannel,
  settled,
  untilReportedLost
} from "./escalate.ts"
import type { Delivery, Escalating } from "./escalating.ts"

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { readonly _tag: Tag }>

/** Where a notification is remembered. */
interface Place {
  readonly state: Escalating
  readonly nth: number
  readonly delivery: Delivery
  /** The alert, while it is open. */
  readonly alert: Alert | undefined
}

const placeOf = (draft: Draft, id: NotificationId): Place | undefined => {
  const alert = alertOfNotification(id)
  const state = escalatingOf(draft, alert)
  const nth = state?.deliveries.findIndex(({ notification }) => notification.id === id) ?? -1
  const delivery = state?.deliveries[nth]
  if (state === undefined || delivery === undefined) return undefined
  return { state, nth, delivery, alert: Option.getOrUndefined(HashMap.get(draft.situation.alerts, alert)) }
}

const keep = (draft: Draft, { state, nth, delivery: { notification } }: Place, delivery: Delivery): Escalating => {
  const after = { ...state, deliveries: state.deliveries.with(nth, delivery) }
  keepEscalating(draft, notification.alert, after)
  return after
}

/** One goes out; nothing changes where it is not to go any more, and then it is not sent. */
export const notificationSent = (draft: Draft, { notification: id }: Of<"NotificationSent">): void => {
  const place = placeOf(draft, id)
  if (place?.delivery.notification.state !== "queued" || !place.state.asking) return
  keep(draft, place, became(draft, place.delivery, "sending", { sent: true }))
}

/** Whether the person's device tells of what it has received by this channel. */
const givesReceipts = (draft: Draft, channel: string): boolean =>
  draft.situation.campus?.channels?.find(({ id }) => id === channel)?.receipts === true

const afterAnswer = (draft: Draft, place: Place, fact: Of<"NotificationAnswered">): Delivery => {
  const { delivery, state } = place
  const { outcome, detail, retryAt } = fact
  if (outcome === "handed-over") {
    const taken = became(draft, delivery, "handed-over", { detail })
    return givesReceipts(draft, fact.channel) ? taken : untilReportedLost(taken)
  }
  if (outcome === "refused") return became(draft, delivery, "failed", { detail })
  if (state.asking) return became(draft, delivery, "queued", { detail, retryAt })
  return became(draft, settled(delivery), "cancelled", { detail: "nobody was asked any more" })
}

/** Whether a notification in this state can still be answered so: a network may report later that it has lost one. */
const isAnswerable = (state: NotificationState, { outcome }: Of<"NotificationAnswered">): boolean =>
  state === "sending" || (state === "handed-over" && outcome === "refused")

/** What came of one that was sent: taken, refused (then the next channel is used at once), or to be tried again. */
export const notificationAnswered = (draft: Draft, fact: Of<"NotificationAnswered">): void => {
  const place = placeOf(draft, fact.notification)
  if (place !== undefined && isAnswerable(place.delivery.notification.state, fact)) {
    const after = keep(draft, place, afterAnswer(draft, place, fact))
    const { alert, nth } = place
    if (fact.outcome === "refused" && alert !== undefined && after.asking)
      keepEscalating(draft, alert.id, nextChannel(draft, after, alert, nth))
  }
  channelTold(draft, fact)
}

/** A receipt may come before the answer of whoever handed it over. */
export const notificationReceived = (draft: Draft, { notification: id }: Of<"NotificationReceived">): void => {
  const place = placeOf(draft, id)
  const state = place?.delivery.notification.state
  if (place === undefined || (state !== "handed-over" && state !== "sending")) return
  keep(draft, place, became(draft, settled(place.delivery), "received"))
}

const inOrder = (draft: Draft): ReadonlyArray<string> =>
  [...HashMap.keys(draft.situation.escalations)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))

/** The process that was to hear the answers is gone: what was on its way goes out once more, with the same key. */
export const attemptsLost = (draft: Draft): void => {
  for (const id of inOrder(draft)) {
    const state = escalatingOf(draft, id)
    if (state?.deliveries.some(({ notification }) => notification.state === "sending") !== true) continue
    const deliveries = state.deliveries.map((delivery) => {
      if (delivery.notification.state !== "sending") return delivery
      return state.asking
        ? became(draft, delivery, "queued", { detail: "the gateway stopped before the answer" })
        : became(draft, settled(delivery), "cancelled", { detail: "the gateway stopped before the answer" })
    })
    keepEscalating(draft, id, { ...state, deliveries })
  }
}

/** A queued notification whose channel or person is no longer configured; `undefined`: it may go. */
const whyGone = (draft: Draft, { notification: { person, channel } }: Delivery): string | undefined => {
  const { campus } = draft.situation
  if (campus?.channels?.some(({ id }) => id === channel) !== true) return "its channel is no longer configured"
  if (person === undefined) return undefined
  const known = campus.people?.find(({ id }) => id === person)
  return known === undefined || known.disabled === true ? "the person is no longer configured" : undefined
}

const withoutGone = (draft: Draft, from: Escalating, alert: Alert): Escalating => {
  let state = from
  for (let nth = 0; nth < from.deliveries.length; nth++) {
    const delivery = from.deliveries[nth]
    if (delivery?.notification.state !== "queued") continue
    const detail = whyGone(draft, delivery)
    if (detail === undefined) continue
    const gone = { ...state, deliveries: state.deliveries.with(nth, became(draft, delivery, "failed", { detail })) }
    state = detail.startsWith("its channel") ? nextChannel(draft, gone, alert, nth) : gone
  }
  return state
}

/** Another configuration: who is asked by another policy now is told by it, and what can no longer be sent is not waited for. */
export const reviseEscalations = (draft: Draft): void => {
  const alerts = [...HashMap.values(draft.situation.alerts)]
  for (const alert of alerts.sort((a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1))) {
    const state = escalatingOf(draft, alert.id)
    if (state?.asking === true) keepEscalating(draft, alert.id, withoutGone(draft, state, alert))
    escalate(draft, alert, "other")
    // Its steps may be other ones now.
    escalationFalls(draft, alert.id)
  }
}
