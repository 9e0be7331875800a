import type { NotKept, Report } from "../../adapters/adapter.ts"
import { fold } from "../correlation/fold.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs, LinkId } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import { BatchMaker } from "../log/log-batch.ts"
import type { Entered, Unstamped } from "./intake.ts"
import type { KeptBefore } from "./kept-before.ts"
import type { DeviceClocks } from "./stamp.ts"

/** What waits to be kept, and who is told once it is. */
export type Waiting =
  | {
      readonly _tag: "Report"
      readonly link: LinkId
      readonly report: Report
      readonly settled: (refusal?: NotKept) => void
    }
  | { readonly _tag: "Fact"; readonly fact: Unstamped; readonly settled: (entered: Entered | NotKept) => void }

/** What holds over all batches. */
export interface FoldingOptions {
  readonly site: string
  readonly before: KeptBefore
  readonly clocks: DeviceClocks
}

/** Where a batch begins: behind the one before. */
export interface Course {
  readonly situation: Situation
  /** Position of the newest entry. */
  readonly seq: number
}

/** One batch while it is made: what it takes is folded at once, over what the batch before has come to. */
export class Folding implements Course {
  readonly #options: FoldingOptions
  readonly #items: Array<Waiting> = []
  readonly #entered: Array<Entered | undefined> = []
  readonly batch: BatchMaker
  situation: Situation
  seq: number
  facts = 0
  duplicates = 0

  constructor({ situation, seq }: Course, options: FoldingOptions) {
    this.situation = situation
    this.seq = seq
    this.#options = options
    this.batch = new BatchMaker(options.site)
  }

  get items(): ReadonlyArray<Waiting> {
    return this.#items
  }

  /** Takes what waited, at this instant; time does not go back. */
  take(item: Waiting, now: EpochMs): void {
    const at = Math.max(this.situation.at, now)
    this.#items.push(item)
    this.#entered.push(item._tag === "Fact" ? this.keep({ ...item.fact, at } as Fact) : this.#report(item, at))
  }

  /** Tells who waited that it is kept. */
  settle(): void {
    for (let nth = 0; nth < this.#items.length; nth++) {
      const [item, entered] = [this.#items[nth]!, this.#entered[nth]]
      if (item._tag === "Report") item.settled()
      else if (entered !== undefined) item.settled(entered)
    }
  }

  keep(fact: Fact): Entered {
    const seq = this.seq + 1
    const { situation, decisions } = fold(this.situation, seq, fact)
    this.situation = situation
    this.seq += this.batch.append(seq, fact.at, fact, decisions)
    this.facts++
    return { seq, decisions }
  }

  #report({ link, report }: Extract<Waiting, { readonly _tag: "Report" }>, at: EpochMs): undefined {
    if (report.delivery !== undefined && this.#options.before.isRedelivery(link, report.delivery)) this.duplicates++
    else for (const observation of report.observations) this.#observe(link, observation, report, at)
  }

  #observe(link: LinkId, observation: Observation, { receivedAt, clock }: Report, at: EpochMs): void {
    if ("nativeKey" in observation && observation.nativeKey !== undefined) {
      const key = `${observation.device} ${observation.nativeKey}`
      if (this.#options.before.isKnownKey(key, at)) {
        this.duplicates++
        return
      }
    }
    this.keep(this.#options.clocks.stamp({ at, link, observation, receivedAt, clock }))
  }
}
