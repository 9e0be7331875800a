import { redacted } from "../profile/redact.ts"
import { decodeChirpstack } from "./decode-chirpstack.ts"
import { flattenOnvif, isGone } from "./decode-onvif.ts"
import { Malformed } from "./decode-protobuf.ts"
import { decodeSparkplug } from "./decode-sparkplug.ts"
import type { SparkplugNodes, SparkplugTopic } from "./decode-sparkplug-nodes.ts"
import type { Ask } from "./mapping.ts"
import type { PayloadFormat } from "./profile-file.ts"

/** Larger payloads are not read: no supported device sends one, and parsing is on the gateway's own thread. */
export const maxPayloadBytes = 256 * 1024

/** How much of a message an observation keeps, in characters. */
const maxRawCharacters = 4096

/** Values nested deeper than this are refused: no supported device sends them. */
const maxDepth = 64

export type Payload =
  | {
      readonly value: unknown
      readonly text: string
      /** What of it could not be read, in words. */
      readonly faults?: ReadonlyArray<string>
      /** It says that the property it is of is no more; the values beside that are its last ones. */
      readonly gone?: boolean
      readonly asks?: ReadonlyArray<Ask>
    }
  | { readonly why: string; readonly text: string }

export type ReadPayload = Extract<Payload, { readonly value: unknown }>

/** How a profile's payloads are written, and what is needed to read them. */
export interface Reading {
  readonly format: PayloadFormat
  readonly columns?: ReadonlyArray<string> | undefined
  readonly captures: Readonly<Record<string, string>>
  readonly at: number
  /** What is known of Sparkplug's nodes; absent for a node nobody configured, of which nothing is learnt. */
  readonly nodes?: SparkplugNodes | undefined
}

const decoder = new TextDecoder("utf-8", { fatal: true })
const lenient = new TextDecoder("utf-8")

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

/** Integers that a double cannot hold become bigint, so that a card number keeps all its digits. */
const revive: Reviver = (key, value, context) => {
  if (key === "__proto__") throw new Error('the key "__proto__" is refused')
  const source = context.source
  return typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value
}

/** A number of fewer digits is held by a double. */
const digitsSafe = 15

/**
 * How deep a JSON text is nested, and whether it may hold what `revive` looks for: many digits in a row, `__proto__`, or an
 * escape that may spell it. Without these, parsing is several times as fast.
 */
const lookOver = (text: string): { readonly depth: number; readonly revives: boolean } => {
  let [depth, deepest, digits, mostDigits] = [0, 0, 0, 0]
  let [quoted, escapes] = [false, false]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 48 && code <= 57) {
      if (++digits > mostDigits) mostDigits = digits
      continue
    }
    digits = 0
    if (quoted) {
      if (code === 92) {
        escapes = true
        index++
      } else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth)
    else if (code === 93 || code === 125) depth--
  }
  return { depth: deepest, revives: mostDigits > digitsSafe || escapes || text.includes("__proto__") }
}

const parseJson = (text: string): unknown => {
  const { depth, revives } = lookOver(text)
  if (depth > maxDepth) throw new Error(`it is nested more than ${maxDepth} levels deep`)
  const value: unknown = revives
    ? JSON.parse(text, revive as (key: string, value: unknown) => unknown)
    : JSON.parse(text)
  return value
}

/**
 * What is wrong, and where, without a word of the payload: the parser's own message quotes it, and with it whatever secret
 * stands there.
 */
const messageOf = (error: unknown): string => {
  if (!(error instanceof SyntaxError)) return error instanceof Error ? error.message : "unknown"
  const at = /position (\d+)/.exec(error.message)?.[1]
  return at === undefined ? "it ends too early or is no JSON at all" : `unexpected text at position ${at}`
}

const readObject = (text: string): Payload => {
  try {
    const value = parseJson(text)
    return typeof value !== "object" || value === null || Array.isArray(value)
      ? { why: "expected a JSON object", text }
      : { value, text }
  } catch (error) {
    return { why: `the payload is not readable JSON: ${messageOf(error)}`, text }
  }
}

/** Fields with commas between them; a text without a comma is the first field alone. */
const readCsv = (text: string, columns: ReadonlyArray<string>): Payload => {
  const fields = text.split(",", columns.length)
  return { value: Object.fromEntries(fields.map((field, index) => [columns[index]!, field.trim()])), text }
}

const isObjectText = (text: string): boolean => /^\s*[[{]/.test(text)

/** A text alone; some write it in the quotes of JSON. */
const plainText = (text: string): string => {
  const plain = text.trim()
  if (!/^".*"$/s.test(plain)) return plain
  try {
    return String(JSON.parse(plain))
  } catch {
    return plain
  }
}

const readText = (text: string, { format, columns }: Reading): Payload => {
  switch (format) {
    case "csv":
      return readCsv(text, columns ?? [])
    case "text":
      return { value: text.trim(), text }
    case "auto":
      return isObjectText(text) ? readObject(text) : { value: plainText(text), text }
    default: {
      const read = readObject(text)
      return format === "onvif" && "value" in read
        ? { ...read, value: flattenOnvif(read.value), gone: isGone(read.value) }
        : read
    }
  }
}

const readSparkplug = (bytes: Uint8Array, { captures, at, nodes }: Reading): Payload => {
  const text = Buffer.from(bytes.subarray(0, maxRawCharacters)).toString("base64")
  try {
    const payload = decodeSparkplug(bytes)
    if (nodes === undefined) return { value: {}, text }
    const { namespace = "spBv1.0", group = "", type = "", path = "" } = captures
    const topic: SparkplugTopic = { namespace, group, type, path }
    return { ...nodes.resolve(topic, payload, at), text }
  } catch (error) {
    return { why: `the payload is no Sparkplug B: ${messageOf(error)}`, text }
  }
}

const readChirpstack = (bytes: Uint8Array, { captures }: Reading): Payload | undefined => {
  if (bytes[0] === 0x7b) return undefined
  const text = Buffer.from(bytes.subarray(0, maxRawCharacters)).toString("base64")
  try {
    return { value: decodeChirpstack(bytes, captures["event"] ?? ""), text }
  } catch (error) {
    const what = error instanceof Malformed ? error.message : messageOf(error)
    return { why: `the payload is neither a JSON object nor an event in protobuf: ${what}`, text }
  }
}

/** Some firmware sends the zero that ends its string. */
const withoutZeros = (bytes: Uint8Array): Uint8Array => {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return end === bytes.length ? bytes : bytes.subarray(0, end)
}

/** A payload as its profile expects it; `auto` is JSON where it begins as JSON does, else text. Never throws. */
export const readPayload = (bytes: Uint8Array, reading: Reading): Payload => {
  if (bytes.length > maxPayloadBytes)
    return {
      why: `the payload has ${bytes.length} bytes; expected at most ${maxPayloadBytes}`,
      text: lenient.decode(bytes.subarray(0, maxRawCharacters))
    }
  if (reading.format === "sparkplug") return readSparkplug(bytes, reading)
  const chirpstack = reading.format === "chirpstack" ? readChirpstack(bytes, reading) : undefined
  if (chirpstack !== undefined) return chirpstack
  try {
    return readText(decoder.decode(withoutZeros(bytes)), reading)
  } catch {
    return { why: "the payload is not UTF-8", text: lenient.decode(bytes.subarray(0, maxRawCharacters)) }
  }
}

/** The levels of a topic, and the words that they are made of. */
const namesIn = (topic: string): ReadonlyArray<string> => {
  const lower = topic.toLowerCase()
  return [...lower.split("/"), ...lower.split(/[^a-z0-9]+/)]
}

/**
 * The message as it may be kept: values under `keys` (any depth, any case) hidden, at most 4096 characters. A text that
 * should hold such keys but cannot be parsed is cut before the first of them, and one whose topic names such a key
 * (`…/lock/pin_code`, `…/keypad-pin/state`) is hidden as a whole.
 */
export const redactRaw = (payload: Payload, keys: ReadonlySet<string>, topic: string): string => {
  if ("value" in payload && typeof payload.value === "object") {
    return JSON.stringify(redacted(payload.value, keys)).slice(0, maxRawCharacters)
  }
  const text = payload.text.slice(0, maxRawCharacters)
  if (text !== "" && namesIn(topic).some((name) => keys.has(name))) return "***"
  const lower = text.toLowerCase()
  const first = Math.min(...[...keys].map((key) => lower.indexOf(key)).filter((at) => at >= 0), text.length)
  return first < text.length ? `${text.slice(0, first)}***` : text
}
