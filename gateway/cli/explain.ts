import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { toIso, wireJson } from "../domain/wire.ts"
import { AlertExplanation, DoorExplanation } from "../explain/explanation.ts"
import type { ExplainLog } from "../explain/explain-log.ts"
import { alertLines, doorLines } from "./explain-lines.ts"
import { asked, fromFile, instantIn, SiteClocks } from "./explain-asked.ts"
import { type GatewayAt, gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { printable, quoted, say } from "./output.ts"

const flags = {
  data: Flag.String("data").pipe(
    Flag.withMetavar("directory"),
    Flag.withDescription("Read the log in this data directory, without a gateway (default: ask the running one)"),
    Flag.optional
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("The explanation as one JSON object"), Flag.withDefault(false)),
  ...gatewayFlags
}

/** `timeZone`: of the site's clocks, by which people read it. */
const show = <T>(
  told: T,
  json: boolean,
  lines: (told: T, timeZone: string) => ReadonlyArray<string>,
  timeZone: string
): void => {
  if (json) say(wireJson(told))
  else for (const line of lines(told, timeZone)) say(line)
}

const clocksIn = (data: string, load: () => Promise<ExplainLog>) =>
  fromFile(data, load, (log) => log.clocks(data), "no clocks")

const siteClocks = (gateway: GatewayAt) =>
  asked(gateway, "/api/v1/campus", SiteClocks).pipe(Effect.map(({ site }) => site.timeZone))

const alertCommand = (load: () => Promise<ExplainLog>) =>
  Command.make(
    "alert",
    { id: Argument.String("alert").pipe(Argument.withDescription("The id of an alert, such as A-4821")), ...flags },
    Effect.fn("explain alert")(function* ({ id, data, json, url, token }) {
      if (Option.isSome(data)) {
        const told = yield* fromFile(data.value, load, (log) => log.alert(data.value, id), `no alert ${printable(id)}`)
        return show(told, json, alertLines, (yield* clocksIn(data.value, load)).timeZone)
      }
      const gateway = gatewayAt(url, token, `explain alert ${quoted(id)}`)
      const path = `/api/v1/alerts/${encodeURIComponent(id)}/explanation`
      const told = yield* asked(gateway, path, AlertExplanation)
      show(told, json, alertLines, yield* siteClocks(gateway))
    })
  ).pipe(Command.withDescription("Why an alert fired, what it has gone through, and what came near to preventing it"))

const doorCommand = (load: () => Promise<ExplainLog>) =>
  Command.make(
    "door",
    {
      id: Argument.String("door").pipe(Argument.withDescription("The id of a door")),
      at: Flag.String("at").pipe(
        Flag.withMetavar("time"),
        Flag.withDescription(
          'When, by the site\'s clocks: "2026-03-02 10:02:11", 10:02:11 of today, 15m ago; default: now'
        ),
        Flag.withDefault("now")
      ),
      ...flags
    },
    Effect.fn("explain door")(function* ({ id, at, data, json, url, token }) {
      if (Option.isSome(data)) {
        const clocks = yield* clocksIn(data.value, load)
        const when = Math.min(yield* instantIn(at, clocks.timeZone, clocks.newestAt, "explain door"), clocks.newestAt)
        const missing = `no door ${printable(id)} then`
        return show(
          yield* fromFile(data.value, load, (log) => log.door(data.value, id, when), missing),
          json,
          doorLines,
          clocks.timeZone
        )
      }
      const gateway = gatewayAt(url, token, `explain door ${quoted(id)}`)
      const timeZone = yield* siteClocks(gateway)
      const when = yield* instantIn(at, timeZone, Date.now(), "explain door")
      const path = `/api/v1/doors/${encodeURIComponent(id)}/explanation?at=${encodeURIComponent(toIso(when))}`
      show(yield* asked(gateway, path, DoorExplanation), json, doorLines, timeZone)
    })
  ).pipe(Command.withDescription("Why a door did not alarm, or did, around a time"))

/** `gatehouse explain`: asks a running gateway, or reads a log's file. */
export const explainCommand = (load: () => Promise<ExplainLog>) =>
  Command.make("explain").pipe(
    Command.withDescription("Why an alert fired, and why a door did not alarm"),
    Command.withSubcommands([alertCommand(load), doorCommand(load)])
  )
