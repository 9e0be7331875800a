/** What a simulated device publishes. Everything goes out with QoS 1, so that the broker's answer can be awaited. */
export interface Message {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

/** A live JSON message. */
export const live = (topic: string, body: unknown): Message => ({ topic, payload: JSON.stringify(body), retain: false })

/** A JSON message that the broker keeps for later subscribers. */
export const kept = (topic: string, body: unknown): Message => ({ topic, payload: JSON.stringify(body), retain: true })

/** A payload that is text and no more. */
export const text = (topic: string, payload: string, retain = false): Message => ({ topic, payload, retain })
