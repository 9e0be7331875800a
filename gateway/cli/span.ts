/** Milliseconds of a day, an hour, a minute and a second, and how each is written. */
const spans = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"]
] as const

/** "2 h": how long it is from one instant until another, in its largest unit. */
export const lasting = (from: number, to: number): string => {
  const ms = Math.max(0, to - from)
  const [size, unit] = spans.find(([least]) => ms >= least) ?? spans[3]
  return `${Math.floor(ms / size)} ${unit}`
}
