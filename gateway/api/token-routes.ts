import { Effect, Schema } from "effect"
import { EpochMs } from "../domain/ids.ts"
import { Role } from "../domain/person.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { notFound, Problem, storeUnavailable } from "./problem.ts"
import { Right } from "./rights.ts"
import type { Sources } from "./sources.ts"

const TokenName = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
      expected: 'a name: letters, digits, ".", "_" and "-", at most 64, such as "police-feed"'
    })
  )
)
const TokenBody = Schema.Struct({
  name: TokenName,
  role: Role,
  only: Schema.optionalKey(
    Schema.NonEmptyArray(Right).annotate({ description: "For these rights of the role only; absent: for all of them" })
  ),
  days: Schema.optionalKey(
    Schema.Int.annotate({
      description: "It opens nothing after so many days; absent: it does until it is revoked"
    }).pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 3650 })))
  )
})
const TokenItem = Schema.Struct({
  name: Schema.String,
  role: Role,
  only: Schema.optionalKey(Schema.Array(Right)),
  /** Absent: it was made before that was kept. */
  madeAt: Schema.optionalKey(EpochMs),
  /** It last opened something; after a restart up to an hour too early. Absent: never. */
  usedAt: Schema.optionalKey(EpochMs),
  /** It opens nothing from then on. */
  until: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "TokenItem" })
export const TokenItems = Schema.Struct({ items: Schema.Array(TokenItem) })
const MadeToken = Schema.Struct({
  name: Schema.String,
  role: Role,
  only: TokenItem.fields.only,
  until: TokenItem.fields.until,
  token: Schema.String.annotate({ description: "The token itself; it is told this once" })
}).annotate({ identifier: "MadeToken" })

const taken = (name: string): Problem =>
  new Problem({
    kind: "token-name-taken",
    title: "The name is taken",
    status: 409,
    detail: `The log tells who acts by their names, and ${name} is another token or a person; choose another name, or revoke it first.`
  })

const lastAdministrator = (name: string): Problem =>
  new Problem({
    kind: "last-administrator",
    title: "It is the only administrator's token",
    status: 409,
    detail: `Nobody could make another one after ${name} is revoked; make one first.`
  })

/**
 * Writing the file of tokens may fail as any disk may: each token then is as it was. The log tells of a token before it is
 * made, so that none is ever used that it does not know; what it tells of may then be one that nobody was given.
 */
const kept = <A>(change: () => A): Effect.Effect<A, Problem> => Effect.try({ try: change, catch: storeUnavailable })

/** Tokens of machines. Their secrets are told once, at their making. */
export const tokenRoutes = ({ tokens, guard, intake, people, now }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/tokens",
    right: "manage-people",
    summary: "The tokens of machines and what each is for, without the tokens themselves",
    answer: TokenItems,
    handle: () => Effect.sync(() => ({ items: tokens.all().map(({ person: _person, ...token }) => token) }))
  }),
  endpoint({
    method: "post",
    path: "/tokens",
    right: "manage-people",
    summary: "Make a token with a role, and for no more than some of its rights where that is enough",
    body: TokenBody,
    answer: MadeToken,
    problems: [409],
    handle: Effect.fnUntraced(function* ({ by, body: { name, role, only, days } }) {
      if (tokens.named(name) !== undefined || people().some((one) => one.name === name)) return yield* taken(name)
      const until = days === undefined ? {} : { until: now() + days * 86_400_000 }
      const most = { role, ...(only === undefined ? {} : { only }), ...until }
      const token = { name, ...most }
      yield* intake.enter({ _tag: "TokenMade", by, token: name, ...most })
      return { ...token, token: yield* kept(() => tokens.make(token)) }
    })
  }),
  endpoint({
    method: "delete",
    path: "/tokens/{name}",
    right: "manage-people",
    summary: "Revoke a token: it opens nothing any more, and what it has open ends",
    status: 204,
    problems: [404, 409],
    handle: Effect.fnUntraced(function* ({ by, param }) {
      const name = param("name")
      const token = tokens.named(name)
      if (token === undefined) return yield* notFound("unknown-token", `There is no token ${name.slice(0, 64)}.`)
      // One that ends by itself is nobody to rely on.
      const others = tokens
        .all()
        .filter((one) => one.name !== name && one.role === "administrator" && !one.only && one.until === undefined)
      if (token.role === "administrator" && others.length === 0) return yield* lastAdministrator(name)
      yield* kept(() => tokens.revoke(name))
      guard.review()
      yield* intake.enter({ _tag: "TokenRevoked", by, token: name })
    })
  })
]
