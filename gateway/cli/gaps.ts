import { Effect, Option, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { answerAs } from "./answers.ts"
import { CommandFailed } from "./failure.ts"
import { type GatewayAt, gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { paint, printable, say, sayJson, several } from "./output.ts"
import { lasting } from "./span.ts"
import { columns } from "./table.ts"

const ToldGap = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  severity: Schema.Finite,
  title: Schema.String,
  since: Schema.optionalKey(Schema.String),
  owner: Schema.String,
  reason: Schema.String,
  until: Schema.optionalKey(Schema.String),
  todo: Schema.String
})
type ToldGap = typeof ToldGap.Type

const Items = Schema.Struct({ items: Schema.Array(ToldGap), total: Schema.Finite })
const Report = Schema.Struct({
  date: Schema.String,
  at: Schema.String,
  total: Schema.Finite,
  gaps: Schema.Array(ToldGap)
})

/** Severities at which somebody is needed. */
const pressing = 2

const signs: Readonly<Record<number, readonly ["red" | "yellow" | "dim", string]>> = {
  1: ["red", "✖ critical"],
  2: ["red", "✖ high"],
  3: ["yellow", "! medium"],
  4: ["dim", "· low"]
}

/** Each gap on a line, and what to do about it on the next where it is pressing. */
const lines = (gaps: ReadonlyArray<ToldGap>, now: number): ReadonlyArray<string> => {
  const rows = columns(
    gaps.map(({ severity, title, since, until, owner, reason }) => {
      const [colour, sign] = signs[severity] ?? ["yellow", "!"]
      const long = since === undefined ? "" : `for ${lasting(Date.parse(since), now)}`
      const left = until === undefined ? "" : `, ends in ${lasting(now, Date.parse(until))}`
      return [paint(colour, sign), printable(title), `${long}${left}`, printable(owner), printable(reason)]
    })
  )
  return rows.flatMap((row, nth) => {
    const gap = gaps[nth]
    return gap === undefined || gap.severity > pressing ? [row] : [row, `             → ${printable(gap.todo)}`]
  })
}

const counted = (gaps: ReadonlyArray<ToldGap>, total: number): string => {
  const severities = ["critical", "high", "medium", "low"].flatMap((word, nth) => {
    const count = gaps.filter(({ severity }) => severity === nth + 1).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  return `${several(total, "gap")}${severities.length === 0 ? "" : `: ${severities.join(", ")}`}`
}

const show = (gaps: ReadonlyArray<ToldGap>, total: number, now: number): void => {
  for (const line of lines(gaps, now)) say(line)
  say(
    total === 0 ? `${paint("green", "✔")} everything is protected, as far as the gateway knows` : counted(gaps, total)
  )
}

const failIfPressing = Effect.fnUntraced(function* (gaps: ReadonlyArray<ToldGap>) {
  const bad = gaps.filter(({ severity }) => severity <= pressing)
  if (bad.length === 0) return
  return yield* new CommandFailed({
    exitCode: 1,
    reason: `${several(bad.length, "gap")} to see to`,
    next: "npm run gatehouse -- status"
  })
})

/** Of a day before: what it says is not about now, and so no failure. */
const showReport = Effect.fnUntraced(function* (gateway: GatewayAt, date: string, json: boolean) {
  const path = `/api/v1/gaps/reports/${encodeURIComponent(date)}`
  const report = yield* answerAs(gateway, path, Report, { next: "npm run gatehouse -- gaps" })
  if (json) return sayJson(report)
  say(`Report of ${report.date}, made ${report.at}`)
  show(report.gaps, report.total, Date.parse(report.at))
})

/** `gatehouse gaps`: what is not protected right now, worst first. */
export const gapsCommand = Command.make(
  "gaps",
  {
    report: Flag.String("report").pipe(
      Flag.withMetavar("date"),
      Flag.withDescription("The daily report of that day (2026-03-02) instead of what is now"),
      Flag.optional
    ),
    json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object"), Flag.withDefault(false)),
    ...gatewayFlags
  },
  Effect.fn("gaps")(function* ({ report, json, url, token }) {
    const gateway = gatewayAt(url, token, "gaps")
    if (Option.isSome(report)) return yield* showReport(gateway, report.value, json)
    const { items, total } = yield* answerAs(gateway, "/api/v1/gaps", Items, { next: "npm run gatehouse -- status" })
    if (json) sayJson({ gaps: items, total })
    else show(items, total, Date.now())
    return yield* failIfPressing(items)
  })
).pipe(
  Command.withDescription(
    "Everything that is not protected right now, worst first: why, who answers for it, until when"
  )
)
