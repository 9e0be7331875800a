import sax from "sax"

/** An element of a request, its namespace resolved. */
export interface XmlNode {
  readonly namespace: string
  readonly name: string
  readonly attributes: ReadonlyArray<{ readonly namespace: string; readonly name: string; readonly value: string }>
  readonly children: ReadonlyArray<XmlNode>
  /** The text directly inside it. */
  readonly text: string
  /** Namespaces in scope by prefix: topics are qualified names inside text. */
  readonly scope: Readonly<Record<string, string>>
}

/** What was sent is no XML a device reads. */
export class NotXml extends Error {
  override readonly name = "NotXml"
}

/** Nobody writes a SOAP request deeper than this. */
const depthMax = 64

interface Growing {
  readonly namespace: string
  readonly name: string
  readonly attributes: Array<{ namespace: string; name: string; value: string }>
  readonly children: Array<XmlNode>
  text: string
  readonly scope: Readonly<Record<string, string>>
}

const scopeOf = (ns: object): Record<string, string> => {
  const scope: Record<string, string> = {}
  // sax keeps outer prefixes on the prototype chain.
  for (const prefix in ns) {
    const uri: unknown = Reflect.get(ns, prefix)
    if (typeof uri === "string") scope[prefix] = uri
  }
  return scope
}

/** Reads one document; throws `NotXml`. A document type declaration is refused, as is an undeclared prefix. */
export const readXml = (text: string): XmlNode => {
  const parser = sax.parser(true, { xmlns: true, position: false })
  const open: Array<Growing> = []
  let root: XmlNode | undefined
  parser.onerror = (error) => {
    throw new NotXml(error.message.split("\n")[0] ?? "not well-formed")
  }
  parser.ondoctype = () => {
    throw new NotXml("a document type declaration is not accepted")
  }
  parser.onopentag = (tag) => {
    if (open.length >= depthMax) throw new NotXml("nested too deeply")
    if (!("local" in tag)) throw new NotXml("no namespaces")
    open.push({
      namespace: tag.uri,
      name: tag.local,
      attributes: Object.values(tag.attributes).flatMap(({ uri, local, prefix, name, value }) =>
        prefix === "xmlns" || name === "xmlns" ? [] : [{ namespace: uri, name: local, value }]
      ),
      children: [],
      text: "",
      scope: scopeOf(tag.ns)
    })
  }
  const addText = (text: string): void => {
    const inside = open.at(-1)
    if (inside !== undefined) inside.text += text
  }
  parser.ontext = addText
  parser.oncdata = addText
  parser.onclosetag = () => {
    const closed = open.pop()
    if (closed === undefined) return
    const parent = open.at(-1)
    if (parent === undefined) root = closed
    else parent.children.push(closed)
  }
  parser.write(text).close()
  if (root === undefined) throw new NotXml("no element")
  return root
}

/** The first child of that name, whatever its namespace: a device's own reading of a request is generous there. */
export const childOf = (node: XmlNode | undefined, name: string): XmlNode | undefined =>
  node?.children.find((child) => child.name === name)

export const childrenOf = (node: XmlNode | undefined, name: string): ReadonlyArray<XmlNode> =>
  node?.children.filter((child) => child.name === name) ?? []

/** The text of the first child of that name, without white space around it. */
export const textOf = (node: XmlNode | undefined, name: string): string | undefined => childOf(node, name)?.text.trim()

export const attributeOf = (node: XmlNode | undefined, name: string): string | undefined =>
  node?.attributes.find((attribute) => attribute.name === name)?.value
