import fc from "fast-check"
import type { ArmingState } from "../../gateway/domain/arming.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { DoorMode } from "../../gateway/domain/door.ts"
import { AreaId, PointRef } from "../../gateway/domain/ids.ts"
import type { LinkState } from "../../gateway/domain/link.ts"
import type { OccurrenceWord, Origin, PointValue } from "../../gateway/domain/observation.ts"
import { ScheduleId, ScheduleRef } from "../../gateway/domain/schedule.ts"
import type { Rule } from "../../gateway/domain/rule.ts"
import { WriteBackOutcome } from "../../gateway/domain/panel-condition.ts"
import { ruleOf } from "./rule-stage.ts"
import { campusOf, eastDoor } from "./door-stage.ts"

type OfficerAct = "acknowledge" | "close" | "note" | "shelve" | "shelve until normal" | "unshelve"

type ServiceAct = "begin" | "end" | "bypass" | "end bypass"

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
      /** What was said last at the panel is what an officer noted here. */
      readonly commented: boolean
      readonly shelved: boolean
      readonly origin: Origin
    }
  /** What is owed to panels goes out, and this comes of it. */
  | { readonly _tag: "Answer"; readonly outcome: WriteBackOutcome | undefined }
  | { readonly _tag: "Officer"; readonly act: OfficerAct; readonly nth: number }
  | { readonly _tag: "Link"; readonly state: LinkState }
  /** An officer's word on an area, for so long; of no time: its end. */
  | { readonly _tag: "Arming"; readonly area: AreaId; readonly state: ArmingState; readonly forMs: number }
  | { readonly _tag: "Threat"; readonly level: string; readonly forMs: number | undefined }
  | { readonly _tag: "Restart"; readonly downMs: number }
  /** Something is worked on, or a point is not believed any more, and the end of it. */
  | { readonly _tag: "Service"; readonly act: ServiceAct; readonly nth: number; readonly minutes: number }
  /** One of the campuses; a number that none of them has is a configuration that is wrong. */
  | { readonly _tag: "Configured"; readonly campus: number }
)

const swappedRex = { rex: [PointRef.make("pir/motion")], times: { heldOpenSeconds: 12, heldPreAlarmSeconds: 6 } }

const [hall, lobby, store] = [AreaId.make("hall"), AreaId.make("lobby"), AreaId.make("store")]
const [lessons, breaks] = [ScheduleId.make("lessons"), ScheduleRef.make("lessons/break")]

/** A morning of short lessons: areas are armed and disarmed again within the minutes of a course. */
const scheduled: Pick<Campus, "areas" | "schedules"> = {
  areas: [
    { id: hall, name: "Hall", kind: "building", arming: { armedOutside: ScheduleRef.make("lessons") } },
    { id: lobby, name: "Lobby", kind: "room", in: hall },
    { id: store, name: "Store", kind: "room", in: lobby, arming: { armedDuring: breaks } }
  ],
  schedules: [
    {
      id: lessons,
      periods: [
        { from: "10:01", to: "10:04" },
        { from: "10:05", to: "10:30" },
        { name: "break", from: "10:00", to: "10:02" },
        { name: "break", from: "10:07", to: "10:09" },
        { name: "unlocked", from: "10:01", to: "10:03" },
        { name: "unlocked", from: "10:08", to: "10:12" }
      ]
    }
  ]
}

/** A rule of each kind, over what the course has much of. */
const rules: ReadonlyArray<Rule> = [
  ruleOf("count", { key: "credential", count: { event: "AccessGranted", atLeast: 2, withinSeconds: 20 } }, "Counted"),
  ruleOf(
    "all",
    { key: "door", all: { of: [{ event: "DoorOpened" }, { event: "MotionStarted" }], withinSeconds: 6 } },
    "Met"
  ),
  ruleOf(
    "sequence",
    {
      key: "door",
      sequence: {
        steps: [{ event: "DoorOpened" }, { event: "DoorOpened" }],
        without: [{ event: "DoorClosed" }],
        withinSeconds: 60
      }
    },
    "Followed"
  ),
  ruleOf(
    "armed",
    { key: "area", armed: true, count: { event: "MotionStarted", atLeast: 1, withinSeconds: 5 } },
    "Moved"
  ),
  ruleOf("stays", { key: "point", stays: { reading: "motion", is: "on", forSeconds: 10 } }, "Lingered"),
  ruleOf("armed-stays", { key: "point", armed: true, stays: { reading: "motion", is: "on", forSeconds: 10 } }, "Armed"),
  ruleOf(
    "calm-stays",
    { key: "point", armed: false, threat: ["normal"], stays: { reading: "motion", is: "on", forSeconds: 7 } },
    "Calm"
  ),
  ruleOf(
    "scheduled-stays",
    { key: "door", during: breaks, stays: { standing: ["Open", "Held"], forSeconds: 10 } },
    "StoodOpenInTheBreak"
  ),
  ruleOf("standing", { key: "door", stays: { standing: ["Open", "Held"], forSeconds: 15 } }, "StoodOpen"),
  ruleOf("heard", { key: "door", count: { alert: "DoorForcedOpen", atLeast: 2, withinSeconds: 300 } }, "ForcedOften"),
  ruleOf("confirm", {
    key: "door",
    confirmBy: { alert: "DoorForcedOpen", of: [{ event: "MotionStarted" }], validationLevel: 2 }
  }),
  ruleOf("inhibit", { inhibit: { cause: "DeviceOffline", consequences: ["DoorTampered", "DoorFaulted"], by: "site" } }),
  ruleOf("storm", { storm: { alert: ["DoorOpenTooLong", "DoorFaulted"], moreThan: 1, withinSeconds: 60 } })
]

/**
 * The campus, one whose east door is bound and timed otherwise, one that does not know the door at all, one with
 * schedules, and one with rules, too.
 */
export const campuses: ReadonlyArray<Campus> = [
  campusOf(),
  campusOf({ ...swappedRex, position: PointRef.make("south-contact/contact") }),
  { ...campusOf(), doors: campusOf().doors.filter(({ id }) => id !== eastDoor.id) },
  {
    ...campusOf({
      timesDuring: [{ schedule: breaks, times: { heldOpenSeconds: 90, heldPreAlarmSeconds: 50 } }],
      unlockedDuring: { schedule: ScheduleRef.make("lessons/unlocked"), firstPersonIn: true }
    }),
    ...scheduled
  },
  { ...campusOf(), ...scheduled, rules }
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
  commented: fc.boolean(),
  shelved: fc.boolean(),
  origin
})

const answer: fc.Arbitrary<Step> = fc.record({
  _tag: fc.constant("Answer" as const),
  afterMs,
  outcome: fc.option(fc.constantFrom(...WriteBackOutcome.literals), { nil: undefined })
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
  fc.record({
    _tag: fc.constant("Arming" as const),
    afterMs,
    area: fc.constantFrom(hall, lobby, store),
    state: fc.constantFrom("armed", "disarmed"),
    forMs: fc.constantFrom(0, 10_000, 90_000, 400_000)
  }),
  fc.record({
    _tag: fc.constant("Threat" as const),
    afterMs,
    level: fc.constantFrom("normal", "elevated", "high", "unheard-of"),
    forMs: fc.constantFrom(undefined, 5000, 100_000)
  }),
  fc.record({ _tag: fc.constant("Restart" as const), afterMs, downMs: fc.integer({ min: 0, max: 60_000 }) }),
  fc.record({
    _tag: fc.constant("Service" as const),
    afterMs,
    act: fc.constantFrom("begin", "begin", "end", "bypass", "bypass", "end bypass"),
    nth: fc.nat(5),
    minutes: fc.constantFrom(0.2, 1, 8)
  }),
  fc.record({ _tag: fc.constant("Configured" as const), afterMs, campus: fc.constantFrom(0, 0, 1, 2, 3, 4, 5) })
]

const happenings: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
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
        act: fc.constantFrom("acknowledge", "close", "note", "shelve", "shelve until normal", "unshelve"),
        nth: fc.nat(5)
      })
    },
    ...rare.map((arbitrary) => ({ weight: 1, arbitrary }))
  ),
  { minLength: 1, maxLength: 40, size: "max" }
)

const configured = (campus: number): ReadonlyArray<Step> => [{ _tag: "Configured", afterMs: 0, campus }]

/** A course of events such as a bad week brings in minutes; many on a campus with schedules, and as many with rules, too. */
export const course: fc.Arbitrary<ReadonlyArray<Step>> = fc
  .tuple(fc.constantFrom([], configured(3), configured(4)), happenings)
  .map(([first, steps]) => [...first, ...steps])

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
        act: fc.constantFrom(
          "acknowledge",
          "acknowledge",
          "acknowledge",
          "close",
          "note",
          "note",
          "shelve",
          "shelve until normal",
          "unshelve",
          "unshelve"
        ),
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
