import { readFileSync } from "node:fs"
import { Option, Schema } from "effect"
import type { Sample } from "./mapped.ts"

/** A message on a line of its own; a payload that is no text is sent as JSON, as a device would. */
const Line = Schema.fromJsonString(
  Schema.Struct({
    topic: Schema.NonEmptyString,
    payload: Schema.Unknown,
    retained: Schema.optionalKey(Schema.Boolean),
    payload_encoding: Schema.optionalKey(Schema.String)
  })
)
const asLine = Schema.decodeUnknownOption(Line)

const bytesOf = ({ payload, payload_encoding: encoding }: typeof Line.Type): Uint8Array => {
  if (typeof payload !== "string") return Buffer.from(JSON.stringify(payload))
  return encoding === "base64" || encoding === "hex" ? Buffer.from(payload, encoding) : Buffer.from(payload)
}

/** A file's bytes; `-` is standard input. Throws what the file system throws. */
export const readSample = (file: string): Buffer => readFileSync(file === "-" ? 0 : file)

/** A text ends with its line, a payload does not. */
const withoutLastBreak = (bytes: Buffer): Buffer => {
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? 2 : 1) : 0
  return bytes.subarray(0, bytes.length - end)
}

/** The messages of a sample: lines of `{topic, payload, retained}`, or else one payload, on `topic`. */
export const samplesIn = (bytes: Buffer, topic: string | undefined): ReadonlyArray<Sample> | undefined => {
  const lines = bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => asLine(line))
  if (lines.length > 0 && lines.every(Option.isSome))
    return lines.map(({ value }) => ({
      topic: value.topic,
      payload: bytesOf(value),
      retained: value.retained === true
    }))
  return topic === undefined ? undefined : [{ topic, payload: withoutLastBreak(bytes), retained: false }]
}
