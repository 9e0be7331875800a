import type { Decoded } from "./decode-lorawan.ts"

/** What a channel of one of the models means; `read` puts it into what was decoded. */
interface Channel {
  readonly length: number
  readonly read?: (bytes: Uint8Array, into: MilesightReading) => void
}

type Channels = { readonly [idAndType: number]: Channel }

interface MilesightReading {
  contact?: string
  tamper?: string
  battery?: number
  button?: string
  leak?: string
  motion?: string
  started?: boolean
  history?: Array<{ readonly at: number; readonly contact: string }>
}

const skip = (length: number): Channel => ({ length })

/** What every model sends: its versions when it joins, its battery, and answers to downlinks (FE and FF). */
const common: Channels = {
  0x0175: { length: 1, read: ([percent], into) => void (into.battery = percent!) },
  0xff01: skip(1),
  0xff08: skip(6),
  0xff09: skip(2),
  0xff0a: skip(2),
  0xff0b: { length: 1, read: (_, into) => void (into.started = true) },
  0xff0f: skip(1),
  0xff16: skip(8),
  0xfffe: { length: 1, read: (_, into) => void (into.started = true) },
  0xffff: skip(2)
}

/** Lengths of the answers to downlinks, channels FE and FF, from the vendor's decoders of the models. */
const answers: { readonly [type: number]: number } = {
  0x02: 2,
  0x03: 2,
  0x06: 9,
  0x10: 1,
  0x27: 1,
  0x28: 1,
  0x2f: 1,
  0x3d: 1,
  0x3e: 1,
  0x68: 1,
  0x69: 1,
  0x6a: 3,
  0x6d: 1,
  0x74: 1,
  0x79: 6,
  0x7e: 5,
  0x7f: 1,
  0x80: 2,
  0x81: 2,
  0x83: 3,
  0x84: 1,
  0xea: 3
}

/** A byte the table does not have keeps its number, so that it is told as unreadable and not guessed. */
const named =
  (names: ReadonlyArray<string>) =>
  (byte: number | undefined): string =>
    names[byte ?? -1] ?? `byte ${byte}`

const magnet = named(["closed", "open"])

const door = (id: number): Channels => ({
  [id]: { length: 1, read: ([byte], into) => void (into.contact = magnet(byte)) }
})

const truth = named(["false", "true"])

const leak = (id: number): Channels => ({ [id]: { length: 1, read: ([byte], into) => void (into.leak = truth(byte)) } })

const history: Channel = {
  length: 8,
  read: (bytes, into) => {
    const seconds = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    into.history = [...(into.history ?? []), { at: seconds, contact: magnet(bytes[7]) }]
  }
}

const channels: { readonly [model: string]: Channels } = {
  ws301: {
    ...door(0x0300),
    // Its README prints 01 as installed; its table and its decoder say 1 is uninstalled, and so does the device.
    0x0400: { length: 1, read: ([byte], into) => void (into.tamper = named(["installed", "uninstalled"])(byte)) }
  },
  ws101: {
    0xff2e: { length: 1, read: ([byte], into) => void (into.button = named(["", "short", "long", "double"])(byte)) }
  },
  ws202: { 0x0300: { length: 1, read: ([byte], into) => void (into.motion = truth(byte)) }, 0x0400: skip(1) },
  ws303: leak(0x0300),
  em300: { 0x0367: skip(2), 0x0468: skip(1), ...door(0x0600), 0x20ce: history },
  // The leak detectors of the same series, with and without a thermometer.
  "em300-leak": { 0x0367: skip(2), 0x0468: skip(1), ...leak(0x0500), 0x20ce: skip(8) }
}

/**
 * Milesight's list of channel, type and value (github.com/Milesight-IoT/SensorDecoders, by the model's name). What
 * stands after a channel that the model does not have cannot be told apart: that is a fault, what stood before counts.
 */
export const decodeMilesight =
  (family: "ws301" | "ws101" | "ws202" | "ws303" | "em300" | "em300-leak") =>
  (bytes: Uint8Array): Decoded => {
    const value: MilesightReading = {}
    for (let at = 0; at < bytes.length;) {
      const [id, type] = [bytes[at]!, bytes[at + 1]]
      const key = (id << 8) | (type ?? 0)
      const answer = id >= 0xfe && type !== undefined ? answers[type] : undefined
      const channel = channels[family]?.[key] ?? common[key] ?? (answer === undefined ? undefined : skip(answer))
      const end = at + 2 + (channel?.length ?? 0)
      if (channel === undefined || type === undefined || end > bytes.length) {
        const rest = Buffer.from(bytes.subarray(at)).toString("hex")
        return { value, fault: `the bytes ${rest.slice(0, 32)} are of no channel that a ${family} has` }
      }
      channel.read?.(bytes.subarray(at + 2, end), value)
      at = end
    }
    return { value }
  }
