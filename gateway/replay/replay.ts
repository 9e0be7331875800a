import { isDeepStrictEqual } from "node:util"
import { initial } from "../correlation/fold.ts"
import { type Frozen, snapshotFormat, thaw } from "../correlation/snapshot.ts"
import type { Alert } from "../domain/alert.ts"
import type { Campus } from "../domain/campus.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Entry } from "../log/entry.ts"
import type { RecordedLog } from "../log/recorded-log.ts"
import { Calls, type HeardCall } from "./calls.ts"
import { Course } from "./course.ts"
import { type Difference, differenceOf } from "./difference.ts"
import { type Agreement, agreementOf } from "./agreement.ts"

export interface ReplayOptions {
  readonly from: EpochMs
  /** Exclusive of what the log does not hold: it ends at the newest entry. */
  readonly to: EpochMs
  /** What takes the place of every recorded configuration. */
  readonly changed: { readonly campus: Campus; readonly version: string }
}

/** How far it has come: log entries read, of so many. */
export interface ReplayProgress {
  readonly done: number
  readonly of: number
}

export interface Replayed {
  readonly from: EpochMs
  readonly to: EpochMs
  /** Facts folded within the span, and before it for the state at its beginning. */
  readonly facts: number
  readonly factsBefore: number
  /** Officers' acts and pictures, as changed, that are of no alert there. */
  readonly withoutAlert: number
  readonly agreement: Agreement
  readonly difference: Difference
}

/**
 * As changed runs this much longer before the span: what began before it, and rules that count over some hours, are then
 * as if the change had always been.
 */
const settlesMs = 24 * 3600 * 1000

/** These change nothing: time is virtual here, and the others only tell. */
const idle: ReadonlySet<Fact["_tag"]> = new Set([
  "TimePassed",
  "EvidenceExpired",
  "GatewayStopped",
  "AccessRefused",
  "StoreRefused"
])

/** Remembers what the log says of alerts; each is asked for once. */
const remembering = (log: RecordedLog): ((id: string) => Alert | undefined) => {
  const known = new Map<string, Alert | undefined>()
  return (id) => {
    if (!known.has(id)) known.set(id, log.alert(id))
    return known.get(id)
  }
}

/** The situation to begin with, and the entry to go on with. */
const beginning = (log: RecordedLog, forkSeq: number) => {
  const snapshot = log.snapshotBefore(forkSeq)
  const frozen = snapshot?.frozen as Frozen | undefined
  if (snapshot === undefined || frozen?.format !== snapshotFormat) return { situation: initial, next: 1 }
  return { situation: thaw(frozen), next: snapshot.seq + 1 }
}

/** Both courses over the entries: one until the change, two from there on. */
class TwoCourses {
  readonly recordedCalls = new Calls()
  readonly #before = new Calls()
  readonly #after = new Calls()
  readonly #options: ReplayOptions
  readonly #asRecorded: Course
  #asChanged: Course | undefined
  readonly #recorded: (id: string) => Alert | undefined
  readonly #forkSeq: number
  facts = 0
  factsBefore = 0

  constructor(log: RecordedLog, options: ReplayOptions, forkSeq: number, situation: Course["situation"]) {
    this.#options = options
    this.#forkSeq = forkSeq
    this.#recorded = remembering(log)
    this.#asRecorded = new Course(situation, this.#recorded, (change) => this.#before.hear(change))
  }

  take(entry: Entry): void {
    if (entry._tag === "Alert") return this.recordedCalls.hear(entry.change)
    if (entry._tag === "Event") return
    const { seq, fact } = entry
    if (this.#asChanged === undefined && seq >= this.#forkSeq) this.#fork(fact.at)
    if (fact.at >= this.#options.from) this.facts++
    else this.factsBefore++
    if (idle.has(fact._tag)) return
    this.#asRecorded.enter(seq, fact)
    if (fact._tag !== "ConfigApplied") this.#asChanged?.enter(seq, fact)
  }

  #fork(at: EpochMs): void {
    const { campus, version } = this.#options.changed
    this.#asChanged = this.#asRecorded.fork(this.#recorded, (change) => this.#after.hear(change))
    // Applied anew, the same configuration would begin to wait anew for what is silent.
    if (!isDeepStrictEqual(this.#asRecorded.situation.campus, campus)) this.#asChanged.configure(campus, version, at)
  }

  /** Lets time come to the end of the span and compares. */
  compared(from: EpochMs, to: EpochMs): Replayed {
    this.#asRecorded.pass(to)
    this.#asChanged?.pass(to)
    const agreement = agreementOf(this.recordedCalls.within(from, to), this.#before.within(from, to), { from, to })
    const before = this.#before.within(from, to).map((call) => this.#asClosed(call, agreement.recordedOf(call)))
    const difference = differenceOf(before, this.#after.within(from, to))
    const { facts, factsBefore } = this
    const withoutAlert = this.#asChanged?.withoutAlert ?? 0
    return { from, to, facts, factsBefore, withoutAlert, agreement: agreement.agreement, difference }
  }

  /** A call under the id that the log has for it, with what officers made of it. */
  #asClosed(call: HeardCall, recorded: HeardCall | undefined): HeardCall {
    if (recorded === undefined) return call
    const outcome = this.#recorded(recorded.own)?.outcome
    return { ...call, alert: recorded.own, ...(outcome === undefined ? {} : { outcome }) }
  }
}

/**
 * Folds what is recorded twice, as it was configured and as it would be, on virtual time, and says what differs. It only
 * reads: it is given nothing that could write, tell a device or ask a clock. Yields how far it has come after each page,
 * so that whoever runs it can show that, and can stop.
 */
export function* replay(log: RecordedLog, options: ReplayOptions): Generator<ReplayProgress, Replayed> {
  const end = Math.min(options.to, log.span?.last.at ?? options.to)
  const forkSeq = log.seqAt(options.from - settlesMs)
  const endSeq = log.seqAt(end + 1)
  const { situation, next } = beginning(log, forkSeq)
  const courses = new TwoCourses(log, options, forkSeq, situation)
  for (const page of log.pages(next)) {
    for (const entry of page) if (entry.seq < endSeq) courses.take(entry)
    const done = (page.at(-1)?.seq ?? endSeq) + 1
    yield { done: Math.min(done, endSeq) - next, of: endSeq - next }
    if (done >= endSeq) break
  }
  return courses.compared(Math.max(options.from, log.span?.first.at ?? options.from), end)
}
