import { Effect, Schema } from "effect"
import { Area, Camera, Device, Door, Site } from "../domain/campus.ts"
import { IncidentKeeping } from "../domain/incident.ts"
import { FloodLimits } from "../domain/flood.ts"
import { EscalationPolicy, EscalationRoutes } from "../domain/escalation.ts"
import { Person } from "../domain/person.ts"
import { Procedure } from "../domain/procedure.ts"
import { planFields } from "../domain/plan.ts"
import { Calendar, Schedule, TimeOfDay } from "../domain/schedule.ts"
import { Rule } from "../domain/rule.ts"
import { InboundSource } from "../notify/inbound/inbound-settings.ts"
import { Packs } from "./packs.ts"

/** One link as it is written: which adapter speaks it, and that adapter's own settings, decoded by its own schema. */
export const LinkConfig = Schema.Struct({
  adapter: Schema.NonEmptyString.annotate({ description: "Which adapter speaks this link" }),
  settings: Schema.Unknown.annotate({ description: "The adapter's own settings" }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed({}))
  )
}).annotate({ identifier: "Link" })

/** Where officers and programs reach the gateway. */
export const ApiConfig = Schema.Struct({
  host: Schema.NonEmptyString.pipe(Schema.withDecodingDefaultKey(Effect.succeed("127.0.0.1"))),
  port: Schema.Int.pipe(
    Schema.check(Schema.isBetween({ minimum: 0, maximum: 65_535 })),
    Schema.withDecodingDefaultKey(Effect.succeed(8443))
  )
}).annotate({ identifier: "Api" })

/** How long pictures are kept. */
export const EvidenceConfig = Schema.Struct({
  keepDays: Schema.Int.annotate({
    description: "The pictures of an alert are removed so many days after it was closed"
  }).pipe(
    Schema.check(Schema.isBetween({ minimum: 1, maximum: 3650 })),
    Schema.withDecodingDefaultKey(Effect.succeed(30))
  )
}).annotate({ identifier: "Evidence" })

/**
 * How long an alert may be shelved. ANSI/ISA-18.2 wants shelving limited in time, and names no time; OPC 10000-9 (5.8.2,
 * MaxTimeShelved) leaves the limit to the server, and ends shelving until normal with it, too. An hour is less than any
 * shift: who shelves it is there when it comes back.
 */
export const AlertsConfig = Schema.Struct({
  shelveMaxMinutes: Schema.Int.annotate({
    description:
      "The longest that an alert may be shelved; what is shelved until it is normal again ends then at the latest"
  }).pipe(
    Schema.check(Schema.isBetween({ minimum: 1, maximum: 1440 })),
    Schema.withDecodingDefaultKey(Effect.succeed(60))
  ),
  flood: Schema.optionalKey(FloodLimits)
}).annotate({ identifier: "Alerts" })

/**
 * How long an officer's word on an area may last. Half a day covers an evening's event or a night's work; what is meant
 * to last longer belongs to the schedule.
 */
export const ArmingConfig = Schema.Struct({
  overrideMaxHours: Schema.Finite.annotate({
    description: "The longest that an officer may arm or disarm an area against its schedule"
  }).pipe(
    Schema.check(Schema.isBetween({ minimum: 0.25, maximum: 168 })),
    Schema.withDecodingDefaultKey(Effect.succeed(12))
  )
}).annotate({ identifier: "ArmingLimits" })

/**
 * How long maintenance and a bypass may last, and do where nobody says otherwise. A shift of work, and the time to change a
 * contact: who answers for it is there when it ends (the times are ours).
 */
export const MaintenanceConfig = Schema.Struct({
  maxMinutes: Schema.Int.annotate({
    description:
      "The longest that a door, a device or an area may be in maintenance; it lasts so long unless told otherwise"
  }).pipe(
    Schema.check(Schema.isBetween({ minimum: 1, maximum: 10_080 })),
    Schema.withDecodingDefaultKey(Effect.succeed(480))
  ),
  bypassMaxMinutes: Schema.Int.annotate({
    description: "The longest that a point may be bypassed; it is so long unless told otherwise"
  }).pipe(
    Schema.check(Schema.isBetween({ minimum: 1, maximum: 1440 })),
    Schema.withDecodingDefaultKey(Effect.succeed(120))
  )
}).annotate({ identifier: "MaintenanceLimits" })

/** The daily report of what is not protected. */
export const GapsConfig = Schema.Struct({
  reportAt: TimeOfDay.annotate({ description: "When the report of the day is made, by the site's wall clock" }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("07:00"))
  )
}).annotate({ identifier: "GapReports" })

/** A person as written: with the addresses that stay out of the log. */
export const PersonConfig = Schema.Struct({
  ...Person.fields,
  addresses: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.NonEmptyString).annotate({
      description: "The telephone number or mail address that a channel is to use, by the channel's id"
    })
  )
}).annotate({ identifier: "WrittenPerson" })
export type PersonConfig = typeof PersonConfig.Type

/** A plan as written: with the file of its drawing. */
export const PlanConfig = Schema.Struct({
  ...planFields,
  file: Schema.String.annotate({
    description: "Its drawing: an SVG file with a viewBox, named as seen from the configuration file that names it"
  }).pipe(Schema.check(Schema.isPattern(/\.svg$/i, { expected: "an SVG file, such as plans/ground.svg" }))),
  markers: planFields.markers.pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
}).annotate({ identifier: "WrittenPlan" })
export type PlanConfig = typeof PlanConfig.Type
/** One channel as it is written: which of the catalogue, and its own settings, decoded by its own schema. */
export const ChannelConfig = Schema.Struct({
  kind: Schema.NonEmptyString.annotate({ description: "Which channel it is: email, webhook" }),
  settings: Schema.Unknown.annotate({ description: "The channel's own settings" }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed({}))
  )
}).annotate({ identifier: "Channel" })

/** Who is told of alerts by which policy, and how a message leads back. */
export const NotifyConfig = Schema.Struct({
  routes: Schema.optionalKey(
    EscalationRoutes.annotate({ description: "The policy of alerts of each priority whose rule names none" })
  ),
  testAt: Schema.optionalKey(
    TimeOfDay.annotate({ description: "When each channel is tested every day, by the site's wall clock (06:30)" })
  ),
  console: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Where officers open the console, such as https://gatehouse.example; messages lead there"
    }).pipe(
      Schema.check(
        Schema.isPattern(/^https?:\/\/[^\s/]+(\/[^\s]*)?$/, { expected: "the console's address, such as https://host" })
      )
    )
  )
}).annotate({ identifier: "Notify" })

const list = <S extends Schema.Top>(item: S) =>
  Schema.Array(item).pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))

/** What an operator writes, whole: in one YAML file, or spread over the YAML files of a directory. */
export const Config = Schema.Struct({
  site: Site,
  links: Schema.Record(Schema.String, LinkConfig),
  api: ApiConfig.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  alerts: AlertsConfig.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  arming: ArmingConfig.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  maintenance: MaintenanceConfig.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  gaps: GapsConfig.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  evidence: EvidenceConfig.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  dataDir: Schema.NonEmptyString.pipe(Schema.withDecodingDefaultKey(Effect.succeed("var"))),
  profilesDirectory: Schema.NonEmptyString.pipe(Schema.withDecodingDefaultKey(Effect.succeed("config/profiles"))),
  areas: list(Area),
  devices: list(Device),
  doors: list(Door),
  cameras: list(Camera),
  schedules: list(Schedule),
  calendars: list(Calendar),
  rules: list(Rule),
  people: list(PersonConfig),
  procedures: list(Procedure),
  incidents: Schema.optionalKey(IncidentKeeping),
  plans: list(PlanConfig),
  channels: Schema.Record(Schema.String, ChannelConfig).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  escalations: list(EscalationPolicy),
  inbound: list(InboundSource),
  notify: NotifyConfig.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  packs: Packs.pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  rulesDirectory: Schema.NonEmptyString.annotate({ description: "Where rule packs are kept" }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("config/rules"))
  )
}).annotate({ identifier: "Gatehouse", description: "The configuration of one gateway and its campus" })
export type Config = typeof Config.Type
