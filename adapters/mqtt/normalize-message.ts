import type { SparkplugNodes } from "./decode-sparkplug-nodes.ts"
import type { Reading } from "./normalize-devices.ts"
import type { Memory } from "../profile/memory.ts"
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
