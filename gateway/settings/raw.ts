/** A step of a path into the configuration. */
export type Key = string | number

/** A map as it is written, before any schema has looked at it. */
export type Raw = Readonly<Record<string, unknown>>

/** Says what is wrong at a path; `at: "key"` underlines the key instead of its value. A warning refuses nothing. */
export type Wrong = (
  path: ReadonlyArray<Key>,
  message: string,
  at?: "key" | "value",
  severity?: "error" | "warning"
) => void

/** Says so when a reference is text and none of the names. */
export type Refer = (path: ReadonlyArray<Key>, reference: unknown, what: string, names: ReadonlyArray<string>) => void

export const isRaw = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Those of a list that are maps, with their places; what is not a map has its own problem already. */
export const mapsOf = (items: unknown): ReadonlyArray<readonly [number, Raw]> =>
  Array.isArray(items) ? items.flatMap((item, index) => (isRaw(item) ? [[index, item] as const] : [])) : []

/** The items of a section. */
export const itemsOf = (value: Raw, section: string): ReadonlyArray<readonly [number, Raw]> => mapsOf(value[section])

export const idsOf = (value: Raw, section: string): ReadonlyArray<string> =>
  itemsOf(value, section).flatMap(([, item]) => (typeof item["id"] === "string" ? [item["id"]] : []))
