import type Database from "better-sqlite3"
import { Cause, Context, Effect, Exit, Layer } from "effect"
import { NotKept } from "../../adapters/adapter.ts"
import { fold, initial } from "../correlation/fold.ts"
import { type Frozen, freeze, snapshotFormat, thaw } from "../correlation/snapshot.ts"
import type { Situation } from "../correlation/situation.ts"
import { claim, openForReading } from "../log/database.ts"
import { entryCount } from "../log/entries.ts"
import { readerOf } from "../log/log-reader.ts"
import type { LogStore } from "../log/log-store.ts"
import { Recovery } from "../log/recovery.ts"
import { type Listener, SecurityLog, StoreUnavailable } from "../log/security-log.ts"
import { openThreadedStore } from "../log/threaded-store.ts"
import { Committer } from "./committer.ts"
import { type EventLoop, nodeLoop } from "./event-loop.ts"
import { type Entered, Intake, type Unstamped } from "./intake.ts"
import { KeptBefore } from "./kept-before.ts"

export interface IntakeOptions {
  /** The log's SQLite file; its directory exists. */
  readonly file: string
  readonly site: string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Left out: Node's own. */
  readonly loop?: EventLoop
  /** A snapshot is kept every so many entries; left out: `usualSnapshotEvery`. */
  readonly snapshotEvery?: number
}

/** What a start has to fold again stays well under a second. */
const usualSnapshotEvery = 10_000

/** How often an idle gateway notes that it lives; bounds how wrong the logged blind time can be. */
const aliveEveryMs = 5000

/** setTimeout's own limit is 2^31 - 1 ms; a farther deadline is looked at again after a day. */
const timerMaxMs = 24 * 3600 * 1000

/** A deadline the store refused to keep comes again after this long: a full disk must not be asked in a tight loop. */
const refusedAgainMs = 1000

/**
 * The situation as the log tells it: the newest snapshot, and the facts after it folded again. `differs` hears the
 * first position at which the log holds more or fewer conclusions than this fold makes: another release wrote it.
 */
export const recover = (recorded: Recovery, differs: (seq: number) => void = () => {}): Situation => {
  const snapshot = recorded.snapshots().find(({ frozen }) => (frozen as Frozen).format === snapshotFormat)
  let situation = snapshot === undefined ? initial : thaw(snapshot.frozen as Frozen)
  let expected = (snapshot?.seq ?? 0) + 1
  let told = false
  const meet = (seq: number): void => {
    if (seq !== expected && !told) {
      told = true
      differs(expected)
    }
  }
  for (const { seq, fact } of recorded.factsAfter(snapshot?.seq ?? 0)) {
    meet(seq)
    const folded = fold(situation, seq, fact)
    situation = folded.situation
    expected = seq + entryCount(fact, folded.decisions)
  }
  meet(recorded.head().seq + 1)
  return situation
}

const unavailable = (cause: unknown): StoreUnavailable =>
  new StoreUnavailable({ reason: cause instanceof Error ? cause.message : String(cause) })

/** Tells the readers of each commit; a reader that fails loses its subscription, never the commit. */
const makeFeed = (failed: (error: unknown) => void) => {
  const listeners = new Map<Listener, (() => boolean) | undefined>()
  return {
    subscribe: (listener: Listener, wantsFrames?: () => boolean) => {
      listeners.set(listener, wantsFrames)
      return () => void listeners.delete(listener)
    },
    wantsFrames: () => [...listeners.values()].some((wants) => wants?.() === true),
    publish: (...commit: Parameters<Listener>) => {
      for (const listener of listeners.keys()) {
        try {
          listener(...commit)
        } catch (error) {
          listeners.delete(listener)
          failed(error)
        }
      }
    }
  }
}

/** The log as intake has it open: to write it, and, beside that, to read it. */
export interface OpenLog {
  readonly store: LogStore
  readonly reading: Database.Database
}

const openLog = ({ file, site, now }: IntakeOptions) => {
  const opened = (open: () => Database.Database) =>
    Effect.acquireRelease(Effect.try({ try: open, catch: unavailable }), (database) =>
      Effect.sync(() => database.close())
    )
  return Effect.gen(function* () {
    yield* opened(() => claim(file))
    const store = yield* openThreadedStore({ file, site, now: now() })
    const reading = yield* opened(() => openForReading(file))
    return { store, reading }
  })
}

const entering = (committer: Committer, fact: Unstamped): Effect.Effect<Entered, NotKept> =>
  Effect.callback<Entered, NotKept>((resume) => {
    committer.enter(fact, (entered) => {
      resume(entered instanceof NotKept ? Exit.fail(entered) : Exit.succeed(entered))
    })
  })

interface Keeping {
  readonly store: LogStore
  readonly before: KeptBefore
  readonly now: () => number
  readonly loop: EventLoop
  readonly snapshotEvery: number
}

/** Runs the deadlines, the snapshots and the notes of life beside the committer, until released. */
const keepTime = (committer: Committer, { store, before, now, loop, snapshotEvery }: Keeping) => {
  let callOff = (): void => {}
  let snapshotAt = committer.seq
  let stopped = false
  const wake = (earliestMs = 0): void => {
    callOff()
    const due = committer.nextDue()
    if (stopped || due === undefined) return
    callOff = loop.after(Math.min(Math.max(earliestMs, due - now()), timerMaxMs), pass)
  }
  const pass = (): void => {
    const due = committer.nextDue()
    // What was folded since may have brought it about.
    if (due === undefined || due > now()) return wake()
    committer.enter({ _tag: "TimePassed" }, (entered) => wake(entered instanceof NotKept ? refusedAgainMs : 0))
  }
  const snapshot = (): void => {
    store.keepSnapshot({ seq: committer.seq, at: now(), body: JSON.stringify(freeze(committer.situation)) })
    before.forget()
    snapshotAt = committer.seq
  }
  const live = (): void => {
    if (committer.status().accepting) store.alive(now())
    else committer.retry()
    wake()
    end = loop.after(aliveEveryMs, live)
  }
  let end = loop.after(aliveEveryMs, live)
  return {
    committed: (): void => {
      if (stopped) return
      wake()
      if (committer.seq - snapshotAt >= snapshotEvery) loop.soon(() => stopped || snapshot())
    },
    fellBack: (): void => wake(refusedAgainMs),
    snapshot,
    stop: (): void => {
      stopped = true
      callOff()
      end()
    }
  }
}

/**
 * Takes in facts over an open log until released; see `IntakeLive`. The log is whose who opened it: it is to be closed
 * after it.
 */
export const intakeOver = Effect.fn("Intake.start")(function* (
  { store, reading }: OpenLog,
  options: Omit<IntakeOptions, "file">
) {
  const { now, loop = nodeLoop, snapshotEvery = usualSnapshotEvery } = options
  const recorded = new Recovery(reading)
  const head = recorded.head()
  const services = yield* Effect.context<never>()
  const warn = (text: string): void => void Effect.runForkWith(services)(Effect.logWarning(text))
  const differs = (seq: number): void =>
    warn(`the log holds other conclusions than this release draws, from entry ${seq} on; the new ones hold from here`)
  const situation = yield* Effect.try({ try: () => recover(recorded, differs), catch: unavailable })
  const feed = makeFeed((error) => warn(`a reader of the log failed and is no longer told: ${String(error)}`))
  let time: ReturnType<typeof keepTime> | undefined
  const before = new KeptBefore(reading)
  const committer = new Committer({
    store,
    before,
    site: options.site,
    situation,
    seq: head.seq,
    now,
    loop,
    wantsFrames: feed.wantsFrames,
    publish: (...commit) => {
      feed.publish(...commit)
      time?.committed()
    },
    fellBack: () => time?.fellBack()
  })
  yield* entering(committer, {
    _tag: "GatewayStarted",
    ...(head.seq === 0 ? {} : { blindFrom: head.aliveAt })
  }).pipe(Effect.mapError((refusal) => unavailable(refusal)))
  const keeping = (time = keepTime(committer, { store, before, now, loop, snapshotEvery }))
  yield* Effect.addFinalizer(() =>
    Effect.sync(keeping.stop).pipe(
      Effect.andThen(entering(committer, { _tag: "GatewayStopped" })),
      Effect.ensuring(Effect.sync(committer.close.bind(committer))),
      Effect.andThen(Effect.sync(keeping.snapshot)),
      Effect.catchCause((cause) => Effect.logError(`the log could not be closed in order: ${Cause.pretty(cause)}`))
    )
  )
  keeping.committed()
  const intake = Intake.of({
    report: (link, report, settled) => committer.report(link, report, settled),
    enter: (fact) => entering(committer, fact),
    situation: () => committer.situation,
    status: () => committer.status()
  })
  const log = SecurityLog.of({ ...readerOf(reading), head: () => committer.seq, subscribe: feed.subscribe })
  return Context.make(Intake, intake).pipe(Context.add(SecurityLog, log))
})

/**
 * Opens the log, recovers the situation from it and takes in facts until released; then logs the stop and leaves a
 * snapshot. Fails with `StoreUnavailable` when the log cannot be opened as durable as it must be.
 */
export const IntakeLive = (options: IntakeOptions): Layer.Layer<Intake | SecurityLog, StoreUnavailable> =>
  Layer.effectContext(Effect.flatMap(openLog(options), (log) => intakeOver(log, options)))
