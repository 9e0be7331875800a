import type { Duplex, Writable } from "node:stream"
import type { MqttClient } from "mqtt"
import { type Publish, readPublish } from "./publish-packet.ts"

/**
 * A broker's packet may be larger than what we read of a payload, so that one oversized message is put down as
 * unreadable and the link goes on; but no broker makes us hold more than this.
 */
export const brokerPacketMaxBytes = 16 * 1024 * 1024

/** Types of packets (MQTT 3.1.1 and 5, 2.1.2). */
const connack = 2
const publish = 3
const pubrel = 6

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
  /** What has come of a packet that is not whole, and how many bytes have to be there before it is looked at again. */
  #parts: Array<Buffer> = []
  #partBytes = 0
  #wanted = 0
  /** What is being read, and how far. Empty while a packet is not whole. */
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #accepted = false
  /** Not before mqtt.js has read the packet before. */
  #waits = false
  #ended = false

  constructor(stream: Duplex, others: Writable, hearer: Hearer) {
    this.#stream = stream
    this.#others = others
    this.#hearer = hearer
    stream.on("data", (chunk: Buffer) => this.#take(chunk))
  }

  /** Reads on, when there is room for messages again. */
  goOn(): void {
    let reads = true
    while (reads && !this.#waits && !this.#ended && !this.#hearer.isFull()) reads = this.#readOne()
    if (reads) this.#stream.pause()
    else if (this.#stream.isPaused()) this.#stream.resume()
  }

  #take(chunk: Buffer): void {
    this.#parts.push(chunk)
    this.#partBytes += chunk.length
    if (this.#partBytes < this.#wanted) return
    this.#bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts)
    this.#at = 0
    this.#parts = []
    this.#partBytes = 0
    this.#wanted = 0
    this.goOn()
  }

  /** Reads the next packet; false when more bytes have to come first. */
  #readOne(): boolean {
    const bytes = this.#bytes
    const start = this.#at
    if (start === bytes.length) return false
    let length = 0
    let bodyAt = start + 1
    for (let byte = 0x80, shift = 0; byte >= 0x80; shift += 7) {
      if (shift === 28) return this.#end("a packet's length is malformed")
      if (bodyAt >= bytes.length) return this.#hold(bodyAt + 1 - start)
      byte = bytes[bodyAt++]!
      length += (byte & 0x7f) << shift
    }
    if (length > brokerPacketMaxBytes)
      return this.#end(`a packet of ${length} bytes is larger than the ${brokerPacketMaxBytes} that are accepted`)
    const end = bodyAt + length
    if (end > bytes.length) return this.#hold(end - start)
    this.#at = end
    this.#packet(start, bodyAt, end)
    return true
  }

  /** Keeps what is there of a packet until there are so many bytes of it. */
  #hold(wanted: number): false {
    this.#parts = [this.#bytes.subarray(this.#at)]
    this.#partBytes = this.#bytes.length - this.#at
    this.#wanted = wanted
    this.#bytes = Buffer.alloc(0)
    this.#at = 0
    return false
  }

  #packet(start: number, bodyAt: number, end: number): void {
    const first = this.#bytes[start]!
    const type = first >> 4
    if (!this.#accepted && type !== connack) return void this.#end("it speaks before it has accepted us")
    this.#accepted = true
    if (type === publish) {
      const message = readPublish(first & 0xf, this.#bytes.subarray(bodyAt, end), this.#hearer.version)
      if (typeof message === "string") this.#end(message)
      else this.#hearer.message(message)
    } else if (type === pubrel) {
      if (end - bodyAt < 2) this.#end("a release is cut off")
      else this.#hearer.released(this.#bytes.readUInt16BE(bodyAt))
    } else {
      this.#waits = true
      this.#others.write(this.#bytes.subarray(start, end), () => {
        this.#waits = false
        this.goOn()
      })
    }
  }

  #end(problem: string): true {
    this.#ended = true
    this.#hearer.broken(problem)
    return true
  }
}

/**
 * mqtt.js opens its connection by this method of its client. It is not part of the library's public face: the version is
 * pinned, and without it no message would be heard at all.
 */
interface Opener {
  streamBuilder: (client: MqttClient) => Duplex
}

/** Has a client's messages heard by `hearer`. To be called before it connects; what is answered reads on (`goOn`). */
export const hearMessages = (client: MqttClient, hearer: Hearer): (() => void) => {
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
  return () => incoming?.goOn()
}
