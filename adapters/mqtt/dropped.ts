/** Where Mosquitto counts what it has thrown away because a client's queue was full (mosquitto(8), "Broker Status"). */
export const droppedTopic = "$SYS/broker/publish/messages/dropped"

/** So many messages were thrown away between two instants (epoch milliseconds). */
export interface Drops {
  readonly count: number
  readonly from: number
  readonly to: number
}

/** Follows the broker's counter. Its first value says nothing: nobody knows since when it counts. */
export const makeDropWatch = () => {
  let newest: { readonly count: number; readonly at: number } | undefined
  let untold: Drops | undefined
  return {
    /** Whether more was dropped since the value before; not after the broker's restart, when it counts anew. */
    see: (payload: string, at: number): boolean => {
      const count = Number(payload)
      if (!Number.isSafeInteger(count) || count < 0) return false
      const before = newest
      newest = { count, at }
      if (before === undefined || count <= before.count) return false
      untold = { count: (untold?.count ?? 0) + count - before.count, from: untold?.from ?? before.at, to: at }
      return true
    },
    /** What is not in the log yet. */
    untold: (): Drops | undefined => untold,
    /** It is in the log; what came since is not. */
    told: ({ count, to }: Drops): void => {
      const more = (untold?.count ?? 0) - count
      untold = untold === undefined || more <= 0 ? undefined : { count: more, from: to, to: untold.to }
    }
  }
}
