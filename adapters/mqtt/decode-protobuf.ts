/** The bytes are no protobuf message, or not the one they should be. */
export class Malformed extends Error {
  override readonly name = "Malformed"
}

/** One field as it stands on the wire: a varint or fixed number, or bytes. */
export interface WireField {
  readonly number: number
  readonly value: bigint | Uint8Array
}

/** More fields than this has no message we read: a birth of a large edge node has some thousand metrics. */
const maxFields = 20_000

const varint = (bytes: Uint8Array, from: number): readonly [value: bigint, next: number] => {
  let value = 0n
  // Ten groups of seven bits hold every 64-bit number.
  for (let index = 0; index < 10; index++) {
    const byte = bytes[from + index]
    if (byte === undefined) throw new Malformed("it ends inside a number")
    value |= BigInt(byte & 0x7f) << BigInt(7 * index)
    if (byte < 0x80) return [BigInt.asUintN(64, value), from + index + 1]
  }
  throw new Malformed("a number is longer than 64 bits")
}

const slice = (bytes: Uint8Array, from: number, length: number): Uint8Array => {
  if (from + length > bytes.length) throw new Malformed("a field is longer than the message")
  return bytes.subarray(from, from + length)
}

const fixed = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)

/** The fields of a protobuf message in their order. Throws `Malformed`. */
export const wireFields = (bytes: Uint8Array): ReadonlyArray<WireField> => {
  const fields: Array<WireField> = []
  let at = 0
  while (at < bytes.length) {
    if (fields.length >= maxFields) throw new Malformed(`it has more than ${maxFields} fields`)
    const [tag, afterTag] = varint(bytes, at)
    const number = Number(tag >> 3n)
    if (number === 0 || number > 0x1fff_ffff) throw new Malformed(`field number ${number} does not exist`)
    const wire = Number(tag & 7n)
    if (wire === 0) {
      const [value, next] = varint(bytes, afterTag)
      fields.push({ number, value })
      at = next
    } else if (wire === 1 || wire === 5) {
      const length = wire === 1 ? 8 : 4
      fields.push({ number, value: fixed(slice(bytes, afterTag, length)) })
      at = afterTag + length
    } else if (wire === 2) {
      const [length, start] = varint(bytes, afterTag)
      if (length > BigInt(bytes.length)) throw new Malformed("a field is longer than the message")
      fields.push({ number, value: slice(bytes, start, Number(length)) })
      at = start + Number(length)
    } else throw new Malformed(`wire type ${wire} is not used`)
  }
  return fields
}

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** The message by field number; the last of several counts, as protobuf says. Throws `Malformed`. */
export class WireMessage {
  readonly fields: ReadonlyArray<WireField>

  constructor(bytes: Uint8Array) {
    this.fields = wireFields(bytes)
  }

  #last(number: number): bigint | Uint8Array | undefined {
    return this.fields.findLast((field) => field.number === number)?.value
  }

  number(field: number): bigint | undefined {
    const value = this.#last(field)
    if (typeof value === "object") throw new Malformed(`field ${field} should be a number`)
    return value
  }

  flag(field: number): boolean | undefined {
    const value = this.number(field)
    return value === undefined ? undefined : value !== 0n
  }

  bytes(field: number): Uint8Array | undefined {
    const value = this.#last(field)
    if (typeof value === "bigint") throw new Malformed(`field ${field} should not be a number`)
    return value
  }

  text(field: number): string | undefined {
    const value = this.bytes(field)
    if (value === undefined) return undefined
    try {
      return utf8.decode(value)
    } catch {
      throw new Malformed(`field ${field} is not UTF-8`)
    }
  }

  float(field: number): number | undefined {
    const value = this.number(field)
    return value === undefined
      ? undefined
      : new DataView(new Uint32Array([Number(BigInt.asUintN(32, value))]).buffer).getFloat32(0, true)
  }

  message(field: number): WireMessage | undefined {
    const value = this.bytes(field)
    return value === undefined ? undefined : new WireMessage(value)
  }

  messages(field: number): ReadonlyArray<WireMessage> {
    return this.fields.flatMap(({ number, value }) => {
      if (number !== field) return []
      if (typeof value === "bigint") throw new Malformed(`field ${field} should be a message`)
      return [new WireMessage(value)]
    })
  }
}

/** A number of 64 bits as a plain one where it fits exactly; with all its digits where it does not. */
export const exactly = (value: bigint): number | bigint =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
