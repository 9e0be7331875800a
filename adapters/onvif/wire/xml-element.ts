/** An attribute with its namespace resolved; "" for one without a prefix. */
export interface XmlAttribute {
  readonly namespace: string
  readonly name: string
  readonly value: string
}

/** An element with its namespace resolved. Every value is text, as it was sent: a card number keeps its digits. */
export interface XmlElement {
  /** The namespace's URI; "" for none. */
  readonly namespace: string
  /** The local name, without its prefix. */
  readonly name: string
  readonly attributes: ReadonlyArray<XmlAttribute>
  readonly children: ReadonlyArray<XmlElement>
  /** The text directly inside it, pieces joined, not trimmed. */
  readonly text: string
  /** The prefixes in scope, to resolve names that stand in content (topics, fault codes). */
  readonly prefixes: ReadonlyMap<string, string>
  /** Its text or an attribute was read by what it must have meant. */
  readonly lenient?: true
}
