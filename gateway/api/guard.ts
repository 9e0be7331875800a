import type { Request } from "express"
import type { Person } from "../domain/person.ts"
import { notAllowed, notAuthenticated, otherOrigin, tooManyTries } from "./problem.ts"
import { type Caller, may, type Right } from "./rights.ts"
import type { Session, Sessions } from "./sessions.ts"
import type { Token, Tokens } from "./tokens.ts"
import type { Tries } from "./tries.ts"

/** The cookie that carries an officer's session. */
export const sessionCookie = "gatehouse_session"

export interface Guard {
  /** Who is calling, and may do what `right` says. Throws a `Problem`: 401, 403, 429. */
  readonly admit: (request: Request, right: Right) => Caller
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

interface GuardParts {
  readonly tokens: Tokens
  readonly sessions: Sessions
  readonly tries: Tries
  /** The people of the configuration in force. */
  readonly people: () => ReadonlyArray<Person>
}

const callerOfToken = ({ name, role, only }: Token): Caller => ({ name, role, ...(only === undefined ? {} : { only }) })

/**
 * Who a session stands for now. Somebody who left the configuration, or is disabled there, is nobody from that moment;
 * so is who signed in by a token that was revoked since, or before there were people.
 */
const callerOfSession = ({ by, name }: Session, { tokens, people }: GuardParts): Caller | undefined => {
  if ("token" in by) {
    const token = people().length > 0 ? undefined : tokens.named(by.token)
    return token === undefined ? undefined : { ...callerOfToken(token), name }
  }
  const person = people().find(({ id }) => id === by.person)
  if (person === undefined || person.disabled === true) return undefined
  return { name: person.name, role: person.role, person: person.id }
}

/** Decides who calls, a bearer token or else a session, and whether they may. The only place that does. */
export const makeGuard = (parts: GuardParts): Guard => {
  const { tokens, sessions, tries } = parts
  const tryToken = (request: Request, secret: string): Token => {
    const token = tokens.tokenOf(secret)
    // 256 random bits are not guessed: who knows them is let in, however often others at this address were wrong.
    if (token !== undefined) return token
    const address = request.socket.remoteAddress ?? ""
    const seconds = tries.blockedFor(address)
    if (seconds !== undefined) throw tooManyTries(seconds)
    tries.failed(address)
    throw notAuthenticated("The token is not known here; the first start of the gateway printed one.")
  }
  const callerOf = (request: Request): Caller => {
    const authorization = request.headers.authorization
    if (authorization !== undefined) {
      const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
      if (bearer === undefined) throw notAuthenticated('Expected "Authorization: Bearer <token>".')
      return callerOfToken(tryToken(request, bearer))
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
  return {
    tryToken,
    admit: (request, right) => {
      const caller = callerOf(request)
      if (!may(caller, right)) throw notAllowed(caller, right)
      return caller
    }
  }
}
