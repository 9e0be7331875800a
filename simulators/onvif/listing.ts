import { leaf, type Xml } from "./xml.ts"
import { textOf, type XmlNode } from "./xml-node.ts"

/** One page of a `Get…List` answer: the reference to go on from, if there is more, and the entries. */
export interface Page<A> {
  readonly next: string | undefined
  readonly entries: ReadonlyArray<A>
}

/**
 * Access Control and Door Control services, `Get…InfoList`: at most Limit entries from StartReference on. A reference
 * is a place in the list; nothing when the one given is none.
 */
export const pageOf = <A>(request: XmlNode, all: ReadonlyArray<A>, listLimit: number): Page<A> | undefined => {
  const asked = Number(textOf(request, "Limit") ?? listLimit)
  const limit = asked >= 1 && asked <= listLimit ? asked : listLimit
  const reference = textOf(request, "StartReference")
  const start = reference === undefined ? 0 : Number(reference)
  if (!Number.isInteger(start) || start < 0 || start > all.length || reference === "") return undefined
  const end = start + limit
  return { next: end < all.length ? String(end) : undefined, entries: all.slice(start, end) }
}

export const nextXml = (prefix: string, { next }: Page<unknown>): Xml => leaf(`${prefix}:NextStartReference`, next)

/** The tokens that a `Get…Info` names. */
export const tokensOf = (request: XmlNode): ReadonlyArray<string> =>
  request.children.filter(({ name }) => name === "Token").map(({ text }) => text.trim())
