const placeholder = /\{(\w+)\}/g

const lists = new Map<string, ReadonlyArray<string>>()

/** The fields that a title fills in, beside `count`; of titles that fill in the same it is the same list. */
export const titleFields = (title: string): ReadonlyArray<string> => {
  const names = [...title.matchAll(placeholder)].flatMap(([, name]) =>
    name === undefined || name === "count" ? [] : [name]
  )
  const list = [...new Set(names)]
  const key = list.join(" ")
  const known = lists.get(key)
  if (known === undefined) lists.set(key, list)
  return known ?? list
}

/** The title with what is known filled in; what is not known is left out, with the word before it if that joins it. */
export const titleWith = (title: string, said: Readonly<Record<string, string>>): string =>
  title
    .replace(/(?:\s+(?:at|of|by|with|in|to|from))?(\s*)\{(\w+)\}/g, (all, _space: string, name: string) => {
      const value = said[name] ?? ""
      return value === "" ? "" : all.replace(`{${name}}`, () => value)
    })
    .trim()
