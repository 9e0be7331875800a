import type { Area, Door } from "../domain/campus.ts"
import { listed, type Rule } from "../domain/rule.ts"
import { hint } from "./did-you-mean.ts"
import { type RuleSurroundings, selectorsOf, type WrongInRule } from "./rule-selectors.ts"

/** What only a camera tells. */
const seenWords: ReadonlySet<string> = new Set([
  "ObjectDetected",
  "ObjectLeft",
  "CameraAlerted",
  "LineCrossed",
  "FaceRecognised",
  "PlateRecognised"
])

/** What only a door contact tells, itself or by what the gateway makes of it. */
export const contactWords: ReadonlySet<string> = new Set([
  "DoorOpened",
  "DoorClosed",
  "DoorEntered",
  "AccessNotTaken",
  "DoorHeldPreAlarm",
  "DoorForcedOpen",
  "DoorOpenTooLong",
  "ProbableExit"
])

const wordsOf = (rule: Rule): ReadonlyArray<readonly [ReadonlyArray<string | number>, string]> =>
  selectorsOf(rule).flatMap(([path, { event, alert }]) => [
    ...listed(event).map((word) => [[...path, "event"], word] as const),
    ...listed(alert).map((word) => [[...path, "alert"], word] as const)
  ])

const isIn = (areas: ReadonlyArray<Area>, area: string, outer: string): boolean => {
  const seen = new Set<string>()
  for (let here: string | undefined = area; here !== undefined && !seen.has(here);) {
    if (here === outer) return true
    seen.add(here)
    here = areas.find(({ id }) => id === here)?.in
  }
  return false
}

const checkDoors = (rule: Rule, { campus }: RuleSurroundings, wrong: WrongInRule): ReadonlyArray<Door> =>
  (rule.doors ?? []).flatMap((id, nth) => {
    const door = campus.doors.find((known) => known.id === id)
    if (door === undefined)
      wrong(
        ["doors", nth],
        `there is no door "${id}"${hint(
          id,
          campus.doors.map((known) => known.id)
        )}`
      )
    return door === undefined ? [] : [door]
  })

const checkAreas = (rule: Rule, { campus }: RuleSurroundings, wrong: WrongInRule): void => {
  const known = campus.areas.map(({ id }) => String(id))
  const seen = wordsOf(rule).find(([, word]) => seenWords.has(word))
  rule.areas?.forEach((id, nth) => {
    if (!known.includes(id)) return wrong(["areas", nth], `there is no area "${id}"${hint(id, known)}`)
    const has = campus.cameras.some(({ area }) => isIn(campus.areas, area, id))
    const beside = campus.doors.some(({ area, cameras = [] }) => cameras.length > 0 && isIn(campus.areas, area, id))
    if (seen !== undefined && !has && !beside)
      wrong(
        ["areas", nth],
        `area "${id}" has no camera, and ${seen[1]} comes from cameras only: the rule would never find anything there`
      )
  })
}

/** Whether the rule can hear what it listens for, where it listens. */
export const checkReach = (rule: Rule, around: RuleSurroundings, wrong: WrongInRule): void => {
  checkAreas(rule, around, wrong)
  const watchesOpenings = rule.stays?.standing !== undefined || rule.stays?.reading === "position"
  for (const door of checkDoors(rule, around, wrong)) {
    const nth = rule.doors?.indexOf(door.id) ?? 0
    const within = rule.areas?.some((area) => isIn(around.campus.areas, door.area, area)) ?? true
    if (!within)
      wrong(["doors", nth], `door "${door.id}" is in none of the areas that the rule is for, and would never be heard`)
    const contact = wordsOf(rule).find(([, word]) => contactWords.has(word))?.[1]
    if (door.position === undefined && (contact !== undefined || watchesOpenings))
      wrong(
        ["doors", nth],
        `door "${door.id}" has no position: without a door contact ${contact ?? "how it stands"} is never known of it`
      )
    const seen = wordsOf(rule).find(([, word]) => seenWords.has(word))?.[1]
    if (seen !== undefined && (door.cameras ?? []).length === 0)
      wrong(
        ["doors", nth],
        `door "${door.id}" names no camera, and ${seen} comes from cameras only; add cameras to the door`
      )
  }
}
