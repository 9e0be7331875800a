import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { bodyAs, told, withinMs } from "./answers.ts"
import { durationFlag } from "./duration.ts"
import { usage } from "./failure.ts"
import { ask, type GatewayAt, gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { paint, printable, quoted, say, sayJson } from "./output.ts"
import { columns } from "./table.ts"

/** An area as the API tells it; times are ISO 8601 there. */
const ToldArea = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  where: Schema.String,
  in: Schema.optionalKey(Schema.String),
  state: Schema.Literals(["armed", "disarmed"]),
  since: Schema.NullOr(Schema.String),
  because: Schema.String,
  override: Schema.optionalKey(
    Schema.Struct({
      state: Schema.String,
      at: Schema.String,
      until: Schema.String,
      by: Schema.String,
      reason: Schema.String
    })
  )
})
type ToldArea = typeof ToldArea.Type
const Areas = Schema.Struct({ items: Schema.Array(ToldArea) })

const acts = ["arm", "disarm", "end"] as const
type Act = (typeof acts)[number]

const signs = { armed: ["red", "●"], disarmed: ["green", "○"] } as const

const cells = ({ id, where, state, because, override }: ToldArea): ReadonlyArray<string> => {
  const [colour, sign] = signs[state]
  const until = override === undefined ? "" : ` until ${override.until}`
  return [`${paint(colour, `${sign} ${state}`)}`, id, printable(where), printable(`${because}${until}`)]
}

const areasOf = Effect.fnUntraced(function* (gateway: GatewayAt) {
  const response = yield* ask(gateway, "/api/v1/areas", { accept: "application/json", withinMs })
  return (yield* bodyAs(gateway, response, Areas)).items
})

interface Asked {
  readonly gateway: GatewayAt
  readonly json: boolean
}

const list = Effect.fnUntraced(function* ({ gateway, json }: Asked, wanted: string | undefined) {
  const items = yield* areasOf(gateway)
  const shown = items.filter(({ id }) => wanted === undefined || id === wanted)
  if (wanted !== undefined && shown.length === 0)
    return yield* usage(
      `there is no area ${printable(wanted)}; there is ${items.map(({ id }) => id).join(", ") || "none at all"}`,
      "npm run gatehouse -- area"
    )
  if (json) for (const item of shown) sayJson(item)
  else for (const line of columns(shown.map(cells))) say(line)
})

interface Order {
  readonly area: string
  readonly act: Act
  readonly forMs: number | undefined
  readonly reason: string | undefined
}

/** An override wants a reason and, but for its end, a time: both are what the next officer asks about. */
const bodyOf = ({ area, act, forMs, reason }: Order) => {
  const example = `npm run gatehouse -- area ${quoted(area)} ${act}${act === "end" ? "" : " --for 2h"} --reason "parents' evening"`
  if (reason === undefined) return Effect.fail(usage("an override is kept with its reason: add --reason", example))
  if (act === "end") return Effect.succeed({ path: "end-override", post: { reason } })
  if (forMs === undefined) return Effect.fail(usage("an override has an end: add --for", example))
  const minutes = Math.max(1, Math.round(forMs / 60_000))
  return Effect.succeed({ path: "override", post: { state: act === "arm" ? "armed" : "disarmed", minutes, reason } })
}

const act = Effect.fnUntraced(function* ({ gateway, json }: Asked, order: Order) {
  const { path, post } = yield* bodyOf(order)
  const response = yield* ask(gateway, `/api/v1/areas/${encodeURIComponent(order.area)}/${path}`, {
    accept: "application/json",
    withinMs,
    post,
    expects: [400, 404, 409, 422]
  })
  if (response.status !== 200) return yield* told(gateway, response, "npm run gatehouse -- area")
  const after = yield* bodyAs(gateway, response, ToldArea)
  if (json) sayJson(after)
  else for (const line of columns([cells(after)])) say(line)
})

const actArgument = Argument.String("act").pipe(
  Argument.withDescription("arm, disarm, or end: back to its schedule"),
  Argument.filterMap(
    (text) => Option.fromNullishOr(acts.find((one) => one === text)),
    (text) => `arm, disarm or end, not "${text}"`
  ),
  Argument.optional
)

/** `gatehouse area`: which areas are armed and why; arms or disarms one against its schedule, for a time. */
export const areaCommand = Command.make(
  "area",
  {
    area: Argument.String("area").pipe(Argument.withDescription("The id of an area"), Argument.optional),
    act: actArgument,
    for: durationFlag("for", "How long it holds against the schedule: 30m, 2h").pipe(Flag.optional),
    reason: Flag.String("reason").pipe(Flag.withDescription("Why; it is kept with it"), Flag.optional),
    json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object a line"), Flag.withDefault(false)),
    ...gatewayFlags
  },
  Effect.fn("area")(function* ({ area, act: word, for: forMs, reason, json, url, token }) {
    const wanted = Option.getOrUndefined(area)
    const asked = { gateway: gatewayAt(url, token, wanted === undefined ? "area" : `area ${quoted(wanted)}`), json }
    if (wanted === undefined || Option.isNone(word)) return yield* list(asked, wanted)
    return yield* act(asked, {
      area: wanted,
      act: word.value,
      forMs: Option.getOrUndefined(forMs),
      reason: Option.getOrUndefined(reason)
    })
  })
).pipe(
  Command.withDescription("Show which areas are armed and why; arm or disarm one against its schedule, for a time")
)
