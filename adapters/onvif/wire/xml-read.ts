import type { XmlElement } from "./xml-element.ts"

/** A name that stands in content, such as a topic's segment or a fault's code. */
export interface Name {
  /** The namespace's URI; "" for a name without prefix; undefined where its prefix is not declared. */
  readonly namespace: string | undefined
  readonly prefix: string
  readonly name: string
}

/** The first child of that name. */
export const childOf = (element: XmlElement, namespace: string, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name && child.namespace === namespace)

/** Every child of that name, in document order. */
export const childrenOf = (element: XmlElement, namespace: string, name: string): ReadonlyArray<XmlElement> =>
  element.children.filter((child) => child.name === name && child.namespace === namespace)

/**
 * The descendant that the path of local names leads to, the first of each name, whatever its namespace: devices mistake
 * the namespaces of what stands inside their answers.
 */
export const descendantOf = (element: XmlElement | undefined, ...path: ReadonlyArray<string>): XmlElement | undefined =>
  path.reduce((at, name) => at?.children.find((child) => child.name === name), element)

/** Whether a text is the true of xs:boolean, in whatever case; what is absent is not. */
export const isTrue = (text: string | undefined): boolean => /^(true|1)$/i.test(text?.trim() ?? "")

/** An attribute's value, as it was sent; attributes of the ONVIF schemas have no namespace. */
export const attributeOf = (element: XmlElement, name: string, namespace = ""): string | undefined =>
  element.attributes.find((attribute) => attribute.name === name && attribute.namespace === namespace)?.value

/**
 * The text of the descendant that the path of names of one namespace leads to, the first of each name, white space
 * around it removed; undefined where there is none.
 */
export const textAt = (element: XmlElement, namespace: string, ...path: ReadonlyArray<string>): string | undefined => {
  let at: XmlElement | undefined = element
  for (const name of path) {
    at = childOf(at, namespace, name)
    if (at === undefined) return undefined
  }
  return at.text.trim()
}

/** A name in content, resolved by the prefixes in scope. The default namespace does not apply to it. */
export const qnameOf = (element: XmlElement, text: string): Name => {
  const trimmed = text.trim()
  const colon = trimmed.indexOf(":")
  if (colon < 0) return { namespace: "", prefix: "", name: trimmed }
  const prefix = trimmed.slice(0, colon)
  return { namespace: element.prefixes.get(prefix), prefix, name: trimmed.slice(colon + 1) }
}
