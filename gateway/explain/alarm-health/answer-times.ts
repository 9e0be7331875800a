import type { AlertStep } from "../../log/alert-steps.ts"
import type { Times } from "./alarm-health.ts"

/** The value that a share of the values does not exceed (nearest rank), rounded; null where there is none. */
const ranked = (sorted: ReadonlyArray<number>, share: number): number | null => {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  return value === undefined ? null : Math.round(value / 100) / 10
}

export const timesOf = (milliseconds: ReadonlyArray<number>): Times => {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  return { count: sorted.length, p50Seconds: ranked(sorted, 0.5), p95Seconds: ranked(sorted, 0.95) }
}

/** The alert asks somebody: new, or anew, and aloud. */
export const asks = ({ transition, silent }: AlertStep): boolean =>
  (transition === "raised" || transition === "reactivated") && silent === 0

/** An alert asks since then, and its condition has held since then. */
interface Waiting {
  readonly askedAt?: number
  readonly activeSince?: number
  /** The answer that an officer may still take back, and since when it had been waited for. */
  readonly answered?: { readonly nth: number; readonly askedAt: number }
}

interface Answer {
  readonly ms: number
  readonly critical: boolean
}

/** How long officers took to answer, and conditions to be over, of what asked in these steps. */
export interface AnswerTimes {
  readonly acknowledge: ReadonlyArray<number>
  readonly acknowledgeCritical: ReadonlyArray<number>
  readonly clear: ReadonlyArray<number>
}

/**
 * Reads the times off the steps of alerts. What asks and is asked for anew before anybody answered waits since the first;
 * an acknowledgement that was undone counts for nothing; who closes has answered.
 */
export const answerTimes = (steps: ReadonlyArray<AlertStep>): AnswerTimes => {
  const waiting = new Map<string, Waiting>()
  const answers: Array<Answer | undefined> = []
  const clear: Array<number> = []
  for (const step of steps) {
    const { alert, transition, at } = step
    const now = waiting.get(alert) ?? {}
    const { askedAt, activeSince, answered } = now
    if (asks(step) || (transition === "unshelved" && step.acknowledged === 0)) {
      waiting.set(alert, { askedAt: askedAt ?? at, activeSince: activeSince ?? at })
    } else if ((transition === "acknowledged" || transition === "closed") && askedAt !== undefined) {
      answers.push({ ms: at - askedAt, critical: step.priority === 1 })
      const { askedAt: _asked, ...rest } = now
      waiting.set(alert, { ...rest, answered: { nth: answers.length - 1, askedAt } })
    } else if (transition === "acknowledgement-undone" && answered !== undefined) {
      answers[answered.nth] = undefined
      const { answered: _answered, ...rest } = now
      waiting.set(alert, { ...rest, askedAt: answered.askedAt })
    } else if (transition === "returned-to-normal" || transition === "resolved-by-late-evidence") {
      if (activeSince !== undefined) clear.push(at - activeSince)
      const { activeSince: _active, ...rest } = now
      waiting.set(alert, rest)
    }
  }
  const given = answers.filter((answer) => answer !== undefined)
  return {
    acknowledge: given.map(({ ms }) => ms),
    acknowledgeCritical: given.filter(({ critical }) => critical).map(({ ms }) => ms),
    clear
  }
}
