import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { toIso, wireJson } from "../api/wire.ts"
import { DoctorReport } from "../explain/doctor/report.ts"
import type { ExplainLog } from "../explain/explain-log.ts"
import { doctorLines } from "./doctor-lines.ts"
import { asked, fromFile, instantIn, SiteClocks } from "./explain-asked.ts"
import { usage } from "./failure.ts"
import { gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { shownIn } from "./instant.ts"
import { say, tell } from "./output.ts"

interface Span {
  readonly from: string
  readonly to: string
}

const spanIn = Effect.fnUntraced(function* ({ from, to }: Span, timeZone: string, now: number) {
  const span = {
    from: yield* instantIn(from, timeZone, now, "doctor"),
    to: yield* instantIn(to, timeZone, now, "doctor")
  }
  if (span.from < span.to) return span
  return yield* usage(`--from (${from}) is not before --to (${to})`, "npm run gatehouse -- doctor --from 30d --to now")
})

const show = (report: DoctorReport, json: boolean, timeZone: string): void => {
  if (json) return say(wireJson(report))
  for (const line of doctorLines(report, shownIn(timeZone))) say(line)
  const proposed = report.doors.some(({ proposal }) => proposal !== undefined)
  if (proposed)
    tell("next: put the door into a copy of the configuration, then npm run gatehouse -- replay --rules <copy>")
}

/** `gatehouse doctor`: what the alarms of a span were put down to, door by door, and what would have helped. */
export const doctorCommand = (load: () => Promise<ExplainLog>) =>
  Command.make(
    "doctor",
    {
      from: Flag.String("from").pipe(
        Flag.withMetavar("time"),
        Flag.withDescription("From when on: 30d ago (the default), or a time by the site's clocks"),
        Flag.withDefault("30d")
      ),
      to: Flag.String("to").pipe(
        Flag.withMetavar("time"),
        Flag.withDescription("Until when (default: now)"),
        Flag.withDefault("now")
      ),
      door: Flag.String("door").pipe(Flag.withDescription("Only this door"), Flag.optional),
      data: Flag.String("data").pipe(
        Flag.withMetavar("directory"),
        Flag.withDescription("Read the log in this data directory, without a gateway (default: ask the running one)"),
        Flag.optional
      ),
      json: Flag.Boolean("json").pipe(Flag.withDescription("The report as one JSON object"), Flag.withDefault(false)),
      ...gatewayFlags
    },
    Effect.fn("doctor")(function* ({ from, to, door, data, json, url, token }) {
      const only = Option.isSome(door) ? { door: door.value } : {}
      if (Option.isSome(data)) {
        const { timeZone, newestAt } = yield* fromFile(data.value, load, (log) => log.clocks(data.value), "no clocks")
        const span = yield* spanIn({ from, to }, timeZone, newestAt)
        const read = (log: ExplainLog) => log.doctor(data.value, { ...span, ...only })
        return show(yield* fromFile(data.value, load, read, "no alarms"), json, timeZone)
      }
      const gateway = gatewayAt(url, token, "doctor")
      const { timeZone } = (yield* asked(gateway, "/api/v1/campus", SiteClocks)).site
      const span = yield* spanIn({ from, to }, timeZone, Date.now())
      const query = new URLSearchParams({ from: toIso(span.from), to: toIso(span.to), ...only })
      show(yield* asked(gateway, `/api/v1/doctor?${query.toString()}`, DoctorReport), json, timeZone)
    })
  ).pipe(
    Command.withDescription(
      "What doors' alarms were put down to (latch, late exit, wind …), and what would have helped"
    )
  )
