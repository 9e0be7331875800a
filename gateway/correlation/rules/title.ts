const placeholder = /\{(\w+)\}/g

/** The fields that a title fills in, beside `count`. */
export const titleFields = (title: string): ReadonlyArray<string> => [
  ...new Set(
    [...title.matchAll(placeholder)].flatMap(([, name]) => (name === undefined || name === "count" ? [] : [name]))
  )
]

/** The title with what is known filled in; what is not known is left out, with the word before it if that joins it. */
export const titleWith = (title: string, said: Readonly<Record<string, string>>): string =>
  title
    .replace(/(?:\s+(?:at|of|by|with|in|to|from))?(\s*)\{(\w+)\}/g, (all, _space: string, name: string) => {
      const value = said[name] ?? ""
      return value === "" ? "" : all.replace(`{${name}}`, () => value)
    })
    .trim()
