import type { Request, Response } from "express"
import { Effect, Schema } from "effect"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { fromOwnPage, sessionCookie, sessionSecretOf } from "./guard.ts"
import { notFound, otherOrigin, type Problem, tokenSignInOff } from "./problem.ts"
import { rightsOf } from "./rights.ts"
import { sessionMs } from "./sessions.ts"
import { EnrolmentBody, EnrolmentCodeBody, PasswordBody, SessionAnswer, SessionBody } from "./shapes.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

const cookie = { httpOnly: true, sameSite: "strict", path: "/" } as const

/** How people come in here. */
export const SignInAnswer = Schema.Struct({
  by: Schema.Literals(["password", "token"]).annotate({
    description: "password: people are configured, each signs in as themselves. token: nobody is, and a token opens all"
  })
}).annotate({ identifier: "SignInWay" })

const EnrolmentAnswer = Schema.Struct({ name: Schema.String })

const addressOf = (request: Request): string => request.socket.remoteAddress ?? ""

/** A page of another origin must not sign anybody in, not even as themselves. */
const fromHere = (request: Request): Effect.Effect<void, Problem> =>
  Effect.suspend(() => (fromOwnPage(request) === false ? Effect.fail(otherOrigin()) : Effect.void))

/** Sets the cookie of a session that has begun, and ends the one that the browser had. */
const carry = ({ sessions }: Sources, request: Request, response: Response, secret: string): void => {
  const before = sessionSecretOf(request)
  if (before !== undefined) sessions.end(before)
  response.cookie(sessionCookie, secret, { ...cookie, maxAge: sessionMs })
}

/** The session of a token: of whoever it belongs to, or, where no people are configured, of the name that is given. */
const byToken = (sources: Sources, request: Request, secret: string, name: string) =>
  Effect.gen(function* () {
    const { guard, sessions, signIn, people } = sources
    const token = yield* Effect.try({
      try: () => guard.tryToken(request, secret),
      catch: (error) => error as TaggedFailure
    })
    const person = people().find(({ id, disabled }) => id === token.person && disabled !== true)
    if (person === undefined && (people().length > 0 || token.person !== undefined)) return yield* tokenSignInOff()
    const by = person?.name ?? name.trim()
    const who = person === undefined ? {} : { person: person.id }
    yield* signIn.note({ _tag: "SignedIn", by, ...who, how: "token", address: addressOf(request) })
    return sessions.begin(by, person === undefined ? { token: token.name } : { person: person.id })
  })

/** Where somebody comes in who is not in yet. */
const openRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { signIn, people } = sources
  return [
    endpoint({
      method: "get",
      path: "/sign-in",
      summary: "How people sign in here",
      open: true,
      answer: SignInAnswer,
      handle: () => Effect.sync(() => ({ by: people().length > 0 ? ("password" as const) : ("token" as const) }))
    }),
    endpoint({
      method: "post",
      path: "/session",
      summary:
        "Begin a session with name and password, or, where no people are configured, with a token and a name; sets the session cookie",
      open: true,
      body: SessionBody,
      status: 204,
      problems: [401, 403, 429],
      handle: Effect.fnUntraced(function* ({ body, request, response }) {
        yield* fromHere(request)
        const secret =
          "token" in body
            ? yield* byToken(sources, request, body.token, body.name)
            : (yield* signIn.byPassword(body.who, body.password, addressOf(request))).secret
        carry(sources, request, response, secret)
      })
    }),
    endpoint({
      method: "post",
      path: "/enrolment/look",
      summary: "Whose enrolment link it is, while it is good",
      open: true,
      body: EnrolmentCodeBody,
      answer: EnrolmentAnswer,
      problems: [404, 429],
      handle: ({ body, request }) => Effect.map(signIn.invited(body.code, addressOf(request)), ({ name }) => ({ name }))
    }),
    endpoint({
      method: "post",
      path: "/enrolment",
      summary: "Set a password by an enrolment link, once, and begin a session; sets the session cookie",
      open: true,
      body: EnrolmentBody,
      status: 204,
      problems: [403, 404, 429],
      handle: Effect.fnUntraced(function* ({ body, request, response }) {
        yield* fromHere(request)
        const { secret } = yield* signIn.enrol(body.code, body.password, addressOf(request))
        carry(sources, request, response, secret)
      })
    })
  ]
}

/** Sessions of people in a browser: how they come in, who they are, how they go. */
export const sessionRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { guard, sessions, signIn } = sources
  return [
    ...openRoutes(sources),
    endpoint({
      method: "get",
      path: "/session",
      right: "own-session",
      summary: "Who is signed in, and what they may",
      answer: SessionAnswer,
      handle: ({ caller: { name, role, person }, caller }) =>
        Effect.succeed({ name, role, rights: rightsOf(caller), ...(person === undefined ? {} : { person }) })
    }),
    endpoint({
      method: "delete",
      path: "/session",
      right: "own-session",
      summary: "End the session",
      status: 204,
      handle: ({ by, request, response }) =>
        Effect.gen(function* () {
          const secret = sessionSecretOf(request)
          response.clearCookie(sessionCookie, cookie)
          if (secret === undefined || sessions.one(secret) === undefined) return
          sessions.end(secret)
          guard.review()
          yield* signIn.note({ _tag: "SignedOut", by })
        })
    }),
    endpoint({
      method: "post",
      path: "/session/password",
      right: "own-session",
      summary: "Change one's own password; one's sessions elsewhere end",
      body: PasswordBody,
      status: 204,
      problems: [404, 429],
      handle: Effect.fnUntraced(function* ({ caller, body, request }) {
        const { person } = caller
        if (person === undefined)
          return yield* notFound("no-person", `${caller.name} is no person of the configuration, and has no password.`)
        const session = sessionSecretOf(request)
        yield* signIn.changePassword({ person, current: body.current, wanted: body.password, session })
        guard.review()
      })
    }),
    endpoint({
      method: "delete",
      path: "/sessions",
      right: "own-session",
      summary: "Sign out everywhere, here too",
      status: 204,
      problems: [404],
      handle: Effect.fnUntraced(function* ({ caller, by, response }) {
        if (caller.person === undefined)
          return yield* notFound("no-person", `${caller.name} is no person of the configuration: end each session.`)
        yield* signIn.signOutEverywhere(caller.person, by)
        response.clearCookie(sessionCookie, cookie)
        guard.review()
      })
    })
  ]
}
