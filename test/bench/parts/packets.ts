/** The packets of MQTT 3.1.1 that a device needs which only publishes; each is named with its section there. */

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** 2.2.3: seven bits a byte, the least first. */
const lengthOf = (length: number): Buffer =>
  length < 0x80 ? Buffer.from([length]) : Buffer.from([(length & 0x7f) | 0x80, length >> 7])

/** One byte or two of length: nothing here is longer than 16 383 bytes. */
const packet = (first: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first]), lengthOf(body.length), body])
}

/** 3.1: a clean session, nobody's name, no keepalive. */
export const connectPacket = (clientId: string): Buffer =>
  packet(0x10, text("MQTT"), Buffer.from([4, 0x02, 0, 0]), text(clientId))

/** 3.3: QoS 1, not retained. */
export const publishPacket = (topic: Uint8Array, payload: string, id: number): Buffer =>
  packet(0x32, topic, Buffer.from([id >> 8, id & 0xff]), Buffer.from(payload))

/** A topic as a packet holds it: written once a device. */
export const topicOf = text

/** What a broker says to such a device. */
export type Answer =
  | { readonly _tag: "Connack"; readonly code: number }
  | { readonly _tag: "Puback"; readonly id: number }

/**
 * Reads a broker's answers as their bytes come. Both are four bytes long (3.2, 3.4); anything else is a broker that this
 * device does not understand, and throws.
 */
export const answerReader = (hear: (answer: Answer) => void): ((chunk: Buffer) => void) => {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (; at + 4 <= bytes.length; at += 4) {
      const first = bytes.readUInt8(at)
      if (bytes.readUInt8(at + 1) !== 2)
        throw new Error(`the broker sends packet ${first}, which a device does not know`)
      if (first === 0x20) hear({ _tag: "Connack", code: bytes.readUInt8(at + 3) })
      else if (first === 0x40) hear({ _tag: "Puback", id: bytes.readUInt16BE(at + 2) })
      else throw new Error(`the broker sends packet ${first}, which a device does not know`)
    }
    rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at))
  }
}
