import { createHash } from "node:crypto"
import type { Said } from "./normalize-identity.ts"

/** So many different messages are remembered, and of each so many tellings; what is beyond counts once more. */
const messagesMax = 4096
const tellingsMax = 64

interface Telling {
  readonly key: string
  readonly subscription: string
}

/** What a message says, as text: topic, items and the device's own time. */
const identityOf = ({ topic, source, key, data, utcTime }: Said): string =>
  createHash("sha256")
    .update(JSON.stringify([topic, utcTime ?? "", source, key, data]))
    .digest("hex")

/**
 * Gives each happening a key of its own. A device may tell one again after we subscribed anew: such a telling gets the
 * key of the one it repeats, and intake, which knows what is on disk, drops it. Within one subscription nothing is ever
 * a repetition: a device whose clock stands still sends the same message for two happenings. After a restart nothing is
 * remembered, and what is told again counts again.
 */
export class Happenings {
  readonly #told = new Map<string, Array<Telling>>()
  readonly #repeated = new Map<string, number>()
  #subscription: string | undefined
  #count = 0

  /** `mayRepeat`: it came first in a new subscription and tells of something before it. `at`: when we heard it. */
  keyOf(message: Said, subscription: string, mayRepeat: boolean, at: number): string {
    if (subscription !== this.#subscription) {
      this.#subscription = subscription
      this.#repeated.clear()
    }
    const identity = identityOf(message)
    const tellings = this.#told.get(identity) ?? []
    const before = mayRepeat ? this.#before(identity, tellings, subscription) : undefined
    if (before !== undefined) return before.key
    this.#count += 1
    const key = `onvif:${identity.slice(0, 32)}:${at}:${this.#count}`
    this.#remember(identity, [...tellings.slice(1 - tellingsMax), { key, subscription }])
    return key
  }

  /** The telling of an earlier subscription that this one repeats: the first such repeats the first, and so on. */
  #before(identity: string, tellings: ReadonlyArray<Telling>, subscription: string): Telling | undefined {
    const nth = this.#repeated.get(identity) ?? 0
    this.#repeated.set(identity, nth + 1)
    return tellings.filter((telling) => telling.subscription !== subscription)[nth]
  }

  #remember(identity: string, tellings: Array<Telling>): void {
    this.#told.delete(identity)
    if (this.#told.size >= messagesMax) {
      const [oldest] = this.#told.keys()
      if (oldest !== undefined) this.#told.delete(oldest)
    }
    this.#told.set(identity, tellings)
  }
}
