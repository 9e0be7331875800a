import { parentPort } from "node:worker_threads"
import type { Answered, Asking } from "./asked-thread.ts"

/** Answers what an `AskedThread` asks, one question after another; to be called in the thread, once. What throws has failed. */
export const answerQuestions = <Question, Answer>(answerTo: (question: Question) => Answer): void => {
  const say = (answered: Answered<Answer>): void => parentPort?.postMessage(answered)
  parentPort?.on("message", ({ nth, question }: Asking<Question>) => {
    try {
      say({ nth, answer: answerTo(question) })
    } catch (error) {
      say({ nth, failed: error instanceof Error ? error.message : String(error) })
    }
  })
}
