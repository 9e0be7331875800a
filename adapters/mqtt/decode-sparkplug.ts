import { gunzipSync, inflateSync } from "node:zlib"
import { exactly, Malformed, WireMessage } from "./decode-protobuf.ts"

/** A metric of a Sparkplug B payload, as far as an adapter needs it. */
export interface WireMetric {
  readonly name?: string
  readonly alias?: bigint
  readonly timestamp?: number
  readonly datatype?: number
  readonly historical: boolean
  /** It has no value now, or one of bad or stale quality. */
  readonly bad: boolean
  readonly value?: string | number | bigint | boolean
  /** The metrics of an instance of a template, which Ignition calls a UDT; of a definition there are none. */
  readonly members?: ReadonlyArray<WireMetric>
}

/** A payload of Sparkplug B; field numbers of its `sparkplug_b.proto` (Sparkplug 3.0, section 6.4). */
export interface WirePayload {
  readonly timestamp?: number
  readonly seq?: number
  readonly metrics: ReadonlyArray<WireMetric>
}

/** `DataType.Boolean` of sparkplug_b.proto. */
export const booleanType = 11

const signedTypes: { readonly [datatype: number]: number } = { 1: 8, 2: 16, 3: 32, 4: 64 }

/**
 * The property `Quality` (Sparkplug 3.0, 6.4.14: 0 bad, 192 good, 500 stale). What is good in OPC has its two upper bits
 * set, and says below them how: Ignition's initial and provisional values are 201 and 200.
 */
const isGood = (quality: bigint): boolean => quality >= 192n && quality <= 255n

/** Templates stand in templates; nobody needs them deeper than this. */
const deepest = 8

const double = (bits: bigint): number => new DataView(new BigUint64Array([bits]).buffer).getFloat64(0, true)

const signed = (value: bigint, datatype: number | undefined): number | bigint => {
  const width = signedTypes[datatype ?? 0]
  const read = width === undefined ? value : BigInt.asIntN(width, value)
  return read < 0n ? (read >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(read) : read) : exactly(read)
}

const valueOf = (metric: WireMessage, datatype: number | undefined): WireMetric["value"] => {
  const flag = metric.flag(14)
  if (flag !== undefined) return flag
  const integer = metric.number(10) ?? metric.number(11)
  // Some encoders write a boolean as an integer; its datatype says what it is.
  if (integer !== undefined) return datatype === booleanType ? integer !== 0n : signed(integer, datatype)
  const bits = metric.number(13)
  return metric.float(12) ?? (bits === undefined ? undefined : double(bits)) ?? metric.text(15)
}

/** `PropertySet`: names and values side by side. */
const badQuality = (properties: WireMessage | undefined): boolean => {
  if (properties === undefined) return false
  const names = properties.fields.flatMap(({ number, value }) =>
    number === 1 && typeof value === "object" ? [Buffer.from(value).toString("utf8")] : []
  )
  const nth = names.findIndex((name) => name.toLowerCase() === "quality")
  const property = nth < 0 ? undefined : properties.messages(2)[nth]
  const quality = property?.number(3) ?? property?.number(4)
  return quality !== undefined && !isGood(quality)
}

const time = (value: bigint | undefined): { readonly timestamp?: number } =>
  value === undefined || value === 0n ? {} : { timestamp: Number(value) }

/** Throws `Malformed`. */
const membersOf = (template: WireMessage, depth: number): ReadonlyArray<WireMetric> => {
  if (depth >= deepest) throw new Malformed(`its templates stand deeper than ${deepest}`)
  return template.flag(5) === true ? [] : template.messages(2).map((metric) => metricOf(metric, depth + 1))
}

const metricOf = (metric: WireMessage, depth: number): WireMetric => {
  const name = metric.text(1)
  const alias = metric.number(2)
  const type = metric.number(4)
  const datatype = type === undefined ? undefined : Number(type)
  const value = valueOf(metric, datatype)
  const template = metric.message(18)
  return {
    ...(name === undefined || name === "" ? {} : { name }),
    ...(alias === undefined ? {} : { alias }),
    ...time(metric.number(3)),
    ...(datatype === undefined ? {} : { datatype }),
    historical: metric.flag(5) === true,
    bad: metric.flag(7) === true || badQuality(metric.message(9)),
    ...(value === undefined ? {} : { value }),
    ...(template === undefined ? {} : { members: membersOf(template, depth) })
  }
}

/** Stands where a payload's `uuid` does when its body is the payload itself, compressed (Eclipse Tahu, Ignition). */
const compressed = "SPBV1.0_COMPRESSED"

const unpackedMax = 1024 * 1024

const unpacked = (body: Uint8Array): Uint8Array => {
  const unpack = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync : inflateSync
  try {
    return unpack(body, { maxOutputLength: unpackedMax })
  } catch {
    throw new Malformed(`its body cannot be unpacked into ${unpackedMax} bytes or fewer`)
  }
}

/** The payload itself. Some envelopes have a sequence number too; it is the same. */
const opened = (bytes: Uint8Array): WireMessage => {
  const message = new WireMessage(bytes)
  const uuid = message.bytes(4)
  if (uuid === undefined || Buffer.from(uuid).toString("latin1") !== compressed) return message
  return new WireMessage(unpacked(message.bytes(5) ?? new Uint8Array()))
}

/** Throws `Malformed`. */
export const decodeSparkplug = (bytes: Uint8Array): WirePayload => {
  const message = opened(bytes)
  const seq = message.number(3)
  return {
    ...time(message.number(1)),
    ...(seq === undefined ? {} : { seq: Number(seq) }),
    metrics: message.messages(2).map((metric) => metricOf(metric, 0))
  }
}

const key = (field: number, wire: number): number => (field << 3) | wire

/**
 * `Node Control/Rebirth` = true as an NCMD's payload: what asks an edge node for its births again (Sparkplug 3.0,
 * 6.4.22). `at` in epoch milliseconds.
 */
export const rebirthRequest = (at: number): Uint8Array => {
  const varint = (value: bigint): ReadonlyArray<number> =>
    value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)]
  const name = Buffer.from("Node Control/Rebirth")
  const stamp = varint(BigInt(Math.max(0, Math.round(at))))
  const metric = [key(1, 2), name.length, ...name, key(3, 0), ...stamp, key(4, 0), booleanType, key(14, 0), 1]
  return Uint8Array.from([key(1, 0), ...stamp, key(2, 2), metric.length, ...metric])
}
