import type { MqttClient } from "mqtt"

/**
 * mqtt.js sends every packet by this method of its client, PUBACK included. It is not part of the library's public
 * face: the version is pinned, and the kill runs would show at once if an answer left before its commit.
 */
interface PacketSender {
  _sendPacket: (
    packet: { readonly cmd: string; readonly messageId?: number | undefined },
    done?: (error?: Error) => void,
    ...more: ReadonlyArray<unknown>
  ) => void
}

interface Message {
  /** What answers it: its packet id for a PUBACK, else what sends it; absent for QoS 0, and until mqtt.js was told to go on. */
  answer: number | (() => void) | undefined
  /** PUBREC instead: a message of QoS 2, which mqtt.js was told is one of QoS 1. */
  readonly exactlyOnce: boolean
  /** mqtt.js has not gone on from it yet. Only the newest message can be this. */
  waiting: boolean
  settled: boolean
}

/**
 * PUBACKs of these packet ids as one piece of bytes: type 4, two bytes to come, the id, and no reason code, which in MQTT 5
 * too says success (3.1.1 and 5, 3.4). mqtt.js writes each in three pieces, which costs more than reading the message.
 */
export const pubacks = (ids: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.allocUnsafe(ids.length * 4)
  for (const [nth, id] of ids.entries()) bytes.writeUInt32BE(0x4002_0000 + id, nth * 4)
  return bytes
}

/** At most this many messages wait for their commit; then nothing more is read from the broker. */
export const unsettledMax = 1000

/**
 * The messages of one connection that wait for their commit. mqtt.js handles one packet at a time and sends PUBACK when
 * `handleMessage` calls back; here it goes on at once, while the PUBACK itself is held until the message is settled.
 * Answers leave in the order of the messages (MQTT 3.1.1 and 5, 4.6), those of one commit in one write.
 */
export class Unsettled {
  readonly #client: MqttClient
  readonly #messages: Array<Message> = []
  /** The message whose PUBACK mqtt.js is about to send. */
  #handling: Message | undefined
  #proceed: (() => void) | undefined
  #flushes = false

  constructor(client: MqttClient) {
    this.#client = client
    const sender = client as unknown as PacketSender
    if (typeof sender._sendPacket !== "function") {
      throw new TypeError("this mqtt.js sends its packets otherwise: pin a version that is known")
    }
    const write = sender._sendPacket.bind(client)
    // What answers a malformed packet cannot be written (a PUBREL without an id): that must end the link, not the process.
    const send: PacketSender["_sendPacket"] = (...packet) => {
      try {
        write(...packet)
      } catch (error) {
        client.emit("error", error instanceof Error ? error : new Error(String(error)))
      }
    }
    sender._sendPacket = (packet, done, ...more) => {
      const message = this.#handling
      if (packet.cmd !== "puback" || message === undefined) return send(packet, done, ...more)
      this.#handling = undefined
      const { messageId } = packet
      const isPlain = !message.exactlyOnce && messageId !== undefined && messageId > 0 && messageId <= 0xffff
      const answer = message.exactlyOnce ? { ...packet, cmd: "pubrec" } : packet
      message.answer = isPlain ? messageId : () => send(answer, undefined, ...more)
      done?.()
    }
  }

  /**
   * Takes a message that mqtt.js hands over with `goOn`. Report it, then call `goOn` of what comes back: the next
   * message may be handed over before that call returns. Call `settle` once its rows are on disk, or at once when there
   * is nothing to keep; never for a message that was refused.
   */
  take(goOn: () => void, exactlyOnce = false): { readonly settle: () => void; readonly goOn: () => void } {
    const message: Message = { answer: undefined, exactlyOnce, waiting: true, settled: false }
    this.#messages.push(message)
    const { stream } = this.#client
    const proceed = (): void => {
      message.waiting = false
      this.#handling = message
      goOn()
      this.#handling = undefined
      if (message.settled) this.#flushSoon(stream)
    }
    return {
      settle: () => {
        message.settled = true
        this.#flushSoon(stream)
      },
      goOn: () => {
        if (this.#messages.length < unsettledMax) proceed()
        else this.#proceed = proceed
      }
    }
  }

  /** Nothing more is read from the broker until some of these are on disk. */
  get isFull(): boolean {
    return this.#proceed !== undefined
  }

  /** Once for all that are settled in this turn: a commit settles hundreds. */
  #flushSoon(stream: MqttClient["stream"]): void {
    if (this.#flushes) return
    this.#flushes = true
    process.nextTick(() => {
      this.#flushes = false
      // The connection they came by is gone: their packet ids may by now belong to other messages, not yet kept.
      if (this.#client.stream === stream && this.#client.connected) this.#flush()
    })
  }

  #flush(): void {
    const { stream } = this.#client
    stream.cork()
    this.#answer()
    stream.uncork()
    const proceed = this.#proceed
    if (proceed === undefined || this.#messages.length >= unsettledMax) return
    this.#proceed = undefined
    proceed()
  }

  #answer(): void {
    let answered = 0
    let ids: Array<number> = []
    for (const { answer, settled, waiting } of this.#messages) {
      if (!settled || waiting) break
      answered++
      if (typeof answer === "number") ids.push(answer)
      else if (answer !== undefined) {
        this.#acknowledge(ids)
        ids = []
        answer()
      }
    }
    this.#messages.splice(0, answered)
    this.#acknowledge(ids)
  }

  #acknowledge(ids: ReadonlyArray<number>): void {
    if (ids.length > 0) this.#client.stream.write(pubacks(ids))
  }
}
