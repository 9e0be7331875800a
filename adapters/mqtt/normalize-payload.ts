/** Larger payloads are not read: no supported device sends one, and parsing is on the one thread of the gateway. */
export const maxPayloadBytes = 256 * 1024

/** How much of a message an observation keeps, in characters. */
const maxRawCharacters = 4096

/** Values nested deeper than this are refused: no supported device sends them. */
const maxDepth = 64

export type Payload =
  | { readonly value: unknown; readonly text: string }
  | { readonly why: string; readonly text: string }

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

const depthOf = (text: string): number => {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (quoted) {
      if (code === 92) index++
      else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth)
    else if (code === 93 || code === 125) depth--
  }
  return deepest
}

/** What only a reviver sees to: an integer of more digits than a double holds, and a key that changes what objects are. */
const needsReviving = /\d{16}|__proto__|\\u/

const parseJson = (text: string): unknown => {
  if (depthOf(text) > maxDepth) throw new Error(`it is nested more than ${maxDepth} levels deep`)
  // A reviver makes parsing several times slower, and hardly any message needs one.
  return needsReviving.test(text)
    ? JSON.parse(text, revive as (key: string, value: unknown) => unknown)
    : (JSON.parse(text) as unknown)
}

/** A payload as its profile expects it; `auto` is JSON where it parses, else text. Never throws. */
export const readPayload = (bytes: Uint8Array, format: "json" | "text" | "auto"): Payload => {
  if (bytes.length > maxPayloadBytes)
    return {
      why: `the payload has ${bytes.length} bytes; expected at most ${maxPayloadBytes}`,
      text: lenient.decode(bytes.subarray(0, maxRawCharacters))
    }
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return { why: "the payload is not UTF-8", text: lenient.decode(bytes.subarray(0, maxRawCharacters)) }
  }
  if (format === "text" || (format === "auto" && !/^\s*[[{]/.test(text))) return { value: text.trim(), text }
  try {
    const value = parseJson(text)
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return { why: "expected a JSON object", text }
    return { value, text }
  } catch (error) {
    return { why: `the payload is not readable JSON: ${error instanceof Error ? error.message : "unknown"}`, text }
  }
}

const hide = (value: unknown, keys: ReadonlySet<string>): unknown => {
  if (typeof value === "bigint") return String(value)
  if (Array.isArray(value)) return value.map((item: unknown) => hide(item, keys))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, keys.has(key.toLowerCase()) ? "***" : hide(member, keys)])
  )
}

/**
 * The message as it may be kept: values under `keys` (any depth, any case) hidden, at most 4096 characters. A text that
 * should hold such keys but cannot be parsed is cut before the first of them.
 */
export const redactRaw = (payload: Payload, keys: ReadonlySet<string>): string => {
  if ("value" in payload && typeof payload.value === "object") {
    return JSON.stringify(hide(payload.value, keys)).slice(0, maxRawCharacters)
  }
  const text = payload.text.slice(0, maxRawCharacters)
  const lower = text.toLowerCase()
  const first = Math.min(...[...keys].map((key) => lower.indexOf(key)).filter((at) => at >= 0), text.length)
  return first < text.length ? `${text.slice(0, first)}***` : text
}
