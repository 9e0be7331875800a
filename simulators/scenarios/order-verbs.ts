import { Schema } from "effect"
import type { Order, Step } from "./scenario.ts"
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
): ReadonlyArray<Step> => [{ _tag: "Orders", atMs: at, where, order: { by, reason, what: order } }]

/** What officers say of areas and of the site. */
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
  )
}
