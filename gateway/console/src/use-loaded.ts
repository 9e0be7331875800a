import { useEffect, useState } from "react"
import type { ConsoleStore } from "./store.ts"

/** What the gateway answers, loaded anew whenever `news` changes; what was there stays until then. */
export const useLoaded = <A>(
  load: () => Promise<A>,
  news: unknown,
  store: Pick<ConsoleStore, "report"> | undefined
): { readonly value: A | undefined; readonly again: () => void } => {
  const [value, setValue] = useState<A | undefined>(undefined)
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    let wanted = true
    load().then(
      (found) => {
        if (wanted) setValue(found)
      },
      (refusal: unknown) => store?.report(refusal)
    )
    return () => {
      wanted = false
    }
    // `load` is made anew with every drawing and asks the same.
  }, [news, asked])
  return { value, again: () => setAsked((before) => before + 1) }
}
