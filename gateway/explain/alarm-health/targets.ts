import type { AlarmHealth, Target } from "./alarm-health.ts"

type Figures = Omit<AlarmHealth, "targets">

/** What a figure is to be: at most, and who says so. The standards' own texts are sold: these are as they are widely quoted. */
interface AtMost {
  readonly figure: string
  readonly unit: string
  readonly target: string
  readonly atMost: number
  readonly source: string
  readonly of: (figures: Figures) => number | null
}

const shareOf =
  (...wanted: ReadonlyArray<number>) =>
  ({ asked, priorities }: Figures): number | null =>
    asked === 0
      ? null
      : priorities.reduce((sum, { priority, share }) => (wanted.includes(priority) ? sum + share : sum), 0)

const rounded = (value: number): number => Math.round(value * 10) / 10

/** So few alerts have no shares to speak of. Ours. */
const fewest = 20

const table: ReadonlyArray<AtMost> = [
  {
    figure: "Alerts in an hour, on average",
    unit: "/h",
    target: "at most 6; 12 can be managed",
    atMost: 6,
    source: "EEMUA 191: one in ten minutes for each operator; ANSI/ISA-18.2: about 6 an hour, at most 12",
    of: ({ perHour }) => perHour
  },
  {
    figure: "Alerts in the busiest ten minutes",
    unit: "",
    target: "at most 10",
    atMost: 10,
    source: "ANSI/ISA-18.2 and EEMUA 191: at most 10 in any ten minutes",
    of: ({ busiestTenMinutes }) => busiestTenMinutes
  },
  {
    figure: "Time in floods",
    unit: "%",
    target: "below 1 %",
    atMost: 0.99,
    source: "ANSI/ISA-18.2: below 1 % of the time",
    of: ({ floods }) => floods.share * 100
  },
  {
    figure: "Critical and high alerts, of all",
    unit: "%",
    target: "about 5 % of highest priority; at most 20 % with the next",
    atMost: 20,
    source: "ANSI/ISA-18.2 and EEMUA 191: some 5 % high, 15 % medium and 80 % low, of three priorities",
    of: (figures) => (figures.asked < fewest ? null : (shareOf(1, 2)(figures) ?? 0) * 100)
  },
  {
    figure: "Alerts open for more than a day",
    unit: "",
    target: "fewer than 5, each with a plan",
    atMost: 4,
    source: "ANSI/ISA-18.2: fewer than 5 stale on any day",
    of: ({ stale }) => stale.count
  },
  {
    figure: "Chattering alerts",
    unit: "",
    target: "none",
    atMost: 0,
    source: "ANSI/ISA-18.2: none",
    of: ({ chattering }) => chattering.length
  },
  {
    figure: "The ten that ask most, of all",
    unit: "%",
    target: "at most 5 %",
    atMost: 5,
    source: "ANSI/ISA-18.2: about 1 to 5 %",
    of: ({ asked, busiest }) =>
      asked < fewest * 10 ? null : (busiest.reduce((sum, { count }) => sum + count, 0) / asked) * 100
  }
]

/** The figures beside what they ought to be. */
export const targetsOf = (figures: Figures): ReadonlyArray<Target> =>
  table.map(({ figure, unit, target, atMost, source, of }) => {
    const value = of(figures)
    return {
      figure,
      value: value === null ? null : rounded(value),
      unit,
      target,
      met: value === null ? null : value <= atMost,
      source
    }
  })
