import { isRaw, itemsOf, type Raw, type Refer, type Wrong } from "./raw.ts"
import { scheduleRefsOf } from "./schedule-rules.ts"

const words = ["armedDuring", "armedOutside", "always"] as const

/** What no schema can hold of areas that are armed, and of the site's threat levels. */
export const checkArming = (value: Raw, refer: Refer, wrong: Wrong): void => {
  const refs = scheduleRefsOf(value)
  for (const [index, { id, arming }] of itemsOf(value, "areas")) {
    if (!isRaw(arming)) continue
    const path = ["areas", index, "arming"] as const
    const [first, second] = words.filter((word) => arming[word] !== undefined)
    if (first === undefined)
      wrong(path, `area "${String(id)}" says not when it is armed; write armedDuring, armedOutside or always`)
    if (second !== undefined)
      wrong([...path, second], `area "${String(id)}" has ${first} already; write one of them`, "key")
    for (const word of ["armedDuring", "armedOutside"]) refer([...path, word], arming[word], "schedule", refs)
  }
  const levels = isRaw(value["site"]) ? value["site"]["threatLevels"] : undefined
  if (!Array.isArray(levels)) return
  levels.forEach((level, n) => {
    if (levels.indexOf(level) < n) wrong(["site", "threatLevels", n], `the level "${String(level)}" is there twice`)
  })
}
