import { Schema } from "effect"
import type { Installed } from "../../gateway/settings/load-settings.ts"

const points = new Map([
  [
    "zigbee2mqtt",
    [{ template: "contact", kind: "position" }, { template: "battery", kind: "battery" }, { template: "button" }]
  ]
])

/** A gateway with one adapter and two profiles: enough to name right and wrong. */
export const installed: Installed = {
  adapters: [
    {
      protocol: "mqtt",
      Settings: Schema.Struct({
        broker: Schema.Struct({
          url: Schema.String,
          clientId: Schema.NonEmptyString,
          password: Schema.optionalKey(Schema.Struct({ env: Schema.String }))
        })
      }) as never
    }
  ],
  profiles: () => ({ names: ["zigbee2mqtt", "generic"], digest: "d", problems: [], points })
}
