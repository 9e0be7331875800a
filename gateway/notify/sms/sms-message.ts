import type { AnswerKey } from "../answer-key.ts"
import type { Message } from "../channel.ts"
import { smsText } from "./sms-text.ts"

/** What a person answers with to acknowledge by text message: the alert's number and their code. */
export const answerOf = (alert: string, code: string): string => `${alert.replace(/^A-/, "")} ${code}`

/**
 * An alert as a text message: its short id first, "(repeat)" where the person has had it before, and how to answer last;
 * both stay whole when the text is cut to `partsMax` parts. Without `answers` there is nobody who hears an answer.
 */
export const smsOf = (
  { kind, thread, round, short, recipient, alert }: Message,
  {
    answers,
    again,
    partsMax
  }: { readonly answers: AnswerKey | undefined; readonly again: boolean; readonly partsMax: number }
): string => {
  // The id stands first, once.
  const body = short
    .replace(thread, "")
    .replaceAll(/\s{2,}/g, " ")
    .replace(/^[\s:,.-]+/, "")
  const repeat = again || round > 1 ? " (repeat)" : ""
  const { person } = recipient
  const answerable = kind === "alert" && alert !== undefined && person !== undefined && answers !== undefined
  const tail = answerable ? `Reply ${answerOf(alert.id, answers.codeOf(alert.id, person.id))} to acknowledge` : ""
  const head = kind === "test" ? "TEST" : `${thread}${repeat}`
  return smsText({ head, body, tail }, partsMax)
}

/** Remembers what has been tried, so that a second copy can say that it is one. Bounded: the oldest is forgotten. */
export const makeTried = (most = 5000): { readonly again: (key: string) => boolean } => {
  const keys = new Set<string>()
  return {
    again: (key) => {
      if (keys.has(key)) return true
      const [oldest] = keys
      if (keys.size >= most && oldest !== undefined) keys.delete(oldest)
      keys.add(key)
      return false
    }
  }
}
