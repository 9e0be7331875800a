import { useEffect, useState, useSyncExternalStore } from "react"
import { CaseKeeper } from "./case-keeper.ts"
import type { Incident } from "./incident-wire.ts"

/** Keeps a case as it is written on; `news`: the case as somebody else has made it. */
export const useCase = (first: Incident, news: Incident | undefined) => {
  const [keeper] = useState(() => new CaseKeeper(first))
  const standing = useSyncExternalStore(keeper.subscribe, keeper.snapshot)
  useEffect(() => {
    if (news !== undefined) keeper.meet(news)
  }, [keeper, news])
  // Whoever goes to another page has written it all the same.
  useEffect(() => () => keeper.keepNow(), [keeper])
  return { keeper, ...standing }
}
