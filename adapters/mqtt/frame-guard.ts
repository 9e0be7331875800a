/** No device of ours sends more; aedes itself accepts a packet of any size (a 256 MB claim before CONNECT included). */
export const packetMaxBytes = 256 * 1024

/** A CONNECT with will, user and certificate-sized password stays far below this. */
export const connectMaxBytes = 16 * 1024

/** How large a packet may be: the first of a connection, and every other. */
export interface PacketLimits {
  readonly first: number
  readonly others: number
}

/** Reads the lengths of MQTT packets as they pass (MQTT 3.1.1, 2.2.3). */
export class PacketLengths {
  readonly #limits: PacketLimits
  /** Bytes of the present packet that are still to come. */
  #left = 0
  #length = 0
  #shift = 0
  #inHeader = false
  #first = true

  constructor(limits: PacketLimits) {
    this.#limits = limits
  }

  /** What is wrong with the lengths so far. */
  see(chunk: Uint8Array): string | undefined {
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
        continue
      }
      const problem = this.#header(chunk[at++] ?? 0)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  /** Takes one byte of a fixed header; answers what is wrong with it. */
  #header(byte: number): string | undefined {
    if (!this.#inHeader) {
      this.#inHeader = true
      this.#length = 0
      this.#shift = 0
      return undefined
    }
    this.#length += (byte & 0x7f) * 2 ** this.#shift
    this.#shift += 7
    const more = (byte & 0x80) !== 0
    if (more && this.#shift >= 28) return "a packet's length is malformed"
    if (more) return undefined
    const max = this.#first ? this.#limits.first : this.#limits.others
    if (this.#length > max) return `a packet of ${this.#length} bytes is larger than the ${max} that are accepted`
    this.#first = false
    this.#inHeader = false
    this.#left = this.#length
    return undefined
  }
}
