import { type Figures, latencyAim, type Round, rowOf } from "./compared.ts"
import { waitedMs } from "./press.ts"
import type { Row } from "./report.ts"
import { type Spread, spreadOf } from "./spread.ts"
import type { Subject } from "./subject.ts"

/** The rates at which latency is measured, presses a second. */
export const rates = [100, 1000, 5000] as const

/** Has `presses` made and waits until all have reached their goal: how long each took from publish to there. */
export const latencyOf = async (
  subject: Pick<Subject, "onPress">,
  presses: number,
  make: () => Promise<unknown>
): Promise<Spread> => {
  const took: Array<number> = []
  const arrived = new Promise<void>((resolve) =>
    subject.onPress((action) => {
      took.push(waitedMs(action))
      if (took.length === presses) resolve()
    })
  )
  await make()
  await arrived
  return spreadOf(took)
}

const named = (rate: number, of: "p50" | "p99"): string => `at ${rate}/s to the screen, ${of}, ms`

/** How many presses one measurement of all rates makes. */
export const pressesOf = (seconds: number): number => rates.reduce((all, rate) => all + rate * seconds, 0)

/** The latencies at every rate, each for so many seconds. */
export const latencies = async (
  subject: Subject,
  seconds: number,
  press: (rate: number) => Promise<unknown>
): Promise<Figures> => {
  const figures: Record<string, number> = {}
  for (const rate of rates) {
    const { p50, p99 } = await latencyOf(subject, rate * seconds, () => press(rate))
    figures[named(rate, "p50")] = p50
    figures[named(rate, "p99")] = p99
  }
  return figures
}

/** The latencies as lines of the closing table: the 99th percentiles have an aim, the medians none. */
export const latencyRows = (rounds: ReadonlyArray<Round>): ReadonlyArray<Row> =>
  rates.flatMap((rate) => [rowOf(rounds, named(rate, "p50")), rowOf(rounds, named(rate, "p99"), latencyAim)])
