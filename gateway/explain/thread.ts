import { workerData } from "node:worker_threads"
import { answerQuestions } from "../log/answer-questions.ts"
import type { Answers, Ask } from "./ask.ts"
import { explainLog } from "./explain-log.ts"

// What is asked is folded here, one question after another: the thread that takes facts in is never kept waiting.
const { dataDir } = workerData as { readonly dataDir: string }

const answerTo = (ask: Ask): Answers[Ask["_tag"]] => {
  switch (ask._tag) {
    case "Alert":
      return explainLog.alert(dataDir, ask.id)
    case "Door":
      return explainLog.door(dataDir, ask.id, ask.at)
    case "Doctor":
      return explainLog.doctor(dataDir, ask)
    case "AlarmHealth":
      return explainLog.alarmHealth(dataDir, ask)
  }
}

answerQuestions(answerTo)
