import fc from "fast-check"
import { HashMap } from "effect"
import type { Decision } from "../../gateway/correlation/decision.ts"
import { fold, initial, nextDue } from "../../gateway/correlation/fold.ts"
import { owedAcknowledgements } from "../../gateway/correlation/owed-acknowledgements.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { DoorMode } from "../../gateway/domain/door.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { AlertId, DeviceId, LinkId, PointRef } from "../../gateway/domain/ids.ts"
import type { LinkState } from "../../gateway/domain/link.ts"
import type { Observation, OccurrenceWord, Origin, PointValue } from "../../gateway/domain/observation.ts"
import { AcknowledgementOutcome } from "../../gateway/domain/panel-condition.ts"
import { campusOf, dawn, eastDoor } from "./door-stage.ts"

/** Something that happens, after so much time. */
export type Step = { readonly afterMs: number } & (
  | {
      readonly _tag: "Message"
      readonly ref: string
      readonly says: { readonly reading: PointValue } | { readonly occurrence: OccurrenceWord }
      readonly origin: Origin
      readonly test: boolean
      readonly lagMs: number
      readonly dated: boolean
    }
  | {
      readonly _tag: "Availability"
      readonly device: string
      readonly state: "online" | "offline" | "unknown"
      readonly origin: Origin
    }
  | {
      readonly _tag: "Gap"
      readonly devices: ReadonlyArray<string> | undefined
      readonly cause: "SessionLost" | "EventsDropped"
    }
  | {
      readonly _tag: "Condition"
      readonly id: "forced" | "case" | "cover"
      readonly branch: string | undefined
      readonly event: string
      readonly active: boolean
      readonly acked: boolean
      readonly retain: boolean
      readonly gone: boolean
      readonly origin: Origin
    }
  /** What is owed to panels goes out, and this comes of it. */
  | { readonly _tag: "Answer"; readonly outcome: AcknowledgementOutcome | undefined }
  | { readonly _tag: "Officer"; readonly act: "acknowledge" | "close" | "note"; readonly nth: number }
  | { readonly _tag: "Link"; readonly state: LinkState }
  | { readonly _tag: "Restart"; readonly downMs: number }
  | { readonly _tag: "Configured"; readonly campus: number }
)

const swappedRex = { rex: [PointRef.make("pir/motion")], times: { heldOpenSeconds: 12, heldPreAlarmSeconds: 6 } }

/** The campus, one whose east door is bound and timed otherwise, and one that does not know the door at all. */
export const campuses: ReadonlyArray<Campus> = [
  campusOf(),
  campusOf({ ...swappedRex, position: PointRef.make("south-contact/contact") }),
  { ...campusOf(), doors: campusOf().doors.filter(({ id }) => id !== eastDoor.id) }
]

const afterMs = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 200_000 }) }
)

const onOff = (kind: "motion" | "tamper" | "fault" | "input") =>
  fc.record({ kind: fc.constant(kind), value: fc.constantFrom("on" as const, "off" as const, "unknown" as const) })

const position = fc.record({
  kind: fc.constant("position" as const),
  value: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom("open" as const, "closed" as const) },
    { weight: 1, arbitrary: fc.constantFrom("unknown" as const, "fault" as const) }
  )
})

const readings: ReadonlyArray<readonly [number, string, fc.Arbitrary<PointValue>]> = [
  [9, "contact/contact", position],
  [2, "north-contact/contact", position],
  [1, "south-contact/contact", position],
  [3, "pir/motion", onOff("motion")],
  [1, "contact/tamper", onOff("tamper")],
  [1, "reader/casing", onOff("input")],
  [1, "lock/fault", onOff("fault")],
  [
    1,
    "lock/lock",
    fc.record({ kind: fc.constant("lock" as const), value: fc.constantFrom("locked", "unlocked", "unknown", "fault") })
  ],
  [2, "panel/mode", fc.record({ kind: fc.constant("mode" as const), value: fc.constantFrom(...DoorMode.literals) })],
  [
    2,
    "panel/alarm",
    fc.record({
      kind: fc.constant("alarm" as const),
      value: fc.constantFrom("Normal", "DoorForcedOpen", "DoorOpenTooLong", "unknown")
    })
  ]
]

const credential = fc.constantFrom("ada", "ben", "cy")

const occurrences: ReadonlyArray<readonly [number, string, fc.Arbitrary<OccurrenceWord>]> = [
  [4, "reader/reader", fc.record({ _tag: fc.constant("AccessGranted" as const), credential, extended: fc.boolean() })],
  [
    1,
    "reader/reader",
    fc.record({ _tag: fc.constantFrom("AccessTaken" as const, "AccessNotTaken" as const), credential })
  ],
  [1, "reader/reader", fc.constant({ _tag: "DuressSignalled" })],
  [3, "rex/button", fc.constant({ _tag: "ExitRequested" })],
  [1, "rex/panic", fc.constant({ _tag: "PanicPressed" })],
  [1, "contact/contact", fc.constantFrom({ _tag: "DoorForcedReported" }, { _tag: "DoorHeldReported" })]
]

const origin: fc.Arbitrary<Origin> = fc.oneof(
  { weight: 8, arbitrary: fc.constant("change" as const) },
  { weight: 1, arbitrary: fc.constantFrom("recovery" as const, "replayed" as const) }
)

const condition: fc.Arbitrary<Step> = fc.record({
  _tag: fc.constant("Condition" as const),
  afterMs,
  id: fc.constantFrom("forced" as const, "case" as const, "cover" as const),
  branch: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom("b1", "b2") }
  ),
  event: fc.constantFrom("e1", "e2", "e3"),
  active: fc.boolean(),
  acked: fc.boolean(),
  retain: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  gone: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  origin
})

const answer: fc.Arbitrary<Step> = fc.record({
  _tag: fc.constant("Answer" as const),
  afterMs,
  outcome: fc.option(fc.constantFrom(...AcknowledgementOutcome.literals), { nil: undefined })
})

const message = (ref: string, says: fc.Arbitrary<{ reading: PointValue } | { occurrence: OccurrenceWord }>) =>
  fc.record({
    _tag: fc.constant("Message" as const),
    afterMs,
    ref: fc.constant(ref),
    says,
    origin,
    test: fc.oneof({ weight: 19, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    lagMs: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 2500 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 90_000 }) }
    ),
    dated: fc.boolean()
  })

const devices = ["contact", "pir", "reader", "panel", "bridge", "north-contact", "south-contact"] as const

const rare: ReadonlyArray<fc.Arbitrary<Step>> = [
  fc.record({
    _tag: fc.constant("Availability" as const),
    afterMs,
    device: fc.constantFrom(...devices),
    state: fc.constantFrom("online", "offline", "unknown"),
    origin
  }),
  fc.record({
    _tag: fc.constant("Gap" as const),
    afterMs,
    devices: fc.option(fc.subarray([...devices]), { nil: undefined }),
    cause: fc.constantFrom("SessionLost", "EventsDropped")
  }),
  fc.record({
    _tag: fc.constant("Link" as const),
    afterMs,
    state: fc.constantFrom<LinkState>(
      { _tag: "Connecting" },
      { _tag: "Online" },
      { _tag: "Offline", reason: "refused" },
      { _tag: "Rejected", reason: "password" },
      { _tag: "Stopped" }
    )
  }),
  fc.record({ _tag: fc.constant("Restart" as const), afterMs, downMs: fc.integer({ min: 0, max: 60_000 }) }),
  fc.record({ _tag: fc.constant("Configured" as const), afterMs, campus: fc.constantFrom(0, 0, 1, 2) })
]

/** A course of events such as a bad week brings in minutes. */
export const course: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.oneof(
    ...readings.map(([weight, ref, value]) => ({
      weight,
      arbitrary: message(
        ref,
        value.map((reading) => ({ reading }))
      )
    })),
    ...occurrences.map(([weight, ref, word]) => ({
      weight,
      arbitrary: message(
        ref,
        word.map((occurrence) => ({ occurrence }))
      )
    })),
    { weight: 4, arbitrary: condition },
    { weight: 2, arbitrary: answer },
    {
      weight: 2,
      arbitrary: fc.record({
        _tag: fc.constant("Officer" as const),
        afterMs,
        act: fc.constantFrom("acknowledge", "close", "note"),
        nth: fc.nat(5)
      })
    },
    ...rare.map((arbitrary) => ({ weight: 1, arbitrary }))
  ),
  { minLength: 1, maxLength: 40, size: "max" }
)

/** A course of events at a panel whose conditions officers acknowledge, with little else. */
export const panelCourse: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: condition },
    { weight: 4, arbitrary: answer },
    {
      weight: 5,
      arbitrary: fc.record({
        _tag: fc.constant("Officer" as const),
        afterMs,
        act: fc.constantFrom("acknowledge", "acknowledge", "acknowledge", "close", "note"),
        nth: fc.nat(5)
      })
    },
    {
      weight: 1,
      arbitrary: fc.record({
        _tag: fc.constant("Restart" as const),
        afterMs,
        downMs: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 100_000 }))
      })
    }
  ),
  { minLength: 1, maxLength: 40, size: "max" }
)

/** One fact that went in, and what came of it. */
export interface Folding {
  readonly seq: number
  readonly fact: Fact
  readonly before: Situation
  readonly after: Situation
  readonly decisions: ReadonlyArray<Decision>
}

const observationOf = (step: Extract<Step, { _tag: "Message" }>, now: number): Observation => {
  const signal = {
    device: DeviceId.make(step.ref.slice(0, step.ref.indexOf("/"))),
    point: step.ref.slice(step.ref.indexOf("/") + 1),
    origin: step.origin,
    source: "test",
    ...(step.test ? { test: true } : {}),
    ...(step.dated ? { deviceTime: now - step.lagMs } : {})
  }
  return "reading" in step.says
    ? { _tag: "Reading", ...signal, ...step.says }
    : { _tag: "Occurrence", ...signal, ...step.says }
}

type Unstamped = Fact extends infer F ? (F extends Fact ? Omit<F, "at"> : never) : never

const link = LinkId.make("mqtt")

const officerFact = (step: Extract<Step, { _tag: "Officer" }>, situation: Situation): Unstamped | undefined => {
  const open = HashMap.toValues(situation.alerts).sort((a, b) =>
    `${a.condition}${a.key}` < `${b.condition}${b.key}` ? -1 : 1
  )
  const alert = open[step.nth % Math.max(1, open.length)]?.id ?? AlertId.make("A-none")
  switch (step.act) {
    case "acknowledge":
      return { _tag: "AlertAcknowledged", alert, by: "officer" }
    case "close":
      return { _tag: "AlertClosed", alert, by: "officer", outcome: "real", reason: "seen to" }
    case "note":
      return { _tag: "AlertNoted", alert, by: "officer", note: "a note" }
  }
}

const conditionOf = (step: Extract<Step, { _tag: "Condition" }>): Observation => {
  const { id, branch, event, active, acked, retain, gone, origin } = step
  return {
    _tag: "PanelCondition",
    device: DeviceId.make("panel"),
    point: id === "forced" ? "alarm" : "casing",
    origin,
    source: "test",
    condition: branch === undefined ? { id } : { id, branch },
    event,
    active,
    acked,
    retain,
    ...(gone ? { gone } : {}),
    means: { reading: id === "forced" ? { kind: "alarm", value: "DoorForcedOpen" } : { kind: "tamper", value: "on" } },
    answerable: true
  }
}

const factOf = (step: Exclude<Step, { _tag: "Answer" }>, situation: Situation, now: number): Unstamped | undefined => {
  switch (step._tag) {
    case "Message": {
      const occurredAt = now - step.lagMs
      return { _tag: "Observed", link, observation: observationOf(step, now), receivedAt: now, occurredAt }
    }
    case "Availability": {
      const { device, state, origin } = step
      const observation = {
        _tag: "Availability",
        device: DeviceId.make(device),
        state,
        origin,
        reason: "r",
        source: "t"
      } as const
      return { _tag: "Observed", link, observation, receivedAt: now, occurredAt: now }
    }
    case "Gap": {
      const of = step.devices === undefined ? {} : { devices: step.devices.map((id) => DeviceId.make(id)) }
      const observation = { _tag: "Gap", cause: step.cause, detail: "d", ...of } as const
      return { _tag: "Observed", link, observation, receivedAt: now, occurredAt: now }
    }
    case "Condition":
      return { _tag: "Observed", link, observation: conditionOf(step), receivedAt: now, occurredAt: now }
    case "Officer":
      return officerFact(step, situation)
    case "Link":
      return { _tag: "LinkChanged", link, state: step.state }
    case "Restart":
      return { _tag: "GatewayStarted", blindFrom: now - step.downMs }
    case "Configured": {
      const campus = campuses[step.campus]
      return campus === undefined
        ? undefined
        : { _tag: "ConfigApplied", version: `v${step.campus}`, campus, by: "test" }
    }
  }
}

/**
 * Plays a course. `prompt`: deadlines fire when they are due. `lazy`: they fire with the next fact, save before an
 * officer's act, for nobody acts on an alert that is not there.
 */
export const play = (steps: ReadonlyArray<Step>, pace: "prompt" | "lazy"): ReadonlyArray<Folding> => {
  const foldings: Array<Folding> = []
  let situation = initial
  let seq = 0
  let now = dawn
  const enter = (unstamped: Unstamped): void => {
    const fact = { ...unstamped, at: now } as Fact
    const before = situation
    const folded = fold(before, ++seq, fact)
    situation = folded.situation
    foldings.push({ seq, fact, before, after: situation, decisions: folded.decisions })
    seq += folded.decisions.length
  }
  const pass = (until: number): void => {
    for (let due = nextDue(situation); due !== undefined && due <= until; due = nextDue(situation)) {
      now = Math.max(now, due)
      enter({ _tag: "TimePassed" })
    }
  }
  const [campus] = campuses
  enter({ _tag: "GatewayStarted" })
  if (campus !== undefined) enter({ _tag: "ConfigApplied", version: "v0", campus, by: "test" })
  for (const step of steps) {
    const until = now + step.afterMs
    if (pace === "prompt" || step._tag === "Officer" || step._tag === "Answer") pass(until)
    // While the process is down nothing fires.
    now = until + (step._tag === "Restart" ? step.downMs : 0)
    if (step._tag === "Answer") {
      for (const { alert, device, condition, event } of owedAcknowledgements(situation)) {
        enter({ _tag: "AcknowledgementSent", alert, device, condition, event })
        if (step.outcome === undefined) continue
        enter({ _tag: "AcknowledgementAnswered", alert, device, condition, event, outcome: step.outcome })
      }
      continue
    }
    const fact = factOf(step, situation, now)
    if (fact !== undefined) enter(fact)
  }
  const end = now + 600_000
  if (pace === "prompt") pass(end)
  now = end
  enter({ _tag: "TimePassed" })
  return foldings
}
