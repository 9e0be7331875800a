import { Effect } from "effect"
import type { Abilities, LinkContext, NotKept } from "../../adapters/adapter.ts"
import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { LinkName } from "./campus.ts"
import type { VirtualTime } from "./virtual-time.ts"

/** What was said, once, and what became of it. */
export interface Message {
  /** Stands in its observations' `source`, so that the log tells it from every other. */
  readonly name: string
  readonly observations: ReadonlyArray<Observation>
  /** It was handed to a gateway before, which may have kept it. */
  sent: boolean
  readonly slot: string
}

/** What the other side knows of its messages in the end: which the gateway took, and which it can never have. */
export interface Ledger {
  readonly accepted: Set<string>
  /** Nobody keeps them any more: not to be looked for. */
  readonly lost: Set<string>
}

/** One connection of a gateway. It ends with its process, or when the line is cut. */
export interface Line {
  readonly context: LinkContext
  readonly session: string
  cut: (reason: string) => void
  isOpen: boolean
}

/** So many messages are on their way unanswered at most, as adapters have it. */
const inFlightMax = 4

/**
 * The other side of a link: what a broker, a panel or the air does with what devices say while a gateway listens, and while
 * none does. A message is forgotten once the gateway has taken it, and not before.
 */
export class Peer {
  readonly link: LinkName
  readonly ledger: Ledger = { accepted: new Set(), lost: new Set() }
  protected readonly time: VirtualTime
  readonly #keeps: boolean
  /** What is said first on a new line, before anything else. */
  hello: (forgot: boolean, isFirst: boolean) => ReadonlyArray<Observation> = () => []
  abilities: (device: Device) => Abilities = () => ({})
  /** Called with each new line, once all is told. */
  joined: () => void = () => {}
  #queue: Array<Message> = []
  #inFlight: Array<Message> = []
  #line: Line | undefined
  #lines = 0
  #slots = 0
  #forgot = true
  #down = false

  constructor(link: LinkName, keeps: boolean, time: VirtualTime) {
    this.link = link
    this.#keeps = keeps
    this.time = time
  }

  get isDown(): boolean {
    return this.#down
  }

  /** What it still has to tell. */
  get waiting(): number {
    return this.#queue.length + this.#inFlight.length
  }

  says(name: string, observations: ReadonlyArray<Observation>): void {
    const message: Message = { name, observations, sent: false, slot: String((this.#slots++ % 200) + 1) }
    if (!this.#keeps && (this.#line === undefined || !this.#line.isOpen)) this.ledger.lost.add(name)
    else {
      this.#queue.push(message)
      this.#flow()
    }
  }

  /** The line is cut, and cannot be made again before so long. `forgets`: what waits is lost. */
  falls(forMs: number, forgets: boolean): void {
    this.#down = true
    this.time.after(forMs, () => void (this.#down = false))
    const line = this.#line
    this.#end()
    if (forgets) this.#forget()
    line?.cut("the line was cut")
  }

  #forget(): void {
    for (const { name } of this.#queue) this.ledger.lost.add(name)
    this.#queue = []
    this.#forgot = true
  }

  /** A gateway connects. */
  begin(context: LinkContext, cut: (reason: string) => void): Line {
    this.#end()
    const line: Line = { context, session: `${this.link}-${++this.#lines}`, cut, isOpen: false }
    this.#line = line
    return line
  }

  /** What the gateway is to be told before anything else on this line. */
  greeting(): ReadonlyArray<Observation> {
    return this.hello(this.#forgot || !this.#keeps, this.#lines === 1)
  }

  open(line: Line): void {
    if (this.#line !== line) return
    this.#forgot = false
    line.isOpen = true
    this.joined()
    this.#flow()
  }

  /** The line is gone, whoever ended it: what was on its way may have been kept or not. */
  end(line: Line): void {
    if (this.#line === line) this.#end()
  }

  #end(): void {
    this.#line = undefined
    const unanswered = this.#inFlight
    this.#inFlight = []
    if (this.#keeps) this.#queue.unshift(...unanswered)
    else for (const { name } of unanswered) this.ledger.lost.add(name)
  }

  #flow(): void {
    const line = this.#line
    if (line === undefined || !line.isOpen) return
    while (this.#inFlight.length < inFlightMax) {
      const message = this.#queue.shift()
      if (message === undefined) return
      this.#inFlight.push(message)
      this.#hand(line, message)
    }
  }

  #hand(line: Line, message: Message): void {
    const { observations, slot, name, sent: redelivered } = message
    message.sent = true
    const delivery = { slot, session: line.session, redelivered, digest: name }
    line.context.report(
      { observations, receivedAt: line.context.now(), source: this.link, ...(this.#keeps ? { delivery } : {}) },
      (refusal) => {
        if (this.#line === line) this.#answered(line, message, refusal)
      }
    )
  }

  #answered(line: Line, message: Message, refusal: NotKept | undefined): void {
    if (refusal !== undefined && this.#keeps) {
      // An adapter that cannot keep ends the line: all that is unanswered comes again, in its order, on the next.
      this.#end()
      return line.cut("the store refuses")
    }
    this.#inFlight = this.#inFlight.filter((one) => one !== message)
    const { accepted, lost } = this.ledger
    ;(refusal === undefined ? accepted : lost).add(message.name)
    this.#flow()
  }
}

/** Reports, and completes once it is kept. */
export const kept = (context: LinkContext, observations: ReadonlyArray<Observation>): Effect.Effect<void, NotKept> =>
  Effect.callback<void, NotKept>((resume) => {
    context.report({ observations, receivedAt: context.now(), held: true }, (refusal) =>
      resume(refusal === undefined ? Effect.void : Effect.fail(refusal))
    )
  })
