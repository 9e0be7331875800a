import { Schema } from "effect"
import { Outcome } from "../../gateway/domain/alert.ts"
import type { Named, Order, Serviced, Step } from "./scenario.ts"
import type { Where } from "./problem.ts"
import { Duration, type Verb, verb } from "./written.ts"

const Name = Schema.NonEmptyString

const said = { at: Duration, by: Schema.optionalKey(Name), reason: Schema.optionalKey(Name) }

interface Said {
  readonly at: number
  readonly by?: string | undefined
  readonly reason?: string | undefined
}

const orders = (
  { at, by = "officer", reason = "as the scenario has it" }: Said,
  where: Where,
  order: Order["what"]
): ReadonlyArray<Step> => [{ _tag: "Orders", atMs: at, where, order: { where, by, reason, what: order } }]

/** `door:front`, `device:front-node`, `area:hall`: as the gateway itself calls what is worked on. */
const Thing = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^(door|device|area):.+$/, { expected: 'what is worked on, such as "door:front" or "area:hall"' })
  )
)

const thingOf = (written: string): Serviced => {
  const colon = written.indexOf(":")
  return { [written.slice(0, colon)]: written.slice(colon + 1) }
}

const about = { door: Schema.optionalKey(Name), device: Schema.optionalKey(Name), area: Schema.optionalKey(Name) }

const named = (condition: string, { door, device, area }: Omit<Named, "condition">): Named => ({
  condition,
  door,
  device,
  area
})

const alertVerbs: Readonly<Record<string, Verb<ReadonlyArray<Step>>>> = {
  acknowledge: verb({ acknowledge: Name, ...about, ...said }, (item, where) =>
    orders(item, where, { _tag: "Acknowledge", alert: named(item.acknowledge, item) })
  ),
  closeAlert: verb({ closeAlert: Name, outcome: Schema.Literals(Outcome.literals), ...about, ...said }, (item, where) =>
    orders(item, where, { _tag: "CloseAlert", alert: named(item.closeAlert, item), outcome: item.outcome })
  ),
  shelve: verb({ shelve: Name, for: Duration, ...about, ...said }, (item, where) =>
    orders(item, where, { _tag: "Shelve", alert: named(item.shelve, item), forMs: item.for })
  )
}

const serviceVerbs: Readonly<Record<string, Verb<ReadonlyArray<Step>>>> = {
  maintain: verb({ maintain: Thing, for: Duration, ...said }, (item, where) =>
    orders(item, where, { _tag: "Maintain", thing: thingOf(item.maintain), forMs: item.for })
  ),
  endMaintenance: verb({ endMaintenance: Thing, ...said }, (item, where) =>
    orders(item, where, { _tag: "EndMaintenance", thing: thingOf(item.endMaintenance) })
  ),
  bypass: verb({ bypass: Name, door: Name, for: Duration, ...said }, (item, where) =>
    orders(item, where, { _tag: "Bypass", door: item.door, point: item.bypass, forMs: item.for })
  ),
  endBypass: verb({ endBypass: Name, door: Name, ...said }, (item, where) =>
    orders(item, where, { _tag: "EndBypass", door: item.door, point: item.endBypass })
  )
}

/** What officers say of areas, of alerts, of what is worked on and of the site; what the gateway finds out itself. */
export const orderVerbs: Readonly<Record<string, Verb<ReadonlyArray<Step>>>> = {
  arm: verb({ arm: Name, for: Duration, ...said }, (item, where) =>
    orders(item, where, { _tag: "Override", area: item.arm, state: "armed", forMs: item.for })
  ),
  disarm: verb({ disarm: Name, for: Duration, ...said }, (item, where) =>
    orders(item, where, { _tag: "Override", area: item.disarm, state: "disarmed", forMs: item.for })
  ),
  endOverride: verb({ endOverride: Name, ...said }, (item, where) =>
    orders(item, where, { _tag: "EndOverride", area: item.endOverride })
  ),
  threat: verb({ threat: Name, for: Schema.optionalKey(Duration), ...said }, (item, where) =>
    orders(item, where, { _tag: "ThreatLevel", level: item.threat, forMs: item.for })
  ),
  forgive: verb({ forgive: Name, key: Name, ...said }, (item, where) =>
    orders(item, where, { _tag: "Forgive", rule: item.forgive, key: item.key })
  ),
  linkLost: verb({ linkLost: Duration, at: Duration }, (item, where) => [
    ...orders(item, where, { _tag: "Link", holds: false }),
    ...orders({ at: item.at + item.linkLost }, where, { _tag: "Link", holds: true })
  ]),
  eventsLost: verb({ eventsLost: Schema.Int, at: Duration }, (item, where) =>
    orders(item, where, { _tag: "EventsLost", count: item.eventsLost })
  ),
  certificate: verb({ certificate: Name, endsIn: Duration, at: Duration }, (item, where) =>
    orders(item, where, { _tag: "Certificate", device: item.certificate, endsInMs: item.endsIn })
  ),
  ...serviceVerbs,
  ...alertVerbs
}
