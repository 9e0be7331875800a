import type { Aim, Row } from "./report.ts"
import { medianOf } from "./spread.ts"

/** What was measured of one subject in one round, by name. */
export type Figures = Readonly<Record<string, number>>

/** The gateway and the floor, measured one right after the other. */
export interface Round {
  readonly gateway: Figures
  readonly floor: Figures
}

/** At least this share of the floor's rate: what the product adds to the bare road may cost no more. */
export const shareAim: Aim = { atLeast: 0.7 }

/** At most this many times the floor's 99th percentile. */
export const latencyAim: Aim = { atMost: 3 }

/** Measures the floor and the gateway by turns: what else the machine does then falls on both. */
export const roundsOf = async (
  count: number,
  floor: () => Promise<Figures>,
  gateway: () => Promise<Figures>
): Promise<ReadonlyArray<Round>> => {
  const rounds: Array<Round> = []
  for (let n = 0; n < count; n++) rounds.push({ floor: await floor(), gateway: await gateway() })
  return rounds
}

/** The medians of a figure, and the median of each round's own ratio. */
export const rowOf = (rounds: ReadonlyArray<Round>, name: string, aim?: Aim): Row => {
  const figures = rounds.map(({ gateway, floor }) => [gateway[name] ?? Number.NaN, floor[name] ?? Number.NaN] as const)
  return {
    what: name,
    gateway: medianOf(figures.map(([ours]) => ours)),
    floor: medianOf(figures.map(([, bare]) => bare)),
    ratio: medianOf(figures.map(([ours, bare]) => ours / bare)),
    ...(aim === undefined ? {} : { aim })
  }
}
