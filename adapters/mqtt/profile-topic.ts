type Part =
  | { readonly is: "word"; readonly word: string }
  | { readonly is: "one" | "many"; readonly name: string | undefined }

/** A topic as a profile writes it: `zigbee2mqtt/{address...}`, `{address}/online`, also with MQTT's `+` and `#`. */
export interface TopicPattern {
  readonly text: string
  readonly parts: ReadonlyArray<Part>
  /** How many levels are literal: of two patterns that match, the one with more is meant. */
  readonly literals: number
}

const partOf = (level: string): Part | string => {
  if (level === "+") return { is: "one", name: undefined }
  if (level === "#") return { is: "many", name: undefined }
  const capture = /^\{([A-Za-z][A-Za-z0-9]*)(\.\.\.)?\}$/.exec(level)
  if (capture !== null) return { is: capture[2] === undefined ? "one" : "many", name: capture[1] }
  return /[{}+#]/.test(level)
    ? `topic level "${level}" must be a word, "{name}", "{name...}", "+" or "#"`
    : { is: "word", word: level }
}

/** Reads a topic pattern; a string is what is wrong with it. At most one part may span several levels. */
export const parseTopic = (text: string): TopicPattern | string => {
  const parts: Array<Part> = []
  for (const level of text.split("/")) {
    const part = partOf(level)
    if (typeof part === "string") return part
    parts.push(part)
  }
  if (parts.filter((part) => part.is === "many").length > 1)
    return `topic "${text}" has more than one part that spans levels; keep one`
  return { text, parts, literals: parts.filter((part) => part.is === "word").length }
}

/** What the captures hold when `levels` match; undefined when they do not. A part that spans levels takes at least one. */
export const matchTopic = (
  pattern: TopicPattern,
  levels: ReadonlyArray<string>
): Readonly<Record<string, string>> | undefined => {
  const { parts } = pattern
  const many = parts.findIndex((part) => part.is === "many")
  if (many < 0 ? levels.length !== parts.length : levels.length < parts.length) return undefined
  const extra = levels.length - parts.length
  const captures: Record<string, string> = {}
  let at = 0
  for (const part of parts) {
    const width = part.is === "many" ? extra + 1 : 1
    if (part.is === "word") {
      if (levels[at] !== part.word) return undefined
    } else if (part.name !== undefined) {
      const held = levels.slice(at, at + width).join("/")
      if (held === "") return undefined
      captures[part.name] = held
    }
    at += width
  }
  return captures
}

/**
 * The MQTT filters that bring a pattern's messages. A device address that is not the last part cannot be said with a
 * wildcard without asking for everything, so it becomes one filter for each of `addresses`.
 */
export const filtersOf = (pattern: TopicPattern, addresses: ReadonlyArray<string>): ReadonlyArray<string> => {
  const last = pattern.parts.length - 1
  const many = pattern.parts.findIndex((part) => part.is === "many")
  const filter = (address: string | undefined): string =>
    pattern.parts
      .map((part, index) => {
        if (part.is === "word") return part.word
        if (part.is === "one") return "+"
        return index === last ? "#" : (address ?? "+")
      })
      .join("/")
  if (many < 0 || many === last) return [filter(undefined)]
  return addresses.filter((address) => !/[+#\0]/.test(address)).map(filter)
}

/** Whether every topic that `narrow` brings comes with `wide` as well. */
export const coversFilter = (wide: string, narrow: string): boolean => {
  const wides = wide.split("/")
  const narrows = narrow.split("/")
  for (let index = 0; index < wides.length; index++) {
    if (wides[index] === "#") return true
    const level = narrows[index]
    if (level === undefined || level === "#") return false
    if (wides[index] !== "+" && wides[index] !== level) return false
  }
  return wides.length === narrows.length
}
