import { writeFileSync } from "node:fs"
import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { answerAs } from "./answers.ts"
import { CommandFailed } from "./failure.ts"
import { ask, type GatewayAt, gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { paint, printable, quoted, say, sayJson, several, tell } from "./output.ts"
import { columns } from "./table.ts"

const Told = Schema.Struct({
  id: Schema.String,
  title: Schema.String,
  closed: Schema.Boolean,
  author: Schema.String,
  reality: Schema.String,
  occurredAt: Schema.String,
  reportedAt: Schema.String,
  revision: Schema.Finite,
  narrative: Schema.String,
  alerts: Schema.Array(Schema.Struct({ id: Schema.String, title: Schema.String })),
  people: Schema.Array(Schema.Struct({ name: Schema.String, role: Schema.String })),
  notes: Schema.Array(Schema.Struct({ at: Schema.String, by: Schema.String, text: Schema.String })),
  disposition: Schema.optionalKey(Schema.Struct({ kind: Schema.String, cause: Schema.optionalKey(Schema.String) })),
  closing: Schema.optionalKey(Schema.String),
  cleryDue: Schema.optionalKey(Schema.String),
  cleryOverdue: Schema.optionalKey(Schema.Boolean),
  cleryEnteredAt: Schema.optionalKey(Schema.String)
})
type Told = typeof Told.Type

const Items = Schema.Struct({ items: Schema.Array(Told), next: Schema.NullOr(Schema.String) })
const File = Schema.Struct({
  incident: Told,
  mark: Schema.String,
  where: Schema.Array(Schema.String),
  timeline: Schema.Array(Schema.Struct({ at: Schema.String, kind: Schema.String, text: Schema.String })),
  hash: Schema.String
})

const stateOf = ({ closed, disposition }: Told): string =>
  closed
    ? `closed: ${disposition?.kind ?? "?"}${disposition?.cause === undefined ? "" : ` (${disposition.cause})`}`
    : "open"

const cleryOf = ({ cleryOverdue, cleryDue, cleryEnteredAt, closed }: Told): string => {
  if (cleryOverdue === true) return paint("red", "✖ Clery entry overdue")
  return cleryDue === undefined || cleryEnteredAt !== undefined || closed
    ? ""
    : `Clery entry due ${cleryDue.slice(0, 16)}Z`
}

const listed = (found: ReadonlyArray<Told>): ReadonlyArray<string> =>
  columns(
    found.map((one) => [
      one.id,
      stateOf(one),
      one.occurredAt.slice(0, 19).replace("T", " "),
      printable(one.author),
      printable(one.title),
      cleryOf(one)
    ])
  )

const filters = {
  state: Flag.Literals("state", ["open", "closed", "all"]).pipe(
    Flag.withDescription("Open ones unless told otherwise"),
    Flag.withDefault("open" as const)
  ),
  door: Flag.String("door").pipe(Flag.withDescription("Only with an alert at this door"), Flag.optional),
  area: Flag.String("area").pipe(Flag.withDescription("Only with an alert in this area"), Flag.optional),
  from: Flag.String("from").pipe(
    Flag.withMetavar("date"),
    Flag.withDescription("Occurred on this day or later (2026-03-02)"),
    Flag.optional
  ),
  to: Flag.String("to").pipe(
    Flag.withMetavar("date"),
    Flag.withDescription("Occurred on this day or before"),
    Flag.optional
  ),
  disposition: Flag.Literals("disposition", ["real", "nuisance", "test", "drill"]).pipe(Flag.optional)
}

const queryOf = (asked: Readonly<Record<string, string | Option.Option<string>>>): string =>
  new URLSearchParams(
    Object.entries(asked).flatMap(([name, value]) => {
      const text = typeof value === "string" ? value : Option.getOrUndefined(value)
      return text === undefined ? [] : [[name, text] satisfies [string, string]]
    })
  ).toString()

const jsonFlag = Flag.Boolean("json").pipe(Flag.withDescription("One JSON object"), Flag.withDefault(false))

const listCommand = Command.make(
  "list",
  { ...filters, json: jsonFlag, ...gatewayFlags },
  Effect.fn("incident.list")(function* ({ json, url, token, ...asked }) {
    const gateway = gatewayAt(url, token, "incident list")
    const next = "npm run gatehouse -- status"
    const { items, next: more } = yield* answerAs(gateway, `/api/v1/incidents?${queryOf(asked)}`, Items, { next })
    if (json) return sayJson({ incidents: items, more: more !== null })
    for (const line of listed(items)) say(line)
    say(
      items.length === 0
        ? "no such incident"
        : `${several(items.length, "incident")}${more === null ? "" : ", and more"}`
    )
  })
).pipe(Command.withDescription("Incidents, newest first"))

const shown = ({ incident, mark, where, timeline, hash }: typeof File.Type): void => {
  say(`${incident.id}  ${mark}  ${printable(incident.title)}`)
  const rows = [
    ["state", stateOf(incident)],
    ["where", printable(where.join("; ")) || "–"],
    ["occurred", incident.occurredAt],
    ["reported", incident.reportedAt],
    ["author", `${printable(incident.author)}, revision ${incident.revision}`],
    ["people", printable(incident.people.map(({ name, role }) => `${name} (${role})`).join(", ")) || "–"],
    ["alerts", incident.alerts.map(({ id }) => id).join(" ") || "–"],
    ["Clery log", cleryOf(incident) || incident.cleryEnteredAt || "–"],
    ["hash", hash]
  ]
  for (const line of columns(rows)) say(line)
  if (incident.narrative !== "") say(`\n${incident.narrative.split("\n").map(printable).join("\n")}`)
  say("")
  for (const line of columns(timeline.map(({ at, kind, text }) => [at, kind, printable(text)]))) say(line)
}

const idArgument = Argument.String("id").pipe(Argument.withDescription("The incident, such as I-4821"))

const unknown = (id: string): CommandFailed =>
  new CommandFailed({
    exitCode: 1,
    reason: `there is no incident ${id}`,
    next: "npm run gatehouse -- incident list --state all"
  })

const pathOf = (id: string, file: string): string => `/api/v1/incidents/${encodeURIComponent(id)}/${file}`

const fetched = Effect.fnUntraced(function* (gateway: GatewayAt, id: string, file: string) {
  const response = yield* ask(gateway, pathOf(id, file), { accept: "*/*", withinMs: 60_000, expects: [404] })
  if (response.status === 404) return yield* unknown(id)
  if (response.status !== 200)
    return yield* new CommandFailed({
      exitCode: 3,
      reason: `the gateway cannot make it now (${response.status})`,
      next: "npm run gatehouse -- status"
    })
  return new Uint8Array(yield* Effect.promise(() => response.arrayBuffer()))
})

const decodeFile = Schema.decodeUnknownSync(File)

const showCommand = Command.make(
  "show",
  { id: idArgument, json: jsonFlag, ...gatewayFlags },
  Effect.fn("incident.show")(function* ({ id, json, url, token }) {
    const gateway = gatewayAt(url, token, `incident show ${quoted(id)}`)
    const text = new TextDecoder().decode(yield* fetched(gateway, id, "case"))
    // As it came: its hash is over these very words.
    if (json) return say(text)
    shown(decodeFile(JSON.parse(text)))
  })
).pipe(
  Command.withDescription("One incident with its timeline; --json is the export that its reports print the hash of")
)

const files = { pdf: "report.pdf", html: "report.html", csv: "timeline.csv", json: "case" } as const

const reportCommand = Command.make(
  "report",
  {
    id: idArgument,
    format: Flag.Literals("format", ["pdf", "html", "csv", "json"]).pipe(Flag.withDefault("pdf" as const)),
    out: Flag.String("out").pipe(
      Flag.withMetavar("file"),
      Flag.withDescription("Where it is written (default: <id>.<format> here)"),
      Flag.optional
    ),
    ...gatewayFlags
  },
  Effect.fn("incident.report")(function* ({ id, format, out, url, token }) {
    const gateway = gatewayAt(url, token, `incident report ${quoted(id)}`)
    const bytes = yield* fetched(gateway, id, files[format])
    const file = Option.getOrElse(out, () => `${id}.${format}`)
    yield* Effect.try({
      // A case names people: nobody else on the machine is to read it.
      try: () => writeFileSync(file, bytes, { mode: 0o600 }),
      catch: (error) =>
        new CommandFailed({
          exitCode: 1,
          reason: `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
          next: `npm run gatehouse -- incident report ${quoted(id)} --out <file>`
        })
    })
    say(file)
    tell(`${bytes.length} bytes written`)
  })
).pipe(Command.withDescription("Writes an incident's report as PDF, HTML, CSV (its timeline) or JSON"))

/** `gatehouse incident`: the cases that officers keep, and their reports. */
export const incidentCommand = Command.make("incident").pipe(
  Command.withDescription("Incidents: list them, show one, write its report"),
  Command.withSubcommands([listCommand, showCommand, reportCommand])
)
