import type { OnvifProfile, Placed } from "./profile.ts"
import { fitTopic, type TopicFit } from "../messages/topic.ts"

/** What a profile has for one topic. */
export interface Selected {
  readonly readings: OnvifProfile["readings"]
  readonly occurrences: OnvifProfile["occurrences"]
  readonly gaps: OnvifProfile["gaps"]
  /** What the topic goes on with, below the one that the profile names; "" for nothing. */
  readonly rest: string
}

interface Best {
  readonly fit: TopicFit
  readonly distance: number
}

const isBetter = (one: Best, other: Best | undefined): boolean =>
  other === undefined ||
  one.fit.length > other.fit.length ||
  (one.fit.length === other.fit.length &&
    (one.fit.exact > other.fit.exact || (one.fit.exact === other.fit.exact && one.distance < other.distance)))

const isAsGood = (one: Best, best: Best): boolean =>
  one.fit.length === best.fit.length && one.fit.exact === best.fit.exact && one.distance === best.distance

/** How well one of the topics of a mapping fits. */
const bestOf = ({ topics, distance }: Placed, segments: ReadonlyArray<string>): Best | undefined => {
  let best: Best | undefined
  for (const pattern of topics) {
    const fit = fitTopic(pattern, segments)
    if (fit !== undefined && isBetter({ fit, distance }, best)) best = { fit, distance }
  }
  return best
}

const select = (profile: OnvifProfile, topic: string): Selected | undefined => {
  const segments = topic.split("/")
  const { readings, occurrences, gaps, ignore } = profile
  let best: Best | undefined
  for (const placed of [...readings, ...occurrences, ...gaps, ...ignore]) {
    const fits = bestOf(placed, segments)
    if (fits !== undefined && isBetter(fits, best)) best = fits
  }
  if (best === undefined) return undefined
  const most = best
  const holds = (placed: Placed): boolean => {
    const fits = bestOf(placed, segments)
    return fits !== undefined && isAsGood(fits, most)
  }
  return {
    readings: readings.filter(holds),
    occurrences: occurrences.filter(holds),
    gaps: gaps.filter(holds),
    rest: most.fit.rest
  }
}

/** A device has a few dozen topics; so many are remembered. */
const topicsMax = 1000

/**
 * Chooses what holds for a topic: the mappings of the topic with most names, of the profile nearest to the device's.
 * `undefined` for a topic that nothing of the profile names. What was chosen is remembered.
 */
export const makeSelect = (profile: OnvifProfile): ((topic: string) => Selected | undefined) => {
  const known = new Map<string, Selected | undefined>()
  return (topic) => {
    if (known.has(topic)) return known.get(topic)
    const selected = select(profile, topic)
    if (known.size >= topicsMax) known.clear()
    known.set(topic, selected)
    return selected
  }
}
