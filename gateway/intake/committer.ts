import { NotKept, type Report } from "../../adapters/adapter.ts"
import { nextDue } from "../correlation/fold.ts"
import type { Situation } from "../correlation/situation.ts"
import type { LinkId } from "../domain/ids.ts"
import type { Frames } from "../log/entry-frames.ts"
import type { LogStore } from "../log/log-store.ts"
import type { Listener } from "../log/security-log.ts"
import { type EventLoop, nodeLoop } from "./event-loop.ts"
import { type Course, Folding, type FoldingOptions, type Waiting } from "./folding.ts"
import type { Entered, IntakeStatus, Unstamped } from "./intake.ts"
import type { KeptBefore } from "./kept-before.ts"
import { DeviceClocks } from "./stamp.ts"
import { TurnQueue } from "./turn-queue.ts"

/** At most this many reports and facts wait; beyond it they are refused, loudly. */
export const queueMax = 65_536

/**
 * At most this many reports go into one transaction: a panic button pressed in a flood waits for the one that is written and
 * the one that is made, not for many. Larger ones cost the store as much for each report.
 */
const batchMax = 1000

/**
 * So long a patient report waits for company: however many of them come, they make twenty commits a second at most, and do
 * not each keep the store from all the others.
 */
const companyMs = 50

/**
 * At most this many patient reports go into one transaction: when they have been held up they come as a crowd, and who
 * cannot wait is to find a gap in it. By then the fixed cost of a commit is less than a third of it.
 */
const patientMax = 50

/** A batch that is not written by then has met a disk that hangs: nobody is to believe meanwhile that all is kept. */
const hangsAfterMs = 10_000

export interface CommitterOptions {
  readonly store: LogStore
  readonly before: KeptBefore
  readonly site: string
  readonly situation: Situation
  readonly seq: number
  readonly now: () => number
  /** Left out: Node's own. */
  readonly loop?: EventLoop
  /** Whether the entries of the batch that goes to the store are wanted as frames. Left out: never. */
  readonly wantsFrames?: () => boolean
  /** Called after each commit, before the reports are settled. Must not throw. */
  readonly publish: Listener
  /** Called when batches were refused: what they would have come to is not. Must not throw. */
  readonly fellBack?: () => void
}

/**
 * Groups what comes in, folds it and has it committed. Idle, a report goes to the store in the same turn of the event loop;
 * under load, whatever came in while the store wrote is one batch, folded meanwhile over what the batch at the store has come
 * to: when that is refused, so is what was built on it, and the situation is what it was. Patient ones wait for one another
 * and for the batch that is at the store, but for no second one.
 */
export class Committer {
  readonly #options: Omit<CommitterOptions, keyof Course>
  readonly #loop: EventLoop
  readonly #waiting = new TurnQueue<Waiting>()
  readonly #patient = new TurnQueue<Waiting>()
  /** Whose reports are among the patient ones. */
  readonly #patientSources = new Set<string>()
  /** The source that was named last: what one says comes in runs. */
  #named = { link: "", source: "", name: "" }
  /** The store was at work when they had waited for long enough. */
  #companyWaits = false
  /** Calls off the commit of what is patient. */
  #callOffPatient: (() => void) | undefined
  #scheduled = false
  /** Kept. */
  #course: Course
  #atStore: Folding | undefined
  /** Since when. */
  #sentAt = 0
  /** Goes to the store next. */
  #open: Folding | undefined
  readonly #foldingOptions: FoldingOptions
  #refusal: { readonly reason: string; readonly since: number; refused: number } | undefined
  #closed = false
  readonly #counts = { facts: 0, duplicates: 0, batches: 0, refused: 0 }

  constructor({ situation, seq, ...options }: CommitterOptions) {
    this.#options = options
    this.#loop = options.loop ?? nodeLoop
    this.#course = { situation, seq }
    this.#foldingOptions = { ...options, clocks: new DeviceClocks() }
  }

  get situation(): Situation {
    return this.#course.situation
  }

  get seq(): number {
    return this.#course.seq
  }

  status(): IntakeStatus {
    const refusal = this.#refusal ?? this.#hanging()
    return {
      accepting: refusal === undefined,
      ...(refusal === undefined ? {} : { refusal: refusal.reason, refusedSince: refusal.since }),
      queued: this.#queued + (this.#open?.items.length ?? 0) + (this.#atStore?.items.length ?? 0),
      counts: { ...this.#counts }
    }
  }

  #hanging(): { readonly reason: string; readonly since: number } | undefined {
    const since = this.#sentAt
    if (this.#atStore === undefined || this.#options.now() - since < hangsAfterMs) return undefined
    return { reason: "the log is not written: the disk of dataDir does not answer; what comes in waits", since }
  }

  report(link: string, report: Report, settled: (refusal?: NotKept) => void): void {
    // Looked at when it was configured: no report pays for it again.
    this.#wait({ _tag: "Report", link: link as LinkId, report, settled }, settled)
  }

  enter(fact: Unstamped, settled: (entered: Entered | NotKept) => void): void {
    this.#wait({ _tag: "Fact", fact, settled }, settled)
  }

  /** Looks whether the store keeps again, without waiting for the next report: logs the refusal if it does. */
  retry(): void {
    if (this.#refusal === undefined || this.#scheduled || this.#atStore !== undefined) return
    this.#open ??= this.#begun()
    this.#send()
  }

  /** Refuses whatever is not at the store yet, or comes from now on: the log is about to be closed. */
  close(): void {
    this.#closed = true
    this.#patienceEnds()
    const unsent = [...(this.#open?.items ?? []), ...this.#waiting.take(this.#waiting.length)]
    this.#open = undefined
    for (const item of unsent) this.#turnAway(item.settled, "the gateway has stopped")
  }

  #turnAway(refuse: (refusal: NotKept) => void, reason: string): void {
    this.#counts.refused++
    const refusal = new NotKept({ reason })
    this.#loop.soon(() => refuse(refusal))
  }

  get #queued(): number {
    return this.#waiting.length + this.#patient.length
  }

  #wait(item: Waiting, refuse: (refusal: NotKept) => void): void {
    if (this.#closed) return this.#turnAway(refuse, "the gateway has stopped")
    if (this.#queued >= queueMax) {
      return this.#turnAway(refuse, `intake is full: ${queueMax} reports wait to be kept`)
    }
    const source = this.#sourceOf(item)
    if (item._tag === "Report" && item.report.patient === true && !this.#isPressed()) {
      this.#patient.push(source, item)
      this.#patientSources.add(source)
      this.#callOffPatient ??= this.#loop.after(companyMs, this.#companyCame)
      return
    }
    // What a link has said belongs before the word that it is lost, and after the word that it is there.
    const isMark = item._tag === "Fact" && item.fact._tag === "LinkChanged"
    // What has come before a deadline is to be heard before it.
    const isTime = item._tag === "Fact" && item.fact._tag === "TimePassed"
    if (isMark || isTime || this.#patientSources.has(source)) this.#patienceEnds()
    if (isMark) this.#waiting.mark(item)
    else this.#waiting.push(source, item)
    this.#goesOn()
  }

  /** Whose reports keep their order; what people and the gateway itself enter is one of them. */
  #sourceOf(item: Waiting): string {
    if (item._tag === "Fact") return ""
    const { link } = item
    const { source = "" } = item.report
    if (this.#named.link !== link || this.#named.source !== source)
      this.#named = { link, source, name: `${link} ${source}` }
    return this.#named.name
  }

  /** What waits is folded once sockets have been read: what they bring joins it. A batch that is full goes to the store first. */
  #goesOn(): void {
    if (this.#scheduled || (this.#open?.items.length ?? 0) >= batchMax) return
    this.#scheduled = true
    this.#loop.soon(() => this.flush())
  }

  /** A deadline is near: what comes before it is to be heard before it. */
  #isPressed(): boolean {
    const due = this.nextDue()
    return due !== undefined && due <= this.#options.now() + companyMs
  }

  /** Commits what was patient for long enough; of a crowd one part, and the next when that is kept and sockets have been read. */
  readonly #companyCame = (): void => {
    if (this.#atStore === undefined) return this.#companyGoes()
    this.#companyWaits = true
    this.#callOffPatient = () => void (this.#companyWaits = false)
  }

  /** It goes behind the batch that is at the store by now: others may never leave that idle. */
  readonly #companyGoes = (): void => {
    this.#letIn(patientMax)
    if (this.#patient.length > 0) this.#callOffPatient = this.#loop.after(0, this.#companyCame)
    if (!this.#scheduled) this.flush()
  }

  /** What is patient goes with the next commit. */
  #patienceEnds(): void {
    this.#callOffPatient?.()
    this.#letIn(this.#patient.length)
  }

  #letIn(most: number): void {
    this.#callOffPatient = undefined
    for (const item of this.#patient.take(most)) this.#waiting.push(this.#sourceOf(item), item)
    if (this.#patient.length === 0) this.#patientSources.clear()
  }

  /** Folds what waits, and sends it as soon as the store is free. Thrown errors are defects: the process must not go on as if nothing had been. */
  flush(): void {
    this.#scheduled = false
    if (this.#waiting.length === 0) return
    const open = (this.#open ??= this.#begun())
    const now = this.#options.now()
    for (const item of this.#waiting.take(batchMax - open.items.length)) open.take(item, now)
    this.#send()
    if (this.#waiting.length > 0) this.#goesOn()
  }

  /** A batch behind the one that is at the store. The first after a refusal tells of it. */
  #begun(): Folding {
    const folding = new Folding(this.#atStore ?? this.#course, this.#foldingOptions)
    if (this.#refusal === undefined || this.#atStore !== undefined) return folding
    const { since, reason, refused } = this.#refusal
    const at = Math.max(folding.situation.at, this.#options.now())
    folding.keep({ _tag: "StoreRefused", at, from: since, reason, refused })
    return folding
  }

  #send(): void {
    const open = this.#open
    if (open === undefined || this.#atStore !== undefined) return
    this.#atStore = open
    this.#open = undefined
    this.#sentAt = this.#options.now()
    const { store, before, wantsFrames } = this.#options
    store.write(open.batch.batch(before.taken()), wantsFrames?.() === true, (refusal, frames) =>
      this.#written(open, refusal, frames)
    )
  }

  #written(folding: Folding, refusal: string | undefined, frames: Frames | undefined): void {
    this.#atStore = undefined
    if (refusal !== undefined) this.#refuse(folding, refusal)
    else {
      this.#course = { situation: folding.situation, seq: folding.seq }
      // The store is at work again while the others are told.
      this.#send()
      this.#kept(folding, frames)
    }
    if (this.#waiting.length > 0) this.#goesOn()
    if (!this.#companyWaits) return
    this.#companyWaits = false
    this.#callOffPatient = this.#loop.after(0, this.#companyGoes)
  }

  #kept(folding: Folding, frames: Frames | undefined): void {
    this.#refusal = undefined
    this.#counts.batches++
    this.#counts.facts += folding.facts
    this.#counts.duplicates += folding.duplicates
    this.#options.publish(folding.batch.entries, folding.batch.bodies, frames)
    folding.settle()
  }

  /** Refuses a batch, and what was built on it. */
  #refuse(folding: Folding, reason: string): void {
    const items = [...folding.items, ...(this.#open?.items ?? [])]
    this.#open = undefined
    this.#options.before.drop()
    const since = this.#refusal?.since ?? folding.situation.at
    this.#refusal = { reason, since, refused: (this.#refusal?.refused ?? 0) + items.length }
    this.#counts.refused += items.length
    const refusal = new NotKept({ reason })
    for (const item of items) item.settled(refusal)
    this.#options.fellBack?.()
  }

  /** When time itself is wanted as a fact, behind all that is folded already; `undefined` while nothing is due. */
  nextDue(): number | undefined {
    return nextDue((this.#open ?? this.#atStore ?? this.#course).situation)
  }
}
