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

/**
 * Follows the gateway's stream for ever: the browser resumes by Last-Event-ID where it can, and a stream that is
 * refused or silent for 25 s is opened anew. Returns the function that ends it.
 */
export const followStream = (listener: StreamListener): (() => void) => {
  let source: EventSource | undefined
  let heardAt = performance.now()
  let retry: ReturnType<typeof setTimeout> | undefined
  const open = (): void => {
    source?.close()
    heardAt = performance.now()
    const current = new EventSource(`/api/v1/stream?console=${consoleId}`)
    source = current
    const heard = (): void => {
      heardAt = performance.now()
    }
    current.addEventListener("open", () => {
      heard()
      listener.opened()
    })
    current.addEventListener("entry", (event: MessageEvent<string>) => {
      heard()
      listener.entry(JSON.parse(event.data) as Entry)
    })
    current.addEventListener("heartbeat", (event: MessageEvent<string>) => {
      heard()
      listener.heartbeat(JSON.parse(event.data) as Heartbeat)
    })
    current.addEventListener("error", () => {
      listener.lost()
      if (current.readyState === EventSource.CLOSED) {
        clearTimeout(retry)
        retry = setTimeout(open, retryMs)
      }
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
