import type { Effect } from "effect"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { LinkContext } from "../../adapter.ts"
import type { CallFailed } from "../wire/connection.ts"
import type { DeviceSettings } from "../device-settings.ts"
import type { Remembered } from "./remembered.ts"
import type { Session } from "../device/session.ts"
import type { XmlElement } from "../wire/xml-element.ts"

/** What a device had kept for a new subscription comes within this. */
export const beginningMs = 5000

/** How messages came. */
export interface Arrival {
  readonly receivedAt: EpochMs
  /** Unique for each subscription. */
  readonly subscription: string
  readonly subscribedAt: EpochMs
  /** They are the first that the subscription brings, and came soon: see `beginningMs`. */
  readonly beginning: boolean
  /** Runs now and then while the store refuses them. */
  readonly meanwhile: Effect.Effect<void>
}

/** What an answer or notification held. */
export interface HeardMessages {
  readonly messages: number
  /** How many of them said what was not known, and could be understood; left out: all. */
  readonly news?: number
  /** The device says itself that it lost some: its state is to be asked for again. */
  readonly lost: boolean
}

/** What is the same for every way in which a device's events come. */
export interface Stream {
  readonly session: Session
  readonly device: Device
  readonly settings: DeviceSettings
  readonly context: LinkContext
  readonly remembered: Remembered
  /** Takes in all the messages of an answer or notification; completes when they are on disk. */
  readonly hear: (body: XmlElement, arrival: Arrival) => Effect.Effect<HeardMessages>
  /** Something came that nobody can read: it is kept, and what else it held is a gap. */
  readonly tellLost: (source: string, failure: CallFailed, meanwhile: Effect.Effect<void>) => Effect.Effect<void>
  /**
   * Completes when it is on disk that nothing was heard between the last subscription and this one. `stayed`: the link held
   * meanwhile, and so the device is as much there as before.
   */
  readonly tellSessionLost: (detail: string, stayed: boolean) => Effect.Effect<void>
  /** The device may have been restarted: what holds for one run of it only is forgotten. */
  readonly resubscribing: () => void
}
