/** Types of packets that are told apart here (MQTT 3.1.1 and 5, 2.1.2). */
export const packetTypes = { connack: 2, publish: 3, pubrel: 6 } as const

/** How large a packet may be: the first of a connection, and every other. */
export interface PacketLimits {
  readonly first: number
  readonly others: number
}

/**
 * Cuts what a connection brings into packets by their lengths (MQTT 3.1.1, 2.2.3; MQTT 5, 2.1.4). No more is held than one
 * packet that is not whole, and none that is too large: its length alone ends the reading.
 */
export class PacketFrames {
  readonly #limits: PacketLimits
  /** What has come of a packet that is not whole, and how many bytes have to be there before it is looked at again. */
  #parts: Array<Buffer> = []
  #partBytes = 0
  #wanted = 0
  /** What is being read, and how far. Empty while a packet is not whole. */
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  /** The present packet's place in it. */
  #start = 0
  #bodyAt = 0
  #first = true
  #problem: string | undefined

  constructor(limits: PacketLimits) {
    this.#limits = limits
  }

  /** Takes what has come. */
  push(chunk: Buffer): void {
    if (this.#at < this.#bytes.length) this.#hold(0)
    this.#parts.push(chunk)
    this.#partBytes += chunk.length
    if (this.#partBytes < this.#wanted) return
    this.#bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts)
    this.#at = 0
    this.#parts = []
    this.#partBytes = 0
    this.#wanted = 0
  }

  /** Goes on to the next packet; false when more bytes have to come first, or when there is a problem. */
  next(): boolean {
    const bytes = this.#bytes
    const start = this.#at
    if (start === bytes.length || this.#problem !== undefined) return false
    let length = 0
    let bodyAt = start + 1
    for (let byte = 0x80, shift = 0; byte >= 0x80; shift += 7) {
      if (shift === 28) return this.#end("a packet's length is malformed")
      if (bodyAt >= bytes.length) return this.#hold(bodyAt + 1 - start)
      byte = bytes[bodyAt++]!
      length += (byte & 0x7f) << shift
    }
    const max = this.#first ? this.#limits.first : this.#limits.others
    if (length > max) return this.#end(`a packet of ${length} bytes is larger than the ${max} that are accepted`)
    const end = bodyAt + length
    if (end > bytes.length) return this.#hold(end - start)
    this.#start = start
    this.#bodyAt = bodyAt
    this.#at = end
    this.#first = false
    return true
  }

  /** Why nothing more can be read. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** The present packet's first byte: its type, and four flags. */
  get header(): number {
    return this.#bytes[this.#start]!
  }

  /** What follows the present packet's length: a view. */
  get body(): Buffer {
    return this.#bytes.subarray(this.#bodyAt, this.#at)
  }

  /** The present packet: a view. */
  get whole(): Buffer {
    return this.#bytes.subarray(this.#start, this.#at)
  }

  /** Gives up the present packet and all that has come after it. */
  unread(): Buffer {
    const bytes = this.#bytes.subarray(this.#start)
    this.#bytes = Buffer.alloc(0)
    this.#at = 0
    return bytes
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

  #end(problem: string): false {
    this.#problem = problem
    return false
  }
}
