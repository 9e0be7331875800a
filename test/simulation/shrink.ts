import type { Plan, Step } from "./plan.ts"

/**
 * The least of a plan that still fails: what can be left out is left out, half of the steps at a time, then ever fewer, then
 * each by itself.
 */
export const shrink = (plan: Plan, fails: (plan: Plan) => boolean): Plan => {
  let steps: ReadonlyArray<Step> = plan.steps
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length;) {
      const fewer = steps.toSpliced(from, size)
      if (fails({ ...plan, steps: fewer })) steps = fewer
      else from += size
    }
  }
  return { ...plan, steps }
}
