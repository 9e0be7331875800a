import { makeDropWatch } from "./dropped.ts"
import type { OutsideBroker } from "./settings.ts"

/** What is remembered of a broker from one attempt to the next. */
export interface Remembered {
  /** When a session of ours last brought something, epoch milliseconds; `undefined`: not since the process began. */
  heardAt: number | undefined
  /** A session was lost, and the gap is not on disk yet: a second attempt finds the first one's session and knows nothing of it. */
  owed: { readonly from: number | undefined } | undefined
  readonly drops: ReturnType<typeof makeDropWatch>
}

const brokers = new WeakMap<OutsideBroker, Remembered>()

/** Kept for as long as the link's settings live, and no longer than the process. */
export const rememberedOf = (broker: OutsideBroker): Remembered => {
  const known = brokers.get(broker) ?? { heardAt: undefined, owed: undefined, drops: makeDropWatch() }
  brokers.set(broker, known)
  return known
}
