import { isDeepStrictEqual } from "node:util"
import { Result } from "effect"
import { initial } from "../correlation/fold.ts"
import { compileRule } from "../correlation/rules/compiled-rule.ts"
import type { Situation } from "../correlation/situation.ts"
import { type Frozen, snapshotFormat, thaw } from "../correlation/snapshot.ts"
import type { Alert } from "../domain/alert.ts"
import type { Campus } from "../domain/campus.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import type { Entry } from "../log/entry.ts"
import type { RecordedLog } from "../log/recorded-log.ts"
import { Calls, type HeardCall } from "./calls.ts"
import { Course } from "./course.ts"
import { heldSpan, type Span } from "./span.ts"

/** What takes the place of every recorded configuration. */
export interface Change {
  readonly campus: Campus
  readonly version: string
}

/** How far it has come: log entries read, of so many. */
export interface ReplayProgress {
  readonly done: number
  readonly of: number
}

/** What one course came to. */
export interface CourseTold {
  /** The span as far as the log holds it. */
  readonly span: Span
  /** Facts folded within the span, and before it for the state at its beginning. */
  readonly facts: number
  readonly factsBefore: number
  /** Officers' acts and pictures that are of no alert in this course. */
  readonly withoutAlert: number
  readonly calls: ReadonlyArray<HeardCall>
  /** The calls that the log itself tells of, with how officers closed their alerts. */
  readonly recorded: ReadonlyArray<HeardCall>
  /** The campus at the end of the span. */
  readonly campus: Campus | undefined
  /** What within the span was told of devices that the campus did not have. */
  readonly strangers: ReadonlyArray<Stranger>
}

/** A device that a campus does not have, and how many facts are of it. */
export interface Stranger {
  readonly device: string
  readonly facts: number
}

/** The log holds nothing of the time that was asked for. */
export class NothingRecorded extends Error {
  override readonly name = "NothingRecorded"
}

/**
 * As changed runs this much longer before the span, and as long as its rules remember: what began before it, and what they
 * count over hours or days, is then as if the change had always been.
 */
const settlesLeastMs = 24 * 3600 * 1000

const settlesMs = (change: Change | undefined): number => {
  const kept = (change?.campus.rules ?? []).flatMap((rule) => {
    const compiled = compileRule(rule)
    return Result.isSuccess(compiled) ? [compiled.success.keepMs] : []
  })
  return Math.max(settlesLeastMs, ...kept)
}

/** These change nothing: time is virtual here, and the others only tell. */
const idle: ReadonlySet<Fact["_tag"]> = new Set([
  "TimePassed",
  "EvidenceExpired",
  "GatewayStopped",
  "AccessRefused",
  "StoreRefused",
  "ConfigRefused"
])

/** What is wanted of a recorded alert: a month of them must fit into memory. */
type Remembered = Pick<Alert, "condition" | "key" | "outcome">

/** Remembers what the log says of alerts; each is asked for once. */
const remembering = (log: RecordedLog): ((id: string) => Remembered | undefined) => {
  const known = new Map<string, Remembered | undefined>()
  const asked = (id: string): Remembered | undefined => {
    const alert = log.alert(id)
    if (alert === undefined) return undefined
    const { condition, key, outcome } = alert
    return { condition, key, ...(outcome === undefined ? {} : { outcome }) }
  }
  return (id) => {
    if (!known.has(id)) known.set(id, asked(id))
    return known.get(id)
  }
}

/** The situation to begin with, and the entry to go on with. */
const beginning = (log: RecordedLog, changeSeq: number): { readonly situation: Situation; readonly next: number } => {
  const snapshot = log.snapshotBefore(changeSeq)
  const frozen = snapshot?.frozen as Frozen | undefined
  if (snapshot === undefined || frozen?.format !== snapshotFormat) return { situation: initial, next: 1 }
  return { situation: thaw(frozen), next: snapshot.seq + 1 }
}

/** Counts what is told of devices that a campus does not have. */
class Strangers {
  readonly #facts = new Map<string, number>()
  #campus: Campus | undefined
  #known: ReadonlySet<string> = new Set()

  hear(observation: Observation, campus: Campus | undefined): void {
    if (campus === undefined || !("device" in observation) || observation.device === undefined) return
    if (campus !== this.#campus) {
      this.#campus = campus
      this.#known = new Set(campus.devices.map(({ id }) => id))
    }
    const { device } = observation
    if (!this.#known.has(device)) this.#facts.set(device, (this.#facts.get(device) ?? 0) + 1)
  }

  all(): ReadonlyArray<Stranger> {
    return [...this.#facts].map(([device, facts]) => ({ device, facts }))
  }
}

class CourseRun {
  readonly #course: Course
  readonly #calls = new Calls()
  readonly #recorded = new Calls()
  readonly #alert: (id: string) => Remembered | undefined
  readonly #span: Span
  readonly #changeSeq: number
  #change: Change | undefined
  readonly #ignoresConfigs: boolean
  readonly #strangers = new Strangers()
  #facts = 0
  #factsBefore = 0

  constructor(log: RecordedLog, situation: Situation, span: Span, changeSeq: number, change: Change | undefined) {
    this.#alert = remembering(log)
    this.#course = new Course(situation, this.#alert, (step) => this.#calls.hear(step))
    this.#span = span
    this.#changeSeq = changeSeq
    this.#change = change
    this.#ignoresConfigs = change !== undefined
  }

  take(entry: Entry): void {
    if (entry._tag === "Alert") return this.#recorded.hear(entry.change)
    if (entry._tag !== "Fact") return
    const { seq, fact } = entry
    if (fact.at >= this.#span.from) this.#facts++
    else this.#factsBefore++
    if (seq >= this.#changeSeq) {
      this.#applyChange(fact.at)
      if (fact._tag === "ConfigApplied" && this.#ignoresConfigs) return
    }
    if (fact._tag === "Observed" && fact.at >= this.#span.from)
      this.#strangers.hear(fact.observation, this.#course.situation.campus)
    if (!idle.has(fact._tag)) this.#course.enter(seq, fact)
  }

  #applyChange(at: EpochMs): void {
    const change = this.#change
    this.#change = undefined
    if (change === undefined || isDeepStrictEqual(this.#course.situation.campus, change.campus)) return
    this.#course.configure(change.campus, change.version, at)
  }

  /** Lets time come to the end of the span. */
  told(): CourseTold {
    const { from, to } = this.#span
    this.#course.pass(to)
    return {
      span: this.#span,
      facts: this.#facts,
      factsBefore: this.#factsBefore,
      withoutAlert: this.#course.withoutAlert,
      calls: this.#calls.within(from, to),
      recorded: this.#recorded.within(from, to).map((call) => this.#asClosed(call)),
      campus: this.#course.situation.campus,
      strangers: this.#strangers.all()
    }
  }

  #asClosed(call: HeardCall): HeardCall {
    const outcome = this.#alert(call.own)?.outcome
    return { ...call, alert: call.own, ...(outcome === undefined ? {} : { outcome }) }
  }
}

/**
 * Folds what is recorded on virtual time: as it was configured, or as changed. It only reads: it is given nothing that
 * could write, tell a device or ask a clock. Yields how far it has come after each page, so that whoever runs it can show
 * that, and can stop.
 */
export function* runCourse(log: RecordedLog, wanted: Span, change?: Change): Generator<ReplayProgress, CourseTold> {
  const span = heldSpan(log, wanted)
  if (span === undefined) throw new NothingRecorded("the log holds nothing of that time")
  const changeSeq = log.seqAt(wanted.from - settlesMs(change))
  const endSeq = log.seqAt(span.to + 1)
  const { situation, next } = beginning(log, changeSeq)
  const run = new CourseRun(log, situation, span, changeSeq, change)
  for (const page of log.pages(next)) {
    for (const entry of page) if (entry.seq < endSeq) run.take(entry)
    const done = Math.min((page.at(-1)?.seq ?? next - 1) + 1, endSeq)
    yield { done: done - next, of: endSeq - next }
    if (done === endSeq) break
  }
  return run.told()
}
