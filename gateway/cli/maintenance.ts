import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { answerAs, endedAt } from "./answers.ts"
import { durationFlag } from "./duration.ts"
import { CommandFailed, usage } from "./failure.ts"
import { type GatewayAt, gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { paint, printable, quoted, say, sayJson, tell } from "./output.ts"

const Ids = Schema.Array(Schema.Struct({ id: Schema.String }))
const Campus = Schema.Struct({ doors: Ids, devices: Ids, areas: Ids })
const Begun = Schema.Struct({ by: Schema.String, reason: Schema.String, until: Schema.String })

const gapsCommand = "npm run gatehouse -- gaps"

const kinds = ["door", "device", "area"] as const
type Kind = (typeof kinds)[number]

/** What a person means by a thing: `door:east`, a bare `east` where only one kind has it, or a point `contact/contact`. */
type Thing = { readonly kind: Kind; readonly id: string } | { readonly point: string }

const kindsOf = (campus: typeof Campus.Type, id: string): ReadonlyArray<Kind> =>
  kinds.filter((kind) => campus[`${kind}s`].some((one) => one.id === id))

const thingOf = Effect.fnUntraced(function* (gateway: GatewayAt, text: string) {
  if (text.includes("/")) return { point: text } satisfies Thing
  const [, kind, named] = /^(door|device|area):(.+)$/.exec(text) ?? []
  const wanted = kinds.find((one) => one === kind)
  if (wanted !== undefined && named !== undefined) return { kind: wanted, id: named } satisfies Thing
  const campus = yield* answerAs(gateway, "/api/v1/campus", Schema.NullOr(Campus), { next: gapsCommand })
  const found = campus === null ? [] : kindsOf(campus, text)
  const [only] = found
  if (only !== undefined && found.length === 1) return { kind: only, id: text } satisfies Thing
  const which = found.map((one) => `${one}:${text}`).join(" or ")
  return yield* found.length === 0
    ? new CommandFailed({
        exitCode: 1,
        reason: `there is no door, device or area "${printable(text)}"`,
        next: "npm run gatehouse -- status"
      })
    : usage(`${printable(text)} is more than one thing: write ${which}`, gapsCommand)
})

const nameOf = (thing: Thing): string => ("point" in thing ? thing.point : `${thing.kind} ${thing.id}`)

const addressOf = (thing: Thing): string =>
  "point" in thing
    ? `/api/v1/bypasses/${thing.point.split("/").map(encodeURIComponent).join("/")}`
    : `/api/v1/maintenance/${thing.kind}/${encodeURIComponent(thing.id)}`

const thing = Argument.String("thing").pipe(
  Argument.withDescription(
    "A door, a device or an area by its id (door:east where ids are the same), or a point device/point"
  )
)
const json = Flag.Boolean("json").pipe(Flag.withDescription("One JSON object"), Flag.withDefault(false))

const beginCommand = Command.make(
  "begin",
  {
    thing,
    reason: Flag.String("reason").pipe(Flag.withDescription("Why; it is kept, and shown until the end")),
    for: durationFlag("for", "How long (default: as long as the configuration allows)").pipe(Flag.optional),
    json,
    ...gatewayFlags
  },
  Effect.fn("maintenance begin")(function* ({ thing: text, reason, for: forMs, json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, `maintenance begin ${quoted(text)}`)
    const about = yield* thingOf(gateway, text)
    const long = Option.map(forMs, (ms) => ({ minutes: Math.max(1, Math.ceil(ms / 60_000)) }))
    const what = "point" in about ? { point: about.point } : { [about.kind]: about.id }
    const path = "point" in about ? "/api/v1/bypasses" : "/api/v1/maintenance"
    const post = { ...what, ...Option.getOrElse(long, () => ({})), reason }
    const begun = yield* answerAs(gateway, path, Begun, { post, next: gapsCommand })
    if (asJson) return sayJson({ ...what, ...begun })
    const how = "point" in about ? "bypassed" : "in maintenance"
    say(
      `${paint("yellow", "!")} ${printable(nameOf(about))} is ${how} until ${begun.until}: ${printable(begun.reason)}`
    )
    tell(`next: npm run gatehouse -- maintenance end ${quoted(text)}`)
  })
).pipe(Command.withDescription("Put a door, a device or an area in maintenance, or bypass a point; with an end"))

const endCommand = Command.make(
  "end",
  { thing, json, ...gatewayFlags },
  Effect.fn("maintenance end")(function* ({ thing: text, json: asJson, url, token }) {
    const gateway = gatewayAt(url, token, `maintenance end ${quoted(text)}`)
    const about = yield* thingOf(gateway, text)
    yield* endedAt(gateway, addressOf(about), gapsCommand)
    if (asJson) return sayJson({ ended: nameOf(about) })
    say(`${paint("green", "✔")} ${printable(nameOf(about))} is ${"point" in about ? "believed" : "in service"} again`)
    tell(`next: ${gapsCommand}`)
  })
).pipe(Command.withDescription("End it before its time; alerts that hold still ask for an officer again"))

/** `gatehouse maintenance`: takes something out of service for a time, and puts it back. */
export const maintenanceCommand = Command.make("maintenance").pipe(
  Command.withDescription(
    "Take a door, device, area or point out of service for a time: nothing is lost, and it makes no sound"
  ),
  Command.withSubcommands([beginCommand, endCommand])
)
