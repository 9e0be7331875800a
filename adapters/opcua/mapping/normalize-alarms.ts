import type { Condition } from "../sources.ts"
import type { AlarmWords } from "./profile.ts"

/** How one condition stands at a point. */
interface Standing extends AlarmWords {
  /** Its mapping's place in the profile: of several that are active the first one speaks. */
  readonly rank: number
  readonly state: "active" | "inactive" | "unknown"
}

/** A disabled condition says nothing of its state (OPC 10000-9, 5.5.2). */
export const stateOf = ({ enabled, active }: Condition): Standing["state"] =>
  enabled ? (active ? "active" : "inactive") : "unknown"

/** No panel has more conditions that were ever active. */
const conditionsMax = 20_000

/**
 * What several conditions make of one point: a door is forced, or open too long, or neither. While one of them is active
 * it speaks; what is unknown of one makes the point unknown, unless another is active.
 */
export class AlarmPoints {
  readonly #points = new Map<string, Map<string, Standing>>()
  #count = 0

  /** A condition stands so now. Answers the point's word; `undefined`: unknown. */
  tell(point: string, conditionId: string, standing: Standing): string | undefined {
    const known = this.#points.get(point) ?? new Map<string, Standing>()
    if (!known.has(conditionId)) this.#count++
    known.set(conditionId, standing)
    this.#points.delete(point)
    this.#points.set(point, known)
    if (this.#count > conditionsMax) this.#forgetOldest()
    const all = [...known.values()].sort((one, other) => one.rank - other.rank)
    const active = all.find(({ state }) => state === "active")
    if (active !== undefined) return active.active
    return all.some(({ state }) => state === "unknown") ? undefined : standing.inactive
  }

  #forgetOldest(): void {
    const [oldest] = this.#points.keys()
    if (oldest === undefined) return
    this.#count -= this.#points.get(oldest)?.size ?? 0
    this.#points.delete(oldest)
  }
}
