/** What an adapter counts under such a name is no count but a level: what the other side grants now. */
const prefix = "granted_"

const isGranted = (name: string): boolean => name.startsWith(prefix)

/** What a link was granted, by name without the prefix, of what its adapter counts. */
export const grantedIn = (counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(counts).flatMap(([name, value]) => (isGranted(name) ? [[name.slice(prefix.length), value]] : []))
  )

/** What an adapter really counts. */
export const countedIn = (counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).filter(([name]) => !isGranted(name)))
