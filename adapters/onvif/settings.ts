import { Effect, Schema } from "effect"
import { SecretReference } from "../secret.ts"

const orElse = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

const seconds = (minimum: number, maximum: number, standard: number) =>
  orElse(Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum, maximum }))), standard)

/** Where devices without a pull point are to send their events: a small HTTP server of ours. */
export const PushListener = Schema.Struct({
  host: Schema.NonEmptyString,
  /** 0 takes a free one. */
  port: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))),
  /** How devices reach it where that is not `http://<host>:<port>`: behind address translation, or on all interfaces. */
  address: Schema.optionalKey(
    Schema.String.pipe(
      Schema.check(
        Schema.isPattern(/^https?:\/\/[^/\s@]+\/?$/, {
          expected: 'the address under which devices reach the gateway, such as "http://10.0.0.5:8085"'
        })
      )
    )
  ),
  /** `device`: a notification must come from the address the device is called at. */
  senders: orElse(Schema.Literals(["device", "any"]), "device")
}).annotate({ identifier: "PushListener" })
export type PushListener = typeof PushListener.Type

export const Mode = Schema.Literals(["auto", "pull", "push"])
export const Unsubscribe = Schema.Literals(["normal", "never"])

const everyInterface = /^(0\.0\.0\.0|::|\*)$/

/** The `settings` of a link whose adapter is `onvif`: what holds for its devices unless a device's `parameters` differ. */
export const OnvifSettings = Schema.Struct({
  username: Schema.optionalKey(Schema.NonEmptyString),
  password: Schema.optionalKey(SecretReference),
  /** `auto`: HTTP digest where the device offers it, else WS-UsernameToken. */
  authentication: orElse(Schema.Literals(["auto", "digest", "username-token"]), "auto"),
  /** Path of the PEM file with the authorities that sign the devices' certificates. */
  tls: Schema.optionalKey(Schema.Struct({ ca: Schema.NonEmptyString })),
  /** How long a device may hold a pull; ONVIF Core wants it to hold one for a minute at least. */
  pullSeconds: seconds(1, 300, 60),
  /** How long a device keeps a subscription we no longer care for: orphans are to die within ten minutes. */
  leaseSeconds: seconds(10, 3600, 600),
  /** A stream silent for longer is to prove that it still lives. */
  silenceSeconds: seconds(1, 86_400, 1800),
  /** Hosts (or host:port) that are taken at their word when a device advertises them; else its own address is used. */
  advertisedHosts: orElse(Schema.Array(Schema.NonEmptyString), []),
  /** `never`: some cameras end every subscription of everybody when one is ended. */
  unsubscribe: orElse(Unsubscribe, "normal"),
  /** `auto`: pull where the device offers pull points, else have it push. */
  mode: orElse(Mode, "auto"),
  push: Schema.optionalKey(PushListener)
})
  .pipe(
    Schema.check(
      Schema.makeFilter(({ push }) =>
        push === undefined || push.address !== undefined || !everyInterface.test(push.host)
          ? undefined
          : `push listens on ${push.host}: say in push.address how devices reach it`
      ),
      Schema.makeFilter(({ mode, push }) =>
        mode !== "push" || push !== undefined ? undefined : "mode push needs push: { host, port } to listen on"
      ),
      Schema.makeFilter(({ username, password }) =>
        username === undefined || password !== undefined
          ? undefined
          : `user "${username}" has no password: give it one, { env: NAME } or { file: path }`
      )
    )
  )
  .annotate({ identifier: "OnvifSettings" })
export type OnvifSettings = typeof OnvifSettings.Type
