import type { PublishResponse } from "node-opcua"
import { statusIn } from "../session/failures.ts"
import { publish } from "../session/library.ts"
import type { Remembered } from "./remembered.ts"
import { mayForget } from "./sequence.ts"
import type { Live } from "../session/session.ts"
import type { Subscription } from "./subscription.ts"

/** So many Publish requests wait at the server: one to be answered, and two on their way on a slow line. */
const requestsWanted = 3

/** Nothing more is asked for while this many messages wait for the disk. */
const waitingMax = 50

/** A Publish request waits at the server at least this long, and for this many keep-alives of each request before it. */
const withinAtLeastMs = 60_000
const withinKeepAlives = 3

/** A server that refuses so many Publish requests in a row will refuse the next one. */
const refusalsMax = 10

/** The Publish requests of one subscription on one session, with the acknowledgements that they carry. */
export class PublishRequests {
  readonly #live: Live
  readonly #subscription: Subscription
  readonly #remembered: Remembered
  readonly #answered: (answer: PublishResponse | Error) => void
  /** How many wait at the server, and how many may. */
  #waiting = 0
  #wanted = requestsWanted
  #refusals = 0
  /** What the server says that it keeps for being asked again, as of its last answer. */
  available: ReadonlyArray<number> = []
  readonly #acknowledging = new Set<number>()

  constructor(
    live: Live,
    subscription: Subscription,
    remembered: Remembered,
    answered: (answer: PublishResponse | Error) => void
  ) {
    this.#live = live
    this.#subscription = subscription
    this.#remembered = remembered
    this.#answered = answered
  }

  /** Whether any answer is to come. */
  get waits(): boolean {
    return this.#waiting > 0
  }

  /** What is on disk and what the server need not keep any more, once each. */
  #acknowledge(): ReadonlyArray<number> {
    const forgettable = mayForget(this.available, this.#remembered.written)
    const numbers = forgettable.filter((number) => !this.#acknowledging.has(number))
    for (const number of numbers) this.#acknowledging.add(number)
    return numbers
  }

  /** Has as many requests wait at the server as may. */
  fill(): void {
    const { id, keepAliveMs } = this.#subscription
    const withinMs = Math.max(withinAtLeastMs, requestsWanted * withinKeepAlives * keepAliveMs)
    while (this.#waiting < this.#wanted && this.#subscription.waiting < waitingMax) {
      this.#waiting++
      const numbers = this.#acknowledge()
      const acknowledgements = numbers.map((sequenceNumber) => ({ subscriptionId: id, sequenceNumber }))
      publish(this.#live.library, this.#live.session, acknowledgements, withinMs, (error, response) => {
        this.#waiting--
        for (const number of numbers) this.#acknowledging.delete(number)
        this.#answered(error === null && response !== undefined ? response : (error ?? new Error("no answer")))
      })
    }
  }

  /** One was answered with a message. */
  succeeded(available: ReadonlyArray<number> | null): void {
    this.#refusals = 0
    this.available = available ?? []
  }

  /** One was answered with an error: whether the next may do better. */
  mayGoOn({ message }: Error): boolean {
    const status = statusIn(message)
    if (status === "BadTooManyPublishRequests") {
      this.#wanted = Math.max(1, Math.min(this.#wanted, this.#waiting))
      return true
    }
    return (status === "BadTimeout" || /timed out/.test(message)) && ++this.#refusals < refusalsMax
  }
}
