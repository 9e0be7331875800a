import { Data } from "effect"

/** What a device sent is not read: it is malformed, or larger or deeper than any answer has a reason to be. */
export class XmlRefused extends Data.TaggedError("XmlRefused")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** The largest answers seen (GetEventProperties, a hundred messages of one pull) stay below 400 kB. */
export const xmlMaxBytes = 2 * 1024 * 1024

/** XML 1.0, section 2.3: the declaration; read for its encoding only. */
const declaration = /^<\?xml\s[^>]{0,200}?\?>/

const declaredEncoding = /\sencoding\s*=\s*["']([A-Za-z][\w.:-]{0,39})["']/

/** XML 1.0, section 2.2: characters that no document may hold. */
// oxlint-disable-next-line no-control-regex
const unlawful = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g

const asciiStart = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 240)).toString("latin1").trimStart()

const utf8 = new TextDecoder("utf-8", { fatal: true })

const decodeAs = (charset: string, bytes: Uint8Array): string => {
  let decoder
  try {
    decoder = new TextDecoder(charset)
  } catch {
    throw new XmlRefused({ reason: `the text names the encoding ${charset}, which is unknown` })
  }
  return decoder.decode(bytes)
}

/** Unicode, section 23.8: what UTF-16 begins with when it says so. */
const utf16Of = ([first, second]: Uint8Array): string | undefined => {
  if (first === 0xfe && second === 0xff) return "utf-16be"
  return first === 0xff && second === 0xfe ? "utf-16le" : undefined
}

const decode = (bytes: Uint8Array, charset: string | undefined): string => {
  const utf16 = utf16Of(bytes)
  if (utf16 !== undefined) return decodeAs(utf16, bytes)
  try {
    return utf8.decode(bytes)
  } catch {
    // Not UTF-8, at least in places: then it may say what it is.
  }
  const declared = declaredEncoding.exec(declaration.exec(asciiStart(bytes))?.[0] ?? "")?.[1] ?? charset
  // A rule's name in another encoding, in an answer that is UTF-8 otherwise: the name is lost, the event is not.
  return decodeAs(declared === undefined || /^utf-?8$/i.test(declared) ? "utf-8" : declared, bytes)
}

/** Some devices send the terminating zero of a C string along. Not by a pattern: a megabyte of blanks must not cost. */
const withoutEnd = (text: string): string => {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(0, end)
}

/** Where the root element starts. Nothing but a declaration, comments and white space may stand before it. */
const rootAt = (text: string): number => {
  let at = declaration.exec(text)?.[0].length ?? 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at++
    if (!text.startsWith("<!--", at)) break
    const end = text.indexOf("-->", at + 4)
    if (end < 0) throw new XmlRefused({ reason: "a comment does not end" })
    at = end + 3
  }
  if (text.startsWith("<!", at)) throw new XmlRefused({ reason: "it holds a document type declaration" })
  if (text.startsWith("<?", at)) throw new XmlRefused({ reason: "it holds a processing instruction" })
  if (at >= text.length) throw new XmlRefused({ reason: "it is empty" })
  if (text.charAt(at) !== "<") throw new XmlRefused({ reason: "it does not start with an element" })
  return at
}

/**
 * The document from its root element on, as text. UTF-8 is what SOAP asks for and is tried first, whatever is declared:
 * devices declare GB2312 and send UTF-8. Other bytes are read by the byte order mark of UTF-16, or by the encoding that
 * the declaration, or else `charset` (of the Content-Type), names, or as UTF-8 all the same; what does not fit becomes
 * U+FFFD, as do control characters that XML forbids, so that one odd name does not cost an event. Throws `XmlRefused`:
 * too large, an encoding nobody knows, a document type declaration or a processing instruction, or no XML at all.
 */
export const xmlText = (bytes: Uint8Array, charset?: string): string => {
  if (bytes.length > xmlMaxBytes)
    throw new XmlRefused({ reason: `${bytes.length} bytes are more than the ${xmlMaxBytes} that are accepted` })
  const whole = withoutEnd(decode(bytes, charset)).trimStart()
  const text = whole.replace(unlawful, "\ufffd")
  return text.slice(rootAt(text))
}
