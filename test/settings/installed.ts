import { Schema } from "effect"
import type { Installed } from "../../gateway/settings/load-settings.ts"

const points = new Map([
  [
    "zigbee2mqtt",
    [{ template: "contact", kind: "position" }, { template: "battery", kind: "battery" }, { template: "button" }]
  ]
])

/** A gateway with two adapters and three profiles: enough to name right and wrong. */
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
    },
    { protocol: "onvif", Settings: Schema.Struct({}) as never }
  ],
  channels: [
    {
      kind: "email",
      recipients: "address",
      addressFault: (address) => (address.includes("@") ? undefined : "it is no mail address"),
      Settings: Schema.Struct({ host: Schema.String }) as never
    },
    { kind: "webhook", recipients: "system", Settings: Schema.Struct({ url: Schema.String }) as never }
  ],
  profiles: () => ({
    names: ["zigbee2mqtt", "generic", "onvif"],
    digest: "d",
    problems: [],
    points,
    protocols: new Map([
      ["zigbee2mqtt", "mqtt"],
      ["onvif", "onvif"]
    ]),
    parameterProblems: ({ parameters = {} }) =>
      Object.keys(parameters).flatMap((parameter) =>
        parameter === "base" ? [] : [{ parameter, message: `there is no parameter "${parameter}"` }]
      )
  })
}
