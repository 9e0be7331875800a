import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import {
  conditionHeard,
  type Conditions,
  conditionsFrom,
  type Known,
  knownConditions,
  noConditions
} from "./conditions.ts"
import type { KnownServer } from "../session/connection.ts"
import type { LeftSession } from "../session/session.ts"
import type { Condition, HeardCondition } from "../sources.ts"
import { type Item, type KeptSubscription, Subscription } from "./subscription.ts"

/** The form of the file; one of another form is not read. */
const version = 1

interface Kept {
  readonly version: number
  readonly endpoint: string
  readonly heardAt: EpochMs | undefined
  readonly subscription: KeptSubscription | undefined
  readonly conditions: ReadonlyArray<Known>
}

/** The file is not written more often while messages wait for the disk, nor less often while none come. */
const writeAtMostEveryMs = 100
const writeAtLeastEveryMs = 10_000

/** Nobody has more conditions that want a person. */
const conditionsMax = 10_000

const stateKey = (conditionId: string, branchId: string | undefined): string =>
  JSON.stringify([conditionId, branchId ?? ""])

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    // None was written yet, or it is damaged: then the subscription is lost, and told as a gap.
    return undefined
  }
}

const read = (file: string, endpoint: string): Kept | undefined => {
  const kept = readJson(file) as Kept | undefined
  const readable = kept?.version === version && kept.endpoint === endpoint && Array.isArray(kept.conditions)
  return readable ? kept : undefined
}

/** The items of a subscription are many and hardly change: they have a file of their own. */
interface KeptItems {
  readonly id: number
  readonly fingerprint: string
  readonly items: ReadonlyArray<Item>
}

const readItems = (file: string, { id, fingerprint }: KeptSubscription): ReadonlyArray<Item> | undefined => {
  const kept = readJson(file) as KeptItems | undefined
  return kept?.id === id && kept.fingerprint === fingerprint && Array.isArray(kept.items) ? kept.items : undefined
}

/** Writes a file whole or not at all. */
const writeJson = (file: string, content: unknown): void => {
  writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/**
 * What one connection leaves to the next: within the process all of it, and in a file what a new process needs to take the
 * subscription over. A message may be acknowledged only when the file says that it is kept: otherwise a new process would
 * look for it at the server in vain.
 */
export class Remembered implements KnownServer, LeftSession {
  certificate: KnownServer["certificate"]
  session: LeftSession["session"]
  /** When a subscription of ours last brought something, epoch milliseconds; `undefined`: never. */
  heardAt: EpochMs | undefined
  /** A message that was being asked for when the connection broke, and how often. */
  poison: { readonly number: number; readonly times: number } | undefined
  /** Why a file could not be written, the first time that it could not. */
  unwritten: string | undefined
  #conditions: Conditions = noConditions
  /** The last state of each condition that was heard, interesting or not. */
  readonly #states = new Map<string, Condition>()
  readonly #listeners = new Set<() => void>()
  #subscription: Subscription | undefined
  /** `firstNotKept` as the file has it. */
  #written = 1
  #wroteAt = 0
  readonly #file: string
  readonly #itemsFile: string
  readonly #endpoint: string

  constructor(directory: string, link: string, endpoint: string) {
    this.#file = join(directory, `${link}.json`)
    this.#itemsFile = join(directory, `${link}.items.json`)
    this.#endpoint = endpoint
    this.#keep(() => void mkdirSync(directory, { recursive: true, mode: 0o700 }))
    const kept = read(this.#file, endpoint)
    if (kept === undefined) return
    this.heardAt = kept.heardAt
    this.#conditions = conditionsFrom(kept.conditions)
    for (const { condition } of kept.conditions) this.#remember(condition)
    const { subscription } = kept
    const items = subscription === undefined ? undefined : readItems(this.#itemsFile, subscription)
    if (subscription === undefined || items === undefined) return
    this.#subscription = new Subscription(subscription, items)
    this.#written = subscription.next
  }

  get conditions(): Conditions {
    return this.#conditions
  }

  set conditions(conditions: Conditions) {
    this.#conditions = conditions
  }

  /** A state of a condition was heard. */
  conditionHeard(heard: HeardCondition): void {
    this.#conditions = conditionHeard(this.#conditions, heard)
    this.#remember(heard.condition)
    for (const listener of this.#listeners) listener()
  }

  #remember(condition: Condition): void {
    const key = stateKey(condition.conditionId, condition.branchId)
    this.#states.delete(key)
    this.#states.set(key, condition)
    const [oldest] = this.#states.keys()
    if (this.#states.size > conditionsMax && oldest !== undefined) this.#states.delete(oldest)
  }

  /** The state of a condition that was last heard. */
  stateOf(conditionId: string, branchId: string | undefined): Condition | undefined {
    return this.#states.get(stateKey(conditionId, branchId))
  }

  /** Calls whenever a state is heard. Answers how to be called no longer. */
  onCondition(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  get subscription(): Subscription | undefined {
    return this.#subscription
  }

  /** Another subscription, or none, from here on. */
  set subscription(subscription: Subscription | undefined) {
    this.#subscription = subscription
    this.poison = undefined
    this.itemsChanged()
  }

  /** The first message that the file does not have as kept. */
  get written(): number {
    return this.#written
  }

  /** Something was heard, or was put on disk: writes the file where it is time to. */
  progressed(): void {
    const age = performance.now() - this.#wroteAt
    const behind = this.#subscription !== undefined && this.#subscription.firstNotKept !== this.#written
    const idle = this.#subscription === undefined || this.#subscription.waiting === 0
    if ((behind && (idle || age >= writeAtMostEveryMs)) || age >= writeAtLeastEveryMs) this.write()
  }

  /** The subscription is another one, or watches something else. */
  itemsChanged(): void {
    const subscription = this.#subscription
    if (subscription !== undefined) {
      const { id, fingerprint, items } = subscription
      const kept: KeptItems = { id, fingerprint, items: [...items.values()] }
      this.#keep(() => writeJson(this.#itemsFile, kept))
    }
    this.write()
  }

  /** Writes the file now. */
  write(): void {
    const subscription = this.#subscription?.kept
    const kept: Kept = {
      version,
      endpoint: this.#endpoint,
      heardAt: this.heardAt,
      subscription,
      conditions: knownConditions(this.#conditions).slice(0, conditionsMax)
    }
    this.#wroteAt = performance.now()
    this.#keep(() => writeJson(this.#file, kept))
    this.#written = subscription?.next ?? 1
  }

  /** Only a restart suffers from a file that cannot be written; what is on disk in the log must still be acknowledged. */
  #keep(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.unwritten ??= error instanceof Error ? error.message : this.#file
    }
  }
}

/** What earlier attempts of a link remember; the first of a process reads the file. */
export const rememberedOf = (
  memory: Map<string, unknown>,
  directory: string,
  link: string,
  endpoint: string
): Remembered => {
  const known = memory.get("opcua")
  if (known instanceof Remembered) return known
  const remembered = new Remembered(directory, link, endpoint)
  memory.set("opcua", remembered)
  return remembered
}
