import type { Draft } from "../draft.ts"
import { hearBy } from "./hear.ts"
import { releaseHeldBack } from "./inhibit.ts"
import { located } from "./places.ts"
import { circumstancesTurn } from "./turns.ts"

/** Lets the rules hear the next of what has happened; whether there was anything. */
const hearNext = (draft: Draft): boolean => {
  const signal = draft.nextSignal()
  if (signal === undefined) return false
  const ears = draft.inner.index.rules.ears.get(signal.word) ?? []
  const places = ears.length === 0 ? [] : located(draft.inner.index, signal)
  for (const ear of ears) hearBy(draft, ear, signal, places)
  circumstancesTurn(draft, signal)
  return true
}

/**
 * Lets the rules hear what has happened since, and what their own alerts make of that. What ends a cause may end its
 * consequences too: that is heard before they are told.
 */
export const hear = (draft: Draft): void => {
  do {
    while (hearNext(draft)) releaseHeldBack(draft)
    releaseHeldBack(draft)
  } while (hearNext(draft))
}
