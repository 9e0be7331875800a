/** The same sender turned away for the same thing is a fact again after this long. */
const newsAgainMs = 60_000

/** At most this many senders are remembered; beyond it the oldest is forgotten, and told of once more. */
const rememberedMax = 1000

/** Remembers who was turned away, so that one that knocks all day is counted each time and logged once a minute. */
export const makeTurnedAway = () => {
  const told = new Map<string, number>()
  return {
    /** Whether this is worth a fact at `now` (epoch milliseconds). */
    isNews: (what: string, now: number): boolean => {
      const before = told.get(what)
      if (before !== undefined && now - before < newsAgainMs) return false
      told.delete(what)
      told.set(what, now)
      const [oldest] = told.keys()
      if (told.size > rememberedMax && oldest !== undefined) told.delete(oldest)
      return true
    }
  }
}
