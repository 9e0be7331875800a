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

export interface Normalized {
  readonly observations: ReadonlyArray<Observation>
  readonly outcome: "mapped" | "ignored" | "unreadable" | "unknown-device" | "unknown-topic"
}

/** Turns messages into our words; pure, never throws. */
export interface Mapping {
  /** MQTT topic filters worth subscribing to. */
  readonly filters: ReadonlyArray<string>
  readonly normalize: (message: Message) => Normalized
}
