import { Clock, Context, Effect, Exit, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { expect, it } from "vitest"
import { Gaps } from "../../gateway/gaps/gaps.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { IntakeLive } from "../../gateway/intake/intake-layer.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import { Configuration } from "../../gateway/settings/configuration.ts"
import { checkSettings } from "../../gateway/settings/load-settings.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { installed } from "../settings/installed.ts"

const settings = checkSettings([`${import.meta.dirname}/../settings/whole.yaml`], installed).settings!

/** Lets time come to an instant, and what is entered on the way be kept. */
type Wait = (until: string) => Effect.Effect<void>

/** A gateway's log and list of gaps in virtual time, from its start until it is stopped. */
const running = <A>(file: string, course: (wait: Wait, gaps: Gaps["Service"]) => Effect.Effect<A>) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe()
    const scope = yield* Scope.make()
    const configuration = Configuration.layer({ settings, apply: (_next, enter) => enter })
    const layer = Gaps.layer({ now, registered: () => new Set() }).pipe(
      Layer.provideMerge(configuration),
      Layer.provideMerge(IntakeLive({ file, site: "north", now }))
    )
    const context = yield* Layer.build(layer).pipe(Scope.provide(scope))
    const intake = Context.get(context, Intake)
    yield* Effect.orDie(intake.enter({ _tag: "ConfigApplied", version: "v1", campus: settings.campus, by: "test" }))
    // Facts are kept in their order: once this one is, so is all that was entered before.
    const kept = Effect.orDie(intake.enter({ _tag: "TimePassed" }))
    const wait: Wait = (until) =>
      Effect.suspend(() => TestClock.adjust(Date.parse(until) - now())).pipe(Effect.andThen(kept), Effect.asVoid)
    const answer = yield* course(wait, Context.get(context, Gaps))
    const told = yield* Effect.orDie(Context.get(context, SecurityLog).entries({ after: 0, limit: 1000 }))
    yield* Scope.close(scope, Exit.void)
    const reports = told.flatMap((entry) =>
      entry._tag === "Fact" && entry.fact._tag === "GapsReported" ? [entry.fact.date] : []
    )
    return { answer, reports }
  })

it("makes one report a day at its time, and after a stop catches up with the day's, once", async () => {
  const directory = temporaryDirectory("daily-report")
  const file = `${directory.path}/gatehouse.db`
  const course = Effect.gen(function* () {
    yield* TestClock.setTime(Date.parse("2026-03-02T05:00:00Z"))
    // 07:00 in Berlin is 06:00 UTC.
    const first = yield* running(file, (wait) =>
      Effect.andThen(wait("2026-03-02T05:02:00Z"), wait("2026-03-02T06:16:00Z"))
    )
    expect(first.reports).toEqual(["2026-03-02"])
    yield* TestClock.setTime(Date.parse("2026-03-03T15:00:00Z"))
    const second = yield* running(file, (wait, gaps) =>
      Effect.gen(function* () {
        yield* wait("2026-03-03T15:02:00Z")
        yield* wait("2026-03-03T23:00:00Z")
        return { days: gaps.reports(), report: yield* Effect.orDie(gaps.report("2026-03-03")) }
      })
    )
    expect(second.reports).toEqual(["2026-03-02", "2026-03-03"])
    expect(second.answer.days).toEqual(["2026-03-03", "2026-03-02"])
    expect(second.answer.report.gaps.map(({ id }) => id)).toContain("door-blind:east")
    expect(second.answer.report.total).toBe(second.answer.report.gaps.length)
    const third = yield* running(file, (wait) => wait("2026-03-03T23:05:00Z"))
    expect(third.reports).toEqual(["2026-03-02", "2026-03-03"])
  })
  await Effect.runPromise(course.pipe(Effect.provide(TestClock.layer()), Effect.scoped))
  directory.dispose()
})
