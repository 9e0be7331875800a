import { isRaw, type Raw, type Wrong } from "./raw.ts"

/** What no schema can hold of floods: one that ended where it begins would begin and end with every alert. */
export const checkFlood = (value: Raw, wrong: Wrong): void => {
  const flood = isRaw(value["alerts"]) ? value["alerts"]["flood"] : undefined
  if (!isRaw(flood)) return
  const { beginWith, endBelow } = flood
  if (typeof beginWith === "number" && typeof endBelow === "number" && endBelow >= beginWith)
    wrong(
      ["alerts", "flood", "endBelow"],
      `a flood ends with fewer than it begins with: endBelow (${endBelow}) must be below beginWith (${beginWith})`
    )
}
