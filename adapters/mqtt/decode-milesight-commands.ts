import type { Decoded } from "./decode-lorawan.ts"

interface Vaping {
  battery?: number
  tamper?: string
  motion?: string
  vape?: string
  burning?: string
  /** Somebody sprays something at it, so that it cannot tell. */
  interference?: string
  started?: boolean
}

type Read = (bytes: Uint8Array, into: Vaping) => void

/** How many bytes a command carries; of an alarm by its kind, the first of them. */
interface Command {
  readonly length: number | ((kind: number) => number)
  readonly read?: Read
}

const skip = (length: number): Command => ({ length })

/** An alarm: its kind, and with those of a threshold (10 and 11) the number that was measured. */
const alarm = (digits: number, read?: Read): Command => ({
  length: (kind) => (kind === 0x10 || kind === 0x11 ? 1 + digits : 1),
  ...(read === undefined ? {} : { read })
})

const truth = (byte: number | undefined): string => (byte === 0 ? "false" : byte === 1 ? "true" : `byte ${byte}`)

const rising: { readonly [kind: number]: string } = { 0x10: "false", 0x11: "true" }
const particular: { readonly [kind: number]: string } = { 0x20: "false", 0x21: "true" }

const told = (
  kind: number | undefined,
  words: { readonly [kind: number]: string },
  put: (word: string) => void
): void => {
  const word = words[kind ?? -1]
  if (word !== undefined) put(word)
}

const commands: { readonly [id: number]: Command } = {
  0x00: { length: 1, read: ([percent], into) => void (into.battery = percent!) },
  0x01: skip(1),
  0x02: alarm(1, ([kind], into) => {
    told(kind, rising, (word) => (into.vape = word))
    told(kind, particular, (word) => (into.interference = word))
  }),
  0x03: skip(2),
  0x04: alarm(2),
  0x05: skip(2),
  0x06: alarm(2),
  0x07: skip(2),
  0x08: alarm(2),
  0x09: skip(2),
  0x0a: alarm(2, ([kind], into) => told(kind, particular, (word) => (into.burning = word))),
  0x0b: skip(2),
  0x0c: alarm(0),
  0x0d: skip(2),
  0x0e: alarm(2),
  0x0f: { length: 1, read: ([byte], into) => void (into.tamper = truth(byte)) },
  0x10: alarm(0, ([kind], into) => told(kind, particular, (word) => (into.tamper = word))),
  0x11: skip(1),
  0x12: { length: 1, read: ([byte], into) => void (into.motion = truth(byte)) },
  ...Object.fromEntries(Array.from({ length: 11 }, (_, nth) => [0x20 + nth, skip(8)])),
  0x2b: skip(4),
  0xc8: { length: 1, read: ([on], into) => void (on === 1 && (into.started = true)) },
  0xc9: skip(1),
  0xcf: skip(2),
  0xd9: skip(2),
  0xda: skip(8),
  0xdb: skip(8),
  0xdf: skip(2),
  0xee: skip(0),
  0xfe: skip(1)
}

/**
 * Milesight's newer list, of a command and its value (github.com/Milesight-IoT/SensorDecoders, GS601, which detects
 * vaping). What stands after a command that is not known cannot be told apart: that is a fault, what stood before counts.
 */
export const decodeGs601 = (bytes: Uint8Array): Decoded => {
  const value: Vaping = {}
  for (let at = 0; at < bytes.length;) {
    const command = commands[bytes[at]!]
    const length = typeof command?.length === "function" ? command.length(bytes[at + 1] ?? 0) : command?.length
    const end = at + 1 + (length ?? 0)
    if (command === undefined || end > bytes.length) {
      const rest = Buffer.from(bytes.subarray(at)).toString("hex")
      return { value, fault: `the bytes ${rest.slice(0, 32)} are of no command that a gs601 has` }
    }
    command.read?.(bytes.subarray(at + 1, end), value)
    at = end
  }
  return { value }
}
