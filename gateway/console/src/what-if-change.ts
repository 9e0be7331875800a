import type { Campus } from "./wire.ts"

/** The times of a door that change what calls for an officer, in the words and units of the configuration. */
export const doorTimes = [
  { key: "heldOpenSeconds", text: "Held open after", unit: "s" },
  { key: "heldPreAlarmSeconds", text: "Pre-alarm after", unit: "s" },
  { key: "grantSeconds", text: "A grant unlocks for", unit: "s" },
  { key: "entrySeconds", text: "Time to open after a grant", unit: "s" },
  { key: "rexValidSeconds", text: "An exit request covers", unit: "s" },
  { key: "rexLateSeconds", text: "A late exit request still covers", unit: "s" },
  { key: "relatchMs", text: "Re-opening that is latch bounce", unit: "ms" },
  { key: "reorderGraceMs", text: "An opening waits for its grant", unit: "ms" },
  { key: "debounceMs", text: "A shorter contact change is bounce", unit: "ms" }
] as const

export type DoorTimeKey = (typeof doorTimes)[number]["key"]

/** What an officer typed; an empty field leaves the time as it is. */
export type TypedTimes = Readonly<Partial<Record<DoorTimeKey, string>>>

/** What of the configuration in force a change can begin with, as text to be changed. */
export const beginnings = ({ rules = [], schedules = [], doors }: Campus): ReadonlyArray<Beginning> => [
  ...rules.map((rule) => ({ name: `Rule ${rule.id}`, text: textOf("rules", rule) })),
  ...schedules.map((schedule) => ({ name: `Schedule ${schedule.id}`, text: textOf("schedules", schedule) })),
  ...doors.map((door) => ({ name: `Door ${door.name}`, text: textOf("doors", door) }))
]

interface Beginning {
  readonly name: string
  readonly text: string
}

/** JSON is YAML, too, and every key of it can be changed where it stands. */
const textOf = (section: string, item: unknown): string =>
  `${section}:\n  - ${JSON.stringify(item, undefined, 2).replaceAll("\n", "\n    ")}\n`

/** Whether anything is typed, and all of it is a number. */
export const isComplete = (typed: TypedTimes): boolean => {
  const written = Object.values(typed).filter((text) => text.trim() !== "")
  return written.length > 0 && written.every((text) => Number.isFinite(Number(text)) && Number(text) >= 0)
}

/**
 * The change as text of a configuration: the times of these doors, with those that are typed in the place of what is in
 * force. JSON is YAML, too.
 */
export const changeOf = (campus: Campus, doors: ReadonlyArray<string>, typed: TypedTimes): string => {
  const times = Object.entries(typed).flatMap(([key, text]) =>
    text.trim() === "" ? [] : [[key, Number(text)] as const]
  )
  return JSON.stringify({
    doors: campus.doors
      .filter(({ id }) => doors.includes(id))
      .map((door) => ({ id: door.id, times: { ...door.times, ...Object.fromEntries(times) } }))
  })
}
