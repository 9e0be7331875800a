import type { Duplex, Writable } from "node:stream"
import type { MqttClient } from "mqtt"
import { PacketFrames, packetTypes } from "./packet-frames.ts"
import { type Publish, readPublish } from "./publish-packet.ts"

/**
 * A broker's packet may be larger than what we read of a payload, so that one oversized message is put down as
 * unreadable and the link goes on; but no broker makes us hold more than this.
 */
export const brokerPacketMaxBytes = 16 * 1024 * 1024

/**
 * At most so many packets are read one after the other before others have their turn: the store writes what they said while
 * the next are read. All that a broker may have under way may come in one piece, and store and reader would wait for each
 * other.
 */
const packetsAtOnce = 100

/** Who hears what a broker's clients say. */
export interface Hearer {
  readonly version: 4 | 5
  readonly message: (message: Publish) => void
  /** The broker has heard that we have a message of QoS 2, and lets go of it. */
  readonly released: (messageId: number) => void
  /** No message may be told of now; `goOn` once that is over. */
  readonly isFull: () => boolean
  /** What comes is not MQTT, or too large: nothing more is read. */
  readonly broken: (problem: string) => void
}

/**
 * Reads what a broker sends and takes the messages out of it; all the other packets are mqtt.js's, byte for byte, and
 * are read by it before anything that follows them. mqtt.js itself handles each message in a turn of its own and answers
 * it in three pieces, which would add a quarter to what a message costs from the broker to the officer.
 */
export class Incoming {
  readonly #stream: Duplex
  readonly #others: Writable
  readonly #hearer: Hearer
  readonly #frames = new PacketFrames({ first: brokerPacketMaxBytes, others: brokerPacketMaxBytes })
  #accepted = false
  /** Not before mqtt.js has read the packet before. */
  #waits = false
  #ended = false
  /** Others have their turn before it goes on. */
  #yields = false

  constructor(stream: Duplex, others: Writable, hearer: Hearer) {
    this.#stream = stream
    this.#others = others
    this.#hearer = hearer
    stream.on("data", (chunk: Buffer) => {
      this.#frames.push(chunk)
      this.goOn()
    })
    // Before mqtt.js tells of it: what had come by then is heard before the word that the connection is gone.
    stream.prependOnceListener("close", () => {
      this.#yields = false
      while (this.#mayRead && this.#readOne());
      this.stop()
    })
  }

  /** Reads nothing more, whatever has come. */
  stop(): void {
    this.#ended = true
  }

  /** Reads on, when there is room for messages again. */
  goOn(): void {
    if (this.#yields) return
    let reads = true
    for (let left = packetsAtOnce; reads && left > 0 && this.#mayRead; left--) reads = this.#readOne()
    if (reads && this.#mayRead) this.#yield()
    if (reads) this.#stream.pause()
    else if (this.#stream.isPaused()) this.#stream.resume()
  }

  get #mayRead(): boolean {
    return !this.#waits && !this.#ended && !this.#hearer.isFull()
  }

  #yield(): void {
    this.#yields = true
    setImmediate(() => {
      this.#yields = false
      this.goOn()
    })
  }

  /** Reads the next packet; false when more bytes have to come first. */
  #readOne(): boolean {
    if (this.#frames.next()) this.#packet()
    else if (this.#frames.problem === undefined) return false
    else this.#end(this.#frames.problem)
    return true
  }

  #packet(): void {
    const { header } = this.#frames
    const type = header >> 4
    if (!this.#accepted && type !== packetTypes.connack) return this.#end("it speaks before it has accepted us")
    this.#accepted = true
    if (type === packetTypes.publish) {
      const message = readPublish(header & 0xf, this.#frames.body, this.#hearer.version)
      if (typeof message === "string") this.#end(message)
      else this.#hearer.message(message)
    } else if (type === packetTypes.pubrel) {
      const { body } = this.#frames
      if (body.length < 2) this.#end("a release is cut off")
      else this.#hearer.released(body.readUInt16BE(0))
    } else {
      this.#waits = true
      this.#others.write(this.#frames.whole, () => {
        this.#waits = false
        this.goOn()
      })
    }
  }

  #end(problem: string): void {
    this.#ended = true
    this.#hearer.broken(problem)
  }
}

/**
 * mqtt.js opens its connection by this method of its client. It is not part of the library's public face: the version is
 * pinned, and without it no message would be heard at all.
 */
interface Opener {
  streamBuilder: (client: MqttClient) => Duplex
}

/** What is done with a client's reading from outside. */
export interface Reading {
  /** Reads on: something was answered. */
  readonly goOn: () => void
  /** Reads nothing more: the link is over. */
  readonly stop: () => void
}

/** Has a client's messages heard by `hearer`. To be called before it connects. */
export const hearMessages = (client: MqttClient, hearer: Hearer): Reading => {
  const opener = client as unknown as Opener
  if (typeof opener.streamBuilder !== "function") {
    throw new TypeError("this mqtt.js opens its connection otherwise: pin a version that is known")
  }
  const open = opener.streamBuilder.bind(client)
  let incoming: Incoming | undefined
  opener.streamBuilder = (of) => {
    const stream = open(of)
    // The one thing that mqtt.js reads its stream by.
    stream.pipe = <Reader extends NodeJS.WritableStream>(reader: Reader): Reader => {
      incoming = new Incoming(stream, reader as unknown as Writable, hearer)
      return reader
    }
    return stream
  }
  return { goOn: () => incoming?.goOn(), stop: () => incoming?.stop() }
}
