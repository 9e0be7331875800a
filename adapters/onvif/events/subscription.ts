import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { type CredentialsRejected, LinkLost } from "../../adapter.ts"
import { isCutShort, type Lease, leaseFrom, type LeaseTimes, renewAtOf, sameLeaseMs } from "../device/lease.ts"

/** What we ask of a pull point. */
export interface Terms {
  /** How long the device may hold a pull before it answers empty. */
  readonly pullMs: number
  readonly leaseMs: number
  /** A stream silent for longer is to prove that it still lives. */
  readonly silenceMs: number
}

/** What one subscription taught about the device; the next one begins with it. */
export interface Learnt {
  /** The device closes a pull that lasts longer. */
  readonly pullMs?: number
  /** It takes instants where it fails at durations. */
  readonly absoluteTime?: true
  /** So many proofs of life failed in a row. */
  readonly failedProofs?: number
}

/** One subscription, as far as we can know it. Instants are by our clock. */
export interface Subscription {
  readonly terms: Terms
  readonly learnt: Learnt
  readonly begunAt: EpochMs
  /** It took the place of another in this attempt. */
  readonly replaces: boolean
  readonly lease: Lease
  readonly renewAt: EpochMs
  readonly renewal: "possible" | "refused"
  /** The lease is to be asked for as an instant, at once. */
  readonly tryAbsolute: boolean
  /** Each pull moves the end of the lease: nothing else is needed to keep it. */
  readonly pullsExtend: boolean
  readonly pullMs: number
  /** No pull before this. */
  readonly pullFrom: EpochMs
  /** How many pulls were answered, and when the last was: everything up to then was heard. */
  readonly pulls: number
  readonly pulledAt: EpochMs
  /** Since when an answered pull is waited for. */
  readonly waitingSince: EpochMs
  readonly messageAt: EpochMs
  readonly synchronize: boolean
  /** The device was seen to repeat its state when asked. */
  readonly repeats: boolean
  /** Answered pulls since it was last asked to; `undefined` once that is settled. */
  readonly pullsSinceAsked: number | undefined
  /** It was asked because it was silent. */
  readonly proving: boolean
  /** Failures in a row, of the kind that may pass. */
  readonly troubles: number
  readonly refusals: number
  readonly reauthenticate: boolean
  readonly verdict: Verdict | undefined
}

/** The subscription is over: begin a new one with this device, or end the link. */
export type Verdict =
  | { readonly _tag: "Resubscribe"; readonly reason: string }
  | { readonly _tag: "End"; readonly error: LinkLost | CredentialsRejected }

/** What to do next. */
export type Step =
  | { readonly _tag: "Pull"; readonly from: EpochMs; readonly timeoutMs: number }
  | { readonly _tag: "Renew"; readonly absolute: boolean }
  | { readonly _tag: "Synchronize" }
  | { readonly _tag: "Reauthenticate" }
  | Verdict

/** After an answer that came too early with nothing new (Home Assistant waits as long after every pull). */
export const spacingMs = 750

/** Between two pulls that are answered at once: a device that tells one message a time is heard ten times a second. */
const soonestMs = 100

/** Two proofs of life that fail are no proof of death: the device does not repeat its state. */
const failedProofsMax = 2

/** An answer to our asking for the state comes with one of the next pulls. */
const pullsToAnswer = 2

/** The subscription that the device has just granted. */
export const begun = (
  terms: Terms,
  learnt: Learnt,
  times: LeaseTimes,
  now: EpochMs,
  replaces = false
): Subscription => {
  const lease = leaseFrom(times, terms.leaseMs, now)
  return {
    terms,
    learnt,
    begunAt: now,
    replaces,
    lease,
    renewAt: renewAtOf(lease),
    renewal: "possible",
    tryAbsolute: learnt.absoluteTime !== true && isCutShort(times, terms.leaseMs),
    pullsExtend: false,
    pullMs: Math.min(terms.pullMs, learnt.pullMs ?? terms.pullMs),
    pullFrom: now,
    pulls: 0,
    pulledAt: now,
    waitingSince: now,
    messageAt: now,
    synchronize: true,
    repeats: false,
    pullsSinceAsked: undefined,
    proving: false,
    troubles: 0,
    refusals: 0,
    reauthenticate: false,
    verdict: undefined
  }
}

/** The link is lost, for this reason. */
export const end = (reason: string): Verdict => ({ _tag: "End", error: new LinkLost({ reason }) })

/** Is the lease to be renewed now? While nothing is pulled, pulls extend nothing. */
export const renewalDue = (state: Subscription, now: EpochMs, pulling = true): boolean =>
  state.renewal === "possible" && now >= state.renewAt && !(pulling && state.pullsExtend)

const mayBeDead = ({ learnt, repeats, proving, messageAt, terms }: Subscription, now: EpochMs): boolean =>
  repeats && !proving && (learnt.failedProofs ?? 0) < failedProofsMax && now - messageAt >= terms.silenceMs

/** One second at least. No part of one: there are devices that read no fraction of a duration. */
const wholeSeconds = (ms: number): number => Math.max(1000, Math.floor(ms / 1000) * 1000)

/**
 * How long a pull may take for the sake of the lease: until that is renewed, or, where it is not, until it is over, so that
 * the next subscription follows at once. One that lives on beyond what was told of it is pulled as any other.
 */
const leftMs = ({ renewal, renewAt, pullsExtend, lease }: Subscription, from: EpochMs): number => {
  if (pullsExtend) return Infinity
  if (renewal === "possible") return renewAt - from
  return lease.untilAt > from ? lease.untilAt - from : Infinity
}

/** What to do next, and not before its time. */
export const nextStep = (state: Subscription, now: EpochMs): Step => {
  if (state.verdict !== undefined) return state.verdict
  const silentMs = now - state.waitingSince
  if (silentMs > 2 * state.terms.pullMs + spacingMs) {
    return end(`no pull was answered for ${Math.round(silentMs / 1000)} s`)
  }
  if (state.reauthenticate) return { _tag: "Reauthenticate" }
  if (state.tryAbsolute) return { _tag: "Renew", absolute: true }
  if (renewalDue(state, now)) return { _tag: "Renew", absolute: state.learnt.absoluteTime === true }
  if (state.synchronize || mayBeDead(state, now)) return { _tag: "Synchronize" }
  const from = Math.max(now, state.pullFrom)
  return { _tag: "Pull", from, timeoutMs: wholeSeconds(Math.min(state.pullMs, leftMs(state, from))) }
}

/** A pull: what was asked, when, and when its answer or failure came. */
export interface Pulled {
  readonly timeoutMs: number
  readonly askedAt: EpochMs
  readonly now: EpochMs
}

const leasedBy = (state: Subscription, times: LeaseTimes, now: EpochMs): Partial<Subscription> => {
  if (times.terminationTime === undefined) return {}
  const lease = leaseFrom(times, state.terms.leaseMs, now)
  const told = lease.toldUntilAt !== undefined && state.lease.toldUntilAt !== undefined
  // The rest of a lease soon becomes shorter than is believed of a lease: only as it was told does it run out.
  const movedMs = told ? lease.toldUntilAt - state.lease.toldUntilAt : lease.untilAt - state.lease.untilAt
  if (Math.abs(movedMs) <= sameLeaseMs) return {}
  return { lease, renewAt: renewAtOf(lease), pullsExtend: state.pullsExtend || movedMs > 0 }
}

/** Whether the device repeated its state, as it was asked to: seen from what the pull brought. */
const answeredAsking = (state: Subscription, messages: number, now: EpochMs): Partial<Subscription> => {
  const heard = messages > 0 ? { messageAt: now } : {}
  if (state.pullsSinceAsked === undefined) return heard
  if (messages > 0) {
    const learnt = state.proving ? { learnt: { ...state.learnt, failedProofs: 0 } } : {}
    return { ...heard, ...learnt, repeats: true, proving: false, pullsSinceAsked: undefined }
  }
  const pullsSinceAsked = state.pullsSinceAsked + 1
  if (pullsSinceAsked < pullsToAnswer) return { pullsSinceAsked }
  if (!state.proving) return { pullsSinceAsked: undefined }
  return {
    learnt: { ...state.learnt, failedProofs: (state.learnt.failedProofs ?? 0) + 1 },
    verdict: {
      _tag: "Resubscribe",
      reason: "the stream is silent, and the device does not repeat its state when asked"
    }
  }
}

/** What a pull brought. */
export interface Brought {
  readonly messages: number
  /** How many of them said what was not known. */
  readonly news: number
  /** As many as may come at once: more are waiting. */
  readonly full: boolean
  readonly times: LeaseTimes
}

/** When the next pull may go out. A device that says the same again and again is not asked as fast as it answers. */
const nextPullAt = ({ messages, news, full }: Brought, { timeoutMs, askedAt, now }: Pulled): EpochMs => {
  if (messages === 0) return now - askedAt < timeoutMs / 2 ? now + spacingMs : now
  if (news > 0) return full ? now : Math.max(now, askedAt + soonestMs)
  return full ? Math.max(now, askedAt + soonestMs) : Math.max(now, askedAt + spacingMs)
}

/** The device answered a pull. */
export const pulled = (state: Subscription, brought: Brought, pull: Pulled): Subscription => {
  const { messages, times } = brought
  const { now } = pull
  const confirmed = state.pullMs < state.terms.pullMs ? { learnt: { ...state.learnt, pullMs: state.pullMs } } : {}
  return {
    ...state,
    ...confirmed,
    ...leasedBy(state, times, now),
    pulls: state.pulls + 1,
    pulledAt: now,
    waitingSince: now,
    pullFrom: nextPullAt(brought, pull),
    troubles: 0,
    refusals: 0,
    ...answeredAsking({ ...state, ...confirmed }, messages, now)
  }
}

/**
 * What was pulled is kept at last: the time that took is not the device's. `lost`: it said that it had lost messages, and
 * is to repeat its state.
 */
export const kept = (state: Subscription, lost: boolean, now: EpochMs): Subscription => ({
  ...state,
  waitingSince: now,
  synchronize: state.synchronize || lost
})

/** The lease was renewed, for `times`. */
export const renewed = (state: Subscription, absolute: boolean, times: LeaseTimes, now: EpochMs): Subscription => {
  const lease = leaseFrom(times, state.terms.leaseMs, now)
  const learnt =
    absolute && !isCutShort(times, state.terms.leaseMs)
      ? { ...state.learnt, absoluteTime: true as const }
      : state.learnt
  return { ...state, learnt, lease, renewAt: renewAtOf(lease), tryAbsolute: false, refusals: 0 }
}

/** The device was asked to repeat its state. One that cannot is asked no more than once a subscription. */
export const synchronized = (state: Subscription, accepted: boolean): Subscription => {
  const proving = !state.synchronize
  return accepted
    ? { ...state, synchronize: false, proving, pullsSinceAsked: 0 }
    : { ...state, synchronize: false, repeats: false }
}

/** Our clock was compared with the device's anew. */
export const reauthenticated = (state: Subscription): Subscription => ({ ...state, reauthenticate: false })
