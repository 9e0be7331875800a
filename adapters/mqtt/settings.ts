import { Effect, Schema } from "effect"
import { isLoopback } from "../loopback.ts"
import { SecretReference } from "../secret.ts"

export { readSecret, SecretMissing } from "../secret.ts"

const orElse = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

const port = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 65_535 })))

/** A broker of the operator's own. `ca`, `cert` and `key` are paths of PEM files. */
export const OutsideBroker = Schema.Struct({
  url: Schema.String.pipe(
    Schema.check(
      Schema.isPattern(/^mqtts?:\/\/[^/\s@]+\/?$/, {
        expected: 'the address of a broker without a user in it, such as "mqtts://broker.example:8883"'
      })
    )
  ),
  /** Names our session at the broker: two running gateways with one id throw each other out. */
  clientId: Schema.NonEmptyString,
  username: Schema.optionalKey(Schema.NonEmptyString),
  password: Schema.optionalKey(SecretReference),
  tls: Schema.optionalKey(
    Schema.Struct({
      ca: Schema.optionalKey(Schema.NonEmptyString),
      cert: Schema.optionalKey(Schema.NonEmptyString),
      key: Schema.optionalKey(Schema.NonEmptyString)
    })
  ),
  /** 5 is MQTT 5, 4 is MQTT 3.1.1. */
  protocolVersion: orElse(Schema.Literals([4, 5]), 5),
  keepaliveSeconds: orElse(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 5, maximum: 3600 }))), 30),
  /** How long the broker keeps what we miss while away (MQTT 5): 7 days. */
  sessionExpirySeconds: orElse(
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 60, maximum: 0xffff_fffe }))),
    7 * 24 * 3600
  )
}).annotate({ identifier: "OutsideBroker" })
export type OutsideBroker = typeof OutsideBroker.Type

const filters = Schema.Array(Schema.NonEmptyString)

/** Who may connect to the embedded broker, and what for. What is not listed is refused; `{user}` is the name. */
export const BrokerUser = Schema.Struct({
  /** The user name, or the common name of a client certificate. */
  name: Schema.NonEmptyString,
  /** Left out: the client proves who it is by its certificate. */
  password: Schema.optionalKey(SecretReference),
  /** Topics it may publish to, its last will included, as MQTT filters. */
  publish: filters,
  /** Filters it may subscribe to, `$share` included. */
  subscribe: orElse(filters, [])
}).annotate({ identifier: "BrokerUser" })
export type BrokerUser = typeof BrokerUser.Type

/** TLS of the embedded broker: paths of PEM files. With `ca`, every client needs a certificate that it has signed. */
export const BrokerTls = Schema.Struct({
  cert: Schema.NonEmptyString,
  key: Schema.NonEmptyString,
  ca: Schema.optionalKey(Schema.NonEmptyString)
}).annotate({ identifier: "BrokerTls" })
export type BrokerTls = typeof BrokerTls.Type

/** The `settings` of a link whose adapter is `mqtt`. `host`, `port`, `users` and `tls` belong to the embedded broker. */
export const MqttSettings = Schema.Struct({
  broker: orElse(Schema.Union([Schema.Literal("embedded"), OutsideBroker]), "embedded"),
  host: orElse(Schema.NonEmptyString, "127.0.0.1"),
  /** 1883 is IANA's port for MQTT; 0 takes a free one. */
  port: orElse(port, 1883),
  users: Schema.optionalKey(Schema.Array(BrokerUser)),
  tls: Schema.optionalKey(BrokerTls)
})
  .pipe(
    Schema.check(
      Schema.makeFilter(({ users, tls }) => {
        const bare = users?.find((user) => user.password === undefined)
        return bare === undefined || tls?.ca !== undefined
          ? undefined
          : `user "${bare.name}" has no password: give it one, or let certificates prove who it is (tls.ca)`
      }),
      Schema.makeFilter((settings) =>
        settings.broker !== "embedded" || isLoopback(settings.host) || (settings.users?.length ?? 0) > 0
          ? undefined
          : `an embedded broker on ${settings.host} can be reached by others: name its users, or take host 127.0.0.1`
      )
    )
  )
  .annotate({ identifier: "MqttSettings" })
export type MqttSettings = typeof MqttSettings.Type

const inClear = "what devices say, and every password, can be read and changed on the way"

/** What such a link leaves unprotected, for people. On one machine nobody is on the way. */
export const weaknessesOf = ({ broker, host, tls }: MqttSettings): ReadonlyArray<string> => {
  if (broker === "embedded") {
    return tls !== undefined || isLoopback(host) ? [] : [`its broker on ${host} has no TLS: ${inClear}; give it tls`]
  }
  const { hostname, protocol } = new URL(broker.url)
  if (protocol === "mqtts:" || isLoopback(hostname)) return []
  return [`the broker ${hostname} is spoken to without TLS: ${inClear}; call it at mqtts://`]
}
