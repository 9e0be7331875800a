import type { NodeId } from "node-opcua"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { nameOfNode } from "./node-names.ts"
import type { Plain } from "../sources.ts"

/** No value is followed deeper, or read further, than this. */
const depthMax = 8
const elementsMax = 10_000

/** Times before this are no times: 1601 is OPC UA's null (OPC 10000-6, 5.2.2.5), and panels without a clock say 1970. */
const noTimeBefore = Date.UTC(1990, 0, 1)

/** A server's time; `undefined` where it has none. */
export const timeOf = (value: unknown): EpochMs | undefined => {
  const at = value instanceof Date ? value.getTime() : Number.NaN
  return Number.isNaN(at) || at < noTimeBefore ? undefined : at
}

const isNode = (value: object): value is NodeId => "identifierType" in value && "namespace" in value

/** node-opcua has 64-bit integers as a pair of 32-bit ones, the upper first; it is signed where the type is. */
const int64 = 8
const uint64 = 9

const wide = (pair: ReadonlyArray<number>, signed: boolean): Plain => {
  const bits = (BigInt(pair[0] ?? 0) << 32n) | BigInt((pair[1] ?? 0) >>> 0)
  const value = signed ? BigInt.asIntN(64, bits) : BigInt.asUintN(64, bits)
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value.toString()
}

const plainObject = (value: object, namespaces: ReadonlyArray<string>, depth: number): Plain => {
  if (value instanceof Date) return timeOf(value) === undefined ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const elements = Array.from(value as ArrayLike<unknown>).slice(0, elementsMax)
    return elements.map((element) => plain(element, namespaces, depth + 1))
  }
  if (isNode(value)) return nameOfNode(namespaces, value)
  // LocalizedText and QualifiedName are what they say.
  if ("locale" in value && "text" in value) return plain(value.text, namespaces, depth + 1)
  if ("namespaceIndex" in value && "name" in value) return plain(value.name, namespaces, depth + 1)
  if ("dataType" in value && "arrayType" in value && "value" in value)
    return plainVariant(value as never, namespaces, depth)
  const entries = Object.entries(value).filter(([name, of]) => !name.startsWith("_") && typeof of !== "function")
  return Object.fromEntries(entries.map(([name, of]) => [name, plain(of, namespaces, depth + 1)]))
}

const plain = (value: unknown, namespaces: ReadonlyArray<string>, depth: number): Plain => {
  if (value === null || value === undefined || depth > depthMax) return null
  switch (typeof value) {
    case "boolean":
    case "string":
      return value
    case "number":
      return Number.isFinite(value) ? value : null
    case "bigint":
      return value.toString()
    case "object":
      return plainObject(value, namespaces, depth)
    default:
      return null
  }
}

/** A Variant as far as it is read. */
export interface SomeVariant {
  readonly dataType: number
  /** 0 scalar, 1 array, 2 matrix. */
  readonly arrayType: number
  readonly value: unknown
}

/** What a variant holds, as anybody can read it. */
export const plainVariant = (variant: SomeVariant, namespaces: ReadonlyArray<string>, depth = 0): Plain => {
  const { arrayType, dataType, value } = variant
  if (dataType !== int64 && dataType !== uint64) return plain(value, namespaces, depth)
  const signed = dataType === int64
  if (!Array.isArray(value)) return plain(value, namespaces, depth)
  return arrayType === 0 ? wide(value, signed) : value.slice(0, elementsMax).map((pair) => wide(pair, signed))
}

/** OPC 10000-4, 7.39.1: the two upper bits of a status code are its severity. */
export const severityOf = (status: number): "good" | "uncertain" | "bad" => {
  switch (status >>> 30) {
    case 0:
      return "good"
    case 1:
      return "uncertain"
    default:
      return "bad"
  }
}

/** OPC 10000-4, 7.39.2: InfoType DataValue with the Overflow bit. */
const overflowBits = 0x480

/** Values before this one were thrown away in the server's queue. */
export const hasOverflow = (status: number): boolean => (status & overflowBits) === overflowBits
