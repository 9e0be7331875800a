import { Effect } from "effect"

/** What a device has seen of its clients. */
export class Counters {
  readonly #requests = new Map<string, number>()
  readonly #watchers = new Set<() => void>()
  #refused = 0

  /** Requests by operation since the start; the picture's are `Snapshot`. Refused ones count too. */
  requests(operation: string): number {
    return this.#requests.get(operation) ?? 0
  }

  /** All operations that were asked for. */
  get byOperation(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#requests)
  }

  /** Requests that were turned away for lack of credentials; a digest client's first one is among them. */
  get unauthorized(): number {
    return this.#refused
  }

  count(operation: string): void {
    this.#requests.set(operation, this.requests(operation) + 1)
    this.changed()
  }

  refused(): void {
    this.#refused++
    this.changed()
  }

  /** Whoever waits looks again. */
  readonly changed = (): void => {
    for (const look of this.#watchers) look()
  }

  /** Completes once `holds` does; asked with every request, subscription and its end. */
  until(holds: () => boolean): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const look = (): void => {
        if (!holds()) return
        this.#watchers.delete(look)
        resume(Effect.void)
      }
      this.#watchers.add(look)
      look()
      return Effect.sync(() => void this.#watchers.delete(look))
    })
  }
}
