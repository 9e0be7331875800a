import { parentPort, workerData } from "node:worker_threads"
import { JournalReader, type JournalSearch } from "./reader.ts"

// A log is looked through here: the thread that takes facts in is never kept waiting.
const { dataDir, lookMs } = workerData as { readonly dataDir: string; readonly lookMs: number }

parentPort?.on("message", ({ nth, search }: { readonly nth: number; readonly search: JournalSearch }) => {
  try {
    // Opened anew each time: nothing of the log is held between two questions.
    const reader = new JournalReader(dataDir)
    try {
      const page = reader.page(search, lookMs, () => performance.now())
      parentPort?.postMessage({ nth, page })
    } finally {
      reader.close()
    }
  } catch (error) {
    parentPort?.postMessage({ nth, failed: error instanceof Error ? error.message : String(error) })
  }
})
