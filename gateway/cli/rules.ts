import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { bodyAs, told, withinMs } from "./answers.ts"
import { usage } from "./failure.ts"
import { ask, gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { printable, quoted, say, sayJson } from "./output.ts"
import { columns } from "./table.ts"

/** A rule as the API tells it. */
const ToldRule = Schema.Struct({
  id: Schema.String,
  title: Schema.String,
  kind: Schema.String,
  condition: Schema.optionalKey(Schema.String),
  priority: Schema.optionalKey(Schema.Finite),
  watching: Schema.Finite,
  active: Schema.Array(Schema.String)
})
const ToldRules = Schema.Struct({ items: Schema.Array(ToldRule) })

const path = "/api/v1/rules"

const cellsOf = ({ id, kind, condition, priority, watching, active }: typeof ToldRule.Type): ReadonlyArray<string> => [
  id,
  kind,
  condition === undefined ? "-" : `${condition} (priority ${priority ?? "?"})`,
  `watches ${watching}`,
  active.length === 0 ? "" : `holds for ${active.join(", ")}`
]

/** `gatehouse rules`: lists the rules that are on, or has one forget a subject. */
export const rulesCommand = Command.make(
  "rules",
  {
    rule: Argument.String("rule").pipe(Argument.withDescription("Only this rule"), Argument.optional),
    forgive: Flag.String("forgive").pipe(
      Flag.withDescription("Have the rule forget what it holds against this key: its alert's"),
      Flag.optional
    ),
    reason: Flag.String("reason").pipe(Flag.withDescription("Why it is forgiven; kept in the log"), Flag.optional),
    json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object a rule"), Flag.withDefault(false)),
    ...gatewayFlags
  },
  Effect.fn("rules")(function* ({ rule, forgive, reason, json, url, token }) {
    const gateway = gatewayAt(url, token, "rules")
    const accept = "application/json"
    const forgiving = Effect.fnUntraced(function* (key: string) {
      const example = `npm run gatehouse -- rules passback.soft --forgive ${quoted(key)} --reason "left by the yard"`
      if (Option.isNone(rule)) return yield* usage("say which rule is to forget it", example)
      if (Option.isNone(reason)) return yield* usage("what is forgiven is kept with its reason: add --reason", example)
      const post = { key, reason: reason.value }
      const at = `${path}/${encodeURIComponent(rule.value)}/forgive`
      const response = yield* ask(gateway, at, { accept, withinMs, post, expects: [400, 404] })
      return response.status === 200 ? response : yield* told(gateway, response, "npm run gatehouse -- rules")
    })
    const listed = Effect.gen(function* () {
      const response = yield* ask(gateway, path, { accept, withinMs })
      const { items } = yield* bodyAs(gateway, response, ToldRules)
      return Option.isNone(rule) ? items : items.filter(({ id }) => id === rule.value)
    })
    const rules = Option.isNone(forgive)
      ? yield* listed
      : [yield* bodyAs(gateway, yield* forgiving(forgive.value), ToldRule)]
    if (json) for (const one of rules) sayJson(one)
    else if (rules.length === 0) say("no such rule is on; packs in the configuration switches them on")
    else for (const line of columns(rules.map(cellsOf))) say(printable(line))
  })
).pipe(Command.withDescription("List the rules that are on, or have one forget a subject"))
