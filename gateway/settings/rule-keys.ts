import { DeviceEvent, edgeWords } from "../domain/device-event.ts"
import { OccurrenceWord } from "../domain/observation.ts"
import { listed, type Rule, type RuleKey, ruleKeys } from "../domain/rule.ts"
import { wordsHeard } from "../correlation/rules/compiled-rule.ts"
import { valuesOfField } from "../correlation/rules/field-values.ts"
import { eventWords, fieldsOfEvent } from "../correlation/rules/vocabulary.ts"
import { contactWords } from "./rule-reach.ts"
import { selectorsOf, type WrongInRule } from "./rule-selectors.ts"

const structs: Readonly<Record<string, { readonly fields: object } | undefined>> = DeviceEvent.cases

/** Whether the event is of a point: occurrences and edges are, and what names one. */
const isOfPoint = (word: string): boolean =>
  Object.hasOwn(OccurrenceWord.cases, word) || edgeWords.includes(word) || "point" in (structs[word]?.fields ?? {})

/** Whether an event, or where it comes from, tells what is counted by. */
const tells: Partial<Record<RuleKey, (word: string) => boolean>> = {
  credential: (word) => "credential" in fieldsOfEvent(word),
  reader: (word) => "credential" in fieldsOfEvent(word) || "reason" in fieldsOfEvent(word),
  point: isOfPoint,
  camera: (word) => !contactWords.has(word)
}

/** What is of the whole site, and of no part of it. */
const ofSite: ReadonlySet<string> = new Set(["ThreatLevelChanged"])

/** What no alert tells: it is of a door, a device or an area. */
const untold: ReadonlySet<string> = new Set<RuleKey>(["credential", "reader", "point"])

/** What one of the first is never of more than one. */
const single: Readonly<Record<string, ReadonlyArray<string>>> = {
  door: ["area", "building"],
  area: ["building"],
  point: ["device"],
  reader: ["device", "point"]
}

/** What of a door's standing, or of its contact, lock and mode, there never is. */
const untoldByState = ({ standing, reading }: NonNullable<Rule["stays"]>): ReadonlyArray<string> => {
  if (standing !== undefined) return ["credential", "reader", "point", "device", "camera"]
  return reading === "position" || reading === "lock" || reading === "mode" ? ["reader", "camera"] : []
}

/** Whether so many different ones can come of what a count tells apart by. */
const checkDistinct = ({ doors, count }: Rule, wrong: WrongInRule): void => {
  const { distinct, atLeast = 1, event, alert } = count ?? {}
  if (count === undefined || distinct === undefined) return
  const can = Object.hasOwn(tells, distinct) ? tells[distinct as RuleKey] : undefined
  if (can !== undefined && alert === undefined && listed(event).length > 0 && !listed(event).some(can))
    wrong(["count", "distinct"], `${listed(event).join(", ")} tells no ${distinct}; nothing would be counted`)
  const values = distinct === "door" ? doors : valuesOfField(distinct, wordsHeard(count))
  if (values !== undefined && values.length < atLeast)
    wrong(
      ["count", "atLeast"],
      `${distinct} is one of ${values.join(", ")} here: there are never ${atLeast} different ones`
    )
}

/** Whether what the rule listens for can be about what it counts by. */
export const checkKey = (rule: Rule, wrong: WrongInRule): void => {
  checkDistinct(rule, wrong)
  const { key, count, stays } = rule
  if (stays !== undefined && key !== undefined && untoldByState(stays).includes(key))
    wrong(["key"], `what stays so here is of a door, and tells no ${key}; choose door, area or site`)
  if (key === undefined) return
  const can = Object.hasOwn(tells, key) ? tells[key as RuleKey] : undefined
  for (const [path, { event, alert }] of selectorsOf(rule)) {
    for (const word of listed(event))
      if (ofSite.has(word) && key !== "site" && ruleKeys.some((known) => known === key))
        wrong([...path, "event"], `${word} is of the whole site, and of no ${key}; choose "key: site"`)
      else if (can !== undefined && eventWords.includes(word) && !can(word))
        wrong([...path, "event"], `${word} tells no ${key}; a rule with "key: ${key}" would never hear it`)
    if (alert !== undefined && untold.has(key))
      wrong([...path, "alert"], `an alert tells no ${key}; count by door, device, area or site`, "key")
  }
  const { distinct, atLeast = 1 } = count ?? {}
  if (distinct === undefined || atLeast < 2) return
  if (distinct === key || single[key]?.includes(distinct) === true)
    wrong(["count", "distinct"], `of one ${key} there is one ${distinct} at most, and never ${atLeast}; count by more`)
}
