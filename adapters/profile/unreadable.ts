import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"

/** An address, a topic: more of it than this is not kept. */
export const textMax = 512

/** How much is kept of what cannot be read about a message. */
const whyMax = 2000

/** A message that could not be read, or not wholly: `raw` is what of it may be kept. */
export const unreadable = (topic: string, raw: string, why: string, device: Device | undefined): Observation => ({
  _tag: "Unreadable",
  why: why.slice(0, whyMax),
  source: topic.slice(0, textMax),
  raw,
  ...(device === undefined ? {} : { device: device.id })
})
