import { HashMap } from "effect"
import type { IndexedDoor } from "../correlation/campus-index.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Bypass } from "../domain/out-of-service.ts"
import { spanOf } from "./span-words.ts"

/** What keeps a door's contact from being believed; `undefined`: it is believed, or the door has none. */
const bypassOfContact = ({ bypasses, campus }: Situation, { door: { id } }: IndexedDoor): Bypass | undefined => {
  const position = campus?.doors.find((door) => door.id === id)?.position
  return [...HashMap.values(bypasses)].find(({ door, point }) => door === id && point === position)
}

/** Why it cannot be told when a door opens: its contact is bypassed, or it has none. */
export const noContact = (known: Situation, door: IndexedDoor): string => {
  const bypass = bypassOfContact(known, door)
  if (bypass === undefined) return "The door has no position contact: nobody can tell when it opens"
  const { point, by, reason, until } = bypass
  const value = known.points.get(point)?.reading.value ?? "nothing yet"
  const left = spanOf(until - known.at)
  return `Its contact ${point} was bypassed, for ${left} more (${by}: ${reason}): it said ${value}, and that did not count`
}
