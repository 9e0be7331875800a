import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Role } from "../domain/person.ts"
import { answerAs, endedAt } from "./answers.ts"
import { gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { paint, printable, quoted, say, sayJson, tell } from "./output.ts"
import { lasting } from "./span.ts"
import { columns } from "./table.ts"

const Token = Schema.Struct({
  name: Schema.String,
  role: Schema.String,
  only: Schema.optionalKey(Schema.Array(Schema.String)),
  madeAt: Schema.optionalKey(Schema.String),
  usedAt: Schema.optionalKey(Schema.String),
  until: Schema.optionalKey(Schema.String)
})
const Tokens = Schema.Struct({ items: Schema.Array(Token) })
const Made = Schema.Struct({ ...Token.fields, token: Schema.String })

const tokensCommandLine = "npm run gatehouse -- tokens"
const json = Flag.Boolean("json").pipe(Flag.withDescription("For programs"), Flag.withDefault(false))
const name = Argument.String("name").pipe(
  Argument.withDescription("What the log names it by: letters, digits, dots, dashes")
)

const makeCommand = Command.make(
  "make",
  {
    name,
    role: Flag.Literals("role", Role.literals).pipe(Flag.withDescription("What it may, at most")),
    only: Flag.String("only").pipe(
      Flag.withDescription("For these rights alone, separated by commas, such as see,export"),
      Flag.optional
    ),
    days: Flag.Int("days").pipe(
      Flag.withDescription("It opens nothing after so many days; left out: it does until it is revoked"),
      Flag.optional
    ),
    json,
    ...gatewayFlags
  },
  Effect.fn("tokens make")(function* ({ name: wanted, role, only, days, json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, `tokens make ${quoted(wanted)} --role ${role}`)
    const rights = Option.map(only, (text) => ({ only: text.split(",").map((right) => right.trim()) }))
    const good = Option.map(days, (count) => ({ days: count }))
    const post = { name: wanted, role, ...Option.getOrElse(rights, () => ({})), ...Option.getOrElse(good, () => ({})) }
    const made = yield* answerAs(gateway, "/api/v1/tokens", Made, { post, next: tokensCommandLine })
    if (asJson) return sayJson(made)
    say(made.token)
    tell(
      `This token is shown once and kept only as a hash. Keep it safe.${made.until === undefined ? "" : ` It is good until ${made.until}.`}`
    )
  })
).pipe(Command.withDescription("Make a token for a machine; it is printed once"))

const revokeCommand = Command.make(
  "revoke",
  { name, json, ...gatewayFlags },
  Effect.fn("tokens revoke")(function* ({ name: which, json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, `tokens revoke ${quoted(which)}`)
    yield* endedAt(gateway, `/api/v1/tokens/${encodeURIComponent(which)}`, tokensCommandLine)
    if (asJson) return sayJson({ revoked: which })
    say(`${paint("green", "✔")} ${printable(which)} opens nothing any more`)
  })
).pipe(Command.withDescription("Revoke a token; what it has open ends"))

const usedWords = ({ usedAt }: typeof Token.Type, now: number): string =>
  usedAt === undefined ? "not used yet" : `used ${lasting(Date.parse(usedAt), now)} ago`

const untilWords = ({ until }: typeof Token.Type, now: number): string =>
  until === undefined ? "" : Date.parse(until) <= now ? `over since ${until}` : `until ${until}`

/** `gatehouse tokens`: the tokens of machines, what each is for, and when it was last used. */
export const tokensCommand = Command.make(
  "tokens",
  { json, ...gatewayFlags },
  Effect.fn("tokens")(function* ({ json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, "tokens")
    const { items } = yield* answerAs(gateway, "/api/v1/tokens", Tokens, { next: tokensCommandLine })
    if (asJson) return items.forEach((item) => sayJson(item))
    const now = Date.now()
    const rows = items.map((item) => {
      const only = item.only === undefined ? "" : `only ${item.only.join(", ")}`
      return [item.name, item.role, usedWords(item, now), untilWords(item, now), only]
    })
    for (const line of columns(rows)) say(printable(line))
  })
).pipe(
  Command.withDescription("The tokens of machines: what each may; make one, revoke one"),
  Command.withSubcommands([makeCommand, revokeCommand])
)
