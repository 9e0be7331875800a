import { XmlRefused } from "./xml-text.ts"

/** Who is told what stands in a document, in its order. */
export interface XmlListener {
  /** Of the element that opens next. */
  readonly attribute: (name: string, value: string) => void
  readonly open: (name: string) => void
  /** Text, or a piece of it, its references resolved. */
  readonly text: (text: string) => void
  readonly close: () => void
}

/** Names, values of attributes and comments stay far below; an element's text is not bounded by this. */
const gatheredMaxChars = 64 * 1024

/** gSOAP declares every namespace it knows at the envelope: fifty, and more with each service that is built in. */
const attributesMax = 256

/** XML 1.0, section 2.3: NameStartChar, as far as it lies in the Basic Multilingual Plane. */
const nameStart =
  String.raw`:A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d` +
  String.raw`\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd`

/** XML 1.0, section 2.3: Name. */
const name = new RegExp(String.raw`[${nameStart}][-.\d\u00b7\u0300-\u036f\u203f-\u2040${nameStart}]*`, "y")

/** XML 1.0, section 4.6. */
const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"]
])

const lastCodePoint = 0x10ffff

const refuse = (reason: string): never => {
  throw new XmlRefused({ reason })
}

const malformed = (why: string): never => refuse(`it is malformed: ${why}`)

/** XML 1.0, section 2.3: white space. */
const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d

const isBlankThroughout = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (!isBlank(text.charCodeAt(at))) return false
  return true
}

const characterOf = (digits: string): string => {
  const hexadecimal = digits.startsWith("x")
  const code = Number.parseInt(hexadecimal ? digits.slice(1) : digits, hexadecimal ? 16 : 10)
  return code > 0 && code <= lastCodePoint
    ? String.fromCodePoint(code)
    : malformed(`&#${digits.slice(0, 16)}; is no character`)
}

/** A reference by what stands between `&` and `;`. */
const resolved = (reference: string): string =>
  reference.startsWith("#")
    ? characterOf(reference.slice(1).toLowerCase())
    : (entities.get(reference.toLowerCase()) ?? malformed(`&${reference.slice(0, 32)}; is not declared`))

/** Text with its references resolved. Every `&` in it is to begin one: see `markStrayAmpersands`. */
const plain = (text: string): string =>
  text.includes("&")
    ? text.replace(/&([^&;]*)(;?)/g, (_, reference: string, end: string) =>
        end === "" ? malformed("a reference does not end") : resolved(reference)
      )
    : text

/** Goes through one document, from its root element on, and tells the listener. */
class Scan {
  readonly #text: string
  readonly #listener: XmlListener
  /** The names of the elements that are open. */
  readonly #open: Array<string> = []
  #at = 0

  constructor(text: string, listener: XmlListener) {
    this.#text = text
    this.#listener = listener
  }

  run(): void {
    const text = this.#text
    while (this.#at < text.length) {
      const markup = text.indexOf("<", this.#at)
      const end = markup < 0 ? text.length : markup
      if (end > this.#at) this.#said(text.slice(this.#at, end))
      this.#at = end
      if (markup >= 0) this.#markup()
    }
    if (this.#open.length > 0) malformed(`${this.#open.at(-1)} does not end`)
  }

  #said(text: string): void {
    if (this.#open.length > 0) return this.#listener.text(plain(text))
    if (!isBlankThroughout(text)) malformed("text stands outside the root element")
  }

  #markup(): void {
    switch (this.#text.charCodeAt(this.#at + 1)) {
      case 0x2f: // "/"
        return this.#closing()
      case 0x21: // "!"
        return this.#declared()
      case 0x3f: // "?"
        return refuse("it holds a processing instruction")
      default:
        return this.#opening()
    }
  }

  /** `<!`: a comment or a CDATA section; everything else of the kind is refused. */
  #declared(): void {
    const text = this.#text
    const from = this.#at
    if (text.startsWith("<!--", from)) {
      const end = text.indexOf("--", from + 4)
      if (end - from > gatheredMaxChars) tooLong()
      if (end < 0 || text.charAt(end + 2) !== ">") malformed("a comment does not end as it must")
      this.#at = end + 3
    } else if (text.startsWith("<![CDATA[", from)) {
      const end = text.indexOf("]]>", from)
      if (end < 0 || this.#open.length === 0) malformed("a CDATA section stands outside, or does not end")
      this.#listener.text(text.slice(from + "<![CDATA[".length, end))
      this.#at = end + 3
    } else if (/^<!doctype/i.test(text.slice(from, from + 9))) {
      malformed("a document type declaration stands behind the beginning")
    } else refuse("it holds a markup declaration")
  }

  #opening(): void {
    this.#at++
    const element = this.#name()
    let attributes: Set<string> | undefined
    for (;;) {
      const blank = this.#skipBlanks()
      const code = this.#text.charCodeAt(this.#at)
      if (code === 0x3e /* > */ || code === 0x2f /* / */) break
      if (!blank) malformed(`${element} is not written as a tag`)
      attributes ??= new Set()
      this.#attribute(attributes)
    }
    this.#listener.open(element)
    if (this.#text.startsWith("/>", this.#at)) {
      this.#at += 2
      return this.#listener.close()
    }
    if (this.#text.charAt(this.#at) !== ">") malformed(`${element} has a stray slash`)
    this.#at++
    this.#open.push(element)
  }

  /** Of two attributes with one name the first counts. */
  #attribute(names: Set<string>): void {
    const attribute = this.#name()
    this.#skipBlanks()
    if (this.#text.charAt(this.#at) !== "=") malformed(`the attribute ${attribute} has no value`)
    this.#at++
    this.#skipBlanks()
    const quote = this.#text.charAt(this.#at)
    if (quote !== '"' && quote !== "'") malformed(`the value of ${attribute} is not quoted`)
    const end = this.#text.indexOf(quote, this.#at + 1)
    if ((end < 0 ? this.#text.length : end) - this.#at > gatheredMaxChars) tooLong()
    if (end < 0) malformed(`the value of ${attribute} does not end`)
    const value = this.#text.slice(this.#at + 1, end)
    this.#at = end + 1
    if (names.has(attribute)) return
    if (names.size >= attributesMax) refuse(`an element has more than ${attributesMax} attributes`)
    names.add(attribute)
    this.#listener.attribute(attribute, plain(value))
  }

  #closing(): void {
    this.#at += 2
    this.#skipBlanks()
    const element = this.#name()
    this.#skipBlanks()
    if (this.#text.charAt(this.#at) !== ">") malformed(`the end of ${element} is not written as a tag`)
    if (this.#open.pop() !== element) malformed(`${element} ends where it is not open`)
    this.#at++
    this.#listener.close()
  }

  #name(): string {
    name.lastIndex = this.#at
    if (!name.test(this.#text)) malformed(`what stands at character ${this.#at} is no name`)
    const end = name.lastIndex
    if (end - this.#at > gatheredMaxChars) tooLong()
    const found = this.#text.slice(this.#at, end)
    this.#at = end
    return found
  }

  #skipBlanks(): boolean {
    const from = this.#at
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++
    return this.#at > from
  }
}

const tooLong = (): never => refuse(`a name, value or comment has more than ${gatheredMaxChars} characters`)

/**
 * Tells the listener what stands in a document, which begins with its root element. Throws `XmlRefused` for what is
 * malformed, and for markup that no answer has a reason to hold: document types, processing instructions, entities of its
 * own. The time it takes grows with the length of the text, whatever stands in it.
 */
export const scanXml = (text: string, listener: XmlListener): void => new Scan(text, listener).run()
