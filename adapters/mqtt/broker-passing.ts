import type { Aedes } from "aedes"
import type { Listened } from "./listened.ts"
import type { Publish } from "./publish-packet.ts"

/** The broker keeps the last message of at most this many topics for later subscribers; of others none. */
const retainedMax = 10_000

/** Whether the broker may keep a message of this topic for later subscribers: if so, it is one of the topics it has. */
export type MayRetain = (topic: string) => boolean

export const makeMayRetain = (): MayRetain => {
  const retained = new Set<string>()
  return (topic) => {
    if (!retained.has(topic) && retained.size >= retainedMax) return false
    retained.add(topic)
    return true
  }
}

/**
 * Passes a message that is kept on to the clients that listen for it, and to what the broker keeps for later ones. False
 * when there is nobody to pass it to; else `done` is called once it is with each.
 */
export type PassOn = (message: Publish, done: (error?: Error) => void) => boolean

export const makePassOn =
  (aedes: Aedes, listened: Listened, mayRetain: MayRetain): PassOn =>
  ({ topic, payload, qos, retain: wanted }, done) => {
    const retain = wanted && mayRetain(topic)
    if (aedes.closed || (!retain && !listened.mayHear(topic))) return false
    // A copy: who keeps a view keeps all the bytes that came with it. That it was sent before is between its sender and us
    // (MQTT 3.1.1, 3.3.1.1).
    aedes.publish({ cmd: "publish", topic, payload: Buffer.from(payload), qos, retain, dup: false }, done)
    return true
  }
