import type { MqttClient } from "mqtt"

/**
 * mqtt.js sends every packet by this method of its client, PUBACK included. It is not part of the library's public
 * face: the version is pinned, and the kill runs would show at once if an answer left before its commit.
 */
interface PacketSender {
  _sendPacket: (
    packet: { readonly cmd: string },
    done?: (error?: Error) => void,
    ...more: ReadonlyArray<unknown>
  ) => void
}

interface Message {
  /** Sends PUBACK; absent for QoS 0, and until mqtt.js was told to go on. */
  answer: (() => void) | undefined
  /** PUBREC instead: a message of QoS 2, which mqtt.js was told is one of QoS 1. */
  readonly exactlyOnce: boolean
  /** mqtt.js has not gone on from it yet. Only the newest message can be this. */
  waiting: boolean
  settled: boolean
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
      const answer = message.exactlyOnce ? { ...packet, cmd: "pubrec" } : packet
      message.answer = () => send(answer, undefined, ...more)
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
      if (message.settled) this.#flush()
    }
    return {
      settle: () => {
        message.settled = true
        // The connection it came by is gone: its packet id may by now belong to another message, not yet kept.
        if (this.#client.stream === stream && this.#client.connected) this.#flush()
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

  #flush(): void {
    const { stream } = this.#client
    stream.cork()
    process.nextTick(() => stream.uncork())
    this.#answer()
    const proceed = this.#proceed
    if (proceed === undefined || this.#messages.length >= unsettledMax) return
    this.#proceed = undefined
    proceed()
  }

  #answer(): void {
    for (let first = this.#messages[0]; first?.settled === true && !first.waiting; first = this.#messages[0]) {
      this.#messages.shift()
      first.answer?.()
    }
  }
}
