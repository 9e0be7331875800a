import { Context, Effect, Layer, Schema } from "effect"
import type { Fact } from "../domain/fact.ts"
import type { Gap } from "../domain/gap.ts"
import type { EpochMs } from "../domain/ids.ts"
import { Intake } from "../intake/intake.ts"
import { SecurityLog, type StoreUnavailable } from "../log/security-log.ts"
import { Configuration } from "../settings/configuration.ts"
import { gapsOf } from "./list.ts"
import { reportDue } from "./report-due.ts"
import { makeServicing } from "./servicing.ts"

/** No report was made of this day, or it is too old to be asked for by its date. */
export class NoReport extends Schema.TaggedError<NoReport>()("NoReport", { date: Schema.String }) {
  override get message(): string {
    return `there is no report of ${this.date}; GET /api/v1/gaps/reports lists the days that have one`
  }
}

export type GapReport = Extract<Fact, { readonly _tag: "GapsReported" }>

export interface GapsOptions {
  /** Epoch milliseconds. */
  readonly now: () => EpochMs
  /** The ids of the people who have registered a device, for channels that they have to do that for. */
  readonly registered: () => ReadonlySet<string>
}

/** A report holds so many gaps, the worst; it says how many there were. */
const reportGapsMax = 1000

/** What links and devices tell after a start is waited for: a report of a gateway that has heard nothing yet says nothing. */
const firstLook = "1 minute"

/** The configuration, and the machine's clock, may change meanwhile. */
const lookAtMostMs = 15 * 60_000

/**
 * A list of so many is not worked out again for so long for each of them, two seconds for 20 000: it took some 100 ms to
 * work out (10,000 doors, all devices away), and events are to be heard meanwhile.
 */
const longList = 1000
const restMs = 0.1

/** What is not protected right now, what officers take out of service, and the daily report of it. */
export class Gaps extends Context.Service<
  Gaps,
  ReturnType<typeof makeServicing> & {
    /** Worst first. Of a very large campus in a very bad state it may be some seconds old. */
    readonly list: () => ReadonlyArray<Gap>
    /** The days of which there is a report, newest first. */
    readonly reports: () => ReadonlyArray<string>
    readonly report: (date: string) => Effect.Effect<GapReport, NoReport | StoreUnavailable>
  }
>()("gateway/Gaps") {
  static readonly layer = (options: GapsOptions) => Layer.effect(Gaps, start(options))
}

const start = Effect.fnUntraced(function* ({ now, registered }: GapsOptions) {
  const intake = yield* Intake
  const log = yield* SecurityLog
  const configuration = yield* Configuration

  const worked = (): ReadonlyArray<Gap> => {
    const { links, warnings } = configuration.settings()
    return gapsOf({
      at: now(),
      situation: intake.situation(),
      links: links.map(({ id, weaknesses = [] }) => ({ id, weaknesses })),
      warnings: warnings.map(({ place: { file, line, column }, message }) => ({ file, line, column, message })),
      registered: registered(),
      store: intake.status()
    })
  }

  let known: { readonly gaps: ReadonlyArray<Gap>; readonly until: EpochMs } = { gaps: [], until: 0 }
  const list = (): ReadonlyArray<Gap> => {
    const from = now()
    if (from < known.until) return known.gaps
    const gaps = worked()
    known = { gaps, until: gaps.length < longList ? 0 : from + gaps.length * restMs }
    return gaps
  }

  /** Makes the report of the day when it is due; answers when to look again. */
  const look = Effect.gen(function* () {
    const { campus, gaps } = configuration.settings()
    const made = intake.situation().gapReports
    const due = reportDue({ timeZone: campus.site.timeZone, reportAt: gaps.reportAt, made }, now())
    if (due.date !== undefined) {
      const found = list()
      const { date } = due
      yield* intake.enter({ _tag: "GapsReported", date, total: found.length, gaps: found.slice(0, reportGapsMax) })
    }
    return Math.min(Math.max(0, due.next - now()), lookAtMostMs)
  }).pipe(Effect.catchTag("NotKept", () => Effect.succeed(60_000)))
  yield* Effect.sleep(firstLook).pipe(
    Effect.andThen(look.pipe(Effect.flatMap(Effect.sleep), Effect.forever)),
    Effect.forkScoped
  )

  return Gaps.of({
    ...makeServicing(intake, () => configuration.settings().maintenance),
    list,
    reports: () =>
      intake
        .situation()
        .gapReports.map(({ date }) => date)
        .toReversed(),
    report: Effect.fn("Gaps.report")(function* (date) {
      const found = intake.situation().gapReports.find((report) => report.date === date)
      const entry = found === undefined ? undefined : yield* log.entry(found.seq)
      if (entry?._tag === "Fact" && entry.fact._tag === "GapsReported") return entry.fact
      return yield* new NoReport({ date })
    })
  })
})
