import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { SeverityBand } from "./settings.ts"
import type { Condition } from "./sources.ts"

/** A condition at a point of ours: what an officer may be told of it, and may answer. */
export interface PointCondition {
  readonly point: string
  readonly condition: Condition
  readonly priority: SeverityBand["priority"]
  /** When the server says that it came into this state. */
  readonly time: EpochMs | undefined
}

/** No panel has more that want a person. */
const conditionsMax = 10_000

/** A condition and each of its branches is one of its own. */
export const keyOf = ({ conditionId, branchId }: Pick<Condition, "conditionId" | "branchId">): string =>
  JSON.stringify([conditionId, branchId ?? ""])

/** The conditions that a server holds for interesting, by the points they are mapped to. */
export class Conditions {
  readonly #known = new Map<string, ReadonlyArray<PointCondition>>()

  /** A state was heard; `points` are those it is mapped to. */
  heard(condition: Condition, states: ReadonlyArray<PointCondition>): void {
    const key = keyOf(condition)
    this.#known.delete(key)
    if (!condition.retain || states.length === 0) return
    this.#known.set(key, states)
    const [oldest] = this.#known.keys()
    if (this.#known.size > conditionsMax && oldest !== undefined) this.#known.delete(oldest)
  }

  gone(condition: Condition): void {
    this.#known.delete(keyOf(condition))
  }

  /** The newest states at a point. */
  at(point: string): ReadonlyArray<PointCondition> {
    return [...this.#known.values()].flat().filter((known) => known.point === point)
  }
}
