import { Cause, Context, Effect, FiberSet, Layer, Queue, Schedule } from "effect"
import { AnswerLost, type ConditionAnswer, type ConditionAnswered, type NotKept } from "../../adapters/adapter.ts"
import type { Decision } from "../correlation/decision.ts"
import { isOf } from "../correlation/known-conditions.ts"
import { type OwedWriteBack, owedWriteBacks } from "../correlation/owed-write-backs.ts"
import { kindOf, writeBacksOf } from "../correlation/write-back.ts"
import type { Observation } from "../domain/observation.ts"
import { Intake } from "../intake/intake.ts"
import { Links } from "../links/links.ts"
import { tamed } from "../links/turned-away.ts"
import type { Entry } from "../log/entry.ts"
import { SecurityLog } from "../log/security-log.ts"

export interface WriteBacksOptions {
  /** How long a panel may take to accept something and to show it, milliseconds. */
  readonly answerMs?: number
}

/** Longer than an adapter itself waits for a panel that answers slowly. */
const usualAnswerMs = 30_000

/** What is owed to a panel that is away is looked at so often: a cut that is short enough is told to nobody. */
const lookAgainMs = 500

/**
 * A panel that is there, and answers that it is away, is asked again after so long: each time is two entries of the log, and
 * asking at once would fill it as fast as the disk writes.
 */
const restMs = 2000

/** So many are on their way at once; the others wait their turn. */
const atOnceMax = 8

/**
 * A condition of a panel: what goes to it next waits for what went before, though that be of another alert. Else what was
 * said last there may be done first.
 */
const nameOf = ({ device, condition }: OwedWriteBack): string =>
  JSON.stringify([device, condition.id, condition.branch ?? ""])

/** Whether the fact that it is sent has made it so. */
const isSent = (
  { alert, device, condition, kind, asked }: OwedWriteBack,
  decisions: ReadonlyArray<Decision>
): boolean =>
  decisions.some(
    (one) =>
      one._tag === "Alert" &&
      one.change.alert.id === alert &&
      one.change.alert.panelConditions?.some(
        (entry) =>
          isOf(entry, { device, condition }) &&
          writeBacksOf(entry).some((sent) => sent.state === "sent" && kindOf(sent) === kind && sent.asked === asked)
      ) === true
  )

/** What the device is told. Of the time that something is to be shelved for, a part is over already. */
const answerIn = ({ condition, event, by: officer, note, until }: OwedWriteBack, now: number): ConditionAnswer => ({
  condition,
  event,
  officer,
  note,
  ...(until === undefined ? {} : { forSeconds: Math.max(1, Math.round((until - now) / 1000)) })
})

/** What may tell that a panel is there, or that a condition has the state that the next answer waits for. */
const telling: ReadonlySet<Observation["_tag"]> = new Set(["Availability", "PanelCondition"])

/** Whether something may be owed, may go now, or a panel be there, that was not before. */
const mayMatter = (entry: Entry): boolean =>
  entry._tag === "Alert" ||
  (entry._tag === "Fact" &&
    (entry.fact._tag === "LinkChanged" || (entry.fact._tag === "Observed" && telling.has(entry.fact.observation._tag))))

/** Nobody knows what came of it. A fault of an adapter is told as what it is. */
const unknownFor = (cause: Cause.Cause<never>): Effect.Effect<ConditionAnswered> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
  const why = Cause.squash(cause)
  // An adapter that runs on a thread of its own goes with what it was asked.
  if (why instanceof AnswerLost) return Effect.succeed({ outcome: "unknown", detail: why.reason })
  return Effect.logError("what goes back to a panel failed by a bug", cause).pipe(
    Effect.as({ outcome: "unknown", detail: `a fault: ${String(why)}` } as const)
  )
}

/** What comes of one, in time or not. */
const answerOf = (work: Effect.Effect<ConditionAnswered>, answerMs: number): Effect.Effect<ConditionAnswered> =>
  work.pipe(
    Effect.timeoutOrElse({
      duration: answerMs,
      orElse: () =>
        Effect.succeed<ConditionAnswered>({ outcome: "unknown", detail: `no answer within ${answerMs / 1000} s` })
    }),
    Effect.catchCause(unknownFor)
  )

/**
 * Sends what officers do to alerts (acknowledge, note, shelve) back to the panels whose conditions are behind them. What
 * is owed stands in the log: each is a fact before it is sent, and is sent while its panel is there, once. What a dead
 * process left unanswered, the panel itself answers when it tells its conditions again.
 */
export class WriteBacks extends Context.Service<
  WriteBacks,
  {
    /** How many are on their way now. */
    readonly underWay: () => number
  }
>()("gateway/WriteBacks") {
  static readonly layer = (options: WriteBacksOptions = {}) => Layer.effect(WriteBacks, make(options))
}

const make = Effect.fnUntraced(function* ({ answerMs = usualAnswerMs }: WriteBacksOptions) {
  const intake = yield* Intake
  const links = yield* Links
  const log = yield* SecurityLog
  const sending = yield* FiberSet.make<void>()
  const underWay = new Set<string>()
  // Several commits between two looks are one look.
  const wanted = yield* Queue.sliding<void>(1)

  const wake = (): void => void Queue.offerUnsafe(wanted, undefined)

  const send = Effect.fnUntraced(function* (owed: OwedWriteBack): Effect.fn.Return<"answered" | "not sent", NotKept> {
    const { alert, device, condition, kind, asked, event } = owed
    const ability = links.abilities(device)?.[kind]
    if (ability === undefined) return "not sent"
    const which = { alert, device, condition, kind, ...(asked === undefined ? {} : { asked }), event }
    const { decisions } = yield* intake.enter({ _tag: "WriteBackSent", ...which })
    // It was given up, or the condition was told anew, between the look and the fact: then nothing is sent.
    if (!isSent(owed, decisions)) return "not sent"
    const { outcome, detail } = yield* answerOf(ability(answerIn(owed, intake.situation().at)), answerMs)
    const why = detail === undefined ? {} : { detail: tamed(detail) }
    yield* intake
      .enter({ _tag: "WriteBackAnswered", ...which, outcome, ...why })
      .pipe(Effect.retry(Schedule.spaced("1 second")))
    if (outcome === "away") yield* Effect.sleep(restMs)
    return "answered"
  })

  /** Sends what can be sent now. */
  const look = Effect.suspend(() =>
    Effect.forEach(
      owedWriteBacks(intake.situation()),
      (owed) => {
        const name = nameOf(owed)
        const able = links.abilities(owed.device)?.[owed.kind] !== undefined
        if (!able || underWay.has(name) || underWay.size >= atOnceMax) return Effect.void
        underWay.add(name)
        const done = Effect.sync(() => underWay.delete(name))
        // What the store does not keep is not sent, and owed still.
        const sent = send(owed).pipe(
          Effect.orElseSucceed(() => "not sent" as const),
          Effect.ensuring(done)
        )
        // What is owed to the same condition has waited for the answer; what was not sent is looked at in its time.
        return FiberSet.run(
          sending,
          Effect.map(sent, (came) => void (came === "answered" && wake()))
        )
      },
      { discard: true }
    )
  )

  yield* Effect.acquireRelease(
    Effect.sync(() =>
      log.subscribe((entries) => {
        if (entries.some(mayMatter)) wake()
      })
    ),
    (forget) => Effect.sync(forget)
  )
  const waits = (): boolean => owedWriteBacks(intake.situation()).length > 0
  const wait = Effect.suspend(() => {
    const told = Queue.take(wanted)
    return waits() ? told.pipe(Effect.timeoutOption(lookAgainMs)) : told
  })
  yield* Effect.forkScoped(look.pipe(Effect.andThen(wait), Effect.forever))
  return WriteBacks.of({ underWay: () => underWay.size })
})
