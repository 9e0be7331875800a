/** A piece of XML that is ready to be sent: everything in it is escaped. Only the functions of this file make one. */
export type Xml = string & { readonly Xml: unique symbol }

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;"
}

/** Text that may stand between tags and in attributes. */
export const escape = (text: string): Xml => text.replace(/[&<>"']/g, (character) => entities[character] ?? "") as Xml

/** Text that is XML already: a fault writes it, or it was taken from another message. */
export const verbatim = (xml: string): Xml => xml as Xml

/** Nothing: where an optional element is absent. */
export const nothing = verbatim("")

export const join = (pieces: ReadonlyArray<Xml>): Xml => verbatim(pieces.join(""))

const written = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? "" : ` ${name}="${escape(String(value))}"`))
    .join("")

/** An element with children; `name` as written, prefix and all. Attributes that are undefined are left out. */
export const element = (name: string, attributes: Attributes, ...children: ReadonlyArray<Xml>): Xml => {
  const inside = children.join("")
  return verbatim(
    inside === "" ? `<${name}${written(attributes)}/>` : `<${name}${written(attributes)}>${inside}</${name}>`
  )
}

/** An element with text in it, and nothing when there is no text to write. */
export const leaf = (name: string, text: string | number | boolean | undefined, attributes: Attributes = {}): Xml =>
  text === undefined ? nothing : element(name, attributes, escape(String(text)))
