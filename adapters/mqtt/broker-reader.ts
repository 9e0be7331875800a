import type { Socket } from "node:net"
import { PacketFrames, packetTypes } from "./packet-frames.ts"
import { type Publish, readPublish } from "./publish-packet.ts"

/** No device of ours sends more; aedes itself accepts a packet of any size (a 256 MB claim before CONNECT included). */
export const packetMaxBytes = 256 * 1024

/** A CONNECT with will, user and certificate-sized password stays far below this. */
export const connectMaxBytes = 16 * 1024

/** So much is read at a time: what is given back of it is little. */
const pieceBytes = 16 * 1024

/** Who hears what one client says. */
export interface ClientHearer {
  /** A message of QoS 0 or 1. */
  readonly message: (message: Publish) => void
  /** Messages have come: the client is there. */
  readonly alive: () => void
  /** Nothing more is to be read of it now; `goOn` once that is over. */
  readonly isFull: () => boolean
}

/** Messages of QoS 2 are aedes', which keeps what there is to know of their two steps. */
const isOurs = (header: number): boolean => header >> 4 === packetTypes.publish && ((header >> 1) & 3) < 2

/**
 * Reads what a client of the embedded broker sends. Its first packet is aedes', and nothing else is read until aedes has
 * let the client in. From then on its messages of QoS 0 and 1 are taken out; all else is aedes', byte for byte and in its
 * order. aedes itself handles each message in several turns of its own and answers it in pieces.
 *
 * It stands in the socket's own `read`, and is no stream around it: aedes reads what there is once, outside of "readable",
 * and waits to be called again; a Duplex around the socket then never calls (node:stream takes the event for told), and the
 * client is not heard any more.
 */
export class BrokerReader {
  readonly #socket: Socket
  readonly #readSocket: (size?: number) => Buffer | null
  readonly #refused: (problem: string) => void
  readonly #frames = new PacketFrames({ first: connectMaxBytes, others: packetMaxBytes })
  #hearer: ClientHearer | undefined
  /** The first packet is on its way through aedes. */
  #waits = false
  /** aedes has asked in vain. */
  #asked = false

  /** `refused` is told why a client is cut that sends what nobody may. */
  constructor(socket: Socket, refused: (problem: string) => void) {
    this.#socket = socket
    this.#readSocket = socket.read.bind(socket)
    this.#refused = refused
    // node:net and node:stream themselves read nothing (0 bytes) where they want more to come.
    socket.read = (size) => (size === 0 ? this.#readSocket(0) : this.#read())
  }

  /** aedes has let the client in: its messages go to `hearer`. */
  hear(hearer: ClientHearer): void {
    this.#hearer = hearer
    this.#waits = false
  }

  /** Reads on, where aedes had to wait: it reads when it is called. */
  goOn(): void {
    if (!this.#asked) return
    this.#asked = false
    this.#socket.emit("readable")
  }

  /** What there is for aedes. */
  #read(): Buffer | null {
    for (;;) {
      if (this.#waits || this.#hearer?.isFull() === true) {
        this.#asked = true
        return null
      }
      // Without a size where there is nothing: that is what makes node:stream tell of more.
      const chunk = this.#readSocket(Math.min(this.#socket.readableLength, pieceBytes) || undefined)
      if (chunk === null) return null
      this.#frames.push(chunk)
      const others = this.#take()
      if (others.length > 0) return Buffer.concat(others)
    }
  }

  /**
   * Goes through the packets that are there; answers those that are aedes'. A message after one of them waits in the socket
   * until aedes has read it, and all waits there while nothing more is to be read: so all is heard in its order, and the
   * socket's end after it.
   */
  #take(): ReadonlyArray<Buffer> {
    const others: Array<Buffer> = []
    let messages = 0
    while (!this.#socket.destroyed && this.#frames.next()) {
      const { header } = this.#frames
      const hearer = isOurs(header) ? this.#hearer : undefined
      if (this.#waits || (hearer !== undefined && (others.length > 0 || hearer.isFull()))) {
        this.#socket.unshift(this.#frames.unread())
        break
      }
      if (hearer === undefined) {
        others.push(this.#frames.whole)
        this.#waits = this.#hearer === undefined
        continue
      }
      messages++
      // aedes speaks MQTT 3.1 and 3.1.1, which write messages alike; it lets in nobody who speaks another version.
      const message = readPublish(header & 0xf, this.#frames.body, 4)
      if (typeof message === "string") this.#socket.destroy()
      else hearer.message(message)
    }
    if (messages > 0) this.#hearer?.alive()
    if (this.#frames.problem !== undefined && !this.#socket.destroyed) {
      this.#refused(this.#frames.problem)
      this.#socket.destroy()
    }
    return others
  }
}
