import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { bodyAs, told, withinMs } from "./answers.ts"
import { durationFlag } from "./duration.ts"
import { usage } from "./failure.ts"
import { ask, gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { paint, printable, quoted, say, sayJson } from "./output.ts"
import { ThreatTold } from "./status-wire.ts"

const path = "/api/v1/threat-level"

const lineOf = ({ level, levels, by, reason, until }: typeof ThreatTold.Type): string => {
  const named = paint(level === levels[0] ? "green" : "red", level)
  const who = by === undefined ? "" : `, set by ${by}: ${reason ?? ""}`
  return printable(`threat level `) + named + printable(`${who}${until === undefined ? "" : `, until ${until}`}`)
}

/** `gatehouse threat`: shows the site's threat level, or sets it. */
export const threatCommand = Command.make(
  "threat",
  {
    level: Argument.String("level").pipe(Argument.withDescription("One of the site's levels"), Argument.optional),
    for: durationFlag("for", "Back to the lowest level after this; left out: until somebody sets another").pipe(
      Flag.optional
    ),
    reason: Flag.String("reason").pipe(Flag.withDescription("Why; it is kept with it"), Flag.optional),
    json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object"), Flag.withDefault(false)),
    ...gatewayFlags
  },
  Effect.fn("threat")(function* ({ level, for: forMs, reason, json, url, token }) {
    const gateway = gatewayAt(url, token, "threat")
    const accept = "application/json"
    const setting = Effect.fnUntraced(function* (wanted: string) {
      if (Option.isNone(reason)) {
        const example = `npm run gatehouse -- threat ${quoted(wanted)} --reason "a call to the office"`
        return yield* usage("a threat level is kept with its reason: add --reason", example)
      }
      const minutes = Option.map(forMs, (ms) => ({ minutes: Math.max(1, Math.round(ms / 60_000)) }))
      const post = { level: wanted, reason: reason.value, ...Option.getOrElse(minutes, () => ({})) }
      const response = yield* ask(gateway, path, { accept, withinMs, post, expects: [400, 422] })
      return response.status === 200 ? response : yield* told(gateway, response, "npm run gatehouse -- threat")
    })
    const response = Option.isNone(level)
      ? yield* ask(gateway, path, { accept, withinMs })
      : yield* setting(level.value)
    const after = yield* bodyAs(gateway, response, ThreatTold)
    if (json) sayJson(after)
    else say(lineOf(after))
  })
).pipe(Command.withDescription("Show the site's threat level, or set it with a reason"))
