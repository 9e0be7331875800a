import { writeFileSync } from "node:fs"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { parse, stringify } from "yaml"
import { toIso, wireJson } from "../domain/wire.ts"
import { DoctorReport } from "../explain/doctor/report.ts"
import type { ExplainLog } from "../explain/explain-log.ts"
import { doctorLines } from "./doctor-lines.ts"
import { asked, fromFile, instantIn, SiteClocks } from "./explain-asked.ts"
import { CommandFailed, usage } from "./failure.ts"
import { gatewayAt, gatewayFlags } from "./gateway-client.ts"
import { shownIn } from "./instant.ts"
import { quoted, say, tell } from "./output.ts"

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

/** One door's part of a configuration. */
interface Patch {
  readonly doors: ReadonlyArray<unknown>
  readonly schedules?: ReadonlyArray<unknown>
}

/** All that is proposed as one part of a configuration. */
const written = ({ doors }: DoctorReport): string => {
  const parts = doors.flatMap(({ proposal }) => (proposal === undefined ? [] : [parse(proposal.patch) as Patch]))
  const schedules = parts.flatMap((part) => part.schedules ?? [])
  const all = { doors: parts.flatMap((part) => part.doors), ...(schedules.length === 0 ? {} : { schedules }) }
  return stringify(all, { lineWidth: 0 })
}

/** Writes it to a file that is not there yet: nothing that somebody has changed is lost. */
const write = (file: string, report: DoctorReport) =>
  Effect.try({
    try: () => writeFileSync(file, written(report), { flag: "wx" }),
    catch: (cause) =>
      new CommandFailed({
        exitCode: 1,
        reason: `${file} was not written: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: "npm run gatehouse -- doctor --write <a file that is not there yet>"
      })
  })

interface Question {
  readonly door?: string
  readonly data?: string
  readonly write: string | undefined
}

/** What the same log is asked for once more: the default span of a later question may have none of this one's. */
const sameSpan = ({ from, to }: DoctorReport, { data }: Question): string =>
  `${data === undefined ? "" : ` --data ${quoted(data)}`} --from ${toIso(from)} --to ${toIso(to)}`

const end = Effect.fnUntraced(function* (report: DoctorReport, question: Question) {
  const { door, write: file } = question
  if (!report.doors.some(({ proposal }) => proposal !== undefined)) {
    return file === undefined ? undefined : tell(`nothing is proposed: ${file} was not written`)
  }
  const span = sameSpan(report, question)
  if (file === undefined) {
    const only = door === undefined ? "" : ` --door ${quoted(door)}`
    return tell(`next: npm run gatehouse -- doctor --write changed.yaml${span}${only}`)
  }
  yield* write(file, report)
  tell(
    `next: npm run gatehouse -- replay --rules ${quoted(file)}${span}   # what it would have done, real alarms first`
  )
})

const show = (report: DoctorReport, json: boolean, timeZone: string): void => {
  if (json) return say(wireJson(report))
  for (const line of doctorLines(report, shownIn(timeZone))) say(line)
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
      write: Flag.String("write").pipe(
        Flag.withMetavar("file"),
        Flag.withDescription("Write what is proposed there, for replay --rules to prove"),
        Flag.optional
      ),
      json: Flag.Boolean("json").pipe(Flag.withDescription("The report as one JSON object"), Flag.withDefault(false)),
      ...gatewayFlags
    },
    Effect.fn("doctor")(function* ({ from, to, door, data, write: file, json, url, token }) {
      const only = Option.isSome(door) ? { door: door.value } : {}
      if (Option.isSome(data)) {
        const { timeZone, newestAt } = yield* fromFile(data.value, load, (log) => log.clocks(data.value), "no clocks")
        const span = yield* spanIn({ from, to }, timeZone, newestAt)
        const read = (log: ExplainLog) => log.doctor(data.value, { ...span, ...only })
        const report = yield* fromFile(data.value, load, read, "no alarms")
        show(report, json, timeZone)
        return yield* end(report, { ...only, data: data.value, write: Option.getOrUndefined(file) })
      }
      const gateway = gatewayAt(url, token, "doctor")
      const { timeZone } = (yield* asked(gateway, "/api/v1/campus", SiteClocks)).site
      const span = yield* spanIn({ from, to }, timeZone, Date.now())
      const query = new URLSearchParams({ from: toIso(span.from), to: toIso(span.to), ...only })
      const report = yield* asked(gateway, `/api/v1/doctor?${query.toString()}`, DoctorReport)
      show(report, json, timeZone)
      yield* end(report, { ...only, write: Option.getOrUndefined(file) })
    })
  ).pipe(
    Command.withDescription(
      "What doors' alarms were put down to (latch, late exit, wind …), and what would have helped"
    )
  )
