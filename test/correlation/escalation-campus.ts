import type { Campus } from "../../gateway/domain/campus.ts"
import { type CampusChannel, EscalationId, type EscalationPolicy } from "../../gateway/domain/escalation.ts"
import { ChannelId, PersonId } from "../../gateway/domain/ids.ts"
import type { Person } from "../../gateway/domain/person.ts"
import { ScheduleId, ScheduleRef } from "../../gateway/domain/schedule.ts"
import { campusOf } from "./door-stage.ts"

export const mail = ChannelId.make("mail")
export const sms = ChannelId.make("sms")
export const push = ChannelId.make("push")
export const hook = ChannelId.make("hook")

const channels: ReadonlyArray<CampusChannel> = [
  { id: mail, kind: "email", recipients: "address" },
  { id: sms, kind: "sms", recipients: "address" },
  { id: push, kind: "push", recipients: "registered", receipts: true },
  { id: hook, kind: "webhook", recipients: "system" }
]

const person = (id: string, name: string, more: Partial<Person>): Person => ({
  id: PersonId.make(id),
  name,
  role: "officer",
  ...more
})

/** Ada and Ben are officers, Ben by day only; Cem is their supervisor; Dag has left. */
export const people: ReadonlyArray<Person> = [
  person("ada", "Ada", { reach: [push, sms] }),
  person("ben", "Ben", { reach: [mail], shifts: [ScheduleRef.make("day")] }),
  person("cem", "Cem", { role: "supervisor", reach: [sms, mail] }),
  person("dag", "Dag", { reach: [sms], disabled: true })
]

export const policyOf = (steps: EscalationPolicy["steps"], more: Partial<EscalationPolicy> = {}): EscalationPolicy => ({
  id: EscalationId.make("usual"),
  steps,
  ...more
})

/** The campus of the door stage, with people who are told of critical and high alerts by this policy. */
export const escalatingCampus = (policy: EscalationPolicy): Campus => ({
  ...campusOf(),
  schedules: [
    { id: ScheduleId.make("day"), periods: [{ from: "06:00", to: "18:00" }] },
    { id: ScheduleId.make("night"), outside: ScheduleRef.make("day") }
  ],
  people,
  channels,
  escalations: [policy],
  routes: { critical: policy.id, high: policy.id }
})
