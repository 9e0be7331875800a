import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { holiday, type SpecialDays } from "../domain/schedule.ts"
import type {
  calendarYaml,
  DayTypeRule,
  IcsDays,
  IcsEndless,
  importedLine,
  IcsUnusable,
  readIcs
} from "../settings/ics-calendar.ts"
import type { Overlap } from "../settings/special-overlaps.ts"
import { CommandFailed, usage } from "./failure.ts"
import { printable, quoted, say, several, tell } from "./output.ts"

/** What `calendar import` needs; loaded only when it runs. */
export interface CalendarParts {
  readonly readIcs: typeof readIcs
  readonly calendarYaml: typeof calendarYaml
  readonly importedLine: typeof importedLine
  readonly IcsUnusable: typeof IcsUnusable
  readonly IcsEndless: typeof IcsEndless
}

const example = 'npm run gatehouse -- calendar import school.ics --id school-year --as holiday="no school"'

const typeFlag = Flag.String("as").pipe(
  Flag.withMetavar("type=text"),
  Flag.withDescription("Days whose summary holds the text are of this type; the first that fits decides, * is any"),
  Flag.filterMap(
    (written): Option.Option<DayTypeRule> => {
      const [, type, text] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})=(.+)$/.exec(written) ?? []
      return type === undefined || text === undefined ? Option.none() : Option.some({ type, text })
    },
    (written) => `a type of day and a text, such as half-day="early dismissal", not "${written}"`
  ),
  Flag.atLeast(0)
)

interface Asked {
  readonly file: string
  readonly id: string
  readonly types: ReadonlyArray<DayTypeRule>
  readonly until: string | undefined
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const read = (
  { calendarYaml: write, IcsEndless: Endless, IcsUnusable: Unusable, readIcs: days }: CalendarParts,
  asked: Asked
) =>
  Effect.try({
    try: () => {
      const found = days(readFileSync(asked.file, "utf8"), asked)
      return { ...found, yaml: write(asked.id, found.days) }
    },
    catch: (cause) => {
      const line = cause instanceof Unusable ? cause.line : undefined
      const place = line === undefined ? asked.file : `${asked.file}:${line}`
      const next = cause instanceof Endless ? `${example} --until 2027-08-31` : example
      return new CommandFailed({ exitCode: 1, reason: `${place}: ${printable(reasonOf(cause))}`, next })
    }
  })

/** A file that somebody wrote by hand is never replaced; one that an import wrote is, in one step. */
const put = ({ importedLine: first }: CalendarParts, into: string, yaml: string) =>
  Effect.try({
    try: (): "unchanged" | "written" | "foreign" => {
      const before = existsSync(into) ? readFileSync(into, "utf8") : undefined
      if (before === yaml) return "unchanged"
      if (before !== undefined && !before.startsWith(first)) return "foreign"
      const beside = `${into}.new`
      writeFileSync(beside, yaml)
      renameSync(beside, into)
      return "written"
    },
    catch: (cause) => new CommandFailed({ exitCode: 1, reason: `${into}: ${reasonOf(cause)}`, next: example })
  })

/** Of more than these a person reads none. */
const overlapsTold = 20

const named = ({ name, type = holiday }: SpecialDays): string =>
  `${name === undefined ? "an event without a name" : `"${printable(name)}"`} (${type})`

const tellOverlaps = (overlaps: ReadonlyArray<Overlap>): void => {
  for (const { from, to, holds, over } of overlaps.slice(0, overlapsTold))
    tell(`${from === to ? from : `${from} to ${to}`}: ${named(holds)} holds over ${named(over)}`)
  const more = overlaps.length - overlapsTold
  if (more > 0) tell(`and ${more} more days or spans that two events want: a holiday holds, or else the later one`)
}

/** Why a file gives no day at all. A calendar without days would open on every holiday, so that none is written. */
const withoutDays = ({ file, until }: Asked, { events, timed, cancelled, unnamed }: IcsDays): CommandFailed => {
  const left = [
    ...(timed > 0 ? [`${timed} at a time of day`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(unnamed.length > 0 ? [`${several(unnamed.length, "summary", "summaries")} that no --as names`] : [])
  ]
  const why = [
    events === 0 ? "it holds no event" : `${several(events, "event")} read`,
    ...(left.length > 0 ? [`left out: ${left.join(", ")}`] : []),
    ...(events > 0 && left.length === 0 ? [`none on a day${until === undefined ? "" : ` up to ${until}`}`] : [])
  ]
  const reason = `${file}: it gives no special day (${why.join("; ")}); nothing is written`
  return new CommandFailed({ exitCode: 1, reason, next: example })
}

const importCommand = (load: () => Promise<CalendarParts>) =>
  Command.make(
    "import",
    {
      file: Argument.String("file.ics").pipe(Argument.withDescription("An iCalendar file, as a school publishes it")),
      id: Flag.String("id").pipe(
        Flag.withDescription("The calendar's id in the configuration"),
        Flag.filter(
          (id) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id),
          (id) => `letters, digits, ".", "_" and "-", at most 64, such as school-year, not "${id}"`
        )
      ),
      types: typeFlag,
      until: Flag.String("until").pipe(
        Flag.withDescription("How far events are followed that repeat without end: 2027-08-31"),
        Flag.filter(
          (date) => /^\d{4}-\d\d-\d\d$/.test(date),
          (date) => `a date such as 2027-08-31, not "${date}"`
        ),
        Flag.optional
      ),
      into: Flag.String("into").pipe(
        Flag.withDescription("The file of the configuration to write; left out: to standard output"),
        Flag.optional
      )
    },
    Effect.fn("calendar.import")(function* ({ file, id, types, until, into }) {
      const parts = yield* Effect.promise(load)
      const asked = { file, id, types, until: Option.getOrUndefined(until) }
      const found = yield* read(parts, asked)
      const { days, overlaps, timed, overnight, unnamed, yaml } = found
      if (timed > 0) tell(`${several(timed, "event")} at a time of day left out: a calendar has whole days`)
      for (const name of overnight)
        tell(
          `left out, though it goes on into another day: ${printable(name)}; write it by hand where it is of whole days`
        )
      for (const name of unnamed) tell(`left out, for no --as names it: ${printable(name)}`)
      if (days.length === 0) return yield* withoutDays(asked, found)
      tellOverlaps(overlaps)
      if (Option.isNone(into)) return say(yaml.trimEnd())
      const done = yield* put(parts, into.value, yaml)
      if (done === "foreign")
        return yield* usage(
          `${into.value} was not written by an import, and stays as it is; choose another file`,
          `npm run gatehouse -- calendar import ${quoted(file)} --id ${id} --into ${id}.yaml`
        )
      say(`${into.value} ${done}: ${several(days.length, "special day or span", "special days and spans")}`)
      tell("next: npm run gatehouse -- check")
    })
  ).pipe(Command.withDescription("Make a calendar of the configuration from an iCalendar file; again gives the same"))

/** `gatehouse calendar import`: special days from what a school publishes. */
export const calendarCommand = (load: () => Promise<CalendarParts>) =>
  Command.make("calendar").pipe(
    Command.withDescription("Calendars of the configuration"),
    Command.withSubcommands([importCommand(load)])
  )
