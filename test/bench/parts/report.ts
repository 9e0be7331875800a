/** One measurement, as a line of JSON; numbers cut to what they are worth. */
export const tell = (measurement: Readonly<Record<string, unknown>>): void =>
  console.log(
    JSON.stringify(measurement, (_, value: unknown) =>
      typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
    )
  )

/** What a figure shall be. */
export type Aim = { readonly atLeast: number } | { readonly atMost: number } | { readonly below: number }

/** One line of the closing table. Where there is a floor the aim is for the ratio, else for the figure itself. */
export interface Row {
  readonly what: string
  readonly gateway: number
  readonly floor?: number
  readonly ratio?: number
  readonly aim?: Aim
}

const figure = (value: number | undefined): string =>
  value === undefined ? "" : value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2)

const inWords = (aim: Aim): string =>
  "atLeast" in aim ? `at least ${aim.atLeast}` : "atMost" in aim ? `at most ${aim.atMost}` : `below ${aim.below}`

const holds = (aim: Aim, value: number): boolean =>
  "atLeast" in aim ? value >= aim.atLeast : "atMost" in aim ? value <= aim.atMost : value < aim.below

const cells = ({ what, gateway, floor, ratio, aim }: Row): ReadonlyArray<string> => [
  what,
  figure(gateway),
  figure(floor),
  figure(ratio),
  aim === undefined ? "" : inWords(aim),
  aim === undefined ? "" : holds(aim, ratio ?? gateway) ? "holds" : "MISSED"
]

/** The closing table: each figure beside its floor and its aim. */
export const tellTable = (rows: ReadonlyArray<Row>): void => {
  const lines = [["", "gateway", "floor", "ratio", "aim", ""], ...rows.map(cells)]
  const widthOf = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const widths = lines[0]?.map((_, column) => widthOf(column)) ?? []
  for (const line of lines) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()
    )
  }
}
