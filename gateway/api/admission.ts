import { Effect, type Scope } from "effect"
import type { Person } from "../domain/person.ts"
import type { Intake } from "../intake/intake.ts"
import type { SecurityLog } from "../log/security-log.ts"
import { type Credentials, type CredentialsUnusable, openCredentials } from "./credentials.ts"
import { type Guard, makeGuard } from "./guard.ts"
import { openSessions, type Sessions } from "./sessions.ts"
import { type Invitation, makeSignIn, type SignIn, triesOfManyAllowed } from "./sign-in.ts"
import { openTokens, type Tokens, type TokensUnusable } from "./tokens.ts"
import { makeTries } from "./tries.ts"

/** Who may come in, and what they come in with. */
export interface Admission {
  readonly tokens: Tokens
  readonly credentials: Credentials
  readonly sessions: Sessions
  readonly guard: Guard
  readonly signIn: SignIn
  readonly people: () => ReadonlyArray<Person>
}

interface AdmissionParts {
  readonly intake: Intake["Service"]
  readonly log: SecurityLog["Service"]
  readonly dataDir: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** What goes on is looked at again so often, for sessions whose time is over; all else is looked at when it happens. */
const reviewEvery = "10 seconds"

const activeIn = (people: ReadonlyArray<Person>) =>
  new Set(people.filter(({ disabled }) => disabled !== true).map(({ id }) => id))

/** Who is no longer in the configuration, or is disabled there, loses every session with the fact that says so. */
const followConfiguration = ({ log, intake }: AdmissionParts, sessions: Sessions, guard: Guard) => {
  sessions.keepOnly(activeIn(intake.situation().campus?.people ?? []))
  return log.subscribe((entries) => {
    for (const entry of entries) {
      if (entry._tag !== "Fact" || entry.fact._tag !== "ConfigApplied") continue
      sessions.keepOnly(activeIn(entry.fact.campus.people ?? []))
      guard.review()
    }
  })
}

/** Opens what a data directory knows of who may come in, and watches over it until the scope closes. */
export const openAdmission = (
  parts: AdmissionParts
): Effect.Effect<Admission, TokensUnusable | CredentialsUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const { intake, dataDir, now } = parts
    const people = () => intake.situation().campus?.people ?? []
    const tokens = yield* openTokens(dataDir, now)
    const credentials = yield* openCredentials(dataDir, now)
    const sessions = yield* openSessions(dataDir, now)
    const guard = makeGuard({ tokens, sessions, tries: makeTries(now), people, now })
    const signIn = yield* makeSignIn({
      credentials,
      sessions,
      triesOfName: makeTries(now),
      triesOfMany: makeTries(now, triesOfManyAllowed),
      people,
      intake
    })
    yield* Effect.acquireRelease(
      Effect.sync(() => followConfiguration(parts, sessions, guard)),
      (stop) => Effect.sync(stop)
    )
    yield* Effect.sync(guard.review).pipe(Effect.delay(reviewEvery), Effect.forever, Effect.forkScoped)
    return { tokens, credentials, sessions, guard, signIn, people }
  })

/** Enrolment links of those administrators who have no password yet: without one, nobody could invite anybody. */
export const firstInvitations = ({
  people,
  credentials,
  signIn
}: Admission): Effect.Effect<ReadonlyArray<Invitation>> =>
  Effect.forEach(
    people().filter(
      ({ id, role, disabled }) =>
        role === "administrator" && disabled !== true && credentials.passwordOf(id) === undefined
    ),
    // While the log refuses nobody is invited; the next start does.
    ({ id }) => signIn.invite(id, "start of the gateway").pipe(Effect.option)
  ).pipe(Effect.map((made) => made.flatMap((one) => (one._tag === "Some" ? [one.value] : []))))
