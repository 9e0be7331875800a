import type { Draft } from "../draft.ts"
import { hearBy } from "./hear.ts"
import { releaseHeldBack } from "./inhibit.ts"
import { located } from "./places.ts"
import { circumstancesTurn } from "./turns.ts"

/** Lets the rules hear what has happened since, and what their own alerts make of that. */
export const hear = (draft: Draft): void => {
  releaseHeldBack(draft)
  for (let signal = draft.nextSignal(); signal !== undefined; signal = draft.nextSignal()) {
    const ears = draft.inner.index.rules.ears.get(signal.word) ?? []
    const places = ears.length === 0 ? [] : located(draft.inner.index, signal)
    for (const ear of ears) hearBy(draft, ear, signal, places)
    circumstancesTurn(draft, signal)
    releaseHeldBack(draft)
  }
}
