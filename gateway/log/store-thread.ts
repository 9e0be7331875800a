/** Where the thread that writes the log begins: it opens the file, and writes what it is given, in that order, until it is told to close. */
import { enableCompileCache } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import type { StoreStart, ToStore, FromStore } from "./threaded-store.ts"

enableCompileCache()
const port = parentPort
if (port === null) throw new Error("this is no program: the gateway starts it as a thread")
const say = (message: FromStore, handedOver: Array<ArrayBuffer> = []): void => port.postMessage(message, handedOver)
const { openForWriting } = await import("./database.ts")
const { storeOver } = await import("./log-store.ts")
const { file, site, now } = workerData as StoreStart

const run = (): void => {
  const database = openForWriting(file, site, now)
  const store = storeOver(database)
  // What fails here and is no refusal ends the thread, and with it the gateway.
  port.on("message", (message: ToStore) => {
    switch (message._tag) {
      case "Write":
        return store.write(message.batch, message.wantsFrames, (refusal, frames) =>
          say(
            { _tag: "Written", refusal, frames },
            frames?.map(({ buffer }) => buffer)
          )
        )
      case "Alive":
        return store.alive(message.at)
      case "Snapshot":
        return store.keepSnapshot(message.snapshot)
      case "Close":
        database.close()
        port.close()
    }
  })
  say({ _tag: "Open" })
}

try {
  run()
} catch (error) {
  say({ _tag: "Unusable", reason: error instanceof Error ? error.message : String(error) })
}
