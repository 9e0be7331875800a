import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { clockOf, countsOf, partsOf } from "../api/hand-over-parts.ts"
import { fromWireJson, wireJson } from "../domain/wire.ts"
import { HandOverReport } from "../domain/hand-over.ts"
import { HandOver } from "../domain/shift.ts"
import { answerAs } from "./answers.ts"
import { type GatewayAt, gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { paint, printable, say, sayJson, tell } from "./output.ts"
import { columns } from "./table.ts"

const On = Schema.Struct({ name: Schema.String, since: Schema.String, sound: Schema.String, inHand: Schema.Finite })
const WrittenHandOver = Schema.Struct({
  id: Schema.String,
  by: Schema.String,
  at: Schema.String,
  signed: Schema.Array(Schema.Struct({ by: Schema.String, at: Schema.String }))
})
const Shift = Schema.Struct({
  on: Schema.Array(On),
  byPlan: Schema.Array(Schema.String),
  handOvers: Schema.Array(WrittenHandOver)
})
const Site = Schema.Struct({ site: Schema.Struct({ timeZone: Schema.String }) })

const shiftCommandLine = "npm run gatehouse -- shift"
const json = Flag.Boolean("json").pipe(Flag.withDescription("For programs"), Flag.withDefault(false))

/** What came over the wire, with its instants as they are inside a gateway. */
const inside = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, told: unknown): S["Type"] =>
  Schema.decodeUnknownSync(schema)(fromWireJson(JSON.stringify(told)))

const reportIn = Effect.fnUntraced(function* (gateway: GatewayAt, id: string | undefined) {
  const next = shiftCommandLine
  if (id === undefined)
    return inside(HandOverReport, yield* answerAs(gateway, "/api/v1/shift/hand-over", Schema.Unknown, { next }))
  const path = `/api/v1/shift/hand-overs/${encodeURIComponent(id)}`
  const told = yield* answerAs(gateway, path, Schema.Unknown, { next })
  return inside(Schema.Struct({ handOver: HandOver, report: HandOverReport }), told).report
})

const reportCommand = Command.make(
  "report",
  {
    id: Argument.String("hand-over").pipe(
      Argument.withDescription("A hand-over as it was signed, H-…; left out: what would be handed over now"),
      Argument.optional
    ),
    json,
    ...gatewayFlags
  },
  Effect.fn("shift report")(function* ({ id, json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, "shift report")
    const report = yield* reportIn(gateway, Option.getOrUndefined(id))
    if (asJson) return say(wireJson(report))
    const campus = yield* answerAs(gateway, "/api/v1/campus", Schema.NullOr(Site), { next: shiftCommandLine })
    const clock = clockOf(campus?.site.timeZone ?? "UTC")
    say(`From ${clock(report.from)} until ${clock(report.to)}`)
    say(countsOf(report))
    for (const { title, rows, total = rows.length } of partsOf(report, clock)) {
      say("")
      say(paint("bold", `${title}${total === 0 ? "" : ` (${total})`}`))
      if (rows.length === 0) say("  none")
      for (const line of columns(rows)) say(`  ${printable(line)}`)
      if (total > rows.length) say(`  ${total - rows.length} more are not listed`)
    }
  })
).pipe(Command.withDescription("What a shift hands over, filled from the log"))

/** `gatehouse shift`: who works, and what is handed over. */
export const shiftCommand = Command.make(
  "shift",
  { json, ...gatewayFlags },
  Effect.fn("shift")(function* ({ json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, "shift")
    const shift = yield* answerAs(gateway, "/api/v1/shift", Shift, { next: shiftCommandLine })
    if (asJson) return sayJson(shift)
    const rows = [
      ...shift.on.map(({ name, since, sound, inHand }) => [
        name,
        `since ${since}`,
        `alarm ${sound}`,
        `${inHand} in hand`
      ]),
      ...shift.byPlan.map((name) => [name, "by plan", "", ""])
    ]
    if (rows.length === 0) tell("nobody is on shift")
    for (const line of columns(rows)) say(printable(line))
    for (const { id, by, at, signed } of shift.handOvers) {
      const taken =
        signed.length === 0 ? "not taken over yet" : `taken over by ${signed.map((one) => one.by).join(", ")}`
      say(printable(`${id}  handed over by ${by} ${at}, ${taken}`))
    }
  })
).pipe(Command.withDescription("Who is on shift, and the newest hand-overs"), Command.withSubcommands([reportCommand]))
