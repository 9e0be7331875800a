import { Effect, Schema, type Scope } from "effect"
import { AskedThread } from "../log/asked-thread.ts"
import type { StoreUnavailable } from "../log/security-log.ts"
import type { Answers, Ask } from "./ask.ts"

/** So many questions are worked on and waiting at once; each may fold a long log. */
const askedAtMost = 8

/** A fold that needs more memory than this, MB, ends its thread and not the gateway. */
const memoryMb = 1024

/** Too many explanations are asked for at once. */
export class TooManyQuestions extends Schema.TaggedError<TooManyQuestions>()("TooManyQuestions", {}) {
  override get message(): string {
    return `${askedAtMost} explanations are being worked out already; ask again once they are done`
  }
}

type Failure = TooManyQuestions | StoreUnavailable
type Answer = Answers[Ask["_tag"]]

/** Asks a thread of its own, which reads the log's file: the gateway goes on meanwhile. */
export interface Explanations {
  readonly ask: <A extends Ask>(ask: A) => Effect.Effect<Answers[A["_tag"]], Failure>
}

/** Explanations from the log in `dataDir`; the thread starts with the first question and ends with the scope. */
export const openExplanations = (dataDir: string): Effect.Effect<Explanations, never, Scope.Scope> =>
  AskedThread.open<Ask, Answer, TooManyQuestions>({
    thread: new URL("thread.ts", import.meta.url),
    name: "explain",
    does: "explains",
    workerData: { dataDir },
    askedAtMost,
    busy: () => new TooManyQuestions(),
    memoryMb
  }).pipe(
    Effect.map((thread) => ({
      ask: <A extends Ask>(ask: A) => thread.ask(ask) as Effect.Effect<Answers[A["_tag"]], Failure>
    }))
  )
