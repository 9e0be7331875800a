type Part =
  | { readonly is: "word"; readonly word: string }
  | {
      readonly is: "one" | "many"
      readonly name: string | undefined
      /** What stands before the capture in its first level: `input:` of `input:{n}`. */
      readonly before: string
      /** Only the address of a configured device: `{address!}`, `{address...!}`. */
      readonly known: boolean
      /** A second capture in the same level: `:` and `n` of `{component}:{n}`. */
      readonly second?: { readonly separator: string; readonly name: string }
    }

/** A topic as a profile writes it: `zigbee2mqtt/{address...}`, `{address}/input:{n}`, also with MQTT's `+` and `#`. */
export interface TopicPattern {
  readonly text: string
  readonly parts: ReadonlyArray<Part>
  /** How many levels are literal: of two patterns that match, the one with more is meant. */
  readonly literals: number
  /** `{address!}` or `{address...!}`: it reads nothing but the topics of configured devices. */
  readonly knownOnly: boolean
}

/** Topics with more levels are not read: no supported device uses half as many, and matching has to stay cheap. */
const maxLevels = 64

const wild = (is: "one" | "many", name?: string, before = "", known = false): Part => ({ is, name, before, known })

const partOf = (level: string): Part | string => {
  if (level === "+") return wild("one")
  if (level === "#") return wild("many")
  const capture = /^([^{}+#]*)\{([A-Za-z][A-Za-z0-9]*)(\.\.\.)?(!)?\}$/.exec(level)
  if (capture !== null) {
    return wild(capture[3] === undefined ? "one" : "many", capture[2], capture[1], capture[4] === "!")
  }
  const pair = /^([^{}+#]*)\{([A-Za-z][A-Za-z0-9]*)\}([^{}+#]+)\{([A-Za-z][A-Za-z0-9]*)\}$/.exec(level)
  if (pair !== null) {
    const second = { separator: pair[3]!, name: pair[4]! }
    return { is: "one", name: pair[2], before: pair[1]!, known: false, second }
  }
  return /[{}+#]/.test(level)
    ? `topic level "${level}" must be a word, "{name}", "word{name}", "{name}:{other}", "{name...}", "+" or "#"`
    : { is: "word", word: level }
}

/** Puts the values of parameters in for `{name}`; a level that is nothing but an empty parameter falls away. */
const withParameters = (text: string, parameters: Readonly<Record<string, string>>): string =>
  text
    .split("/")
    .flatMap((level) => {
      const name = /^\{([A-Za-z][A-Za-z0-9]*)\}$/.exec(level)?.[1]
      const value = name !== undefined && Object.hasOwn(parameters, name) ? parameters[name] : undefined
      return value === undefined ? [level] : value === "" ? [] : [value]
    })
    .join("/")

/**
 * Reads a topic pattern; a string is what is wrong with it, `undefined` a pattern of which an empty parameter left
 * nothing. A part that spans levels takes as few as will do.
 */
export const parseTopic = (
  written: string,
  parameters: Readonly<Record<string, string>> = {}
): TopicPattern | string | undefined => {
  const text = withParameters(written, parameters)
  if (text === "") return undefined
  const parts: Array<Part> = []
  for (const level of text.split("/")) {
    const part = partOf(level)
    if (typeof part === "string") return part
    if (part.is === "many" && part.before === "" && parts.at(-1)?.is === "many")
      return `topic "${written}" has two parts side by side that span levels; keep one`
    parts.push(part)
  }
  if (parts.filter((part) => part.is === "many").length > 3)
    return `topic "${written}" has more than three parts that span levels`
  return {
    text,
    parts,
    literals: parts.filter((part) => part.is === "word").length,
    knownOnly: parts.some((part) => part.is !== "word" && part.known)
  }
}

interface Matching {
  readonly parts: ReadonlyArray<Part>
  readonly levels: ReadonlyArray<string>
  readonly captures: Record<string, string>
}

/** Keeps what a capture holds; false when that is nothing, or not of the form it should have. */
const keep = (captures: Record<string, string>, part: Exclude<Part, { is: "word" }>, held: string): boolean => {
  const { name = "", second } = part
  const split = second === undefined ? -1 : held.indexOf(second.separator)
  if (second !== undefined) {
    const rest = split < 0 ? "" : held.slice(split + second.separator.length)
    if (rest === "") return false
    captures[second.name] = rest
  }
  captures[name] = second === undefined ? held : held.slice(0, split)
  return captures[name] !== ""
}

const fits = (at: Matching, part: number, level: number): boolean => {
  const { parts, levels, captures } = at
  const here = parts[part]
  if (here === undefined) return level === levels.length
  const left = levels.length - level
  if (left < parts.length - part) return false
  if (here.is === "word") return levels[level] === here.word && fits(at, part + 1, level + 1)
  if (!levels[level]!.startsWith(here.before)) return false
  const last = part === parts.length - 1
  const widest = here.is === "many" ? left - (parts.length - part - 1) : 1
  for (let width = here.is === "many" && last ? widest : 1; width <= widest; width++) {
    if (!fits(at, part + 1, level + width)) continue
    if (here.name === undefined) return true
    const held = levels
      .slice(level, level + width)
      .join("/")
      .slice(here.before.length)
    return keep(captures, here, held)
  }
  return false
}

/** What the captures hold when `levels` match; undefined when they do not. A part that spans levels takes at least one. */
export const matchTopic = (
  pattern: TopicPattern,
  levels: ReadonlyArray<string>
): Readonly<Record<string, string>> | undefined => {
  if (levels.length > maxLevels) return undefined
  const captures: Record<string, string> = {}
  return fits({ parts: pattern.parts, levels, captures }, 0, 0) ? captures : undefined
}

const filterFor = ({ parts }: TopicPattern, address: string | undefined): string => {
  const levels: Array<string> = []
  for (const [index, part] of parts.entries()) {
    if (part.is === "word") levels.push(part.word)
    else if (part.name === "address" && address !== undefined) levels.push(address)
    else if (part.is === "one" || (part.name === "address" && index < parts.length - 1)) levels.push("+")
    // Beyond a literal the rest may be asked for as a whole; before one, that would be every topic of the broker.
    else if (index === parts.length - 1 || levels.some((level) => level !== "+")) return [...levels, "#"].join("/")
    else levels.push("+")
  }
  return levels.join("/")
}

/**
 * The MQTT filters that bring a pattern's messages. A part that spans levels cannot be said with a wildcard inside a
 * filter without asking for everything: an address becomes one filter for each of `addresses`, and stands for one level
 * besides; any other such part stands for one level.
 */
export const filtersOf = (pattern: TopicPattern, addresses: ReadonlyArray<string>): ReadonlyArray<string> => {
  const last = pattern.parts.length - 1
  const spread = pattern.parts.some(
    (part, index) =>
      part.is !== "word" && part.name === "address" && (part.known || (part.is === "many" && index < last))
  )
  const sayable = addresses.filter((address) => !/[+#\0]/.test(address))
  return [
    ...(pattern.knownOnly ? [] : [filterFor(pattern, undefined)]),
    ...(spread ? sayable.map((address) => filterFor(pattern, address)) : [])
  ]
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
