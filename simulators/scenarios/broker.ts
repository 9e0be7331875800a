import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Message } from "../mqtt/message.ts"
import type { Speaker } from "../mqtt/dialect.ts"
import type { CourseEvent, Greeting } from "./course.ts"
import type { Carriage, Order } from "./scenario.ts"

/** Whose broker it is: the gateway's own, or one that goes on when the gateway does not. */
export type BrokerKind = "embedded" | "outside"

/** What a transport tells of a message that may come twice. */
export interface Packet {
  readonly slot: string
  readonly session: string
  readonly redelivered: boolean
}

/** What reaches the gateway, or happens to it. */
export type Arrival = { readonly at: EpochMs } & (
  | {
      readonly _tag: "Message"
      readonly topic: string
      readonly payload: string
      readonly retained: boolean
      readonly packet: Packet
    }
  /** Past every broker. */
  | { readonly _tag: "Orders"; readonly order: Order }
  | { readonly _tag: "GatewayDies" }
  /** `gap`: what the link finds it has missed. */
  | { readonly _tag: "GatewayBack"; readonly gap: string | undefined }
)

const plain: Carriage = { delayMs: 0, times: 1, redelivered: false, retained: false }

/** Somebody who is no device of the campus, as a key beside the speakers. */
const stranger = "stranger"
type Sender = Speaker | typeof stranger

const embeddedGap = "the broker was not there: what devices said meanwhile is unknown"
const sessionGap = "the broker has no session of ours: what came meanwhile is lost"

/** The broker of a scenario: who hears what, and when. It keeps what MQTT 3.1.1 tells a broker to keep. */
abstract class Broker {
  readonly arrivals: Array<Arrival> = []
  protected up = false
  #packets = 0
  #sessions = 1

  protected deliver(at: EpochMs, message: Message, carriage: Carriage, retained = false): void {
    const { topic, payload } = message
    for (let nth = 0; nth < carriage.times; nth++) {
      const slot = String((this.#packets++ % 65_535) + 1)
      const arrive = (redelivered: boolean): void => {
        const packet = { slot, session: `session-${this.#sessions}`, redelivered }
        this.arrivals.push({ _tag: "Message", at, topic, payload, retained, packet })
      }
      arrive(false)
      if (!carriage.redelivered) continue
      this.#sessions++
      arrive(true)
    }
  }

  protected begin(at: EpochMs, gap: string | undefined): void {
    this.up = true
    this.#sessions++
    this.arrivals.push({ _tag: "GatewayBack", at, gap })
  }

  dies(at: EpochMs): void {
    this.up = false
    this.arrivals.push({ _tag: "GatewayDies", at })
  }

  abstract back(at: EpochMs, session: "kept" | "lost"): void
  abstract says(at: EpochMs, from: Sender, message: Message, carriage: Carriage): void
  abstract cut(at: EpochMs, speaker: Speaker): void
  abstract joins(at: EpochMs, hello: Greeting): void
  abstract rejoin(at: EpochMs, greetings: ReadonlyArray<Greeting>): void
}

/** The gateway is the broker: while it is away, each device keeps its own messages until it has connected again. */
class Embedded extends Broker {
  /** Devices reach it: some time after it is back. */
  #reachable = true
  #queues = new Map<Sender, Array<{ readonly message: Message; readonly carriage: Carriage }>>()

  override dies(at: EpochMs): void {
    super.dies(at)
    this.#reachable = false
  }

  back(at: EpochMs): void {
    this.begin(at, embeddedGap)
  }

  says(at: EpochMs, from: Sender, message: Message, carriage: Carriage): void {
    if (this.#reachable) return this.deliver(at, message, carriage)
    this.#queues.set(from, [...(this.#queues.get(from) ?? []), { message, carriage }])
  }

  cut(at: EpochMs, speaker: Speaker): void {
    this.#queues.delete(speaker)
    if (this.#reachable && speaker.will !== undefined) this.deliver(at, speaker.will, plain)
  }

  joins(at: EpochMs, { messages }: Greeting): void {
    if (this.#reachable) for (const message of messages) this.deliver(at, message, plain)
  }

  rejoin(at: EpochMs, greetings: ReadonlyArray<Greeting>): void {
    this.#reachable = true
    const queues = this.#queues
    this.#queues = new Map()
    const flush = (from: Sender): void => {
      for (const { message, carriage } of queues.get(from) ?? []) this.deliver(at, message, carriage)
    }
    for (const hello of greetings) {
      flush(hello.speaker)
      this.joins(at, hello)
    }
    flush(stranger)
  }
}

/** A broker of the campus's own: it goes on, keeps retained messages, and queues for the gateway's session. */
class Outside extends Broker {
  #queue: Array<{ readonly message: Message; readonly carriage: Carriage }> = []
  readonly #kept = new Map<string, Message>()

  back(at: EpochMs, session: "kept" | "lost"): void {
    this.begin(at, session === "lost" ? sessionGap : undefined)
    const queue = this.#queue
    this.#queue = []
    if (session === "kept") for (const { message, carriage } of queue) this.deliver(at, message, carriage)
    else for (const message of this.#kept.values()) this.deliver(at, message, plain, true)
  }

  says(at: EpochMs, _from: Sender, message: Message, carriage: Carriage): void {
    if (message.retain && !carriage.retained) {
      if (message.payload === "") this.#kept.delete(message.topic)
      else this.#kept.set(message.topic, message)
    }
    if (this.up) this.deliver(at, message, carriage, carriage.retained)
    else if (!carriage.retained) this.#queue.push({ message, carriage })
  }

  cut(at: EpochMs, speaker: Speaker): void {
    if (speaker.will !== undefined) this.says(at, speaker, speaker.will, plain)
  }

  joins(at: EpochMs, { speaker, messages }: Greeting): void {
    for (const message of messages) this.says(at, speaker, message, plain)
  }

  /** Its devices never lost it. */
  rejoin(): void {}
}

/** What of a course reaches the gateway. `begin`: when the gateway comes up for the first time. Pure. */
export const arrivalsOf = (
  course: ReadonlyArray<CourseEvent>,
  kind: BrokerKind,
  begin: EpochMs
): ReadonlyArray<Arrival> => {
  const broker = kind === "embedded" ? new Embedded() : new Outside()
  broker.back(begin, "lost")
  for (const event of course) {
    switch (event._tag) {
      case "Says":
        broker.says(event.at, event.speaker, event.message, event.carriage)
        break
      case "Sends":
        broker.says(event.at, stranger, event.message, event.carriage)
        break
      case "Cut":
        broker.cut(event.at, event.speaker)
        break
      case "Joins":
        broker.joins(event.at, event)
        break
      case "Orders":
        broker.arrivals.push(event)
        break
      case "GatewayDies":
        broker.dies(event.at)
        break
      case "GatewayBack":
        broker.back(event.at, event.session)
        break
      case "Rejoin":
        broker.rejoin(event.at, event.greetings)
        break
      case "Told":
        break
    }
  }
  return broker.arrivals
}
