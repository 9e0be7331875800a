import { type Figures, type Round, rowOf, shareAim } from "./compared.ts"
import { processorMs } from "./process-costs.ts"
import type { Row } from "./report.ts"
import type { Subject } from "./subject.ts"

const rateOf = (name: string): string => `${name}, events/s`
const costOf = (name: string): string => `${name}, CPU µs an event`

/**
 * How many events a second reach their goal while `all` of them are made to, and what each costs the subject's process.
 * `begin` may wait for something first, and calls back when the time starts.
 */
export const sustained = async (
  name: string,
  subject: Subject,
  all: number,
  begin: (started: () => void) => Promise<unknown>
): Promise<Figures> => {
  const pid = subject.process.pid ?? 0
  let startedAt = performance.now()
  let usedMs = processorMs(pid)
  await begin(() => {
    startedAt = performance.now()
    usedMs = processorMs(pid)
  })
  const tookMs = performance.now() - startedAt
  return {
    [rateOf(name)]: all / (tookMs / 1000),
    [costOf(name)]: ((processorMs(pid) - usedMs) * 1000) / all
  }
}

/** The figures of one name as lines of the closing table. The cost tells on a busy machine what the rate cannot. */
export const sustainedRows = (rounds: ReadonlyArray<Round>, name: string): ReadonlyArray<Row> => [
  rowOf(rounds, rateOf(name), shareAim),
  rowOf(rounds, costOf(name))
]
