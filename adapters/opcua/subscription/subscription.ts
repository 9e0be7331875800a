import type { DeviceId } from "../../../gateway/domain/ids.ts"
import { numberAfter } from "./sequence.ts"
import type { HeardValue } from "../sources.ts"

/** A thing the server watches for us, by the handle that its notifications carry. */
export type Item = {
  readonly handle: number
  readonly key: string
  readonly matched: ReadonlyArray<string>
  readonly device: DeviceId | undefined
  /** `nsu=…` */
  readonly node: string
  /** What the server grants to queue. */
  readonly queueSize: number
  /** The server's own number for it; absent where it was kept before this was. */
  readonly id?: number
} & ({ readonly kind: "value" } | { readonly kind: "event"; readonly fields: ReadonlyArray<string> })

/** What is kept of a subscription on disk. */
export interface KeptSubscription {
  readonly id: number
  /** Of what was asked for: with another one, it is not what we want any more. */
  readonly fingerprint: string
  readonly keepAliveMs: number
  /** Absent where it was kept before this was. */
  readonly granted?: GrantedTimes
  /** The first message that is not on disk. */
  readonly next: number
}

/** What the server made of the times that were asked for. */
export interface GrantedTimes {
  readonly publishingMs: number
  /** How long the subscription lives without us. */
  readonly lifetimeMs: number
}

/** Why a report was not kept. */
type Refusal = { readonly reason: string } | undefined

/**
 * A subscription at the server, and how far its messages are on disk. It outlives connections, sessions and, where the
 * server allows, this process.
 */
export class Subscription {
  readonly id: number
  readonly fingerprint: string
  /** The server says something at least this often (as revised by it). */
  readonly keepAliveMs: number
  readonly granted: GrantedTimes | undefined
  readonly items = new Map<number, Item>()
  /** When it was last looked which nodes there are, on our monotonic clock; one that was taken over was not looked at. */
  lookedAt = Number.NEGATIVE_INFINITY
  /** Items whose first value has not come yet: it says what has been so, not what changes. */
  readonly unheard = new Set<number>()
  /** What each item said last, for servers that say it again when a session moves to another connection. */
  readonly #said = new Map<number, { readonly message: number; readonly said: string }>()
  /** The number of the next message. */
  expected: number
  /** Messages handed on that are not on disk, in their order. */
  readonly #open = new Set<number>()
  #waiting = 0
  #refused = false
  /** Told when a report was not kept: its message is to be asked for again. */
  onRefused: (reason: string) => void = () => {}
  #idle: Array<() => void> = []

  constructor({ id, fingerprint, keepAliveMs, granted, next }: KeptSubscription, items: ReadonlyArray<Item> = []) {
    this.granted = granted
    this.id = id
    this.fingerprint = fingerprint
    this.keepAliveMs = keepAliveMs
    this.expected = next
    for (const item of items) this.items.set(item.handle, item)
  }

  /**
   * Whether an item says the very thing again that it said last, in another message: the same value since the same time.
   * A message that is given twice says nothing again.
   */
  isRepeated(handle: number, message: number, { sourceTime, statusName, value }: HeardValue): boolean {
    const said = JSON.stringify([sourceTime, statusName, value])
    const before = this.#said.get(handle)
    this.#said.set(handle, { message, said })
    return sourceTime !== undefined && before !== undefined && before.message !== message && before.said === said
  }

  /** A message is handed on. What comes back is to be called once when its rows are on disk, or with why they are not. */
  take(number: number): (refusal?: Refusal) => void {
    this.#open.add(number)
    this.#waiting++
    this.expected = numberAfter(number)
    return (refusal) => {
      this.#waiting--
      if (refusal === undefined) this.#open.delete(number)
      else this.#refused = true
      if (refusal !== undefined) this.onRefused(refusal.reason)
      if (this.#waiting > 0) return
      const idle = this.#idle
      this.#idle = []
      for (const wake of idle) wake()
    }
  }

  /** The first message that is not on disk: all before it may be acknowledged. */
  get firstNotKept(): number {
    const [first] = this.#open
    return first ?? this.expected
  }

  /** Messages that wait for the disk. */
  get waiting(): number {
    return this.#waiting
  }

  /** Something was refused, and not asked for again yet. */
  get refused(): boolean {
    return this.#refused
  }

  /** Calls when nothing waits for the disk any more. Answers how to be called no longer. */
  whenIdle(wake: () => void): () => void {
    if (this.#waiting === 0) wake()
    else this.#idle.push(wake)
    return () => {
      this.#idle = this.#idle.filter((one) => one !== wake)
    }
  }

  /** What was refused is to be asked for again. To be called when nothing waits. */
  rewind(): void {
    if (!this.#refused) return
    this.expected = this.firstNotKept
    this.#open.clear()
    this.#refused = false
  }

  get kept(): KeptSubscription {
    const { id, fingerprint, keepAliveMs, granted, firstNotKept: next } = this
    return { id, fingerprint, keepAliveMs, ...(granted === undefined ? {} : { granted }), next }
  }
}
