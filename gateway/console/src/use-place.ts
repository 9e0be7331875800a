import { useSyncExternalStore } from "react"
import { addressOf, placeIn, type PageId, type Place } from "./place.ts"

/** Goes there, so that the browser's own Back leads back. */
export const goTo = (page: PageId, of?: string): void => {
  location.hash = addressOf(page, of)
}

const follow = (changed: () => void): (() => void) => {
  addEventListener("hashchange", changed)
  return () => removeEventListener("hashchange", changed)
}

/** Where one is now. */
export const usePlace = (): Place => placeIn(useSyncExternalStore(follow, () => location.hash))
