import { coversFilter } from "./profile-topic.ts"

/** Of more filters than this none is kept: then somebody may hear whatever is said. */
const filtersMax = 1000

/** Answers for so many topics are remembered. */
const topicsMax = 10_000

/**
 * Which topics somebody may hear: whatever a filter brings that a client was ever granted. It errs on one side alone: who
 * has left since may still be there, for its session may wait for it.
 */
export class Listened {
  readonly #filters = new Set<string>()
  readonly #answers = new Map<string, boolean>()

  granted(filter: string): void {
    if (this.#filters.size >= filtersMax || this.#filters.has(filter)) return
    this.#filters.add(filter)
    this.#answers.clear()
  }

  mayHear(topic: string): boolean {
    if (this.#filters.size === 0) return false
    if (this.#filters.size >= filtersMax) return true
    const known = this.#answers.get(topic)
    if (known !== undefined) return known
    const answer = [...this.#filters].some((filter) => coversFilter(filter, topic))
    if (this.#answers.size >= topicsMax) this.#answers.clear()
    this.#answers.set(topic, answer)
    return answer
  }
}
