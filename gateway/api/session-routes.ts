import { Effect } from "effect"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { fromOwnPage, sessionCookie, sessionSecretOf } from "./guard.ts"
import { otherOrigin } from "./problem.ts"
import { rightsOf } from "./rights.ts"
import { sessionMs } from "./sessions.ts"
import { SessionAnswer, SessionBody } from "./shapes.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

const cookie = { httpOnly: true, sameSite: "strict", path: "/" } as const

/** Sessions of officers in a browser: a token once, then a cookie. */
export const sessionRoutes = ({ guard, sessions }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/session",
    right: "own-session",
    summary: "Who is signed in",
    answer: SessionAnswer,
    handle: ({ caller: { name, role, person }, caller }) =>
      Effect.succeed({ name, role, rights: rightsOf(caller), ...(person === undefined ? {} : { person }) })
  }),
  endpoint({
    method: "post",
    path: "/session",
    summary: "Begin a session with a token and the officer's name; sets the session cookie",
    open: true,
    body: SessionBody,
    status: 204,
    problems: [401, 403, 429],
    handle: (call) =>
      Effect.try({
        try: () => {
          if (fromOwnPage(call.request) === false) throw otherOrigin()
          const token = guard.tryToken(call.request, call.body.token)
          const before = sessionSecretOf(call.request)
          if (before !== undefined) sessions.end(before)
          const secret = sessions.begin(call.body.name.trim(), { token: token.name })
          call.response.cookie(sessionCookie, secret, { ...cookie, maxAge: sessionMs })
        },
        catch: (error) => error as TaggedFailure
      })
  }),
  endpoint({
    method: "delete",
    path: "/session",
    right: "own-session",
    summary: "End the session",
    status: 204,
    handle: (call) =>
      Effect.sync(() => {
        const secret = sessionSecretOf(call.request)
        if (secret !== undefined) sessions.end(secret)
        call.response.clearCookie(sessionCookie, cookie)
      })
  })
]
