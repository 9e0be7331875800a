import { Effect, Schema } from "effect"
import { SecretReference } from "../../adapters/secret.ts"
import { HttpTemplate } from "../notify/http-template.ts"

/** Alarms within two minutes is what a watchdog is for (reliability reference, section 8). */
export const alarmWithinMs = 120_000

const seconds = (usual: number, minimum: number, maximum: number, description: string) =>
  Schema.Finite.annotate({ description }).pipe(
    Schema.check(Schema.isBetween({ minimum, maximum })),
    Schema.withDecodingDefaultKey(Effect.succeed(usual))
  )

/** One way to reach somebody, without the gateway that is watched. Exactly one of them. */
export const AlarmWay = Schema.Struct({
  /** POSTs JSON; with a secret it is signed like the gateway's own webhooks. */
  webhook: Schema.optionalKey(
    Schema.Struct({
      url: Schema.NonEmptyString.pipe(
        Schema.check(Schema.isPattern(/^https?:\/\//, { expected: "an http: or https: address" }))
      ),
      secret: Schema.optionalKey(SecretReference)
    })
  ),
  /** Runs a program, with what there is to say in GATEHOUSE_ALARM_* of its environment; 0 is success. */
  command: Schema.optionalKey(Schema.Array(Schema.NonEmptyString).pipe(Schema.check(Schema.isMinLength(1)))),
  /** A request for each number: {{to}}, {{text}} and the names of `secrets` stand for their values. */
  sms: Schema.optionalKey(
    Schema.Struct({
      http: HttpTemplate,
      secrets: Schema.optionalKey(Schema.Record(Schema.String, SecretReference)),
      to: Schema.Array(Schema.NonEmptyString).pipe(Schema.check(Schema.isMinLength(1)))
    })
  )
})
  .annotate({ identifier: "AlarmWay" })
  .pipe(
    Schema.check(
      Schema.makeFilter((way) =>
        Object.keys(way).length === 1 ? undefined : "each alarm is one of webhook, command and sms"
      )
    )
  )
export type AlarmWay = typeof AlarmWay.Type

/** What a watchdog watches, how patient it is, and whom it calls. */
export const WatchdogConfig = Schema.Struct({
  gateway: Schema.Struct({
    url: Schema.NonEmptyString.pipe(
      Schema.check(Schema.isPattern(/^https?:\/\//, { expected: "an http: or https: address" }))
    ),
    /** Without it only the health is looked at, and not the stream. */
    token: Schema.optionalKey(SecretReference)
  }),
  lookEverySeconds: seconds(10, 1, 60, "So often the gateway is looked at"),
  answerWithinSeconds: seconds(10, 1, 30, "A gateway that has not answered by then does not answer"),
  alarmAfterSeconds: seconds(45, 0, 100, "What fails for so long is an alarm"),
  streamSilentSeconds: seconds(
    25,
    11,
    60,
    "A stream that has not even brought its heartbeat (every 10 s) for so long is silent"
  ),
  repeatMinutes: seconds(15, 1, 1440, "An alarm that lasts is told again so often"),
  outboxAgeMinutes: seconds(10, 1, 1440, "A notification that has waited for longer to go out is an alarm"),
  testAlertWithinSeconds: seconds(420, 60, 3600, "The gateway's test alert has to come through the stream so often"),
  alarms: Schema.Array(AlarmWay).pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
})
  .annotate({ identifier: "Watchdog" })
  .pipe(
    Schema.check(
      Schema.makeFilter(({ lookEverySeconds, answerWithinSeconds, streamSilentSeconds, alarmAfterSeconds }) =>
        (lookEverySeconds + answerWithinSeconds + streamSilentSeconds + alarmAfterSeconds) * 1000 <= alarmWithinMs
          ? undefined
          : "lookEverySeconds, answerWithinSeconds, streamSilentSeconds and alarmAfterSeconds together must be at most 120: an alarm comes within two minutes"
      )
    )
  )
export type WatchdogConfig = typeof WatchdogConfig.Type
