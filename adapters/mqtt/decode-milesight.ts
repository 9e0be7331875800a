import type { Decoded } from "./decode-lorawan.ts"
import { answers, type Channels, channels, common, type MilesightReading, skip } from "./decode-milesight-channels.ts"
import { measuring } from "./decode-milesight-measuring.ts"

const families = { ...channels, ...measuring }

/** Models with the same channels. */
export type MilesightFamily = keyof typeof families

/**
 * Milesight's list of channel, type and value (github.com/Milesight-IoT/SensorDecoders, by the model's name). What
 * stands after a channel that the model does not have cannot be told apart: that is a fault, what stood before counts.
 */
export const decodeMilesight =
  (family: MilesightFamily) =>
  (bytes: Uint8Array): Decoded => {
    const value: MilesightReading = {}
    const own: Channels = families[family]
    for (let at = 0; at < bytes.length;) {
      const [id, type] = [bytes[at]!, bytes[at + 1]]
      const key = (id << 8) | (type ?? 0)
      const answer = id >= 0xfe && type !== undefined ? answers[type] : undefined
      const channel = own[key] ?? common[key] ?? (answer === undefined ? undefined : skip(answer))
      const length = typeof channel?.length === "function" ? channel.length(bytes.subarray(at + 2)) : channel?.length
      const end = at + 2 + (length ?? 0)
      if (channel === undefined || type === undefined || end > bytes.length) {
        const rest = Buffer.from(bytes.subarray(at)).toString("hex")
        return { value, fault: `the bytes ${rest.slice(0, 32)} are of no channel that a ${family} has` }
      }
      channel.read?.(bytes.subarray(at + 2, end), value)
      at = end
    }
    return { value }
  }
