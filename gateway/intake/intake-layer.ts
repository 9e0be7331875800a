import { Cause, Context, Effect, Exit, Layer } from "effect"
import { NotKept } from "../../adapters/adapter.ts"
import { fold, initial } from "../correlation/fold.ts"
import { type Frozen, freeze, thaw } from "../correlation/snapshot.ts"
import type { Situation } from "../correlation/situation.ts"
import { openForReading, openForWriting } from "../log/database.ts"
import type { Entry } from "../log/entry.ts"
import { readerOf } from "../log/log-reader.ts"
import { LogWriter } from "../log/log-writer.ts"
import { SecurityLog, StoreUnavailable } from "../log/security-log.ts"
import { Committer } from "./committer.ts"
import { type Entered, Intake, type Unstamped } from "./intake.ts"

export interface IntakeOptions {
  /** The log's SQLite file; its directory exists. */
  readonly file: string
  readonly site: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** A snapshot every so many entries: what a start has to fold again stays well under a second. */
const snapshotEvery = 10_000

/** How often an idle gateway notes that it lives; bounds how wrong the logged blind time can be. */
const aliveEveryMs = 5000

/** setTimeout's own limit is 2^31 - 1 ms; a farther deadline is looked at again after a day. */
const timerMaxMs = 24 * 3600 * 1000

/** The situation as the log tells it: the newest snapshot, and the facts after it folded again. */
export const recover = (writer: LogWriter): Situation => {
  const snapshot = writer.newestSnapshot()
  let situation = snapshot === undefined ? initial : thaw(snapshot.frozen as Frozen)
  for (const { seq, fact } of writer.factsAfter(snapshot?.seq ?? 0)) situation = fold(situation, seq, fact).situation
  return situation
}

const unavailable = (cause: unknown): StoreUnavailable =>
  new StoreUnavailable({ reason: cause instanceof Error ? cause.message : String(cause) })

/** Tells the readers of each commit; a reader that fails loses its subscription, never the commit. */
const makeFeed = () => {
  const listeners = new Set<(entries: ReadonlyArray<Entry>) => void>()
  return {
    subscribe: (listener: (entries: ReadonlyArray<Entry>) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    publish: (entries: ReadonlyArray<Entry>) => {
      for (const listener of listeners) listener(entries)
    }
  }
}

const openConnections = ({ file, site, now }: IntakeOptions) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => ({ database: openForWriting(file, site, now()), reading: openForReading(file) }),
      catch: unavailable
    }),
    ({ database, reading }) =>
      Effect.sync(() => {
        reading.close()
        database.close()
      })
  )

const entering = (committer: Committer, fact: Unstamped): Effect.Effect<Entered, NotKept> =>
  Effect.callback<Entered, NotKept>((resume) => {
    committer.enter(fact, (entered) => {
      resume(entered instanceof NotKept ? Exit.fail(entered) : Exit.succeed(entered))
    })
  })

/** Runs the deadlines, the snapshots and the notes of life beside the committer, until released. */
const keepTime = (committer: Committer, writer: LogWriter, now: () => number) => {
  let timer: NodeJS.Timeout | undefined
  let snapshotAt = committer.seq
  const wake = (): void => {
    clearTimeout(timer)
    const due = committer.nextDue()
    if (due === undefined) return
    timer = setTimeout(pass, Math.min(Math.max(0, due - now()), timerMaxMs))
  }
  const pass = (): void => committer.enter({ _tag: "TimePassed" }, wake)
  const snapshot = (): void => {
    writer.keepSnapshot(committer.seq, now(), freeze(committer.situation))
    snapshotAt = committer.seq
  }
  const alive = setInterval(() => {
    // A store that refuses keeps no note of life either; intake itself says so.
    if (committer.status().accepting) writer.transact(() => writer.alive(now()))
  }, aliveEveryMs)
  return {
    committed: (): void => {
      wake()
      if (committer.seq - snapshotAt >= snapshotEvery) setImmediate(snapshot)
    },
    snapshot,
    stop: (): void => {
      clearTimeout(timer)
      clearInterval(alive)
    }
  }
}

const start = Effect.fn("Intake.start")(function* (options: IntakeOptions) {
  const { database, reading } = yield* openConnections(options)
  const writer = new LogWriter(database, options.site)
  const head = writer.head()
  const situation = yield* Effect.try({ try: () => recover(writer), catch: unavailable })
  const feed = makeFeed()
  let committed = (): void => {}
  const committer = new Committer({
    writer,
    situation,
    seq: head.seq,
    now: options.now,
    publish: (entries) => {
      feed.publish(entries)
      committed()
    }
  })
  yield* entering(committer, {
    _tag: "GatewayStarted",
    ...(head.seq === 0 ? {} : { blindFrom: head.aliveAt })
  }).pipe(Effect.mapError((refusal) => unavailable(refusal)))
  const time = keepTime(committer, writer, options.now)
  committed = time.committed
  yield* Effect.addFinalizer(() =>
    Effect.sync(time.stop).pipe(
      Effect.andThen(entering(committer, { _tag: "GatewayStopped" })),
      Effect.andThen(Effect.sync(time.snapshot)),
      Effect.catchCause((cause) => Effect.logError(`the log could not be closed in order: ${Cause.pretty(cause)}`))
    )
  )
  time.committed()
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
  Layer.effectContext(start(options))
