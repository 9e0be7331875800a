import type { Observation } from "../../gateway/domain/observation.ts"

/** A message as it came, before anybody knows what it means. */
export interface Message {
  readonly topic: string
  readonly payload: Uint8Array
  /** The broker kept it: its state is of unknown age. Never set by the embedded broker, whose messages are live. */
  readonly retained: boolean
  /** Epoch milliseconds. */
  readonly receivedAt: number
}

/** A message worth sending back, so that the device's side says again what we need: Sparkplug's rebirth request. */
export interface Ask {
  readonly topic: string
  readonly payload: Uint8Array
}

export interface Normalized {
  readonly observations: ReadonlyArray<Observation>
  readonly outcome: "mapped" | "ignored" | "unreadable" | "unknown-device" | "unknown-topic"
  /** At most one a minute for each edge node; a link that cannot publish may leave them. */
  readonly asks?: ReadonlyArray<Ask>
}

/**
 * Turns messages into our words; never throws. The same messages in the same order give the same: what it remembers
 * (Sparkplug's aliases, the last copy of a repeated happening) is bounded and belongs to one link.
 */
export interface Mapping {
  /** MQTT topic filters worth subscribing to. */
  readonly filters: ReadonlyArray<string>
  readonly normalize: (message: Message) => Normalized
}
