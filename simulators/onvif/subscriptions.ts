import type { Faults } from "./faults.ts"
import { passes, type TopicFilter } from "./filter.ts"
import { type Notification, propertyKey } from "./notification.ts"

/** Where a subscription's messages go. */
export type Delivery =
  | { readonly _tag: "PullPoint" }
  /** Each message is posted to the consumer's address (WS-BaseNotification `Notify`). */
  | {
      readonly _tag: "Push"
      readonly deliver: (messages: ReadonlyArray<Notification>) => void
      /** Nothing is delivered any more, and what is under way is given up. */
      readonly end: () => void
    }

export interface Wanted {
  readonly delivery: Delivery
  readonly filter: TopicFilter | undefined
  readonly leaseMs: number
  /** `tev:ChangedOnly`: neither Initialized nor Deleted. */
  readonly changedOnly: boolean
}

/** A pull that waits for a message. */
interface Pull {
  readonly limit: number
  readonly answer: (messages: ReadonlyArray<Notification>) => void
  readonly timer: NodeJS.Timeout
}

/** One open subscription: its lease, and what it has not fetched yet. */
export interface Subscription {
  readonly id: string
  readonly wanted: Wanted
  /** On the monotonic clock of this process, milliseconds. */
  endsAt: number
  readonly queue: Array<Notification>
  readonly pulls: Set<Pull>
  expiry: NodeJS.Timeout
}

export interface SubscriptionCounts {
  /** Messages dropped because a queue was full. */
  dropped: number
  /** Subscriptions that ended because nobody renewed them. */
  expired: number
}

/** How many momentary messages a device remembers, for the fault that repeats them. */
const historyMax = 50

const monotonic = (): number => performance.now()

/**
 * The subscriptions of one device, with its properties. Leases run on a monotonic clock: a step of the device's clock
 * neither ends nor lengthens one.
 */
export class Subscriptions {
  readonly counts: SubscriptionCounts = { dropped: 0, expired: 0 }
  readonly #open = new Map<string, Subscription>()
  readonly #properties = new Map<string, Notification>()
  readonly #history: Array<Notification> = []
  readonly #faults: () => Faults
  readonly #changed: () => void
  #created = 0

  /** `changed` is told whenever a subscription begins, ends, waits or loses a message. */
  constructor(faults: () => Faults, changed: () => void) {
    this.#faults = faults
    this.#changed = changed
  }

  get size(): number {
    return this.#open.size
  }

  /** Open pull points, which a device has few of. */
  get pullPoints(): number {
    return [...this.#open.values()].filter(({ wanted }) => wanted.delivery._tag === "PullPoint").length
  }

  /** Pulls that wait for a message. */
  get waiting(): number {
    return [...this.#open.values()].reduce((sum, { pulls }) => sum + pulls.size, 0)
  }

  find(id: string): Subscription | undefined {
    return this.#open.get(id)
  }

  get newest(): Subscription | undefined {
    return [...this.#open.values()].at(-1)
  }

  /** The properties as they are, for GetXState and the like. */
  get properties(): ReadonlyArray<Notification> {
    return [...this.#properties.values()]
  }

  open(wanted: Wanted): Subscription {
    const id = String(++this.#created)
    const subscription: Subscription = {
      id,
      wanted,
      endsAt: monotonic() + wanted.leaseMs,
      queue: [],
      pulls: new Set(),
      expiry: setTimeout(() => this.#expire(id), wanted.leaseMs)
    }
    this.#open.set(id, subscription)
    const { initialState, repeatsOnSubscribe } = this.#faults()
    if (repeatsOnSubscribe > 0) this.#hand(subscription, this.#history.slice(-repeatsOnSubscribe))
    if (initialState !== "none")
      this.#tellProperties(subscription, initialState === "changed" ? "Changed" : "Initialized")
    this.#changed()
    return subscription
  }

  #tellProperties(subscription: Subscription, operation: "Initialized" | "Changed"): void {
    this.#hand(
      subscription,
      this.properties.map((property) => ({ ...property, operation }))
    )
  }

  /** Every property again, as Initialized. */
  synchronize(subscription: Subscription): void {
    this.#tellProperties(subscription, "Initialized")
  }

  /** The lease ends `leaseMs` from now. */
  renew(subscription: Subscription, leaseMs: number): void {
    subscription.endsAt = monotonic() + leaseMs
    clearTimeout(subscription.expiry)
    subscription.expiry = setTimeout(() => this.#expire(subscription.id), leaseMs)
  }

  /** The lease ends no sooner than `leaseMs` from now. */
  extend(subscription: Subscription, leaseMs: number): void {
    if (this.remainingMs(subscription) < leaseMs) this.renew(subscription, leaseMs)
  }

  remainingMs(subscription: Subscription): number {
    return Math.max(0, subscription.endsAt - monotonic())
  }

  #expire(id: string): void {
    if (!this.#open.has(id)) return
    this.counts.expired++
    this.close(id)
  }

  /** Ends a subscription; a pull that waits is answered with nothing. */
  close(id: string): void {
    const subscription = this.#open.get(id)
    if (subscription === undefined) return
    this.#open.delete(id)
    clearTimeout(subscription.expiry)
    for (const pull of subscription.pulls) this.#answer(subscription, pull)
    if (subscription.wanted.delivery._tag === "Push") subscription.wanted.delivery.end()
    this.#changed()
  }

  closeAll(): void {
    for (const id of this.#open.keys()) this.close(id)
  }

  /** What a device forgets when it restarts: its subscriptions and its history. The world's state it reads again. */
  forget(): void {
    this.closeAll()
    this.#history.length = 0
  }

  /** A property changes, or something momentary happened; whoever wants to hear of it does. No change is no message. */
  publish(notification: Notification): void {
    const { operation, data } = notification
    const known = operation === "Changed" ? this.#properties.get(propertyKey(notification)) : undefined
    if (known !== undefined && JSON.stringify(known.data) === JSON.stringify(data)) return
    if (operation === undefined) {
      this.#history.push(notification)
      if (this.#history.length > historyMax) this.#history.shift()
    } else if (operation === "Deleted") this.#properties.delete(propertyKey(notification))
    else this.#properties.set(propertyKey(notification), notification)
    for (const subscription of this.#open.values()) this.#hand(subscription, [notification])
  }

  /** A property is what it is from the beginning; nobody is told. */
  assume(notification: Notification): void {
    this.#properties.set(propertyKey(notification), notification)
  }

  #hand(subscription: Subscription, messages: ReadonlyArray<Notification>): void {
    const { filter, changedOnly, delivery } = subscription.wanted
    const { silent, queueLimit } = this.#faults()
    const heard = messages.filter(
      ({ topic, operation }) =>
        passes(filter, topic) && !(changedOnly && (operation === "Initialized" || operation === "Deleted"))
    )
    if (silent || heard.length === 0) return
    if (delivery._tag === "Push") return delivery.deliver(heard)
    subscription.queue.push(...heard)
    const over = subscription.queue.length - queueLimit
    if (over > 0) {
      subscription.queue.splice(0, over)
      this.counts.dropped += over
      this.#changed()
    }
    const [waiting] = subscription.pulls
    if (waiting !== undefined && subscription.queue.length > 0) this.#answer(subscription, waiting)
  }

  /** Messages that wait are answered at once; without one, the next, or nothing once `timeoutMs` is over. */
  pull(
    subscription: Subscription,
    { limit, timeoutMs }: { readonly limit: number; readonly timeoutMs: number },
    answer: (messages: ReadonlyArray<Notification>) => void
  ): { readonly abandon: () => void } {
    const pull: Pull = {
      limit,
      answer,
      timer: setTimeout(() => this.#answer(subscription, pull), timeoutMs)
    }
    subscription.pulls.add(pull)
    if (subscription.queue.length > 0 || timeoutMs <= 0) this.#answer(subscription, pull)
    else this.#changed()
    return {
      abandon: () => {
        clearTimeout(pull.timer)
        if (subscription.pulls.delete(pull)) this.#changed()
      }
    }
  }

  #answer(subscription: Subscription, pull: Pull): void {
    if (!subscription.pulls.delete(pull)) return
    clearTimeout(pull.timer)
    pull.answer(subscription.queue.splice(0, pull.limit))
  }
}

/** Whether an access point was switched off (property `AccessPoint/State/Enabled`). */
export const accessPointDisabled = ({ properties }: Subscriptions, token: string): boolean =>
  properties.find(({ topic, source }) => topic === "AccessPoint/State/Enabled" && source[0]?.value === token)?.data[0]
    ?.value === false
