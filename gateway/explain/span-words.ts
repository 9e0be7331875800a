/** A length of time as a person says it: "90 ms", "3.2 s", "4 min 10 s", "2 h 5 min", "3 d 4 h". */
export const spanOf = (ms: number): string => {
  const length = Math.abs(ms)
  if (length < 1000) return `${Math.round(length)} ms`
  if (length < 60_000) return `${(length / 1000).toFixed(1)} s`
  const seconds = Math.round(length / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** "3.2 s before it", "400 ms after it", "in the same instant". */
export const relativeTo = (at: number, to: number): string =>
  at === to ? "in the same instant" : `${spanOf(at - to)} ${at < to ? "before" : "after"} it`
