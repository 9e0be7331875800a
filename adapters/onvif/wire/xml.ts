import { markStrayAmpersands, strayAmpersand } from "./xml-ampersand.ts"
import type { XmlAttribute, XmlElement } from "./xml-element.ts"
import { scanXml, type XmlListener } from "./xml-scan.ts"
import { XmlRefused, xmlText } from "./xml-text.ts"

export { childOf, childrenOf, attributeOf, descendantOf, isTrue, type Name, qnameOf, textAt } from "./xml-read.ts"
export { escapeXml, writeXml } from "./xml-write.ts"
export { XmlRefused, xmlMaxBytes } from "./xml-text.ts"

/** An answer of an ONVIF service nests about twenty deep; topic sets of vendors go to thirty. */
const depthMax = 64

/** A pull of a hundred messages has about 3 000. */
const elementsMax = 20_000

/** Copying the prefixes in scope at each element that declares one is what a hostile device could make expensive. */
const prefixesCopiedMax = 200_000

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

/**
 * What some devices use without declaring it, as ONVIF Core ("Namespaces") and its WSDLs write it. A prefix that is
 * declared always means what the document says.
 */
const conventional: ReadonlyMap<string, string> = new Map([
  ["tt", "http://www.onvif.org/ver10/schema"],
  ["tns1", "http://www.onvif.org/ver10/topics"],
  ["ter", "http://www.onvif.org/ver10/error"],
  ["tds", "http://www.onvif.org/ver10/device/wsdl"],
  ["trt", "http://www.onvif.org/ver10/media/wsdl"],
  ["tev", "http://www.onvif.org/ver10/events/wsdl"],
  ["wsnt", "http://docs.oasis-open.org/wsn/b-2"],
  ["wstop", "http://docs.oasis-open.org/wsn/t-1"],
  ["wsa", "http://www.w3.org/2005/08/addressing"],
  ["wsa5", "http://www.w3.org/2005/08/addressing"],
  ["xs", "http://www.w3.org/2001/XMLSchema"],
  ["xsd", "http://www.w3.org/2001/XMLSchema"],
  ["xsi", "http://www.w3.org/2001/XMLSchema-instance"]
])

interface Building extends XmlElement {
  readonly children: Array<Building>
  text: string
  lenient?: true
}

const refuse = (reason: string): never => {
  throw new XmlRefused({ reason })
}

/** `prefix:local` cut in two; "" for no prefix. */
const cut = (name: string): readonly [prefix: string, local: string] => {
  const colon = name.indexOf(":")
  if (colon < 0) return ["", name]
  if (colon === 0 || colon === name.length - 1 || name.includes(":", colon + 1)) refuse(`${name} is no name`)
  return [name.slice(0, colon), name.slice(colon + 1)]
}

const withAmpersands = (text: string): string => text.replaceAll(strayAmpersand, "&")

const isDeclaration = (name: string): boolean => name === "xmlns" || name.startsWith("xmlns:")

/** Takes what the scan says, and makes the tree of it. */
class Tree implements XmlListener {
  root: XmlElement | undefined
  readonly #open: Array<Building> = []
  #pending: Array<readonly [name: string, value: string]> = []
  /** An attribute of the element that comes next was read by what it must have meant. */
  #lenient = false
  #elements = 0
  #prefixesCopied = 0

  attribute(name: string, value: string): void {
    if (value.includes(strayAmpersand)) this.#lenient = true
    this.#pending.push([name, withAmpersands(value)])
  }

  open(name: string): void {
    if (++this.#elements > elementsMax) refuse(`it has more than ${elementsMax} elements`)
    if (this.#open.length >= depthMax) refuse(`it is nested more than ${depthMax} deep`)
    const parent = this.#open.at(-1)
    if (parent === undefined && this.root !== undefined) refuse("it has more than one root element")
    const pending = this.#pending
    if (pending.length > 0) this.#pending = []
    const prefixes = this.#scope(parent?.prefixes ?? new Map([["xml", xmlNamespace]]), pending)
    const [prefix, local] = cut(name)
    const namespace = prefix === "" ? (prefixes.get("") ?? "") : (prefixes.get(prefix) ?? conventional.get(prefix))
    if (namespace === undefined) return refuse(`the prefix ${prefix} of ${name} is not declared`)
    const element: Building = {
      namespace,
      name: local,
      attributes: pending.length === 0 ? [] : attributesOf(pending, prefixes),
      children: [],
      text: "",
      prefixes
    }
    if (this.#lenient) element.lenient = true
    this.#lenient = false
    if (parent === undefined) this.root = element
    else parent.children.push(element)
    this.#open.push(element)
  }

  text(text: string): void {
    const element = this.#open.at(-1)
    if (element === undefined) return
    if (text.includes(strayAmpersand)) element.lenient = true
    element.text += withAmpersands(text)
  }

  close(): void {
    this.#open.pop()
  }

  /** The prefixes in scope: the parent's own map, as long as nothing new is declared. */
  #scope(
    outer: ReadonlyMap<string, string>,
    pending: ReadonlyArray<readonly [name: string, value: string]>
  ): ReadonlyMap<string, string> {
    let scope: Map<string, string> | undefined
    for (const [name, value] of pending) {
      if (!isDeclaration(name)) continue
      const prefix = name === "xmlns" ? "" : cut(name)[1]
      if ((scope ?? outer).get(prefix) === value || prefix === "xml" || prefix === "xmlns") continue
      if (scope === undefined) {
        this.#prefixesCopied += outer.size
        if (this.#prefixesCopied > prefixesCopiedMax) refuse("it declares too many prefixes")
        scope = new Map(outer)
      }
      if (value === "") scope.delete(prefix)
      else scope.set(prefix, value)
    }
    return scope ?? outer
  }
}

const attributesOf = (
  pending: ReadonlyArray<readonly [name: string, value: string]>,
  prefixes: ReadonlyMap<string, string>
): ReadonlyArray<XmlAttribute> => {
  const attributes: Array<XmlAttribute> = []
  for (const [name, value] of pending) {
    if (isDeclaration(name)) continue
    const [prefix, local] = cut(name)
    const namespace = prefix === "" ? "" : (prefixes.get(prefix) ?? conventional.get(prefix) ?? "")
    attributes.push({ namespace, name: local, value })
  }
  return attributes
}

/**
 * The tree of one document. It is refused, while it is read and not after, with a reason: `XmlRefused` is thrown for
 * what is malformed, holds a document type declaration, a processing instruction or an entity of its own, or is larger,
 * deeper or richer than any answer has a reason to be. `charset` is the Content-Type's; see `xmlText` for encodings.
 * Of two attributes with one name the first counts. A `&` that begins no reference is text; its element is `lenient`.
 */
export const parseXml = (bytes: Uint8Array, charset?: string): XmlElement => {
  const tree = new Tree()
  scanXml(markStrayAmpersands(xmlText(bytes, charset)), tree)
  return tree.root ?? refuse("it holds no element")
}
