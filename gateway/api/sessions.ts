import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Result, Schema } from "effect"
import { PersonId } from "../domain/ids.ts"
import { writePrivately } from "./private-file.ts"
import { hashOf, newSecret } from "./tokens.ts"

/** How long a session lasts: one long shift. */
export const sessionMs = 12 * 60 * 60 * 1000

/** More officers than any campus has at once; the oldest session makes room. */
const atMost = 1000

/** Somebody signed in: as themselves, or by a token where no people are configured. */
export const Signed = Schema.Union([
  Schema.Struct({ person: PersonId }),
  Schema.Struct({ token: Schema.NonEmptyString })
])
export type Signed = typeof Signed.Type

const Session = Schema.Struct({
  /** SHA-256 of the session's secret, base64. */
  secret: Schema.NonEmptyString,
  name: Schema.NonEmptyString,
  by: Signed,
  endsAt: Schema.Finite
})
export type Session = typeof Session.Type

const decodeFile = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Array(Session)))

export interface Sessions {
  /** Begins a session and gives its secret, for the cookie. Only the secret's hash is kept. */
  readonly begin: (name: string, by: Signed) => string
  /** The session while it lasts. Whether its caller is still welcome, the guard knows. */
  readonly one: (secret: string) => Session | undefined
  readonly end: (secret: string) => void
  /** Ends every session of people who are not among these; answers how many. */
  readonly keepOnly: (people: ReadonlySet<PersonId>) => number
  /** Ends every session of a person but `spared`; answers how many. */
  readonly endAll: (person: PersonId, spared?: string) => number
  /** How many a person has. */
  readonly countOf: (person: PersonId) => number
}

/** Officers' sessions. `keep` is told of all of them at each change. `now` is in epoch milliseconds. */
export const makeSessions = (
  now: () => number,
  kept: ReadonlyArray<Session> = [],
  keep: (sessions: ReadonlyArray<Session>) => void = () => {}
): Sessions => {
  const sessions = new Map(kept.filter(({ endsAt }) => endsAt > now()).map((session) => [session.secret, session]))
  const keyOf = (secret: string): string => hashOf(secret).toString("base64")
  const endThose = (which: (session: Session) => boolean): number => {
    const ending = [...sessions.values()].filter(which)
    for (const { secret } of ending) sessions.delete(secret)
    if (ending.length > 0) keep([...sessions.values()])
    return ending.length
  }
  return {
    begin: (name, by) => {
      const oldest = sessions.keys().next()
      if (sessions.size >= atMost && !oldest.done) sessions.delete(oldest.value)
      const secret = newSecret()
      sessions.set(keyOf(secret), { secret: keyOf(secret), name, by, endsAt: now() + sessionMs })
      keep([...sessions.values()])
      return secret
    },
    one: (secret) => {
      const session = sessions.get(keyOf(secret))
      if (session === undefined) return undefined
      if (session.endsAt > now()) return session
      sessions.delete(session.secret)
      return undefined
    },
    end: (secret) => {
      if (sessions.delete(keyOf(secret))) keep([...sessions.values()])
    },
    keepOnly: (people) => endThose(({ by }) => "person" in by && !people.has(by.person)),
    endAll: (person, spared) => {
      const kept = spared === undefined ? undefined : keyOf(spared)
      return endThose(({ secret, by }) => "person" in by && by.person === person && secret !== kept)
    },
    countOf: (person) =>
      [...sessions.values()].filter(({ by, endsAt }) => "person" in by && by.person === person && endsAt > now()).length
  }
}

const read = (file: string): ReadonlyArray<Session> => {
  try {
    const decoded = decodeFile(readFileSync(file, "utf8"))
    return Result.isSuccess(decoded) ? decoded.success : []
  } catch {
    return []
  }
}

/**
 * The sessions of a data directory, in `<dataDir>/sessions.json` (mode 0600): a gateway that starts again finds its
 * officers signed in. A file that cannot be read or written costs them a sign-in, and nothing else.
 */
export const openSessions = (dataDir: string, now: () => number): Effect.Effect<Sessions> =>
  Effect.map(Effect.context<never>(), (services) => {
    const file = join(dataDir, "sessions.json")
    const keep = (sessions: ReadonlyArray<Session>): void => {
      try {
        writePrivately(dataDir, file, `${JSON.stringify(sessions)}\n`)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        Effect.runForkWith(services)(Effect.logWarning(`sessions will not outlive this process: ${why}`))
      }
    }
    return makeSessions(now, read(file), keep)
  })
