import { Effect, HashMap, Layer, Option } from "effect"
import type { ChannelStanding } from "../domain/escalation.ts"
import type { EpochMs } from "../domain/ids.ts"
import { reportDue } from "../gaps/report-due.ts"
import { Intake } from "../intake/intake.ts"
import { Configuration } from "../settings/configuration.ts"
import { Notifier } from "./notifier.ts"

/** By the site's wall clock, where the configuration says nothing: before the early shift begins. */
const usualTestAt = "06:30"

/** Between two looks, and so between two tries of a channel that has not taken its test. */
const lookEvery = "20 seconds"

/** As the log names who tests. */
export const selfTester = "the daily self-test"

interface Day {
  readonly timeZone: string
  readonly testAt: string
}

/** When the newest daily test was due, at or before `now`. */
const dueAt = ({ timeZone, testAt }: Day, now: EpochMs): EpochMs => {
  const dayMs = 86_400_000
  const { next } = reportDue({ timeZone, reportAt: testAt, made: [] }, now)
  // The next one is within a day; what was due before it is that of the day before, which may be an hour longer or shorter.
  const before = reportDue({ timeZone, reportAt: testAt, made: [] }, next - 1.5 * dayMs).next
  return before <= now ? before : reportDue({ timeZone, reportAt: testAt, made: [] }, before - 1.5 * dayMs).next
}

/**
 * Whether a channel is to be tested at `now`: once a day, from its time on, also hours later where the gateway did not run
 * then; one that does not take the test is tried again until it has or is known to be broken.
 */
export const selfTestDue = (standing: ChannelStanding | undefined, day: Day, now: EpochMs): boolean => {
  const due = dueAt(day, now)
  if (standing === undefined) return true
  const { testedAt = 0, lastFailureAt = 0, state } = standing
  return testedAt < due && !(state === "broken" && lastFailureAt >= due)
}

/**
 * Tests each channel every day. What comes of it is a fact; a channel that is dead is a gap and an alert. One that people
 * register for is tested as soon as somebody has: until then it is a gap and nothing more.
 */
export const selfTests = (now: () => EpochMs) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const intake = yield* Intake
      const notifier = yield* Notifier
      const configuration = yield* Configuration
      const look = Effect.suspend(() => {
        const { channels, campus, notify } = configuration.settings()
        const day = { timeZone: campus.site.timeZone, testAt: notify.testAt ?? usualTestAt }
        const known = intake.situation().channels
        const due = channels.filter(({ id }) => selfTestDue(Option.getOrUndefined(HashMap.get(known, id)), day, now()))
        return Effect.forEach(due, ({ id }) => notifier.test(id, selfTester).pipe(Effect.ignore), {
          concurrency: 4,
          discard: true
        })
      })
      yield* Effect.sleep(lookEvery).pipe(Effect.andThen(look), Effect.forever, Effect.forkScoped)
    })
  )
