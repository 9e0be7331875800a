/** So many refusals of a link are facts in a minute; the others are counted, and the next fact says how many. */
const factsAMinute = 20
const minuteMs = 60_000

/** What a stranger says of itself is kept no longer than this. */
const charactersMax = 200

/** No control characters, which would forge lines where it is printed; not longer than anybody reads. */
export const tamed = (text: string): string => {
  const plain = text.replaceAll(/\p{Cc}/gu, "\uFFFD")
  return plain.length > charactersMax ? `${plain.slice(0, charactersMax)}…` : plain
}

/** Decides which of those turned away become facts: a stranger must not be able to fill the log by knocking. */
export const makeTurnedAway = () => {
  let minute = 0
  let told = new Set<string>()
  let silent = 0
  return {
    /** What the fact says besides, or `undefined` when this one is only counted. `now` in epoch milliseconds. */
    tell: (what: string, now: number): string | undefined => {
      if (now - minute >= minuteMs) {
        minute = now
        told = new Set()
      }
      if (told.has(what) || told.size >= factsAMinute) {
        silent++
        return undefined
      }
      told.add(what)
      const more = silent === 0 ? "" : ` (${silent} more were turned away before)`
      silent = 0
      return more
    }
  }
}
