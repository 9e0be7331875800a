import type { OccurrenceWord, PointValue } from "../../gateway/domain/observation.ts"

/** What a simulated device senses at one of its points, before any protocol. */
export type Signal =
  | {
      readonly _tag: "Reading"
      readonly device: string
      readonly point: string
      readonly reading: PointValue
      /** The device only repeats what has been so: at its start, or when it comes back. */
      readonly repeated: boolean
    }
  | {
      readonly _tag: "Occurrence"
      readonly device: string
      readonly point: string
      readonly occurrence: OccurrenceWord
      /** Counts the occurrences of the world: a controller's event id. */
      readonly number: number
    }
  | { readonly _tag: "Presence"; readonly device: string; readonly online: boolean }
