import { Effect, Semaphore } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import type { PersonId } from "../domain/ids.ts"
import type { Person } from "../domain/person.ts"
import type { Intake, Unstamped } from "../intake/intake.ts"
import type { Credentials } from "./credentials.ts"
import { hashPassword, isPassword, passwordFault } from "./passwords.ts"
import { invalidRequest, invitationOver, notFound, type Problem, tooManyTries, wrongPassword } from "./problem.ts"
import type { Sessions } from "./sessions.ts"
import { type Tries, triesAllowed } from "./tries.ts"

/** Hashes at once: each takes 19 MiB and a thread of four that files are read by as well. */
const hashesAtOnce = 2

/** A name that was tried enters the log cut to this: whoever tries writes what they like. */
const triedNameCharacters = 64

/** An enrolment link, made just now: its code is told once. */
export interface Invitation {
  readonly person: Person
  readonly code: string
  readonly until: number
}

/** A session that has begun. */
export interface Begun {
  readonly secret: string
  readonly person: Person
}

/** How people come in, and are put out. Every act is a fact. */
export interface SignIn {
  /** `who`: their name, or their id. Takes as long for who is not known as for a wrong password. */
  readonly byPassword: (who: string, password: string, address: string) => Effect.Effect<Begun, Problem>
  /** Whose enrolment link this is. */
  readonly invited: (code: string, address: string) => Effect.Effect<Person, Problem>
  /** Uses an enrolment link: sets the password, and begins a session. Sessions from before end. */
  readonly enrol: (code: string, password: string, address: string) => Effect.Effect<Begun, Problem | NotKept>
  readonly invite: (id: string, by: string) => Effect.Effect<Invitation, Problem | NotKept>
  /** Ends all other sessions than `session` of theirs. */
  readonly changePassword: (change: {
    readonly person: PersonId
    readonly current: string
    readonly wanted: string
    readonly session: string | undefined
  }) => Effect.Effect<void, Problem | NotKept>
  readonly signOutEverywhere: (id: string, by: string) => Effect.Effect<void, Problem>
  /** Facts that must not keep anybody out: while the log refuses, officers are needed all the more. */
  readonly note: (fact: Unstamped) => Effect.Effect<void>
}

export interface SignInParts {
  readonly credentials: Credentials
  readonly sessions: Sessions
  /** Of a name from an address. */
  readonly triesOfName: Tries
  /** Of an address, whatever the name, and of a name, wherever from. */
  readonly triesOfMany: Tries
  /** The people of the configuration in force. */
  readonly people: () => ReadonlyArray<Person>
  readonly intake: Pick<Intake["Service"], "enter">
}

/** Wrong tries of one address whatever the name, and of one name wherever from, in a window: a site's gate may be one address. */
export const triesOfManyAllowed = 10 * triesAllowed

const plain = (who: string): string => who.trim().normalize("NFKC").toLowerCase()

const unknownPerson = (id: string): Problem => notFound("unknown-person", `there is nobody called ${id} here`)

const refusePassword = (message: string): Problem => invalidRequest("body", [{ path: "password", message }])

/** Counts a try before it is made, so that many at once are as few as one after the other. */
const makeGate = ({ triesOfName, triesOfMany }: SignInParts) => ({
  enter: (who: string, address: string): Effect.Effect<number, Problem> =>
    Effect.suspend(() => {
      const name = `${address} ${who}`
      const waits = [triesOfName.blockedFor(name), triesOfMany.blockedFor(address), triesOfMany.blockedFor(` ${who}`)]
      const seconds = Math.max(0, ...waits.map((wait) => wait ?? 0))
      if (seconds > 0) return Effect.fail(tooManyTries(seconds, "wrong tries"))
      triesOfMany.failed(address)
      triesOfMany.failed(` ${who}`)
      return Effect.succeed(triesOfName.failed(name))
    }),
  passed: (who: string, address: string): void => {
    triesOfName.succeeded(`${address} ${who}`)
    triesOfMany.succeeded(` ${who}`)
    triesOfMany.succeeded(address)
  }
})

/** Makes the one way in for people. */
export const makeSignIn = (parts: SignInParts): Effect.Effect<SignIn> =>
  Effect.gen(function* () {
    const { credentials, sessions, people, intake } = parts
    const gate = makeGate(parts)
    const few = yield* Semaphore.make(hashesAtOnce)
    const hashed = <A>(work: () => Promise<A>) => Effect.promise(work).pipe(Semaphore.withPermit(few))
    const active = () => people().filter(({ disabled }) => disabled !== true)
    const one = (id: string) => {
      const person = active().find((known) => known.id === id)
      return person === undefined ? Effect.fail(unknownPerson(id)) : Effect.succeed(person)
    }
    /** Of two who use one link at once, one does. */
    const enrolling = new Set<PersonId>()
    const note = (fact: Unstamped) => intake.enter(fact).pipe(Effect.ignore)
    const begin = (person: Person, how: "password" | "enrolment", address: string) =>
      note({ _tag: "SignedIn", by: person.name, person: person.id, how, address }).pipe(
        Effect.map((): Begun => ({ secret: sessions.begin(person.name, { person: person.id }), person }))
      )
    const store = (person: Person, wanted: string, how: "enrolment" | "change") =>
      Effect.gen(function* () {
        const fault = passwordFault(wanted, person.name)
        if (fault !== undefined) return yield* refusePassword(fault)
        const hash = yield* hashed(() => hashPassword(wanted))
        yield* intake.enter({ _tag: "PasswordSet", by: person.name, person: person.id, how })
        credentials.setPassword(person.id, hash)
      })
    const whose = (code: string) =>
      Effect.suspend(() => {
        const id = credentials.invited(code)
        const person = active().find((known) => known.id === id)
        return person === undefined ? Effect.fail(invitationOver()) : Effect.succeed(person)
      })
    /** 256 random bits are not guessed; what is slowed down is whoever tries all the same. */
    const invited = Effect.fnUntraced(function* (code: string, address: string) {
      yield* gate.enter("an enrolment link", address)
      const person = yield* whose(code)
      gate.passed("an enrolment link", address)
      return person
    })

    return {
      note,
      invited,
      byPassword: Effect.fnUntraced(function* (tried, password, address) {
        const who = plain(tried)
        const nth = yield* gate.enter(who, address)
        const person = active().find(({ id, name }) => plain(id) === who || plain(name) === who)
        const hash = person === undefined ? undefined : credentials.passwordOf(person.id)
        const right = yield* hashed(() => isPassword(password, hash))
        if (person === undefined || !right) {
          const told = { who: tried.trim().slice(0, triedNameCharacters), address, tries: nth }
          if (nth === triesAllowed) yield* note({ _tag: "SignInRefused", ...told })
          return yield* wrongPassword()
        }
        gate.passed(who, address)
        return yield* begin(person, "password", address)
      }),
      enrol: Effect.fnUntraced(function* (code, password, address) {
        const person = yield* invited(code, address)
        if (enrolling.has(person.id)) return yield* invitationOver()
        enrolling.add(person.id)
        yield* store(person, password, "enrolment").pipe(
          Effect.ensuring(Effect.sync(() => enrolling.delete(person.id)))
        )
        sessions.endAll(person.id)
        return yield* begin(person, "enrolment", address)
      }),
      invite: Effect.fnUntraced(function* (id, by) {
        const person = yield* one(id)
        const made = credentials.invite(person.id)
        yield* intake.enter({ _tag: "PersonInvited", by, person: person.id, until: made.until })
        return { person, ...made }
      }),
      changePassword: Effect.fnUntraced(function* ({ person: id, current, wanted, session }) {
        const person = yield* one(id)
        const gatekept = `the password of ${id}`
        yield* gate.enter(gatekept, "")
        const right = yield* hashed(() => isPassword(current, credentials.passwordOf(person.id)))
        if (!right) return yield* invalidRequest("body", [{ path: "current", message: "This is not your password" }])
        gate.passed(gatekept, "")
        yield* store(person, wanted, "change")
        sessions.endAll(person.id, session)
      }),
      signOutEverywhere: Effect.fnUntraced(function* (id, by) {
        const person = people().find((known) => known.id === id) ?? (yield* unknownPerson(id))
        sessions.endAll(person.id)
        const whose = person.name === by ? {} : { whose: person.id }
        yield* note({ _tag: "SignedOut", by, ...whose, everywhere: true })
      })
    }
  })
