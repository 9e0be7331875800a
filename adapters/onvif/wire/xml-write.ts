import type { XmlAttribute, XmlElement } from "./xml-element.ts"

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // A parser turns these into spaces (XML 1.0, 2.11 and 3.3.3), unless they are written so.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;"
}

/** Text made safe for content and for attribute values; what XML cannot hold at all becomes U+FFFD. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[&<>"'\t\n\r]/g, (character) => escapes[character] ?? character)
    // oxlint-disable-next-line no-control-regex
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd")

/** Prefixes that are declared where one writes. */
type Scope = ReadonlyMap<string, string>

/** Looked for at the start of a word only, so that a long word costs its length and not the square of it. */
const mention = /(?<![\w.-])([A-Za-z_][\w.-]*):/g

/** Prefixes that values mention and that are in scope: names may stand in content, and must keep their meaning. */
const mentioned = (element: XmlElement): ReadonlyArray<string> => {
  const values = [element.text, ...element.attributes.map(({ value }) => value)]
  const found = values.flatMap((value) => [...value.matchAll(mention)].map((match) => match[1] ?? ""))
  return found.filter((prefix) => prefix !== "xml" && element.prefixes.has(prefix))
}

/** A prefix that means the namespace in the element's own scope. */
const prefixFor = (element: XmlElement, namespace: string): string | undefined => {
  for (const [prefix, uri] of element.prefixes) if (uri === namespace && prefix !== "") return prefix
  return undefined
}

/** The prefixes one element uses, and those of them that it has to declare. */
class Declarations {
  readonly #outer: Scope
  readonly #element: XmlElement
  readonly #used = new Map<string, string>()
  readonly added = new Map<string, string>()

  constructor(outer: Scope, element: XmlElement) {
    this.#outer = outer
    this.#element = element
  }

  declare(prefix: string, namespace: string): void {
    if (prefix === "xml") return
    this.#used.set(prefix, namespace)
    if ((this.#outer.get(prefix) ?? "") !== namespace) this.added.set(prefix, namespace)
  }

  /** The name as it is written, its prefix declared. */
  name(namespace: string, local: string): string {
    if (namespace === "") return local
    const prefix = prefixFor(this.#element, namespace) ?? this.#invented(namespace)
    this.declare(prefix, namespace)
    return `${prefix}:${local}`
  }

  #invented(namespace: string): string {
    for (let nth = 0; ; nth++) {
      const prefix = `n${nth}`
      if (this.#element.prefixes.has(prefix)) continue
      if ((this.#used.get(prefix) ?? namespace) === namespace) return prefix
    }
  }
}

const write = (element: XmlElement, extra: ReadonlyArray<XmlAttribute>, outer: Scope): string => {
  const declarations = new Declarations(outer, element)
  const byDefault = element.namespace !== "" && element.prefixes.get("") === element.namespace
  if (byDefault || element.namespace === "") declarations.declare("", element.namespace)
  const name = byDefault ? element.name : declarations.name(element.namespace, element.name)
  const attributes = [...element.attributes, ...extra].map(
    ({ namespace, name: local, value }) => ` ${declarations.name(namespace, local)}="${escapeXml(value)}"`
  )
  for (const prefix of mentioned(element)) declarations.declare(prefix, element.prefixes.get(prefix) ?? "")
  const declared = [...declarations.added].map(
    ([prefix, uri]) => ` ${prefix === "" ? "xmlns" : `xmlns:${prefix}`}="${escapeXml(uri)}"`
  )
  const scope = declarations.added.size === 0 ? outer : new Map([...outer, ...declarations.added])
  const inside = escapeXml(element.text) + element.children.map((child) => write(child, [], scope)).join("")
  return `<${name}${declared.join("")}${attributes.join("")}>${inside}</${name}>`
}

/**
 * The element as XML that means the same wherever it is put: names, values and the prefixes that values mention are
 * kept, the namespaces declared where they are needed. `extra` is added to its attributes. Text that stands between
 * children comes before them.
 */
export const writeXml = (element: XmlElement, extra: ReadonlyArray<XmlAttribute> = []): string =>
  write(element, extra, new Map())
