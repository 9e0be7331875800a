import { Schema } from "effect"
import { AlertCondition, Priority } from "./alert.ts"
import { AreaId, DoorId } from "./ids.ts"
import { PointKind } from "./observation.ts"
import { ScheduleRef } from "./schedule.ts"
import { ThreatLevelName } from "./threat-level.ts"

/** `access.denied-burst`: the pack, a dot, and what the rule finds. A site's own rule needs no pack. */
export const RuleId = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)?$/, {
      expected: 'a rule id: small letters, digits and "-", with the pack before a ".", such as "access.denied-burst"'
    }),
    Schema.isMaxLength(64)
  )
).annotate({ identifier: "RuleId", description: "The rule's name; alerts tell it" })

const seconds = (description: string, least = 0.001) =>
  Schema.Finite.annotate({ description }).pipe(
    // A week: what lasts longer is for a report, and no timer of a door.
    Schema.check(Schema.isBetween({ minimum: least, maximum: 604_800 }))
  )

const withinSeconds = seconds("All of it happens within so many seconds; clocks' uncertainty widens it")

/** A word or several, any of which will do. */
const words = (description: string) =>
  Schema.Union([Schema.NonEmptyString, Schema.NonEmptyArray(Schema.NonEmptyString)]).annotate({ description })

/** What a rule listens for: an event of a device or door, or the coming of an alert. */
export const Selector = Schema.Struct({
  event: Schema.optionalKey(words("An event's word, such as AccessDenied or DoorOpened, or several of them")),
  alert: Schema.optionalKey(words("The condition of an alert that is raised or comes again, or several of them")),
  where: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: 'A CEL condition over the event\'s own fields, such as reason == "CredentialExpired"'
    })
  )
}).annotate({ identifier: "Selector" })
export type Selector = typeof Selector.Type

/** So many of the happenings of one subject are counted at most. */
export const atLeastMax = 50

const atLeast = (least: number, description: string) =>
  Schema.Int.annotate({ description }).pipe(Schema.check(Schema.isBetween({ minimum: least, maximum: atLeastMax })))

const selectors = (description: string) =>
  Schema.NonEmptyArray(Selector)
    .annotate({ description })
    .pipe(Schema.check(Schema.isMaxLength(8)))

export const Exceeds = Schema.Struct({
  ...Selector.fields,
  beforeSeconds: Schema.optionalKey(
    seconds("These may have come so much before the first of the others (default 0)", 0)
  )
}).annotate({ identifier: "Exceeds", description: "What allows one each: grants, for people who pass" })

export const Count = Schema.Struct({
  ...Selector.fields,
  atLeast: atLeast(1, "So many of them"),
  withinSeconds,
  distinct: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "Only those that differ in this field are counted" })
  ),
  exceeds: Schema.optionalKey(Exceeds.annotate({ description: "Only if there are more than of these" }))
}).annotate({ identifier: "Count", description: "The same happens so often within a time" })

export const AllOf = Schema.Struct({
  of: selectors("Each of these happens, in any order"),
  withinSeconds
}).annotate({ identifier: "AllOf", description: "Several things happen within a time, in any order" })

export const AnyOf = Schema.Struct({
  of: selectors("Some of these happen, in any order"),
  atLeast: Schema.optionalKey(atLeast(1, "So many different ones of them (default 1)")),
  withinSeconds
}).annotate({ identifier: "AnyOf", description: "Some of several things happen within a time, in any order" })

export const Sequence = Schema.Struct({
  steps: selectors("These happen one after another"),
  without: Schema.optionalKey(selectors("None of these happens between the first and the last")),
  withinSeconds
}).annotate({ identifier: "Sequence", description: "Things happen in this order" })

export const Absence = Schema.Struct({
  after: Selector,
  without: selectors("None of these follows"),
  forSeconds: seconds("It is waited so long for what should follow")
}).annotate({ identifier: "Absence", description: "Something happens, and what should follow does not" })

export const Stays = Schema.Struct({
  reading: Schema.optionalKey(PointKind.annotate({ description: "Points of this kind are watched" })),
  standing: Schema.optionalKey(words("Doors that stand so are watched")),
  is: Schema.optionalKey(words("The value that the points keep")),
  where: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "A CEL condition over where it is: door, area, device, point …" })
  ),
  forSeconds: seconds("It stays so for so long")
}).annotate({ identifier: "Stays", description: "A point or a door stays as it is for a time; unknown interrupts it" })

export const ConfirmBy = Schema.Struct({
  alert: words("Open alerts of these conditions are confirmed"),
  of: selectors("Any of these confirms it"),
  fromSeconds: Schema.optionalKey(
    Schema.Finite.annotate({ description: "From so long after it on; negative: before it (default -5)" }).pipe(
      Schema.check(Schema.isBetween({ minimum: -3600, maximum: 3600 }))
    )
  ),
  toSeconds: Schema.optionalKey(
    Schema.Finite.annotate({ description: "Until so long after it (default 30)" }).pipe(
      Schema.check(Schema.isBetween({ minimum: -3600, maximum: 3600 }))
    )
  ),
  validationLevel: Schema.Literals([2, 3, 4]).annotate({
    description: "TMA-AVS-01: 2 somebody is likely there, 3 a threat to property, 4 a threat to life"
  }),
  priority: Schema.optionalKey(Priority.annotate({ description: "It is raised to this priority, never lowered" }))
}).annotate({ identifier: "ConfirmBy", description: "A second kind of sensor confirms an open alert" })

export const Inhibit = Schema.Struct({
  cause: words("While an alert of these conditions is active"),
  consequences: words("these conditions are held on it"),
  by: Schema.Literals(["link", "bridge", "device", "door", "area", "site"]).annotate({
    description: "Where: on the same link, behind the same bridge, at the same device, door, area, or anywhere"
  })
}).annotate({ identifier: "Inhibit", description: "A cause that stands for its consequences" })

export const Storm = Schema.Struct({
  alert: words("Alerts of these conditions"),
  moreThan: atLeast(1, "that come more often than this"),
  withinSeconds: seconds("within so many seconds are chattering: counted and shown, and ask nobody anew")
}).annotate({ identifier: "Storm", description: "An alert that comes again and again is chattering (ANSI/ISA-18.2)" })

export const RuleAlert = Schema.Struct({
  condition: AlertCondition,
  priority: Priority,
  procedure: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "What an officer is to do: a sentence, or the id of a procedure" })
  ),
  escalation: Schema.optionalKey(Schema.NonEmptyString.annotate({ description: "The escalation policy, by its name" })),
  evidence: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Whether the cameras beside it keep frames (default true)" })
  ),
  aloudInMaintenance: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "Whether it makes its sound also where people work (default false): for calls for help and sabotage"
    })
  ),
  activeSeconds: Schema.optionalKey(
    seconds("How long after it last came it counts as active (default: the rule's own time)")
  )
}).annotate({ identifier: "RuleAlert", description: "The alert that the rule raises" })

/** The kinds of rules; each rule has exactly one of them. */
export const ruleKinds = {
  count: Count,
  all: AllOf,
  any: AnyOf,
  sequence: Sequence,
  absence: Absence,
  stays: Stays,
  confirmBy: ConfirmBy,
  inhibit: Inhibit,
  storm: Storm
} as const
export type RuleKind = keyof typeof ruleKinds

/** Those that tend the alerts of others and raise none. */
export const tendingKinds: ReadonlySet<RuleKind> = new Set<RuleKind>(["confirmBy", "inhibit", "storm"])

/** What a rule may be about; any other `key` is a CEL expression over the fields of what it hears. */
export const ruleKeys = [
  "door",
  "reader",
  "point",
  "credential",
  "area",
  "building",
  "device",
  "camera",
  "site"
] as const
export type RuleKey = (typeof ruleKeys)[number]

/** Where facts become findings: data, as an operator writes it, and as the log keeps it. */
export const Rule = Schema.Struct({
  id: RuleId,
  title: Schema.NonEmptyString.annotate({
    description: "The alert's title; {door}, {reader}, {credential}, {count} and other fields are filled in"
  }),
  source: Schema.optionalKey(Schema.NonEmptyString.annotate({ description: "Where its numbers come from" })),
  key: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: `What it counts by, and what its alert is about: ${ruleKeys.join(", ")}, or a CEL expression`
    })
  ),
  doors: Schema.optionalKey(Schema.NonEmptyArray(DoorId).annotate({ description: "Only at these doors" })),
  areas: Schema.optionalKey(
    Schema.NonEmptyArray(AreaId).annotate({ description: "Only in these areas and those within them" })
  ),
  count: Schema.optionalKey(Count),
  all: Schema.optionalKey(AllOf),
  any: Schema.optionalKey(AnyOf),
  sequence: Schema.optionalKey(Sequence),
  absence: Schema.optionalKey(Absence),
  stays: Schema.optionalKey(Stays),
  confirmBy: Schema.optionalKey(ConfirmBy),
  inhibit: Schema.optionalKey(Inhibit),
  storm: Schema.optionalKey(Storm),
  during: Schema.optionalKey(ScheduleRef.annotate({ description: "Only during this schedule, or period of one" })),
  outside: Schema.optionalKey(ScheduleRef.annotate({ description: "Only outside this schedule, or period of one" })),
  armed: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Only where the area is armed (true), or is not (false)" })
  ),
  threat: Schema.optionalKey(
    Schema.NonEmptyArray(ThreatLevelName).annotate({ description: "Only at these threat levels of the site" })
  ),
  alert: Schema.optionalKey(RuleAlert)
}).annotate({ identifier: "Rule" })
export type Rule = typeof Rule.Type

/** The kind of a rule, as far as it has one. */
export const kindsOf = (rule: Rule): ReadonlyArray<RuleKind> =>
  (Object.keys(ruleKinds) as ReadonlyArray<RuleKind>).filter((kind) => rule[kind] !== undefined)

/** One word or several, as a list. */
export const listed = (written: string | ReadonlyArray<string> | undefined): ReadonlyArray<string> =>
  written === undefined ? [] : typeof written === "string" ? [written] : written
