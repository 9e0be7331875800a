import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { CredentialsRejected } from "../../adapter.ts"
import type { CallFailed } from "../wire/connection.ts"
import { parseDuration } from "../wire/onvif-time.ts"
import { end, type Pulled, pulled, spacingMs, type Subscription, type Verdict } from "./subscription.ts"

/** A device that cannot be read, or not now, is asked again after this, doubling. */
const troubleMs = 1000
const troubleMostMs = 8000

/** So many failures in a row are no passing trouble. */
const troublesMax = 5

/** A pull that the device closes after this is one that lasted too long for it (a Tapo C220: 10 s), not a lost link. */
const closedLateMs = 5000

/** A subscription that held for less is replaced once only; then the supervisor's back-off decides. */
const heldMs = 10_000

const reject = (reason: string): Verdict => ({ _tag: "End", error: new CredentialsRejected({ reason }) })

const over = (state: Subscription, reason: string, now: EpochMs): Subscription => {
  const held = state.pulls > 0 && (!state.replaces || now - state.begunAt >= heldMs)
  return { ...state, verdict: held ? { _tag: "Resubscribe", reason } : end(reason) }
}

const troubled = (state: Subscription, reason: string, now: EpochMs, more: Partial<Subscription>): Subscription => {
  if (state.troubles + 1 >= troublesMax) return { ...state, verdict: end(reason) }
  const pauseMs = Math.min(troubleMostMs, troubleMs * 2 ** state.troubles)
  return { ...state, troubles: state.troubles + 1, pullFrom: now + pauseMs, ...more }
}

const refused = (state: Subscription, { reason }: CallFailed, now: EpochMs): Subscription =>
  state.refusals > 0
    ? { ...state, verdict: reject(reason) }
    : { ...state, refusals: state.refusals + 1, reauthenticate: true, pullFrom: now + troubleMs }

/** WS-BaseFaults puts the name of a fault into its detail, where some devices put it into the code too. */
const isNamed = ({ fault }: CallFailed, name: string): boolean =>
  fault !== undefined && [...fault.subcodes, ...fault.detail].some((one) => one.startsWith(name))

/** The subscription is gone (WS-Resource 1.2, section 3); some devices say so in words only. */
export const isGone = (failure: CallFailed): boolean =>
  isNamed(failure, "ResourceUnknown") ||
  (failure.fault !== undefined &&
    /resource\s*unknown|unknown\s*(resource|subscription)|invalid\s*subscription/i.test(failure.fault.reason))

/** Another pull is going on, or the messages cannot be had just now (WS-BaseNotification 1.3, section 5.1.2). */
const isBusy = (failure: CallFailed): boolean => isNamed(failure, "UnableToGetMessages")

const maxTimeout = /<(?:[\w.-]+:)?MaxTimeout(?:\s[^>]*)?>([^<]+)</

/** How long the device holds a pull at most, where it says so (ONVIF event.wsdl, PullMessagesFaultResponse). */
const longestPullMs = ({ raw = "" }: CallFailed): number | undefined => parseDuration(maxTimeout.exec(raw)?.[1] ?? "")

/** A device that takes only shorter pulls than this does not say so by a fault. */
const shortestPullMs = 5000

const faulted = (state: Subscription, failure: CallFailed, now: EpochMs): Subscription => {
  const reason = `the device refuses the pull: ${failure.reason}`
  if (isGone(failure)) return over(state, "the device has forgotten the subscription", now)
  if (isBusy(failure)) return troubled(state, reason, now, {})
  const longestMs = longestPullMs(failure)
  if (longestMs !== undefined && longestMs > 0 && longestMs < state.pullMs) {
    return troubled(state, reason, now, { pullMs: Math.max(1000, longestMs), pullFrom: now })
  }
  if (state.pullMs <= shortestPullMs) return over(state, reason, now)
  return troubled(state, reason, now, { pullMs: Math.max(shortestPullMs, Math.floor(state.pullMs / 2)) })
}

/** How long the device held the pull that it ended so. */
const heldMsOf = ({ kind, closedAfterMs }: CallFailed, { askedAt, now }: Pulled): number =>
  kind === "unreachable" ? (closedAfterMs ?? 0) : now - askedAt

/** An answer without a word: a pull that was held ends so at some devices, and at proxies before them. */
const saysNothing = ({ kind, status = 500, raw }: CallFailed): boolean => {
  switch (kind) {
    case "unreachable":
    case "fault":
      return true
    case "http":
      return status === 408 || status === 504
    case "unreadable":
      return raw === undefined && status >= 200 && status < 300
    default:
      return false
  }
}

/** The device held the pull and ended it in its own way: nothing has happened. */
const isHeld = (failure: CallFailed, pull: Pulled): boolean =>
  saysNothing(failure) && heldMsOf(failure, pull) >= Math.min(closedLateMs, pull.timeoutMs / 4)

/** As an empty answer. Where it came well before its time, the device holds no pull so long: the next is shorter. */
const held = (state: Subscription, failure: CallFailed, pull: Pulled): Subscription => {
  const lastedMs = heldMsOf(failure, pull)
  const nothing = { messages: 0, news: 0, full: false, times: {} }
  if (lastedMs >= 0.9 * pull.timeoutMs) return pulled(state, nothing, pull)
  const pullMs = Math.max(1000, Math.floor((lastedMs * 0.8) / 1000) * 1000)
  // Learnt only once the shorter one was answered: a device that restarts closes its connections too.
  return { ...pulled(state, nothing, pull), learnt: state.learnt, pullMs: Math.min(state.pullMs, pullMs) }
}

/** A pull that brought no answer, or none that can be read. */
export const pullFailed = (state: Subscription, failure: CallFailed, pull: Pulled): Subscription => {
  const isAnswer =
    failure.kind === "fault" && (isGone(failure) || isBusy(failure) || longestPullMs(failure) !== undefined)
  if (!isAnswer && isHeld(failure, pull)) return held(state, failure, pull)
  switch (failure.kind) {
    case "unauthorized":
      return refused(state, failure, pull.now)
    case "unpinned":
      return { ...state, verdict: reject(failure.reason) }
    case "fault":
      return faulted(state, failure, pull.now)
    case "unreadable":
      return troubled(state, `nothing the device says can be read: ${failure.reason}`, pull.now, { synchronize: true })
    case "http":
      return (failure.status ?? 500) < 500 && failure.status !== 408
        ? over(state, `the subscription's address is gone: ${failure.reason}`, pull.now)
        : { ...state, verdict: end(failure.reason) }
    case "unreachable":
      return { ...state, verdict: end(failure.reason) }
    case "timeout":
      return { ...state, verdict: end(`no answer to a pull of ${Math.round(pull.timeoutMs / 1000)} s`) }
  }
}

/** It was not. Whether the subscription still lives, the next pull tells. */
export const renewalFailed = (
  state: Subscription,
  absolute: boolean,
  failure: CallFailed,
  now: EpochMs
): Subscription => {
  if (failure.kind === "unauthorized") return refused(state, failure, now)
  if (absolute && state.tryAbsolute) return { ...state, tryAbsolute: false }
  const refusesToRenew = failure.kind === "fault" || failure.kind === "http"
  const laterMs = Math.max(spacingMs, (state.lease.untilAt - now) / 2)
  return refusesToRenew ? { ...state, renewal: "refused" } : { ...state, renewAt: now + laterMs }
}
