import type { CallsAt } from "./replay-wire.ts"

/** What is drawn at one place: so many calls of a kind from there on, until the next mark. */
export interface Mark extends Pick<CallsAt, "course" | "kind"> {
  readonly x: number
  readonly count: number
}

/** A mark's own width, and that of a figure of its number. */
const [markWidth, figureWidth] = [16, 8]

/** Whether a mark tells its number: what is as it was is told by the sums alone. */
export const isNumbered = ({ kind, count }: Mark): boolean => count > 1 && kind !== "unchanged"

/** What a mark takes with its number: the next one stands behind it. */
const widthOf = (mark: Mark): number => markWidth + (isNumbered(mark) ? figureWidth * String(mark.count).length : 0)

/** Marks in the order of time; those that would hide one another are one with their number, at the place of the first. */
export const marksOf = (timeline: ReadonlyArray<CallsAt>, xOf: (at: string) => number): ReadonlyArray<Mark> => {
  const rows = new Map<string, Array<Mark>>()
  for (const { course, kind, at, calls } of timeline) {
    const name = `${course} ${kind}`
    const row = rows.get(name) ?? []
    rows.set(name, row)
    const [x, last] = [xOf(at), row.at(-1)]
    if (last === undefined || x >= last.x + widthOf(last)) row.push({ course, kind, x, count: calls })
    else row[row.length - 1] = { ...last, count: last.count + calls }
  }
  return [...rows.values()].flat()
}
