import { Effect, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { CommandFailed } from "./failure.ts"
import { ask, type GatewayAt, gatewayAt, gatewayFlags, unreachable } from "./gateway-client.ts"
import { paint, printable, say, sayJson, several, tell } from "./output.ts"
import { lasting } from "./span.ts"
import { type Finding, type Report, reportOf, type Told } from "./status-report.ts"
import {
  AlertList,
  AreaList,
  ChannelList,
  ConfigTold,
  DeviceList,
  DoorList,
  LinkList,
  Ready,
  ThreatTold
} from "./status-wire.ts"
import { columns } from "./table.ts"

/** A gateway that has not begun to answer by then cannot be reached. */
const withinMs = 10_000

const read = <T>(gateway: GatewayAt, path: string, shape: Schema.ConstraintDecoder<T>) =>
  ask(gateway, path, { accept: "application/json", withinMs }).pipe(
    Effect.flatMap((response) =>
      Effect.tryPromise({
        try: () => response.json(),
        catch: () => unreachable(gateway.url, `${path} answers ${response.status} and no JSON`)
      })
    ),
    Effect.flatMap((body: unknown) =>
      Schema.decodeUnknownEffect(shape)(body).pipe(
        Effect.mapError(() => unreachable(gateway.url, `${path} does not answer as a gateway of this version does`))
      )
    )
  )

const openAlerts = Effect.fnUntraced(function* (gateway: GatewayAt) {
  const alerts: Array<Told["alerts"][number]> = []
  let before = ""
  for (;;) {
    const page = yield* read(gateway, `/api/v1/alerts?state=open&limit=500${before}`, AlertList)
    alerts.push(...page.items)
    if (page.next === null) return alerts
    before = `&before=${page.next}`
  }
})

const hear = (gateway: GatewayAt) =>
  Effect.gen(function* () {
    const { store } = yield* read(gateway, "/readyz", Ready)
    const config = yield* read(gateway, "/api/v1/config", ConfigTold)
    const links = yield* read(gateway, "/api/v1/links", LinkList)
    const devices = yield* read(gateway, "/api/v1/devices", DeviceList)
    const doors = yield* read(gateway, "/api/v1/doors", DoorList)
    const areas = yield* read(gateway, "/api/v1/areas", AreaList)
    const threat = yield* read(gateway, "/api/v1/threat-level", ThreatTold)
    const channels = yield* read(gateway, "/api/v1/channels", ChannelList)
    const alerts = yield* openAlerts(gateway)
    const items = {
      links: links.items,
      devices: devices.items,
      doors: doors.items,
      areas: areas.items,
      channels: channels.items
    }
    return { store, config, threat, alerts, ...items }
  })

const signs = { bad: ["red", "✖"], odd: ["yellow", "!"] } as const

const row = (finding: Finding, now: number): ReadonlyArray<string> => {
  const { weight, what, id, state, since, detail, lastHeardAt } = finding
  const [colour, sign] = signs[weight]
  const heard = lastHeardAt === undefined ? "" : `; last heard ${lasting(Date.parse(lastHeardAt), now)} ago`
  const long = since === undefined ? "" : `for ${lasting(Date.parse(since), now)}`
  return [`${paint(colour, sign)} ${what}`, printable(id), state, long, `${printable(detail)}${heard}`]
}

const summary = ({ threat, counts: { areas, doors, devices, links, channels, alerts } }: Report): string => {
  const priorities = Object.entries(alerts.byPriority)
    .filter(([, count]) => count > 0)
    .map(([priority, count]) => `${count} of priority ${priority}`)
  return [
    `${several(doors.all, "door")}, ${doors.secure} secure`,
    `${several(devices.all, "device")}, ${devices.online} online${devices.disabled > 0 ? `, ${devices.disabled} disabled besides` : ""}`,
    `${several(links.all, "link")}, ${links.online} online${links.weak > 0 ? `, ${links.weak} not wholly protected` : ""}`,
    `${several(alerts.open, "open alert")}${priorities.length > 0 ? ` (${priorities.join(", ")})` : ""}${alerts.shelved > 0 ? `, ${alerts.shelved} shelved besides` : ""}${alerts.outOfService > 0 ? `, ${alerts.outOfService} out of service besides` : ""}`,
    ...(channels.all === 0 ? [] : [`${several(channels.all, "channel")}, ${channels.working} proved`]),
    ...(areas.armed === 0 ? [] : [`${areas.armed} of ${several(areas.all, "area")} armed`]),
    `threat level ${printable(threat)}`
  ].join(" · ")
}

/** What to do about the worst of it. */
const remedy = ({ findings }: Report, url: string): string => {
  const worst = findings.find(({ weight }) => weight === "bad")
  switch (worst?.what) {
    case "store":
      return "df -h   # the disk of dataDir; the gateway goes on by itself when it can write again"
    case "alert":
      return `xdg-open ${url}   # acknowledge it in the console`
    case "channel":
      return `curl -X POST ${url}/api/v1/channels/${worst.id}/test   # with a token; it says what is wrong`
    case "config":
    case "link":
      return "npm run gatehouse -- check"
    default:
      return `npm run gatehouse -- watch --device ${worst?.id ?? ""}`
  }
}

/** `gatehouse status`: how a running gateway stands, worst first. */
export const statusCommand = Command.make(
  "status",
  {
    ...gatewayFlags,
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("The whole report as one JSON object"),
      Flag.withDefault(false)
    ),
    verbose: Flag.Boolean("verbose").pipe(
      Flag.withDescription("Also what the servers of links were asked for and grant: how long an absence they bridge"),
      Flag.withDefault(false)
    )
  },
  Effect.fn("status")(function* ({ url, token, json, verbose }) {
    const report = reportOf(yield* hear(gatewayAt(url, token, "status")))
    const now = Date.now()
    if (json) sayJson(report)
    else {
      for (const line of columns(report.findings.map((finding) => row(finding, now)))) say(line)
      if (verbose)
        for (const { link, words } of report.granted) say(`· link ${printable(link)}: its server ${printable(words)}`)
      say(`${report.healthy ? `${paint("green", "✔")} ` : ""}${summary(report)}`)
    }
    const bad = report.findings.filter(({ weight }) => weight === "bad")
    if (report.healthy) return json ? undefined : tell("next: npm run gatehouse -- watch")
    return yield* new CommandFailed({
      exitCode: 1,
      reason: `the gateway is not healthy: ${several(bad.length, "thing")} to see to`,
      next: remedy(report, url)
    })
  })
).pipe(Command.withDescription("How a running gateway, its links, devices, doors and alerts stand; worst first"))
