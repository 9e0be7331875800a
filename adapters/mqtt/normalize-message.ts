import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { SparkplugNodes } from "./decode-sparkplug-nodes.ts"
import type { Reading } from "./normalize-devices.ts"
import type { Memory } from "./normalize-memory.ts"
import type { CompiledProfile } from "./profile.ts"

/** A profile that reads this topic, and what its captures hold. */
export interface Match {
  readonly reading: Reading
  readonly captures: Readonly<Record<string, string>>
  readonly literals: number
  /** The topic says whether a device is there; absent: it carries what the device senses. */
  readonly presence?: CompiledProfile["availability"][number]
}

/** What a link's mapping works with. */
export interface Workings {
  readonly timeZone: string
  readonly memory: Memory
  readonly nodes: SparkplugNodes
}

/** An address, a topic: more of it than this is not kept. */
export const textMax = 512

/** How much is kept of what cannot be read about a message. */
const whyMax = 2000

export const unreadable = (topic: string, raw: string, why: string, device: Device | undefined): Observation => ({
  _tag: "Unreadable",
  why: why.slice(0, whyMax),
  source: topic.slice(0, textMax),
  raw,
  ...(device === undefined ? {} : { device: device.id })
})
