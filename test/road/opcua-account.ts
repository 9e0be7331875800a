import type { LoggedGap } from "./opcua-log.ts"

/** Numbers that were told one after the other, both ends among them. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** What is known of who heard: the numbers in their order, and the gaps among them. */
export interface HeardNumbers {
  readonly numbers: ReadonlyArray<number>
  readonly gaps: ReadonlyArray<LoggedGap>
  /** When a number was told, epoch milliseconds. */
  readonly toldAt: (number: number) => number | undefined
}

/** What became of numbers that were told. */
export interface Account {
  readonly told: number
  readonly lost: number
  /** Of those that were lost: where they are missing, no gap stands that says so. */
  readonly unexplained: number
}

/** Runs of numbers that were told and not heard. */
const missingRuns = (told: ReadonlyArray<Range>, heard: ReadonlySet<number>): ReadonlyArray<Range> => {
  const runs: Array<Range> = []
  for (const { from, to } of told) {
    let first: number | undefined
    for (let number = from; number <= to + 1; number++) {
      const isMissing = number <= to && !heard.has(number)
      if (isMissing) first ??= number
      else if (first !== undefined) {
        runs.push({ from: first, to: number - 1 })
        first = undefined
      }
    }
  }
  return runs
}

/** Whether a gap stands between what was heard before a run and what was heard after it, and is of that time. */
const explains = (gap: LoggedGap, run: Range, { numbers, toldAt }: HeardNumbers): boolean => {
  const before = numbers.findLastIndex((number) => number < run.from)
  const behind = numbers.findIndex((number) => number > run.to)
  const isThere = gap.after > before && (behind < 0 || gap.after <= behind)
  if (!isThere || gap.from === undefined || gap.to === undefined) return false
  const beganBy = behind < 0 ? Number.POSITIVE_INFINITY : (toldAt(numbers[behind] ?? 0) ?? Number.NaN)
  const lastedUntil = before < 0 ? 0 : (toldAt(numbers[before] ?? 0) ?? Number.NaN)
  return gap.from <= gap.to && gap.from <= beganBy && gap.to >= lastedUntil
}

/** Holds what was told against what was heard. */
export const accountOf = (told: ReadonlyArray<Range>, heard: HeardNumbers): Account => {
  const runs = missingRuns(told, new Set(heard.numbers))
  const lengthOf = (all: ReadonlyArray<Range>): number => all.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  const bare = runs.filter((run) => !heard.gaps.some((gap) => explains(gap, run, heard)))
  return { told: lengthOf(told), lost: lengthOf(runs), unexplained: lengthOf(bare) }
}

/** How many numbers were heard once more than once, and how many after a higher one. */
export const repeatsOf = (numbers: ReadonlyArray<number>): { readonly twice: number; readonly disordered: number } => {
  const seen = new Set<number>()
  let [highest, twice, disordered] = [0, 0, 0]
  for (const number of numbers) {
    if (seen.has(number)) twice++
    else if (number < highest) disordered++
    seen.add(number)
    highest = Math.max(highest, number)
  }
  return { twice, disordered }
}
