import { HashMap, Option } from "effect"
import type { Alert } from "../../domain/alert.ts"
import { type EscalationPolicy, nextChannelSeconds } from "../../domain/escalation.ts"
import type { ChannelId, EpochMs, PersonId } from "../../domain/ids.ts"
import { isPending, type Notification, notificationId, type NotificationState } from "../../domain/notification.ts"
import type { Draft } from "../draft.ts"
import { asks, policyOf } from "./asking.ts"
import { bounded, type Delivery, dueAtOf, type Escalating, isOwing, nextDueOf } from "./escalating.ts"
import { recipientsOf } from "./recipients.ts"

export const escalatingOf = (draft: Draft, alert: string): Escalating | undefined =>
  Option.getOrUndefined(HashMap.get(draft.situation.escalations, alert))

/** Takes over how far an alert has been told; of one that is closed, only as long as something is on its way. */
export const keepEscalating = (draft: Draft, alert: string, told: Escalating): void => {
  const state = { ...told, deliveries: bounded(told.deliveries) }
  const isOpen = HashMap.has(draft.situation.alerts, alert)
  const { escalations } = draft.situation
  const owing = isOwing(state)
  draft.situation.escalations =
    isOpen || owing ? HashMap.set(escalations, alert, state) : HashMap.remove(escalations, alert)
  draft.inner.outbox = owing ? HashMap.set(draft.inner.outbox, alert, true) : HashMap.remove(draft.inner.outbox, alert)
  draft.grace(`escalation:${alert}`, nextDueOf(state))
}

const withoutWait = ({ others: _others, othersAt: _othersAt, ...delivery }: Delivery): Delivery => delivery

/** A delivery in another state, and the word of it. */
export const became = (
  draft: Draft,
  delivery: Delivery,
  state: NotificationState,
  more: { readonly detail?: string | undefined; readonly retryAt?: EpochMs | undefined; readonly sent?: true } = {}
): Delivery => {
  const { detail: _detail, retryAt: _retryAt, ...before } = delivery.notification
  const notification: Notification = {
    ...before,
    state,
    at: draft.now,
    attempts: before.attempts + (more.sent === true ? 1 : 0),
    ...(more.retryAt === undefined ? {} : { retryAt: more.retryAt }),
    ...(more.detail === undefined ? {} : { detail: more.detail })
  }
  draft.told(notification)
  return { ...delivery, notification }
}

/** It is not waited for any more: it was taken, or it is of no use. */
export const settled = (delivery: Delivery): Delivery => withoutWait(delivery)

/** It was taken and is not waited for; what is left to try is kept in mind for a report that it was lost. */
export const untilReportedLost = ({ othersAt: _othersAt, ...delivery }: Delivery): Delivery => delivery

const isBroken = (draft: Draft, channel: ChannelId): boolean =>
  Option.getOrUndefined(HashMap.get(draft.situation.channels, channel))?.state === "broken"

/** What is to be sent: to whom, by which channels, of which step. */
interface Wanted {
  readonly alert: Alert
  readonly step: number
  readonly person?: PersonId | undefined
  readonly by: ReadonlyArray<ChannelId>
  readonly expireMinutes?: number | undefined
}

/**
 * Queues a notification by the first of the channels; the others follow where that one does not take it, at once where it is
 * known to be broken. What waits for the same person by the same channel is not queued a second time.
 */
export const queue = (draft: Draft, state: Escalating, wanted: Wanted): Escalating => {
  const { alert, step, person, by, expireMinutes } = wanted
  const [channel, ...others] = by
  if (channel === undefined) return state
  const wait =
    others.length === 0
      ? {}
      : { others, othersAt: draft.now + (isBroken(draft, channel) ? 0 : nextChannelSeconds * 1000) }
  const place = state.deliveries.findIndex(
    ({ notification: one }) => isPending(one) && one.person === person && one.channel === channel
  )
  const waiting = state.deliveries[place]
  if (waiting !== undefined)
    return { ...state, deliveries: state.deliveries.with(place, { ...withoutWait(waiting), ...wait }) }
  const id = notificationId({ alert: alert.id, step, person, channel, round: state.round })
  if (state.deliveries.some(({ notification }) => notification.id === id))
    return queue(draft, state, { ...wanted, by: others })
  const notification: Notification = {
    id,
    alert: alert.id,
    step,
    round: state.round,
    ...(person === undefined ? {} : { person }),
    channel,
    state: "queued",
    queuedAt: draft.now,
    at: draft.now,
    attempts: 0
  }
  draft.told(notification)
  const expires = expireMinutes === undefined ? {} : { expiresAt: draft.now + expireMinutes * 60_000 }
  return { ...state, deliveries: [...state.deliveries, { notification, ...wait, ...expires }] }
}

/** Uses the next channel of somebody as well. */
export const nextChannel = (draft: Draft, state: Escalating, alert: Alert, nth: number): Escalating => {
  const delivery = state.deliveries[nth]
  if (delivery === undefined) return state
  const { notification, others = [] } = delivery
  const left = { ...state, deliveries: state.deliveries.with(nth, withoutWait(delivery)) }
  const policy = policyOf(draft.situation.campus, alert)
  const { step, person } = notification
  return queue(draft, left, { alert, step, person, by: others, expireMinutes: policy?.expireMinutes })
}

const tellStep = (draft: Draft, state: Escalating, alert: Alert, policy: EscalationPolicy): Escalating => {
  const step = policy.steps[state.next]
  let after: Escalating = { ...state, next: state.next + 1 }
  for (const { person, by } of step === undefined ? [] : recipientsOf(draft.situation, step, draft.now)) {
    const { expireMinutes } = policy
    after = queue(draft, after, { alert, step: state.next + 1, person: person?.id, by, expireMinutes })
  }
  return after
}

const withDue = ({ dueAt: _dueAt, ...state }: Escalating, dueAt: EpochMs | undefined): Escalating =>
  dueAt === undefined ? state : { ...state, dueAt }

/** Tells whoever is due by now. After a time in which nothing fired, no step is left out, and no round made up for. */
const advance = (draft: Draft, from: Escalating, alert: Alert, policy: EscalationPolicy): Escalating => {
  let state = from
  for (;;) {
    const dueAt = dueAtOf(policy, state)
    if (dueAt === undefined || dueAt > draft.now) return withDue(state, dueAt)
    state =
      state.next < policy.steps.length
        ? tellStep(draft, state, alert, policy)
        : { ...state, since: draft.now, next: 0, round: state.round + 1, repeats: state.repeats + 1 }
  }
}

const begin = (draft: Draft, before: Escalating | undefined, alert: Alert, policy: EscalationPolicy): void => {
  const state: Escalating = {
    policy: policy.id,
    asking: true,
    since: draft.now,
    round: (before?.round ?? 0) + 1,
    repeats: 0,
    next: 0,
    deliveries: before?.deliveries ?? []
  }
  keepEscalating(draft, alert.id, advance(draft, state, alert, policy))
}

/** Nobody is asked any more: what has not gone out does not go out. What is on its way will say what became of it. */
const stop = (draft: Draft, state: Escalating, { id, acknowledged, acknowledgedBy }: Alert, why: string): void => {
  const { campus } = draft.situation
  const who = acknowledged ? campus?.people?.find(({ name }) => name === acknowledgedBy)?.id : undefined
  const deliveries = state.deliveries.map((delivery) => {
    const { state: was, person } = delivery.notification
    if (was === "queued") return became(draft, settled(delivery), "cancelled", { detail: why })
    const isTheirs = who !== undefined && person === who && (was === "handed-over" || was === "received")
    return isTheirs ? became(draft, settled(delivery), "acknowledged") : settled(delivery)
  })
  keepEscalating(draft, id, withDue({ ...state, asking: false, deliveries }, undefined))
}

const whyNot = (alert: Alert): string => {
  if (alert.closed) return `closed by ${alert.closedBy ?? "an officer"}`
  if (alert.acknowledged) return `acknowledged by ${alert.acknowledgedBy ?? "an officer"}`
  if (alert.shelved !== undefined) return `shelved by ${alert.shelved.by}`
  if (alert.outOfService !== undefined) return "it is in maintenance"
  return alert.resolvedByLateEvidence ? "late evidence explains it" : "no policy is for it"
}

/** An answer is taken back: it goes on as if there had been none, and what was called off is sent. */
const goOn = (draft: Draft, state: Escalating, alert: Alert, policy: EscalationPolicy): void => {
  const deliveries = state.deliveries.map((delivery) => {
    const { state: was, round } = delivery.notification
    return was === "cancelled" && round === state.round ? became(draft, delivery, "queued") : delivery
  })
  keepEscalating(draft, alert.id, advance(draft, { ...state, asking: true, deliveries }, alert, policy))
}

/**
 * Why an alert is looked at: its condition came once more, an answer to it was taken back, or anything else became of it.
 */
export type Turn = "anew" | "answer taken back" | "other"

/**
 * Brings the telling of an alert to what the alert has become: it begins as soon as somebody is asked, goes over to the
 * policy of a higher priority, begins again when it comes anew at its policy's end, and stops in the same step in which it
 * is answered.
 */
export const escalate = (draft: Draft, alert: Alert, turn: Turn): void => {
  const state = escalatingOf(draft, alert.id)
  const policy = asks(alert) ? policyOf(draft.situation.campus, alert) : undefined
  if (policy === undefined) {
    if (state?.asking === true) stop(draft, state, alert, whyNot(alert))
    else if (state !== undefined && alert.closed) keepEscalating(draft, alert.id, state)
    return
  }
  if (state === undefined) return begin(draft, state, alert, policy)
  if (!state.asking) {
    const isSame = turn === "answer taken back" && state.policy === policy.id
    return isSame ? goOn(draft, state, alert, policy) : begin(draft, state, alert, policy)
  }
  const isAtEnd = state.dueAt === undefined && turn === "anew"
  if (state.policy !== policy.id || isAtEnd) begin(draft, state, alert, policy)
}

const expireOrGoOn = (draft: Draft, from: Escalating, alert: Alert): Escalating => {
  let state = from
  for (let nth = 0; nth < state.deliveries.length; nth++) {
    const delivery = state.deliveries[nth]
    if (delivery === undefined) continue
    const { notification, expiresAt, othersAt } = delivery
    if (othersAt !== undefined && othersAt <= draft.now) state = nextChannel(draft, state, alert, nth)
    if (notification.state !== "queued" || expiresAt === undefined || expiresAt > draft.now) continue
    const kept = state.deliveries[nth] ?? delivery
    const expired = became(draft, settled(kept), "expired", { detail: "it could not be sent in time" })
    state = { ...state, deliveries: state.deliveries.with(nth, expired) }
  }
  return state
}

/** Something of an alert is due: a step, the next channel of somebody, the end of what could not be sent. */
export const escalationFalls = (draft: Draft, id: string): void => {
  const state = escalatingOf(draft, id)
  const alert = Option.getOrUndefined(HashMap.get(draft.situation.alerts, id))
  const policy = alert === undefined ? undefined : policyOf(draft.situation.campus, alert)
  // The agenda is only an index: one that disagrees with the alert is set right.
  if (state?.asking !== true || alert === undefined || policy === undefined) return draft.endGrace(`escalation:${id}`)
  keepEscalating(draft, id, advance(draft, expireOrGoOn(draft, state, alert), alert, policy))
}

/**
 * Nobody looks at a console while critical alerts wait: who is told next is told now (console reference, section 2.5), once
 * for an alert however many consoles it is. A new round is not begun for it. `before`: since when others are not looked at.
 */
export const hasten = (draft: Draft, before: ReadonlyArray<EpochMs>): void => {
  const told = [...HashMap.entries(draft.situation.escalations)].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [id, state] of told) {
    const alert = Option.getOrUndefined(HashMap.get(draft.situation.alerts, id))
    const policy = alert === undefined ? undefined : policyOf(draft.situation.campus, alert)
    if (alert?.priority !== 1 || policy === undefined || !state.asking || state.dueAt === undefined) continue
    if (state.next >= policy.steps.length || before.some((since) => since >= alert.raisedAt)) continue
    const since = state.since - Math.max(0, state.dueAt - draft.now)
    keepEscalating(draft, id, advance(draft, { ...state, since }, alert, policy))
  }
}
