import { Schema } from "effect"
import { EpochMs, PersonId } from "./ids.ts"
import { Role } from "./person.ts"

const who = { by: Schema.NonEmptyString, person: Schema.optionalKey(PersonId) }

/** What happens around who may come in. Never a secret, nor a hash of one. */
export const signInFacts = {
  SignedIn: {
    at: EpochMs,
    ...who,
    how: Schema.Literals(["password", "enrolment", "token"]),
    /** The network address that they came from. */
    address: Schema.String
  },
  /** Somebody was turned away so often, in one window of time, that they are not heard for a while. */
  SignInRefused: {
    at: EpochMs,
    /** The name that was tried, cut short; it may be nobody's. */
    who: Schema.String,
    address: Schema.String,
    tries: Schema.Finite
  },
  /** One session ended, or all of a person: `whose`, where somebody else ended them. */
  SignedOut: {
    at: EpochMs,
    by: Schema.NonEmptyString,
    whose: Schema.optionalKey(PersonId),
    everywhere: Schema.optionalKey(Schema.Literal(true))
  },
  /** Somebody got a link by which they set their password, once and until then. */
  PersonInvited: { at: EpochMs, by: Schema.NonEmptyString, person: PersonId, until: EpochMs },
  /** Somebody set their password, by an enrolment link or by knowing the one before. */
  PasswordSet: {
    at: EpochMs,
    by: Schema.NonEmptyString,
    person: PersonId,
    how: Schema.Literals(["enrolment", "change"])
  },
  TokenMade: {
    at: EpochMs,
    by: Schema.NonEmptyString,
    token: Schema.NonEmptyString,
    role: Role,
    only: Schema.optionalKey(Schema.Array(Schema.String)),
    /** It opens nothing from then on. */
    until: Schema.optionalKey(EpochMs)
  },
  TokenRevoked: { at: EpochMs, by: Schema.NonEmptyString, token: Schema.NonEmptyString }
} as const
