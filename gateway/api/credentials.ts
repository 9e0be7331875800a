import { join } from "node:path"
import { Data, Effect, Result, Schema } from "effect"
import { PersonId } from "../domain/ids.ts"
import { phcPattern } from "./passwords.ts"
import { readPrivately, writePrivately } from "./private-file.ts"
import { hashOf, newSecret } from "./tokens.ts"

/** An enrolment link is good for so long, once: it goes from hand to hand within a working day. */
export const invitationMs = 24 * 3_600_000

const Kept = Schema.Struct({
  person: PersonId,
  /** Argon2id in the PHC string format; absent: they have set none yet. */
  password: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isPattern(phcPattern)))),
  /** The enrolment link that they can still use. */
  invitation: Schema.optionalKey(
    Schema.Struct({
      /** SHA-256 of its code, base64. The code has 256 random bits, so a slow hash would add nothing. */
      code: Schema.NonEmptyString,
      until: Schema.Finite
    })
  )
})
type Kept = typeof Kept.Type

const File = Schema.Struct({ people: Schema.Array(Kept) })
const decodeFile = Schema.decodeUnknownResult(Schema.fromJsonString(File), { errors: "all" })

/** The file of passwords' hashes cannot be read; the gateway must not start as if nobody had one. */
export class CredentialsUnusable extends Data.TaggedError("CredentialsUnusable")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file}: ${this.reason}. Repair it, or remove it: everybody then needs a new enrolment link`
  }
}

/** What people come in with. Only hashes are kept. Whatever changes it throws when the file cannot be written. */
export interface Credentials {
  /** The hash of somebody's password; `undefined` while they have none. */
  readonly passwordOf: (person: PersonId) => string | undefined
  /** Until when somebody's enrolment link is good; `undefined`: they have none. */
  readonly invitedUntil: (person: PersonId) => number | undefined
  /** Makes an enrolment link's code, in place of the one before. */
  readonly invite: (person: PersonId) => { readonly code: string; readonly until: number }
  /** Whose enrolment code this is, while it is good. */
  readonly invited: (code: string) => PersonId | undefined
  /** From now on this is their password, and no enrolment link of theirs is good. */
  readonly setPassword: (person: PersonId, hash: string) => void
}

const makeCredentials = (
  now: () => number,
  kept: ReadonlyArray<Kept>,
  keep: (people: ReadonlyArray<Kept>) => void
): Credentials => {
  let people: ReadonlyMap<PersonId, Kept> = new Map(kept.map((one) => [one.person, one]))
  const change = (one: Kept): void => {
    const next = new Map([...people, [one.person, one] as const])
    keep([...next.values()])
    people = next
  }
  const invitationOf = (person: PersonId) => {
    const invitation = people.get(person)?.invitation
    return invitation === undefined || invitation.until <= now() ? undefined : invitation
  }
  return {
    passwordOf: (person) => people.get(person)?.password,
    invitedUntil: (person) => invitationOf(person)?.until,
    invite: (person) => {
      const code = newSecret()
      const until = now() + invitationMs
      change({ ...people.get(person), person, invitation: { code: hashOf(code).toString("base64"), until } })
      return { code, until }
    },
    invited: (code) => {
      const hash = hashOf(code).toString("base64")
      return [...people.keys()].find((person) => invitationOf(person)?.code === hash)
    },
    setPassword: (person, password) => change({ person, password })
  }
}

/** The credentials of a data directory, in `<dataDir>/people.json` (mode 0600). */
export const openCredentials = (dataDir: string, now: () => number): Effect.Effect<Credentials, CredentialsUnusable> =>
  Effect.suspend(() => {
    const file = join(dataDir, "people.json")
    const unusable = (reason: string) => new CredentialsUnusable({ file, reason })
    return Effect.gen(function* () {
      const text = yield* Effect.try({
        try: () => readPrivately(file),
        catch: (error) => unusable(error instanceof Error ? error.message : String(error))
      })
      const decoded = text === undefined ? Result.succeed({ people: [] }) : decodeFile(text)
      if (Result.isFailure(decoded)) return yield* unusable("expected people's passwords as the gateway keeps them")
      return makeCredentials(now, decoded.success.people, (people) =>
        writePrivately(dataDir, file, `${JSON.stringify({ people }, null, 2)}\n`)
      )
    })
  })
