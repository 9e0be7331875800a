import type { Entry } from "../log/entry.ts"

/** Who did what an entry tells of: the holder of the credential, else the credential, or the officer. */
export const whoIn = (entry: Entry | undefined): string | undefined => {
  if (entry?._tag !== "Fact") return undefined
  const { fact } = entry
  if ("by" in fact) return fact.by
  if (fact._tag !== "Observed" || fact.observation._tag !== "Occurrence") return undefined
  const { occurrence } = fact.observation
  const holder = "holder" in occurrence ? occurrence.holder : undefined
  return holder ?? ("credential" in occurrence ? occurrence.credential : undefined)
}
