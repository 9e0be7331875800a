import type { Publish } from "./publish-packet.ts"

/**
 * An answer's first two bytes, before the packet id: its type, and that two bytes follow. No reason code means success in
 * MQTT 5 too (3.1.1 and 5, 3.4, 3.5 and 3.7).
 */
const puback = 0x4002_0000
const pubrec = 0x5002_0000
const pubcomp = 0x7002_0000

/** A message that waits for its commit. */
export interface Waiting {
  /** The four bytes that answer it as a number; `undefined` at QoS 0. */
  readonly answer: number | undefined
  /** What is to be done once it is answered. */
  readonly answered: (() => void) | undefined
  settled: boolean
}

const answerTo = ({ qos, messageId }: Publish): number | undefined =>
  messageId === undefined ? undefined : (qos === 2 ? pubrec : puback) + messageId

/**
 * At most this many messages of a connection wait for their commit; then nothing more is read from it. Two commits' worth:
 * while one is written the next is made.
 */
export const unsettledMax = 2000

/**
 * The messages of one connection that wait for their commit: none is answered before. Answers leave in the order of the
 * messages (MQTT 3.1.1 and 5, 4.6), those of one commit in one write. A connection has its own: an answer that comes too
 * late for it goes nowhere, for by the next one its packet id may belong to another message, not yet kept.
 */
export class Unsettled {
  readonly #write: (bytes: Buffer) => void
  readonly #hasRoom: () => void
  readonly #messages: Array<Waiting> = []
  #flushes = false

  /** `write` sends answers on the connection, if it is still there; `hasRoom` is called after messages were answered. */
  constructor(write: (bytes: Buffer) => void, hasRoom: () => void) {
    this.#write = write
    this.#hasRoom = hasRoom
  }

  /** Takes a message: to be settled once its rows are on disk, or at once when there is nothing to keep of it. */
  take(message: Publish, answered?: () => void): Waiting {
    const waiting: Waiting = { answer: answerTo(message), answered, settled: false }
    this.#messages.push(waiting)
    return waiting
  }

  /** Never for a message that was refused. */
  settle(message: Waiting): void {
    message.settled = true
    if (this.#flushes) return
    this.#flushes = true
    // Once for all that a commit settles: it does so in one turn.
    process.nextTick(() => this.#flush())
  }

  /** Nothing more is read from the connection until some of these are on disk. */
  get isFull(): boolean {
    return this.#messages.length >= unsettledMax
  }

  /** Answers a release of QoS 2: what it releases is on disk, or its PUBREC had not been written. */
  complete(messageId: number): void {
    this.#answer([{ answer: pubcomp + messageId }])
  }

  #flush(): void {
    this.#flushes = false
    let settled = 0
    while (this.#messages[settled]?.settled === true) settled++
    if (settled === 0) return
    const over = this.#messages.splice(0, settled)
    this.#answer(over)
    for (const { answered } of over) answered?.()
    this.#hasRoom()
  }

  #answer(answered: ReadonlyArray<Pick<Waiting, "answer">>): void {
    const bytes = Buffer.allocUnsafe(answered.length * 4)
    let length = 0
    for (const { answer } of answered) if (answer !== undefined) length = bytes.writeUInt32BE(answer, length)
    if (length > 0) this.#write(bytes.subarray(0, length))
  }
}
