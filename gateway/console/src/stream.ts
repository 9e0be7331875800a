import { consoleId } from "./console-id.ts"
import type { Entry, Heartbeat } from "./wire.ts"

/** Longest silence of a healthy stream: two heartbeats of 10 s missed, and half of one to spare. */
const longestSilenceMs = 25_000
const retryMs = 2_000

/** What the stream tells. `lost` may come several times before the next `opened`. */
export interface StreamListener {
  readonly opened: () => void
  readonly lost: () => void
  readonly entry: (entry: Entry) => void
  readonly heartbeat: (heartbeat: Heartbeat) => void
}

/** Who was away for longer begins anew: the lists are loaded with every opening, and old news is none. */
const resumedWithinMs = 600_000

/**
 * Follows the gateway's stream for ever. A stream that breaks, is refused or is silent for 25 s is opened anew behind the
 * last entry that was heard, so that what came meanwhile is heard, too. Returns the function that ends it.
 */
export const followStream = (listener: StreamListener): (() => void) => {
  let source: EventSource | undefined
  let heardAt = performance.now()
  let last: number | undefined
  let lastAt = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  const open = (): void => {
    clearTimeout(retry)
    source?.close()
    heardAt = performance.now()
    const resumed = last !== undefined && performance.now() - lastAt < resumedWithinMs
    const current = new EventSource(`/api/v1/stream?console=${consoleId}${resumed ? `&after=${last}` : ""}`)
    source = current
    const heard = (): void => {
      heardAt = performance.now()
    }
    const reached = (seq: number): void => {
      last = seq
      lastAt = performance.now()
    }
    let begun = resumed
    current.addEventListener("open", () => {
      heard()
      listener.opened()
    })
    current.addEventListener("entry", (event: MessageEvent<string>) => {
      heard()
      begun = true
      const entry = JSON.parse(event.data) as Entry
      reached(entry.seq)
      listener.entry(entry)
    })
    current.addEventListener("heartbeat", (event: MessageEvent<string>) => {
      heard()
      const heartbeat = JSON.parse(event.data) as Heartbeat
      // A stream that begins now begins behind the newest entry; one that catches up has not come so far yet.
      if (begun) lastAt = performance.now()
      else reached(heartbeat.head)
      listener.heartbeat(heartbeat)
    })
    current.addEventListener("error", () => {
      listener.lost()
      current.close()
      clearTimeout(retry)
      retry = setTimeout(open, retryMs)
    })
  }
  const watch = setInterval(() => {
    if (performance.now() - heardAt < longestSilenceMs) return
    listener.lost()
    open()
  }, 1_000)
  open()
  return () => {
    clearInterval(watch)
    clearTimeout(retry)
    source?.close()
  }
}
