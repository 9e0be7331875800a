import { NotKept, type Report } from "../../adapters/adapter.ts"
import { fold, nextDue } from "../correlation/fold.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Fact } from "../domain/fact.ts"
import type { LinkId } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import { BatchMaker } from "../log/log-batch.ts"
import type { LogStore } from "../log/log-store.ts"
import type { Listener } from "../log/security-log.ts"
import { type EventLoop, nodeLoop } from "./event-loop.ts"
import type { Entered, IntakeStatus, Unstamped } from "./intake.ts"
import type { KeptBefore } from "./kept-before.ts"
import { DeviceClocks } from "./stamp.ts"
import { TurnQueue } from "./turn-queue.ts"

/** At most this many reports and facts wait; beyond it they are refused, loudly. */
export const queueMax = 65_536

/**
 * At most this many reports go into one transaction: a panic button pressed in a flood waits for one commit, not for many.
 * Larger ones cost the store as much for each report.
 */
const batchMax = 500

/**
 * So long a patient report waits for company: however many of them come, they make twenty commits a second, and all the
 * others find the store idle nineteen times out of twenty.
 */
const companyMs = 50

/**
 * At most this many patient reports go into one transaction: when they have been held up they come as a crowd, and who
 * cannot wait is to find a gap in it. By then the fixed cost of a commit is less than a third of it.
 */
const patientMax = 50

type Waiting =
  | {
      readonly _tag: "Report"
      readonly link: LinkId
      readonly report: Report
      readonly settled: (refusal?: NotKept) => void
    }
  | { readonly _tag: "Fact"; readonly fact: Unstamped; readonly settled: (entered: Entered | NotKept) => void }

/** Those whose reports keep their order; what people and the gateway itself enter is one of them. */
const sourceOf = (item: Waiting): string => (item._tag === "Fact" ? "" : `${item.link} ${item.report.source ?? ""}`)

export interface CommitterOptions {
  readonly store: LogStore
  readonly before: KeptBefore
  readonly site: string
  readonly situation: Situation
  readonly seq: number
  readonly now: () => number
  /** Left out: Node's own. */
  readonly loop?: EventLoop
  /** Called after each commit, before the reports are settled. Must not throw. */
  readonly publish: Listener
}

/** One batch's working values: they replace the committer's own only after the commit. */
interface Work {
  situation: Situation
  seq: number
  readonly at: number
  readonly batch: BatchMaker
  facts: number
  duplicates: number
}

/**
 * Groups what comes in, folds it and has it committed. Idle, a report goes to the store in the same turn of the event loop;
 * under load, whatever came in while the store wrote is one batch. Patient ones wait for one another, and make nobody
 * else's commit longer. One batch is at the store at a time, and nothing is folded meanwhile: what a refused batch would
 * have made of the situation never was.
 */
export class Committer {
  readonly #options: CommitterOptions
  readonly #loop: EventLoop
  readonly #clocks = new DeviceClocks()
  readonly #waiting = new TurnQueue<Waiting>()
  readonly #patient = new TurnQueue<Waiting>()
  /** Whose reports are among the patient ones. */
  readonly #patientSources = new Set<string>()
  /** The store was at work when they had waited for long enough. */
  #companyWaits = false
  /** Calls off the commit of what is patient. */
  #callOffPatient: (() => void) | undefined
  #scheduled = false
  /** A batch is at the store. */
  #isWriting = false
  #situation: Situation
  #seq: number
  #refusal: { readonly reason: string; readonly since: number; refused: number } | undefined
  #closed = false
  readonly #counts = { facts: 0, duplicates: 0, batches: 0, refused: 0 }

  constructor(options: CommitterOptions) {
    this.#options = options
    this.#loop = options.loop ?? nodeLoop
    this.#situation = options.situation
    this.#seq = options.seq
  }

  get situation(): Situation {
    return this.#situation
  }

  get seq(): number {
    return this.#seq
  }

  status(): IntakeStatus {
    const refusal = this.#refusal
    return {
      accepting: refusal === undefined,
      ...(refusal === undefined ? {} : { refusal: refusal.reason, refusedSince: refusal.since }),
      queued: this.#queued,
      counts: { ...this.#counts }
    }
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
    if (this.#refusal !== undefined && !this.#scheduled && !this.#isWriting) this.#commit([])
  }

  /** Refuses whatever waits or comes from now on: the log is about to be closed. */
  close(): void {
    this.#closed = true
    this.#patienceEnds()
    for (const item of this.#waiting.take(this.#waiting.length)) this.#turnAway(item.settled, "the gateway has stopped")
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
    const source = sourceOf(item)
    if (item._tag === "Report" && item.report.patient === true && !this.#isPressed()) {
      this.#patient.push(source, item)
      this.#patientSources.add(source)
      this.#callOffPatient ??= this.#loop.after(companyMs, this.#companyCame)
      return
    }
    // What a link has said belongs before the word that it is lost, and after the word that it is there.
    const isMark = item._tag === "Fact" && item.fact._tag === "LinkChanged"
    if (isMark || this.#patientSources.has(source)) this.#patienceEnds()
    if (isMark) this.#waiting.mark(item)
    else this.#waiting.push(source, item)
    this.#goesOn()
  }

  /** What waits is committed once sockets have been read, and the store is free: what they bring joins it. */
  #goesOn(): void {
    if (this.#scheduled || this.#isWriting) return
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
    if (this.#isWriting) {
      this.#companyWaits = true
      this.#callOffPatient = () => void (this.#companyWaits = false)
      return
    }
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
    for (const item of this.#patient.take(most)) this.#waiting.push(sourceOf(item), item)
    if (this.#patient.length === 0) this.#patientSources.clear()
  }

  /** Commits what waits, unless the store is at work. Thrown errors are defects: the process must not go on as if nothing had been. */
  flush(): void {
    this.#scheduled = false
    if (this.#waiting.length > 0 && !this.#isWriting) this.#commit(this.#waiting.take(batchMax))
  }

  #commit(items: ReadonlyArray<Waiting>): void {
    const { store, before, site, now } = this.#options
    const work: Work = {
      situation: this.#situation,
      seq: this.#seq,
      at: Math.max(this.#situation.at, now()),
      batch: new BatchMaker(site),
      facts: 0,
      duplicates: 0
    }
    this.#tellRefusal(work)
    const entered = items.map((item) => this.#take(work, item))
    this.#isWriting = true
    store.write(work.batch.batch(before.taken()), (refusal) => {
      this.#isWriting = false
      if (refusal === undefined) this.#kept(work, items, entered)
      else this.#refuse(items, refusal, work.at)
      if (this.#waiting.length > 0) this.#goesOn()
      if (!this.#companyWaits) return
      this.#companyWaits = false
      this.#callOffPatient = this.#loop.after(0, this.#companyCame)
    })
  }

  #kept(
    { situation, seq, facts, duplicates, batch }: Work,
    items: ReadonlyArray<Waiting>,
    entered: ReadonlyArray<Entered | undefined>
  ): void {
    this.#refusal = undefined
    this.#situation = situation
    this.#seq = seq
    this.#counts.batches++
    this.#counts.facts += facts
    this.#counts.duplicates += duplicates
    this.#options.publish(batch.entries, batch.bodies)
    for (const [nth, item] of items.entries()) {
      const result = entered[nth]
      if (item._tag === "Report") item.settled()
      else if (result !== undefined) item.settled(result)
    }
  }

  #tellRefusal(work: Work): void {
    const refusal = this.#refusal
    if (refusal === undefined) return
    const { since, reason, refused } = refusal
    this.#keep(work, { _tag: "StoreRefused", at: work.at, from: since, reason, refused })
  }

  #refuse(batch: ReadonlyArray<Waiting>, reason: string, at: number): void {
    this.#refusal = { reason, since: this.#refusal?.since ?? at, refused: (this.#refusal?.refused ?? 0) + batch.length }
    this.#counts.refused += batch.length
    this.#options.before.drop()
    const refusal = new NotKept({ reason })
    for (const item of batch) item.settled(refusal)
  }

  #take(work: Work, item: Waiting): Entered | undefined {
    if (item._tag === "Fact") return this.#keep(work, { ...item.fact, at: work.at } as Fact)
    const { link, report } = item
    if (report.delivery !== undefined && this.#options.before.isRedelivery(link, report.delivery)) {
      work.duplicates++
      return undefined
    }
    for (const observation of report.observations) this.#observe(work, link, observation, report)
    return undefined
  }

  #observe(work: Work, link: LinkId, observation: Observation, { receivedAt, clock }: Report): void {
    if ("nativeKey" in observation && observation.nativeKey !== undefined) {
      const key = `${observation.device} ${observation.nativeKey}`
      if (this.#options.before.isKnownKey(key, work.at)) {
        work.duplicates++
        return
      }
    }
    this.#keep(work, this.#clocks.stamp({ at: work.at, link, observation, receivedAt, clock }))
  }

  #keep(work: Work, fact: Fact): Entered {
    const seq = work.seq + 1
    const { situation, decisions } = fold(work.situation, seq, fact)
    work.situation = situation
    work.seq = seq + work.batch.append(seq, work.at, fact, decisions) - 1
    work.facts++
    return { seq, decisions }
  }

  /** When time itself is wanted as a fact; `undefined` while nothing is due. */
  nextDue(): number | undefined {
    return nextDue(this.#situation)
  }
}
