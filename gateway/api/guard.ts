import type { Request } from "express"
import { notAuthenticated, otherOrigin, tooManyTries } from "./problem.ts"
import type { Sessions } from "./sessions.ts"
import type { Tokens } from "./tokens.ts"
import type { Tries } from "./tries.ts"

/** The cookie that carries an officer's session. */
export const sessionCookie = "gatehouse_session"

export interface Guard {
  /** Who is calling. Throws a `Problem` (401, 403, 429) when nobody we know. */
  readonly callerOf: (request: Request) => string
  /** The name of a token that is tried. Throws a `Problem` (401, 429) when it is none of ours. */
  readonly tryToken: (request: Request, token: string) => string
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

/** Decides who calls: a bearer token, or else a session of an officer. */
export const makeGuard = (tokens: Tokens, sessions: Sessions, tries: Tries): Guard => {
  const tryToken = (request: Request, token: string): string => {
    const name = tokens.nameOf(token)
    // 256 random bits are not guessed: who knows them is let in, however often others at this address were wrong.
    if (name !== undefined) return name
    const address = request.socket.remoteAddress ?? ""
    const seconds = tries.blockedFor(address)
    if (seconds !== undefined) throw tooManyTries(seconds)
    tries.failed(address)
    throw notAuthenticated("The token is not known here; the first start of the gateway printed one.")
  }
  return {
    tryToken,
    callerOf: (request) => {
      const authorization = request.headers.authorization
      if (authorization !== undefined) {
        const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
        if (bearer === undefined) throw notAuthenticated('Expected "Authorization: Bearer <token>".')
        return tryToken(request, bearer)
      }
      const secret = sessionSecretOf(request)
      const name = secret === undefined ? undefined : sessions.nameOf(secret)
      if (name === undefined) {
        throw notAuthenticated('Send "Authorization: Bearer <token>", or begin a session with POST /api/v1/session.')
      }
      if (changesState(request.method) && fromOwnPage(request) !== true) throw otherOrigin()
      return name
    }
  }
}
