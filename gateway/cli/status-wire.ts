import { Schema } from "effect"

const Instant = Schema.NullOr(Schema.String)

/** What `/readyz` says. */
export const Ready = Schema.Struct({
  store: Schema.Struct({ accepting: Schema.Boolean, since: Schema.optionalKey(Schema.String) })
})

export const LinkList = Schema.Struct({
  items: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      state: Schema.Struct({ _tag: Schema.String, reason: Schema.optionalKey(Schema.String) }),
      weaknesses: Schema.optionalKey(Schema.Array(Schema.String)),
      granted: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite))
    })
  )
})

export const DeviceList = Schema.Struct({
  items: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      availability: Schema.Literals(["online", "offline", "unknown"]),
      reason: Schema.String,
      since: Instant,
      lastHeardAt: Instant,
      disabled: Schema.optionalKey(Schema.Boolean)
    })
  )
})

export const DoorList = Schema.Struct({
  items: Schema.Array(
    Schema.Struct({ id: Schema.String, where: Schema.String, standing: Schema.String, since: Instant })
  )
})

export const AlertList = Schema.Struct({
  items: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      title: Schema.String,
      where: Schema.String,
      priority: Schema.Finite,
      active: Schema.Boolean,
      acknowledged: Schema.Boolean,
      occurredAt: Schema.String,
      acknowledgedBy: Schema.optionalKey(Schema.String),
      shelved: Schema.optionalKey(
        Schema.Struct({
          by: Schema.String,
          reason: Schema.String,
          until: Schema.String,
          oneShot: Schema.optionalKey(Schema.Boolean)
        })
      ),
      outOfService: Schema.optionalKey(
        Schema.Struct({
          key: Schema.String,
          by: Schema.String,
          reason: Schema.String,
          until: Schema.String,
          endedAt: Schema.optionalKey(Schema.String)
        })
      )
    })
  ),
  next: Schema.NullOr(Schema.String)
})

/** What `/api/v1/config` says. */
export const ConfigTold = Schema.Struct({
  version: Schema.String,
  refused: Schema.NullOr(
    Schema.Struct({
      since: Schema.String,
      by: Schema.String,
      problems: Schema.Array(
        Schema.Struct({ file: Schema.String, line: Schema.Finite, column: Schema.Finite, message: Schema.String })
      )
    })
  )
})

/** What `/api/v1/areas` says. */
export const AreaList = Schema.Struct({
  items: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      where: Schema.String,
      state: Schema.Literals(["armed", "disarmed"]),
      because: Schema.String,
      override: Schema.optionalKey(
        Schema.Struct({ by: Schema.String, reason: Schema.String, at: Schema.String, until: Schema.String })
      )
    })
  )
})

/** What `/api/v1/threat-level` says; times are ISO 8601 there. */
export const ThreatTold = Schema.Struct({
  level: Schema.String,
  levels: Schema.Array(Schema.String),
  since: Schema.optionalKey(Schema.String),
  by: Schema.optionalKey(Schema.String),
  reason: Schema.optionalKey(Schema.String),
  until: Schema.optionalKey(Schema.String)
})

export const ChannelList = Schema.Struct({
  items: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      kind: Schema.String,
      standing: Schema.NullOr(
        Schema.Struct({
          state: Schema.Literals(["unproved", "working", "failing", "broken"]),
          since: Schema.String,
          detail: Schema.optionalKey(Schema.String)
        })
      ),
      waiting: Schema.Finite
    })
  )
})
