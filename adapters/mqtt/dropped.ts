/** Where Mosquitto counts what it has thrown away because a client's queue was full (mosquitto(8), "Broker Status"). */
export const droppedTopic = "$SYS/broker/publish/messages/dropped"

/** Follows the broker's counter over one connection. The first value says nothing: nobody knows since when it counts. */
export const makeDropWatch = () => {
  let before: number | undefined
  return {
    /** How many messages were dropped since the value before; 0 for the first, and after the broker's restart. */
    see: (payload: string): number => {
      const now = Number(payload)
      if (!Number.isSafeInteger(now) || now < 0) return 0
      const more = before === undefined ? 0 : Math.max(0, now - before)
      before = now
      return more
    }
  }
}
