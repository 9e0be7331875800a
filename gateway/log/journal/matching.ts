/** What an entry is to who looks something up. */
export const journalKinds = ["alert", "incident", "notification", "act", "event", "system", "reading", "time"] as const

export type JournalKind = (typeof journalKinds)[number]

/** An entry as far as it is looked through: the log's own, or the one that a client has. */
export interface Searched {
  readonly _tag: string
  readonly seq: number
  readonly device?: string
  readonly door?: string
  readonly alert?: string
  readonly [field: string]: unknown
}

/** One word of what is looked for: it stands in the entry, or it is in the name of the entry's door or device. */
export interface Term {
  /** In lower case. */
  readonly text: string
  readonly doors: ReadonlyArray<string>
  readonly devices: ReadonlyArray<string>
}

/** What is looked for; what is absent is not asked about. */
export interface Wanted {
  readonly terms?: ReadonlyArray<Term>
  /** Who did it, as the log names them. */
  readonly by?: string
  readonly door?: string
  readonly device?: string
  readonly alert?: string
  readonly kinds?: ReadonlyArray<JournalKind>
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null

const factOf = (entry: Searched): Fields => (isFields(entry["fact"]) ? entry["fact"] : {})

/** Of which kind an entry is. */
export const kindOf = (entry: Searched): JournalKind => {
  if (entry._tag === "Alert") return "alert"
  if (entry._tag === "Incident") return "incident"
  if (entry._tag === "Notification") return "notification"
  if (entry._tag === "Event" || entry["event"] !== undefined) return "event"
  const { _tag: fact, by } = factOf(entry)
  if (fact === "Observed") return "reading"
  if (fact === "TimePassed") return "time"
  const isConfig = typeof fact === "string" && fact.startsWith("Config")
  return typeof by === "string" && !isConfig ? "act" : "system"
}

/** Who did what an entry tells; `undefined`: nobody. */
export const doerOf = (entry: Searched): string | undefined => {
  const of = isFields(entry["change"]) ? entry["change"] : factOf(entry)
  return typeof of["by"] === "string" ? of["by"] : undefined
}

/** What holds the whole campus, or a copy of what was told before: every word stands in there. */
const lookedOver: ReadonlySet<string> = new Set(["campus", "was", "site"])

const saysIn = (value: unknown, text: string): boolean => {
  if (typeof value === "string") return value.toLowerCase().includes(text)
  if (typeof value === "number") return String(value) === text
  if (Array.isArray(value)) return value.some((item) => saysIn(item, text))
  return isFields(value) && Object.entries(value).some(([name, item]) => !lookedOver.has(name) && saysIn(item, text))
}

const holds = (entry: Searched, { text, doors, devices }: Term): boolean =>
  (entry.door !== undefined && doors.includes(entry.door)) ||
  (entry.device !== undefined && devices.includes(entry.device)) ||
  saysIn(entry, text)

/** Whether an entry is what is looked for. */
export const matches = (entry: Searched, wanted: Wanted): boolean =>
  (wanted.door === undefined || entry.door === wanted.door) &&
  (wanted.device === undefined || entry.device === wanted.device) &&
  (wanted.alert === undefined || entry.alert === wanted.alert) &&
  (wanted.kinds === undefined || wanted.kinds.includes(kindOf(entry))) &&
  (wanted.by === undefined || doerOf(entry)?.toLowerCase() === wanted.by.toLowerCase()) &&
  (wanted.terms ?? []).every((term) => holds(entry, term))

interface Named {
  readonly id: string
  readonly name?: string
}

/** What somebody types: each word has to be found. Names of doors and devices count for what they name. */
export const termsOf = (
  typed: string,
  { doors, devices }: { readonly doors: ReadonlyArray<Named>; readonly devices: ReadonlyArray<Named> }
): ReadonlyArray<Term> =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((text) => {
      const named = (things: ReadonlyArray<Named>): ReadonlyArray<string> =>
        things.filter(({ name }) => name?.toLowerCase().includes(text) === true).map(({ id }) => id)
      return { text, doors: named(doors), devices: named(devices) }
    })
