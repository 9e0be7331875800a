import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CallFailed } from "../../../adapters/onvif/wire/connection.ts"
import {
  begun,
  type Brought,
  kept,
  nextStep,
  pulled,
  reauthenticated,
  renewalDue,
  renewed,
  type Subscription,
  synchronized,
  type Terms
} from "../../../adapters/onvif/events/subscription.ts"
import { pullFailed, renewalFailed } from "../../../adapters/onvif/events/subscription-failure.ts"

const terms: Terms = { pullMs: 60_000, leaseMs: 600_000, silenceMs: 1_800_000 }

/** The device's clock is years off: only differences count. */
const deviceNow = Date.UTC(2001, 0, 1)

const lease = (ms: number) => ({ currentTime: deviceNow, terminationTime: deviceNow + ms })

/** A subscription that has been told of its initial state, ready to pull. */
const ready = (times = lease(600_000), learnt = {}): Subscription => synchronized(begun(terms, learnt, times, 0), true)

const empty = { messages: 0, news: 0, full: false, times: {} }

type Failure = ConstructorParameters<typeof CallFailed>[0]

const failure = (fields: Partial<Failure>): CallFailed => new CallFailed({ kind: "fault", reason: "no", ...fields })

const fault = (subcode: string): CallFailed =>
  failure({ fault: { code: "Receiver", subcodes: [subcode], reason: "no", detail: [] } })

const pull = (now: number, askedAt = now) => ({ timeoutMs: 60_000, askedAt, now })

describe("the lease of a subscription", () => {
  it("counts from when the device granted it, whatever its clock shows", () => {
    const state = ready(lease(300_000))
    expect(renewalDue(state, 239_999)).toBe(false)
    expect(renewalDue(state, 240_000)).toBe(true)
  })

  it("is the one asked for where the device tells none, or tells one that is over", () => {
    expect(renewalDue(ready({} as never), 479_999)).toBe(false)
    expect(renewalDue(ready({} as never), 480_000)).toBe(true)
    const over = renewalFailed(ready(lease(-3_600_000)), true, fault("ActionNotSupported"), 0)
    expect(nextStep(over, 0)).toMatchObject({ _tag: "Pull" })
  })

  it("is asked for as an instant when the device falls far short of the duration", () => {
    const state = ready(lease(5000))
    expect(nextStep(state, 0)).toEqual({ _tag: "Renew", absolute: true })
    const better = renewed(state, true, lease(600_000), 0)
    expect(better.learnt).toMatchObject({ absoluteTime: true })
    expect(nextStep(better, 0)).toMatchObject({ _tag: "Pull" })
    // The next subscription begins with what was learnt.
    expect(nextStep(synchronized(begun(terms, better.learnt, lease(5000), 0), true), 0)).toMatchObject({ _tag: "Pull" })
  })

  it("ends a pull in time for its renewal", () => {
    expect(nextStep(ready(), 450_000)).toMatchObject({ _tag: "End" })
    const pulling = pulled(ready(), empty, pull(450_000, 390_000))
    expect(nextStep(pulling, 450_000)).toMatchObject({ _tag: "Pull", timeoutMs: 30_000 })
    expect(nextStep(pulling, 480_000)).toEqual({ _tag: "Renew", absolute: false })
  })

  it("is renewed in time though little of it is left, and is not thought to grow because no lease is so short", () => {
    const left = (ms: number) => ({ ...empty, times: lease(ms) })
    // A recorder grants half a minute, and a pull is answered with seven seconds of it left.
    const state = pulled(ready(lease(30_000), { absoluteTime: true }), left(7000), pull(23_000, 20_000))
    expect(state.pullsExtend).toBe(false)
    expect(nextStep(state, 24_000)).toMatchObject({ _tag: "Renew" })
    // One of five seconds, which is believed to be longer, runs out all the same.
    expect(pulled(ready(lease(5000)), left(2000), pull(3000, 0)).pullsExtend).toBe(false)
    expect(pulled(ready(lease(5000)), left(5000), pull(3000, 0)).pullsExtend).toBe(true)
  })

  it("is kept by pulls of whole seconds", () => {
    const times = lease(26_600)
    const state = pulled(ready(lease(30_000), { absoluteTime: true }), { ...empty, times }, pull(3400, 0))
    expect(nextStep(state, 3400)).toMatchObject({ _tag: "Pull", timeoutMs: 19_000 })
    expect(nextStep(state, 23_500)).toMatchObject({ _tag: "Pull", timeoutMs: 1000 })
  })

  it("needs no renewal where pulls extend it, except while nothing is pulled", () => {
    const later = { currentTime: deviceNow + 60_000, terminationTime: deviceNow + 660_000 }
    const state = pulled(ready(), { ...empty, times: later }, pull(60_000, 0))
    expect(state.pullsExtend).toBe(true)
    expect(renewalDue(state, 600_000)).toBe(false)
    expect(renewalDue(state, 600_000, false)).toBe(true)
    expect(nextStep(state, 60_000)).toMatchObject({ _tag: "Pull", timeoutMs: 60_000 })
  })

  it("is not renewed again at a device that does not renew", () => {
    const state = renewalFailed(pulled(ready(), empty, pull(480_000)), false, fault("ActionNotSupported"), 480_000)
    expect(renewalDue(state, 590_000)).toBe(false)
    // A pull ends with the lease, and one that goes on all the same is pulled on.
    expect(nextStep(state, 480_000)).toMatchObject({ _tag: "Pull", timeoutMs: 60_000 })
    expect(nextStep(state, 570_000)).toMatchObject({ _tag: "Pull", timeoutMs: 30_000 })
    expect(nextStep(pulled(state, empty, pull(600_000)), 600_000)).toMatchObject({ _tag: "Pull", timeoutMs: 60_000 })
  })

  it("is tried again soon when the renewal was not answered", () => {
    const state = renewalFailed(ready(), false, failure({ kind: "timeout" }), 480_000)
    expect(renewalDue(state, 480_001)).toBe(false)
    expect(renewalDue(state, 540_000)).toBe(true)
  })
})

describe("a pull", () => {
  it("is not repeated at once after an empty answer that came too early", () => {
    expect(nextStep(pulled(ready(), empty, pull(20, 0)), 20)).toMatchObject({ _tag: "Pull", from: 770 })
    expect(nextStep(pulled(ready(), empty, pull(60_000, 0)), 60_000)).toMatchObject({ _tag: "Pull", from: 60_000 })
  })

  it("is not repeated at once either after an answer that says nothing new, and after news ten times a second at most", () => {
    const from = (brought: Partial<Brought>) => {
      const state = pulled(ready(), { ...empty, messages: 3, ...brought }, pull(20, 0))
      const step = nextStep(state, 20)
      return step._tag === "Pull" ? step.from : step._tag
    }
    expect(from({ news: 0 })).toBe(750)
    expect(from({ news: 1 })).toBe(100)
    // What is waiting is fetched, as fast as it says what is new.
    expect(from({ news: 0, full: true })).toBe(100)
    expect(from({ news: 1, full: true })).toBe(20)
    const slow = pulled(ready(), { ...empty, messages: 3 }, pull(5000, 0))
    expect(nextStep(slow, 5000)).toMatchObject({ _tag: "Pull", from: 5000 })
  })

  it("becomes shorter where the device closes one that lasts too long for it, and stays so", () => {
    const shorter = pullFailed(ready(), failure({ kind: "unreachable", closedAfterMs: 10_040 }), pull(10_050, 0))
    // Nothing was lost: the state is not asked for.
    expect(nextStep(shorter, 10_050)).toMatchObject({ _tag: "Pull", timeoutMs: 8000 })
    expect(shorter.pulls).toBe(1)
    // Learnt only once the shorter one was answered: a device that restarts closes its connections too.
    expect(shorter.learnt).toEqual({})
    expect(pulled(shorter, empty, { timeoutMs: 8000, askedAt: 10_050, now: 18_050 }).learnt).toEqual({ pullMs: 8000 })
  })

  it.each<[string, CallFailed]>([
    ["HTTP 408", failure({ kind: "http", status: 408 })],
    ["HTTP 504", failure({ kind: "http", status: 504, raw: "<html>gateway timeout</html>" })],
    ["an empty 200", failure({ kind: "unreadable", status: 200 })],
    ["a fault", fault("Timeout")]
  ])("that was held and ends with %s is an empty one, and the next is shorter", (_, ended) => {
    const shorter = pullFailed(ready(), ended, pull(8000, 0))
    expect(nextStep(shorter, 8000)).toEqual({ _tag: "Pull", from: 8750, timeoutMs: 6000 })
    expect([shorter.pulls, shorter.troubles, shorter.synchronize]).toEqual([1, 0, false])
    // One that was held as long as it was asked for need be no shorter, however often it ends so.
    let state = shorter
    for (let at = 10_000; at < 100_000; at += 6000) {
      state = pullFailed(state, ended, { timeoutMs: 6000, askedAt: at, now: at + 6000 })
      expect(nextStep(state, at + 6000)).toMatchObject({ _tag: "Pull", from: at + 6000, timeoutMs: 6000 })
    }
    expect(state.learnt).toEqual({ pullMs: 6000 })
  })

  it.each<[string, CallFailed]>([
    ["HTTP 408", failure({ kind: "http", status: 408 })],
    ["HTTP 504", failure({ kind: "http", status: 504 })]
  ])("that ends with %s at once is a lost link", (_, ended) => {
    expect(nextStep(pullFailed(ready(), ended, pull(20, 0)), 20)).toMatchObject({ _tag: "End" })
  })

  it("that was held and ends with what nobody can read is not an empty one", () => {
    const broken = failure({ kind: "unreadable", status: 200, raw: "<s:Envelope" })
    expect(nextStep(pullFailed(ready(), broken, pull(8000, 0)), 8000)).toEqual({ _tag: "Synchronize" })
  })

  it("that is cut at once is a lost link", () => {
    const cut = pullFailed(ready(), failure({ kind: "unreachable", closedAfterMs: 30 }), pull(30, 0))
    expect(nextStep(cut, 30)).toMatchObject({ _tag: "End", error: { _tag: "LinkLost" } })
    const gone = pullFailed(ready(), failure({ kind: "unreachable" }), pull(30, 0))
    expect(nextStep(gone, 30)).toMatchObject({ _tag: "End", error: { _tag: "LinkLost" } })
  })

  it("becomes shorter where the device faults at the time it is asked to hold one", () => {
    const state = pullFailed(ready(), fault("InvalidArgVal"), pull(10, 0))
    expect(nextStep(state, 10)).toMatchObject({ _tag: "Pull", timeoutMs: 30_000, from: 1010 })
  })

  it("becomes as short as a device says that it must be", () => {
    const raw = "<s:Detail><tev:PullMessagesFaultResponse><tev:MaxTimeout>PT20S</tev:MaxTimeout>"
    const state = pullFailed(
      ready(),
      failure({ fault: { code: "Receiver", subcodes: [], reason: "", detail: [] }, raw }),
      pull(10, 0)
    )
    expect(nextStep(state, 10)).toMatchObject({ _tag: "Pull", timeoutMs: 20_000, from: 10 })
  })

  it("waits when another is still going on at the device, longer each time", () => {
    const first = pullFailed(ready(), fault("UnableToGetMessagesFault"), pull(10, 0))
    expect(nextStep(first, 10)).toMatchObject({ _tag: "Pull", from: 1010 })
    const second = pullFailed(first, fault("UnableToGetMessagesFault"), pull(1010))
    expect(nextStep(second, 1010)).toMatchObject({ _tag: "Pull", from: 3010 })
  })

  it("that brought what nobody can read is followed by a pause and a request for the state", () => {
    const state = pullFailed(ready(), failure({ kind: "unreadable" }), pull(10, 0))
    expect(nextStep(state, 10)).toEqual({ _tag: "Synchronize" })
    expect(nextStep(synchronized(state, true), 10)).toMatchObject({ _tag: "Pull", from: 1010 })
  })

  it("ends the link when none was answered for twice its time", () => {
    expect(nextStep(ready(), 120_000)).toMatchObject({ _tag: "Pull" })
    expect(nextStep(ready(), 121_000)).toMatchObject({ _tag: "End", error: { _tag: "LinkLost" } })
    // The time the store needed is not the device's.
    expect(nextStep(kept(ready(), false, 300_000), 310_000)).toMatchObject({ _tag: "Pull" })
  })

  it("that is refused for who we are is tried once more by the device's own clock, then a person must act", () => {
    const refused = pullFailed(ready(), failure({ kind: "unauthorized" }), pull(10, 0))
    expect(nextStep(refused, 10)).toEqual({ _tag: "Reauthenticate" })
    const again = pullFailed(reauthenticated(refused), failure({ kind: "unauthorized" }), pull(20))
    expect(nextStep(again, 20)).toMatchObject({ _tag: "End", error: { _tag: "CredentialsRejected" } })
    const well = pulled(reauthenticated(refused), empty, pull(20))
    expect(well.refusals).toBe(0)
  })
})

describe("a subscription that the device has forgotten", () => {
  const gone = fault("ResourceUnknownFault")

  it("is replaced once it has brought anything", () => {
    const state = pullFailed(pulled(ready(), empty, pull(60_000, 0)), gone, pull(60_010))
    expect(nextStep(state, 60_010)).toMatchObject({ _tag: "Resubscribe" })
    // The name of the fault may stand in its detail alone.
    const nameless = {
      code: "Receiver",
      subcodes: [],
      reason: "there is none",
      detail: ["ResourceUnknownFault", "Timestamp"]
    }
    const detailed = failure({ fault: nameless })
    const again = pullFailed(pulled(ready(), empty, pull(60_000, 0)), detailed, pull(60_010))
    expect(nextStep(again, 60_010)).toMatchObject({ _tag: "Resubscribe" })
  })

  it("ends the link when it never worked, so that the back-off decides", () => {
    expect(nextStep(pullFailed(ready(), gone, pull(10, 0)), 10)).toMatchObject({ _tag: "End" })
  })

  it("ends the link when its replacement is forgotten at once too", () => {
    const second = { ...ready(), replaces: true }
    const soon = pullFailed(pulled(second, empty, pull(10, 0)), gone, pull(20))
    expect(nextStep(soon, 20)).toMatchObject({ _tag: "End" })
    const later = pullFailed(pulled(second, empty, pull(20_000, 0)), gone, pull(20_010))
    expect(nextStep(later, 20_010)).toMatchObject({ _tag: "Resubscribe" })
  })
})

describe("a silent stream", () => {
  const telling = (state: Subscription, now: number) => pulled(state, { ...empty, messages: 2, news: 2 }, pull(now))
  /** The device repeated its state when it was asked, then fell silent. */
  const silent = { ...telling(ready(), 100), waitingSince: 1_800_100, renewAt: Number.POSITIVE_INFINITY }

  it("is asked for the state when it has been silent for long", () => {
    expect(nextStep(silent, 1_800_050)).toMatchObject({ _tag: "Pull" })
    expect(nextStep(silent, 1_800_100)).toEqual({ _tag: "Synchronize" })
  })

  it("is alive when the state comes", () => {
    const alive = telling(synchronized(silent, true), 1_800_200)
    expect(nextStep(alive, 1_800_200)).toMatchObject({ _tag: "Pull" })
    expect(alive.learnt).toMatchObject({ failedProofs: 0 })
  })

  it("is replaced when it does not", () => {
    const asked = synchronized(silent, true)
    const once = pulled(asked, empty, pull(1_860_100, 1_800_100))
    expect(nextStep(once, 1_860_100)).toMatchObject({ _tag: "Pull" })
    const twice = pulled(once, empty, pull(1_920_100, 1_860_100))
    expect(nextStep(twice, 1_920_100)).toMatchObject({ _tag: "Resubscribe" })
    expect(twice.learnt).toMatchObject({ failedProofs: 1 })
  })

  it("is left alone where the device never repeats its state", () => {
    const quiet = pulled(pulled(ready(), empty, pull(10)), empty, pull(20))
    expect(nextStep({ ...quiet, waitingSince: 9e9, renewal: "refused" }, 9e9)).toMatchObject({ _tag: "Pull" })
    const doubted = { ...silent, learnt: { failedProofs: 2 } }
    expect(nextStep(doubted, 1_800_100)).toMatchObject({ _tag: "Pull" })
  })
})

describe("whatever a device does", () => {
  const outcomes = [
    "empty",
    "gone",
    "busy",
    "argument",
    "unreadable",
    "closed",
    "unauthorized",
    "http",
    "late"
  ] as const

  const after = (state: Subscription, outcome: (typeof outcomes)[number], now: number): Subscription => {
    const failures = {
      gone: fault("ResourceUnknownFault"),
      busy: fault("UnableToGetMessagesFault"),
      argument: fault("InvalidArgVal"),
      unreadable: failure({ kind: "unreadable" }),
      closed: failure({ kind: "unreachable", closedAfterMs: 6000 }),
      unauthorized: failure({ kind: "unauthorized" }),
      http: failure({ kind: "http", status: 404 }),
      late: failure({ kind: "timeout" })
    }
    return outcome === "empty"
      ? pulled(state, empty, pull(now))
      : pullFailed(state, failures[outcome], { timeoutMs: 60_000, askedAt: now, now })
  }

  it("no more than two requests a second go out while it tells nothing, and the loop always goes on or ends", () => {
    const run = fc.array(fc.constantFrom(...outcomes), { minLength: 1, maxLength: 200 })
    const grants = fc.constantFrom(undefined, -60_000, 0, 5000, 10_000, 60_000, 600_000)
    const does = fc.boolean()
    fc.assert(
      fc.property(run, grants, does, does, (answers, granted, renews, synchronizes) => {
        const times = granted === undefined ? {} : lease(granted)
        let state = begun(terms, {}, times, 0)
        let now = 0
        let requests = 0
        for (const outcome of answers) {
          const step = nextStep(state, now)
          if (step._tag === "End" || step._tag === "Resubscribe") break
          requests++
          if (step._tag === "Pull") {
            now = step.from + (outcome === "closed" ? 6000 : 0)
            state = after(state, outcome, now)
          } else if (step._tag === "Renew") {
            const refused = fault("ActionNotSupported")
            state = renews
              ? renewed(state, step.absolute, times, now)
              : renewalFailed(state, step.absolute, refused, now)
          } else state = step._tag === "Synchronize" ? synchronized(state, synchronizes) : reauthenticated(state)
        }
        // Subscribing costs a few at once; each failure may cost a request for the state.
        expect(requests).toBeLessThanOrEqual(8 + (now / 1000) * 2)
      }),
      { numRuns: 500 }
    )
  })
})
