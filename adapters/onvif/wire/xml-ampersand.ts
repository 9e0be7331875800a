/**
 * Stands for a `&` that should have been `&amp;`, between the text and the tree. No document holds it: it is one of the
 * characters that XML forbids, which `xmlText` has replaced.
 */
export const strayAmpersand = "\ufffe"

/** What may follow a `&`: a character's number, or a name. Whether the name is known is the parser's business. */
const reference = /(?:#\d+|#x[\da-fA-F]+|[A-Za-z_:][\w.:-]*);/y

/** Where a `&` means nothing, and how that ends. */
const ends: Readonly<Record<string, string>> = { "<![CDATA[": "]]>", "<!--": "-->" }

/**
 * The text with each `&` that begins no reference replaced by `strayAmpersand`. Devices write what a person called a
 * rule as it is, `R&D` too, and such a rule would cost every event that comes with it.
 */
export const markStrayAmpersands = (text: string): string => {
  if (!text.includes("&")) return text
  const notable = /<!\[CDATA\[|<!--|&/g
  let marked = ""
  let from = 0
  for (let found = notable.exec(text); found !== null; found = notable.exec(text)) {
    const close = ends[found[0]]
    if (close !== undefined) {
      const end = text.indexOf(close, notable.lastIndex)
      // What does not end is refused by the parser.
      if (end < 0) break
      notable.lastIndex = end + close.length
      continue
    }
    reference.lastIndex = notable.lastIndex
    if (reference.test(text)) continue
    marked += text.slice(from, found.index) + strayAmpersand
    from = notable.lastIndex
  }
  return marked + text.slice(from)
}
