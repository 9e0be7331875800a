import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { AlarmHealth } from "../explain/alarm-health/alarm-health.ts"
import { alarmHealthCsv } from "../explain/alarm-health/csv.ts"
import { toIso, wireJson } from "../domain/wire.ts"
import type { ExplainLog } from "../explain/explain-log.ts"
import { alarmHealthLines } from "./alarm-health-lines.ts"
import { asked, fromFile, instantIn, SiteClocks } from "./explain-asked.ts"
import { usage } from "./failure.ts"
import { gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { shownIn } from "./instant.ts"
import { say } from "./output.ts"

type Form = "lines" | "json" | "csv"

const show = (health: AlarmHealth, form: Form): void => {
  if (form === "json") return say(wireJson(health))
  if (form === "csv") return void process.stdout.write(alarmHealthCsv(health))
  for (const line of alarmHealthLines(health, shownIn(health.timeZone))) say(line)
}

const spanIn = Effect.fnUntraced(function* (
  { from, to }: { readonly from: string; readonly to: string },
  timeZone: string,
  now: number
) {
  const span = {
    from: yield* instantIn(from, timeZone, now, "alarm-health"),
    to: yield* instantIn(to, timeZone, now, "alarm-health")
  }
  if (span.from < span.to) return span
  return yield* usage(
    `--from (${from}) is not before --to (${to})`,
    "npm run gatehouse -- alarm-health --from 7d --to now"
  )
})

const flags = {
  from: Flag.String("from").pipe(
    Flag.withMetavar("time"),
    Flag.withDescription("From when on: 7d ago (the default), or a time by the site's clocks"),
    Flag.withDefault("7d")
  ),
  to: Flag.String("to").pipe(
    Flag.withMetavar("time"),
    Flag.withDescription("Until when (default: now)"),
    Flag.withDefault("now")
  ),
  data: Flag.String("data").pipe(
    Flag.withMetavar("directory"),
    Flag.withDescription("Read the log in this data directory, without a gateway (default: ask the running one)"),
    Flag.optional
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("The figures as one JSON object"), Flag.withDefault(false)),
  csv: Flag.Boolean("csv").pipe(
    Flag.withDescription("The figures as one table, for a spreadsheet"),
    Flag.withDefault(false)
  )
}

/** `gatehouse alarm-health`: how the alerts of a span served the people who answer them, beside what the standards want. */
export const alarmHealthCommand = (load: () => Promise<ExplainLog>) =>
  Command.make(
    "alarm-health",
    { ...flags, ...gatewayFlags },
    Effect.fn("alarm-health")(function* ({ from, to, data, json, csv, url, token }) {
      const form: Form = json ? "json" : csv ? "csv" : "lines"
      if (Option.isSome(data)) {
        const { timeZone, newestAt } = yield* fromFile(data.value, load, (log) => log.clocks(data.value), "no clocks")
        const span = yield* spanIn({ from, to }, timeZone, newestAt)
        const read = (log: ExplainLog) => log.alarmHealth(data.value, span)
        return show(yield* fromFile(data.value, load, read, "no alerts"), form)
      }
      const gateway = gatewayAt(url, token, "alarm-health")
      const { timeZone } = (yield* asked(gateway, "/api/v1/campus", SiteClocks)).site
      const span = yield* spanIn({ from, to }, timeZone, Date.now())
      const query = new URLSearchParams({ from: toIso(span.from), to: toIso(span.to) })
      show(yield* asked(gateway, `/api/v1/alarm-health?${query.toString()}`, AlarmHealth), form)
    })
  ).pipe(
    Command.withDescription(
      "How alerts serve the people who answer them: how many, how fast answered, floods, nuisance, beside the targets"
    )
  )
