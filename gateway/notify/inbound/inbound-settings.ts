import { Schema } from "effect"
import { SecretReference } from "../../../adapters/secret.ts"
import { AreaId, ChannelId } from "../../domain/ids.ts"

/** What an emergency request from outside may ask for. */
export const EmergencyKind = Schema.Literals(["panic", "duress", "lockdown"]).annotate({ identifier: "EmergencyKind" })
export type EmergencyKind = typeof EmergencyKind.Type

const source = {
  id: Schema.String.annotate({
    description: "Names the source; the last part of its address: /api/v1/inbound/<id>"
  }).pipe(
    Schema.check(
      Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, {
        expected: 'the id of a source: letters, digits, ".", "_" and "-", at most 48, such as "phone-app"'
      })
    )
  ),
  name: Schema.optionalKey(Schema.NonEmptyString.annotate({ description: "What officers read of it" }))
}

/** Another system, or a phone app's server, that calls for help on somebody's behalf. */
export const EmergencySource = Schema.Struct({
  ...source,
  accepts: Schema.Literal("emergencies"),
  secret: SecretReference.annotate({ description: "What it signs with" }),
  kinds: Schema.optionalKey(
    Schema.Array(EmergencyKind)
      .pipe(Schema.check(Schema.isMinLength(1)))
      .annotate({
        description: "What it may ask for; absent: panic only"
      })
  ),
  area: Schema.optionalKey(AreaId.annotate({ description: "Where it is, when it does not say itself" }))
}).annotate({ identifier: "EmergencySource" })
export type EmergencySource = typeof EmergencySource.Type

/** Answers of people to messages: text messages that come back, a telephone system's keys. */
export const ReplySource = Schema.Struct({
  ...source,
  accepts: Schema.Literal("replies"),
  channel: ChannelId.annotate({
    description: "The channel that it answers: who a number belongs to stands in people's addresses"
  }),
  secret: Schema.optionalKey(SecretReference.annotate({ description: "What it signs with" })),
  token: Schema.optionalKey(
    SecretReference.annotate({ description: "For a provider that cannot sign: it stands in the address as ?token=" })
  ),
  from: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "The field with the sender's number (from)" })
  ),
  text: Schema.optionalKey(Schema.NonEmptyString.annotate({ description: "The field with the text (text)" }))
})
  .annotate({ identifier: "ReplySource" })
  .pipe(
    Schema.check(
      Schema.makeFilter(({ secret, token }) =>
        secret === undefined && token === undefined
          ? "a source of replies has a secret that it signs with, or a token: else anybody could answer for people"
          : undefined
      )
    )
  )
export type ReplySource = typeof ReplySource.Type

export const InboundSource = Schema.Union([EmergencySource, ReplySource]).annotate({ identifier: "InboundSource" })
export type InboundSource = typeof InboundSource.Type
