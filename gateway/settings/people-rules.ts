import { itemsOf, type Raw, type Refer, type Wrong } from "./raw.ts"
import { scheduleRefsOf } from "./schedule-rules.ts"

/** What no schema can hold of people: names that stand for two of them, shifts by schedules that are not there. */
export const checkPeople = (value: Raw, refer: Refer, wrong: Wrong): void => {
  const names = new Set<string>()
  for (const [index, { name, shifts }] of itemsOf(value, "people")) {
    if (typeof name === "string" && names.has(name))
      wrong(["people", index, "name"], `two people are called "${name}"; the log tells people apart by their names`)
    if (typeof name === "string") names.add(name)
    if (!Array.isArray(shifts)) continue
    for (const [nth, shift] of shifts.entries())
      refer(["people", index, "shifts", nth], shift, "schedule", scheduleRefsOf(value))
  }
  const people = itemsOf(value, "people")
  const invites = people.some(([, { role, disabled }]) => role === "administrator" && disabled !== true)
  if (people.length > 0 && !invites)
    wrong(["people"], "none of them is an administrator: only a machine's token can invite anybody", "key", "warning")
}
