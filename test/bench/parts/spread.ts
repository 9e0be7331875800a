const quantile = (sorted: ReadonlyArray<number>, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN

/** How long things took, in milliseconds. */
export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export const spreadOf = (took: ReadonlyArray<number>): Spread => {
  const sorted = took.toSorted((a, b) => a - b)
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: quantile(sorted, 1) }
}

/** The middle one; of an even number the larger of the two. */
export const medianOf = (values: ReadonlyArray<number>): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5
  )

/** Change of `values` a step, by least squares. */
export const slopeOf = (values: ReadonlyArray<number>): number => {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((all, value) => all + value, 0) / values.length
  let [over, under] = [0, 0]
  for (const [step, value] of values.entries()) {
    over += (step - middle) * (value - mean)
    under += (step - middle) ** 2
  }
  return over / under
}
