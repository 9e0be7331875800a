import mqtt, { type MqttClient } from "mqtt"
import type { Speaker } from "./dialect.ts"
import type { Message } from "./message.ts"

export interface LineOptions {
  /** `mqtt://127.0.0.1:1883`. */
  readonly url: string
  readonly clientId: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** What the speaker says each time it connects. */
  readonly greeting: () => ReadonlyArray<Message>
  /** The broker does not know us: a person must act. The line tries again all the same. */
  readonly refused: (reason: string) => void
}

/** A device's queue is small: beyond this many messages the oldest is lost, and counted. */
export const queueMax = 1000

const backOffMs = { first: 200, most: 5000 } as const

/** An orderly end that the broker does not answer is not waited for. */
const goodbyeMs = 500

/** MQTT 3.1.1 return codes: bad user name or password, not authorized. */
const refusesUs: ReadonlySet<number> = new Set([4, 5])

interface Waiting {
  readonly message: Message
  readonly settled: (kept: boolean) => void
}

/**
 * One speaker's connection (MQTT 3.1.1, QoS 1). It reconnects by itself, from 0.2 s apart to 5 s, until it is cut or
 * closed. Messages go out one at a time and in order; those said while the broker is away wait, and go out before the
 * next greeting, so that the gateway hears of things in the order in which they happened.
 */
export class Line {
  readonly speaker: Speaker
  readonly #options: LineOptions
  #waiting: Array<Waiting> = []
  #client: MqttClient | undefined
  /** The message that waits for its PUBACK. */
  #underWay: Waiting | undefined
  #lost = 0
  #trouble: string | undefined

  constructor(speaker: Speaker, options: LineOptions) {
    this.speaker = speaker
    this.#options = options
  }

  /** Messages that found the queue full. */
  get lost(): number {
    return this.#lost
  }

  /** Why the newest attempt to connect failed; absent while connected. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Queues messages; `settled` hears once the broker has answered for all of them, or some were lost from the queue. */
  publish(messages: ReadonlyArray<Message>, settled: () => void): void {
    let open = messages.length
    if (open === 0) return settled()
    const one = (): void => {
      if (--open === 0) settled()
    }
    for (const message of messages) this.#enqueue({ message, settled: one })
    this.#next()
  }

  #enqueue(item: Waiting): void {
    this.#waiting.push(item)
    if (this.#waiting.length <= queueMax) return
    this.#lost++
    this.#waiting.shift()?.settled(false)
  }

  /** Connects, and stays connected; does nothing when it already does. `greeted` hears once the first greeting is kept. */
  connect(greeted: () => void = () => {}): void {
    if (this.#client !== undefined) return greeted()
    const { url, clientId, username, password } = this.#options
    const { will } = this.speaker
    const client = mqtt.connect(url, {
      clientId,
      protocolVersion: 4,
      clean: true,
      keepalive: 30,
      connectTimeout: 5000,
      reconnectPeriod: backOffMs.first,
      reconnectOnConnackError: true,
      resubscribe: false,
      queueQoSZero: false,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(will === undefined
        ? {}
        : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: will.retain } })
    })
    this.#client = client
    client.on("connect", () => {
      client.options.reconnectPeriod = backOffMs.first
      this.#trouble = undefined
      this.publish(this.#options.greeting(), greeted)
    })
    client.on("error", (error) => {
      this.#trouble = error.message || String(error)
      if ("code" in error && refusesUs.has(Number(error.code))) this.#options.refused(this.#trouble)
    })
    client.on("close", () => {
      client.options.reconnectPeriod = Math.min(backOffMs.most, (client.options.reconnectPeriod ?? 0) * 2)
    })
  }

  /** Sends the oldest message that waits, unless one is under way or nobody is connected. */
  #next(): void {
    const client = this.#client
    const item = this.#waiting[0]
    if (client === undefined || item === undefined || this.#underWay !== undefined || !client.connected) return
    this.#underWay = this.#waiting.shift()
    const { topic, payload, retain } = item.message
    // A connection lost before the PUBACK: the client sends it again, marked as such, and calls back after that.
    client.publish(topic, payload, { qos: 1, retain }, (error) => {
      if (client !== this.#client || this.#underWay !== item) return
      this.#underWay = undefined
      if (error) this.#waiting.unshift(item)
      else item.settled(true)
      this.#next()
    })
  }

  #leave(): MqttClient | undefined {
    const client = this.#client
    this.#client = undefined
    if (this.#underWay !== undefined) this.#waiting.unshift(this.#underWay)
    this.#underWay = undefined
    return client
  }

  /** The socket is gone without a DISCONNECT, as when the power is: the broker will send the will. */
  cut(done: () => void): void {
    end(this.#leave(), true, done)
  }

  /** An orderly end: no will is sent. What still waits is lost, and counted. */
  close(done: () => void): void {
    const client = this.#leave()
    for (const item of this.#waiting.splice(0)) {
      this.#lost++
      item.settled(false)
    }
    if (client === undefined || !client.connected) return end(client, true, done)
    let gone = false
    const leave = (): void => {
      clearTimeout(giveUp)
      if (gone) return
      gone = true
      done()
    }
    const giveUp = setTimeout(() => {
      client.stream.destroy()
      leave()
    }, goodbyeMs)
    end(client, false, leave)
  }
}

/**
 * Ends a client for good. The client's own listeners stay: they stop its timers when the socket is closed, which may be
 * after this is done.
 */
const end = (client: MqttClient | undefined, force: boolean, done: () => void): void => {
  if (client === undefined) return done()
  client.removeAllListeners("connect")
  client.end(force, {}, () => done())
}
