import type { Request } from "express"
import type { PersonId } from "../domain/ids.ts"
import type { Person } from "../domain/person.ts"
import { notAllowed, notAuthenticated, otherOrigin, Problem, tooManyTries } from "./problem.ts"
import { type Caller, may, type Right } from "./rights.ts"
import type { Session, Sessions } from "./sessions.ts"
import { isOver, type Token, type Tokens } from "./tokens.ts"
import type { Tries } from "./tries.ts"

/** The cookie that carries an officer's session. */
export const sessionCookie = "gatehouse_session"

export interface Guard {
  /** Who is calling, and may do what `right` says. Throws a `Problem`: 401, 403, 429. */
  readonly admit: (request: Request, right: Right) => Caller
  /** An answer that goes on, such as a stream: `end` is called once its caller may no longer have it. Ends that with the answer. */
  readonly lasts: (request: Request, right: Right, end: () => void) => () => void
  /** Looks again at what goes on: somebody was signed out, a role has changed, a session's time is over. */
  readonly review: () => void
  /** The token that is tried. Throws a `Problem` (401, 429) when it is none of ours. */
  readonly tryToken: (request: Request, token: string) => Token
}

/** The session's secret as the request carries it. */
export const sessionSecretOf = (request: Request): string | undefined => {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = part.trim().split("=", 2)
    if (name === sessionCookie && value !== undefined && value !== "") return value
  }
  return undefined
}

/**
 * Does the request say that one of our own pages made it? `undefined` when it says nothing, as programs do.
 * Fetch Metadata where the browser sends it, else the Origin header against the Host.
 */
export const fromOwnPage = (request: Request): boolean | undefined => {
  const site = request.headers["sec-fetch-site"]
  if (site !== undefined) return site === "same-origin"
  const { host, origin } = request.headers
  if (origin === undefined) return undefined
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host
}

const changesState = (method: string): boolean => method !== "GET" && method !== "HEAD"

interface Lasting {
  readonly request: Request
  readonly right: Right
  readonly end: () => void
}

interface GuardParts {
  readonly tokens: Tokens
  readonly sessions: Sessions
  readonly tries: Tries
  /** The people of the configuration in force. */
  readonly people: () => ReadonlyArray<Person>
  /** Epoch milliseconds. */
  readonly now: () => number
}

const callerOfPerson = (id: PersonId, people: ReadonlyArray<Person>): Caller | undefined => {
  const person = people.find((one) => one.id === id)
  if (person === undefined || person.disabled === true) return undefined
  return { name: person.name, role: person.role, person: person.id }
}

const callerOfToken = ({ name, role, only, person }: Token, people: ReadonlyArray<Person>): Caller | undefined =>
  person === undefined ? { name, role, ...(only === undefined ? {} : { only }) } : callerOfPerson(person, people)

/**
 * Who a session stands for now. Somebody who left the configuration, or is disabled there, is nobody from that moment;
 * so is who signed in by a token that was revoked since or is over, or before there were people.
 */
const callerOfSession = ({ by, name }: Session, { tokens, people, now }: GuardParts): Caller | undefined => {
  if ("token" in by) {
    const token = people().length > 0 ? undefined : tokens.named(by.token)
    const caller = token === undefined || isOver(token, now()) ? undefined : callerOfToken(token, [])
    return caller === undefined ? undefined : { ...caller, name }
  }
  return callerOfPerson(by.person, people())
}

/** Decides who calls, a bearer token or else a session, and whether they may. The only place that does. */
export const makeGuard = (parts: GuardParts): Guard => {
  const { tokens, sessions, tries } = parts
  /** The token, which is used; unless its time is over. */
  const inTime = (token: Token): Token => {
    if (isOver(token, parts.now())) throw notAuthenticated(`The time of the token ${token.name} is over.`)
    tokens.used(token)
    return token
  }
  const tryToken = (request: Request, secret: string): Token => {
    const token = tokens.tokenOf(secret)
    // 256 random bits are not guessed: who knows them is let in, however often others at this address were wrong.
    if (token !== undefined) return inTime(token)
    const address = request.socket.remoteAddress ?? ""
    const seconds = tries.blockedFor(address)
    if (seconds !== undefined) throw tooManyTries(seconds)
    tries.failed(address)
    throw notAuthenticated("The token is not known here; the first start of the gateway printed one.")
  }
  const callerOf = (request: Request, tokenOf: (secret: string) => Token): Caller => {
    const authorization = request.headers.authorization
    if (authorization !== undefined) {
      const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
      if (bearer === undefined) throw notAuthenticated('Expected "Authorization: Bearer <token>".')
      const caller = callerOfToken(tokenOf(bearer), parts.people())
      if (caller === undefined) throw notAuthenticated("Whose token this is may not come in any more.")
      return caller
    }
    const secret = sessionSecretOf(request)
    const session = secret === undefined ? undefined : sessions.one(secret)
    const caller = session === undefined ? undefined : callerOfSession(session, parts)
    if (caller === undefined) {
      throw notAuthenticated('Send "Authorization: Bearer <token>", or begin a session with POST /api/v1/session.')
    }
    if (changesState(request.method) && fromOwnPage(request) !== true) throw otherOrigin()
    return caller
  }
  const admitted = (request: Request, right: Right, tokenOf: (secret: string) => Token): Caller => {
    const caller = callerOf(request, tokenOf)
    if (!may(caller, right)) throw notAllowed(caller, right)
    return caller
  }
  /** Answers that go on for as long as whoever asked may have them. */
  const lasting = new Set<Lasting>()
  const known = (secret: string): Token => {
    const token = tokens.tokenOf(secret)
    if (token === undefined) throw notAuthenticated("The token was revoked.")
    return inTime(token)
  }
  const stillMay = ({ request, right }: Lasting): boolean => {
    try {
      admitted(request, right, known)
      return true
    } catch (error) {
      if (error instanceof Problem) return false
      throw error
    }
  }
  return {
    tryToken,
    admit: (request, right) => admitted(request, right, (secret) => tryToken(request, secret)),
    lasts: (request, right, end) => {
      const one = { request, right, end }
      lasting.add(one)
      return () => void lasting.delete(one)
    },
    review: () => {
      for (const one of lasting) {
        if (stillMay(one)) continue
        lasting.delete(one)
        one.end()
      }
    }
  }
}
