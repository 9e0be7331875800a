import { stripVTControlCharacters } from "node:util"

/** Characters that a terminal gives a cell; colours take none. */
const widthOf = (text: string): number => Array.from(stripVTControlCharacters(text)).length

/** Rows as lines whose columns stand below each other; the last column is left as long as it is. */
export const columns = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows)
    row.slice(0, -1).forEach((cell, nth) => (widths[nth] = Math.max(widths[nth] ?? 0, widthOf(cell))))
  return rows.map((row) =>
    row
      .map((cell, nth) => (nth === row.length - 1 ? cell : cell + " ".repeat((widths[nth] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd()
  )
}
