import { workerData } from "node:worker_threads"
import { answerQuestions } from "../answer-questions.ts"
import { JournalReader, type JournalSearch } from "./reader.ts"

const { dataDir, lookMs } = workerData as { readonly dataDir: string; readonly lookMs: number }

// A log is looked through here: the thread that takes facts in is never kept waiting.
answerQuestions((search: JournalSearch) => {
  // Opened anew each time: nothing of the log is held between two questions.
  const reader = new JournalReader(dataDir)
  try {
    return reader.page(search, lookMs, () => performance.now())
  } finally {
    reader.close()
  }
})
