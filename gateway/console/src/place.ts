/** The pages' names in the address: `#gaps`. A new page adds its own here, in `pages.tsx` and in `keys.ts`. */
export const pageIds = [
  "desk",
  "plan",
  "incidents",
  "journal",
  "shift",
  "alarm-health",
  "health",
  "gaps",
  "people",
  "what-if",
  "phone"
] as const

export type PageId = (typeof pageIds)[number]

/** Where in the console one is: a page, and what of it the address names, such as the alert of `#desk/A-12`. */
export interface Place {
  readonly page: PageId
  readonly of: string | undefined
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Reads an address's fragment; one that names no page is the desk's. */
export const placeIn = (hash: string): Place => {
  const [name, ...rest] = hash.replace(/^#/, "").split("/")
  const page = pageIds.find((id) => id === name)
  const of = page === undefined ? "" : rest.join("/")
  return { page: page ?? "desk", of: of === "" ? undefined : decoded(of) }
}

/** The address of a page, or of one thing on it. */
export const addressOf = (page: PageId, of?: string): string =>
  of === undefined ? `#${page}` : `#${page}/${encodeURIComponent(of)}`
