import { Schema } from "effect"
import { Outcome, Priority } from "../../domain/alert.ts"
import { DoorId, EpochMs } from "../../domain/ids.ts"

/** How long something took: of so many, half in at most `p50Seconds`, all but one in twenty in at most `p95Seconds`. */
export const Times = Schema.Struct({
  count: Schema.Finite,
  p50Seconds: Schema.NullOr(Schema.Finite),
  p95Seconds: Schema.NullOr(Schema.Finite)
}).annotate({ identifier: "AlarmTimes" })
export type Times = typeof Times.Type

/** What a figure ought to be, who says so, and whether it is. */
export const Target = Schema.Struct({
  figure: Schema.String,
  value: Schema.NullOr(Schema.Finite),
  unit: Schema.String,
  target: Schema.String,
  /** null: nothing can be said, for there is nothing to say it of. */
  met: Schema.NullOr(Schema.Boolean),
  source: Schema.String
}).annotate({ identifier: "AlarmTarget" })
export type Target = typeof Target.Type

const door = {
  door: DoorId,
  name: Schema.String,
  alerts: Schema.Finite,
  nuisance: Schema.Finite,
  outcomes: Schema.Array(Schema.Struct({ outcome: Outcome, count: Schema.Finite })),
  open: Schema.Finite
}

/** How the alerts of a span served the people who answer them. An alert counts each time that it asks somebody. */
export const AlarmHealth = Schema.Struct({
  from: EpochMs,
  to: EpochMs,
  timeZone: Schema.String,
  /** How often an alert asked somebody, new or anew. */
  asked: Schema.Finite,
  perHour: Schema.Finite,
  busiestTenMinutes: Schema.Finite,
  priorities: Schema.Array(Schema.Struct({ priority: Priority, count: Schema.Finite, share: Schema.Finite })),
  /** Times of one length, those without alerts included; `counts` by priority, 1 first. */
  course: Schema.Struct({
    minutes: Schema.Finite,
    bins: Schema.Array(Schema.Struct({ at: EpochMs, counts: Schema.Array(Schema.Finite) }))
  }),
  acknowledge: Times,
  acknowledgeCritical: Times,
  clear: Times,
  floods: Schema.Struct({
    count: Schema.Finite,
    minutes: Schema.Finite,
    share: Schema.Finite,
    list: Schema.Array(Schema.Struct({ since: EpochMs, until: EpochMs, alerts: Schema.Finite }))
  }),
  stale: Schema.Struct({
    count: Schema.Finite,
    list: Schema.Array(
      Schema.Struct({
        alert: Schema.String,
        title: Schema.String,
        priority: Priority,
        raisedAt: EpochMs
      })
    )
  }),
  chattering: Schema.Array(Schema.Struct({ alert: Schema.String, title: Schema.String, times: Schema.Finite })),
  /** What asked most often, whatever it was: ten of them make most of a bad day. */
  busiest: Schema.Array(
    Schema.Struct({ condition: Schema.String, key: Schema.String, title: Schema.String, count: Schema.Finite })
  ),
  nuisanceDoors: Schema.Array(Schema.Struct(door)),
  /** How many asked, by day of the week (Monday first) and hour, by the site's clocks. */
  heat: Schema.Array(Schema.Array(Schema.Finite)),
  /** How often alerts were shelved, and for how long together; and the same of consoles that officers silenced. */
  silences: Schema.Struct({
    shelved: Schema.Finite,
    minutes: Schema.Finite,
    consoles: Schema.Finite,
    consoleMinutes: Schema.Finite
  }),
  targets: Schema.Array(Target),
  /** There were more steps than are looked at; the figures are of the first. */
  cut: Schema.optionalKey(Schema.Literal(true))
}).annotate({ identifier: "AlarmHealth" })
export type AlarmHealth = typeof AlarmHealth.Type
