import { Effect, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { answerAs, endedAt } from "./answers.ts"
import { gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { paint, printable, quoted, say, sayJson, tell } from "./output.ts"
import { columns } from "./table.ts"

const Person = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  role: Schema.String,
  disabled: Schema.Boolean,
  onShift: Schema.optionalKey(Schema.String),
  enrolled: Schema.Boolean,
  invitedUntil: Schema.optionalKey(Schema.String)
})
const People = Schema.Struct({ items: Schema.Array(Person) })
const Invitation = Schema.Struct({ name: Schema.String, link: Schema.String, until: Schema.String })

const peopleCommandLine = "npm run gatehouse -- people"
const json = Flag.Boolean("json").pipe(Flag.withDescription("For programs"), Flag.withDefault(false))
const person = Argument.String("person").pipe(Argument.withDescription("A person's id in the configuration"))

const wayOf = ({ disabled, enrolled, invitedUntil }: typeof Person.Type): string => {
  if (disabled) return "disabled"
  if (enrolled) return "has a password"
  return invitedUntil === undefined ? "not enrolled" : `invited until ${invitedUntil}`
}

const shiftOf = ({ onShift }: typeof Person.Type): string =>
  onShift === undefined ? "" : onShift === "plan" ? "on shift by plan" : "on shift"

const enrolCommand = Command.make(
  "enrol",
  { person, json, ...gatewayFlags },
  Effect.fn("people enrol")(function* ({ person: id, json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, `people enrol ${quoted(id)}`)
    const path = `/api/v1/people/${encodeURIComponent(id)}/invitation`
    const { name, link, until } = yield* answerAs(gateway, path, Invitation, { post: {}, next: peopleCommandLine })
    const address = new URL(link, gateway.url).href
    if (asJson) return sayJson({ person: id, name, link: address, until })
    say(address)
    tell(`By it ${printable(name)} sets a password, once, until ${until}. Give it to nobody else.`)
  })
).pipe(Command.withDescription("Make somebody an enrolment link, by which they set their password, once"))

const signOutCommand = Command.make(
  "sign-out",
  { person, json, ...gatewayFlags },
  Effect.fn("people sign-out")(function* ({ person: id, json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, `people sign-out ${quoted(id)}`)
    yield* endedAt(gateway, `/api/v1/people/${encodeURIComponent(id)}/sessions`, peopleCommandLine)
    if (asJson) return sayJson({ signedOut: id })
    say(`${paint("green", "✔")} ${printable(id)} is signed out everywhere`)
  })
).pipe(Command.withDescription("Sign somebody out everywhere"))

/** `gatehouse people`: who there is, and how they come in. */
export const peopleCommand = Command.make(
  "people",
  { json, ...gatewayFlags },
  Effect.fn("people")(function* ({ json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, "people")
    const { items } = yield* answerAs(gateway, "/api/v1/people", People, { next: peopleCommandLine })
    if (asJson) return items.forEach((item) => sayJson(item))
    if (items.length === 0) return tell("nobody is configured: who has the token comes in under any name (people: …)")
    for (const line of columns(items.map((item) => [item.id, item.name, item.role, wayOf(item), shiftOf(item)]))) {
      say(printable(line))
    }
  })
).pipe(
  Command.withDescription("The people of the site: their roles, who is on shift, and how they come in"),
  Command.withSubcommands([enrolCommand, signOutCommand])
)
