import { Schema } from "effect"
import { ChannelId, PersonId } from "./ids.ts"
import { ScheduleRef } from "./schedule.ts"

/** What somebody is there for. What each may do stands in one place of the gateway, and only there. */
export const Role = Schema.Literals(["viewer", "officer", "supervisor", "integrator", "administrator"]).annotate({
  identifier: "Role",
  description: "What somebody is there for; it decides what they may do"
})
export type Role = typeof Role.Type

/**
 * Somebody whose acts stand in the log under their name, and whom the gateway calls. Their numbers and addresses are not
 * here, and so not in the log: only the channels know them.
 */
export const Person = Schema.Struct({
  id: PersonId,
  /** As the log and the reports name them; no two people of a site have the same. */
  name: Schema.NonEmptyString,
  role: Role,
  /** By which channels they are reached, the one that finds them fastest first. */
  reach: Schema.optionalKey(Schema.Array(ChannelId)),
  /** When they are on shift by plan. Who has signed on is on shift too. */
  shifts: Schema.optionalKey(Schema.Array(ScheduleRef)),
  /** They left, or are away for long: nobody signs in as them, and nothing is sent to them. */
  disabled: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "Person" })
export type Person = typeof Person.Type
