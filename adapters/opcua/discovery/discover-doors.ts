import type { PointKind } from "../../../gateway/domain/observation.ts"
import { browseNameInPath } from "../nodes/node-names.ts"
import { ownVariables, pathText, pathTo, type Seen, type Tree } from "./discover-tree.ts"

/** A variable that no profile reads. */
export interface StrayVariable {
  readonly name: string
  readonly kind: string
  /** What it held, of the first of its like. */
  readonly value: string
  /** What its name says it could be; a guess. */
  readonly guess: PointKind | undefined
}

/** One line of a profile's readings, to be looked over. */
export type Suggestion = Readonly<Record<string, unknown>>

/** Objects side by side that have the same variables, of which no profile reads any. */
export interface Stray {
  /** The browse path to it; with `*` where there are several. */
  readonly path: string
  readonly count: number
  /** Some of the names that `*` stands for. */
  readonly names: ReadonlyArray<string>
  readonly variables: ReadonlyArray<StrayVariable>
  /** Its names are those of a door's signals. */
  readonly isDoor: boolean
  readonly notifies: boolean
  /** Short names of namespaces, and readings with them, where it could be a door. */
  readonly namespaces: Readonly<Record<string, string>>
  readonly suggestions: ReadonlyArray<Suggestion>
}

/** Words that makers call signals by, English and German, as whole words of a name; the first that fits counts. */
const words: ReadonlyArray<readonly [PointKind, RegExp]> = [
  ["rex", /^(rex|exit|rte|request to exit|exit (request|button)|türöffner|taster)\b/],
  ["tamper", /\b(tamper|sabotage)/],
  ["fault", /\b(fault|trouble|error|störung)/],
  ["battery", /\bbattery|\bakku/],
  ["lock", /\b(lock|locked|unlocked|latch|bolt|strike|verriegelt)\b|schloss|riegel/],
  ["mode", /\b(mode|betriebsart)\b/],
  ["alarm", /\b(forced|held|door alarm|alarm)\b/],
  ["position", /\b(contact|position|dps|open|opened|closed|door (state|status|frame state)|offen)\b|kontakt/]
]

/** `DoorContact`, `door_contact` and `Door contact` are the same words. */
const plainWords = (name: string): string =>
  name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .replaceAll(/[_.\-/]+/g, " ")
    .toLowerCase()
    .trim()

/** What a signal of this name could be. */
export const guessOf = (name: string): PointKind | undefined =>
  words.find(([, pattern]) => pattern.test(plainWords(name)))?.[0]

const isDoorName = (name: string): boolean => /\b(door|gate|portal|turnstile|tür|tor)/.test(plainWords(name))

/** Where a door's position or lock is, it is a door; a name alone needs a signal beside it. */
const isDoor = (name: string, guesses: ReadonlyArray<PointKind | undefined>): boolean => {
  const known = new Set(guesses.filter((guess) => guess !== undefined))
  const hasMain = known.has("position") || known.has("lock")
  return (hasMain && known.size >= 2) || (isDoorName(name) && known.size > 0)
}

const kindText = ({ value }: Seen): string =>
  value?.kind === undefined ? "unknown" : `${value.kind}${value.array ? " array" : ""}`

const valueText = ({ value }: Seen): string =>
  value === undefined
    ? "not read"
    : value.status === "bad"
      ? value.statusName
      : typeof value.value === "string"
        ? value.value
        : JSON.stringify(value.value)

const shapeOf = (variables: ReadonlyArray<Seen>): string =>
  JSON.stringify(
    variables
      .map((one) => JSON.stringify([one.uri, one.browseName, kindText(one)]))
      .toSorted((a, b) => (a < b ? -1 : 1))
  )

/** What the words of a kind could be for a variable's values; to be looked over by whoever knows the panel. */
const valuesFor = (guess: PointKind, { value }: Seen): Readonly<Record<string, string>> | undefined => {
  if (value?.kind !== "boolean") return undefined
  switch (guess) {
    case "position":
      return { true: "open", false: "closed" }
    case "lock":
      return { true: "locked", false: "unlocked" }
    case "rex":
    case "tamper":
    case "fault":
      return { true: "on", false: "off" }
    default:
      return undefined
  }
}

const step = (short: string | undefined, name: string): string => (short === undefined ? name : `${short}:${name}`)

const suggest = (example: Seen, many: boolean, variables: ReadonlyArray<Seen>) => {
  const shorts = new Map<string, string>()
  const shortOf = (uri: string | undefined): string | undefined => {
    if (uri === undefined) return undefined
    const known = shorts.get(uri) ?? `n${shorts.size === 0 ? "" : shorts.size + 1}`
    shorts.set(uri, known)
    return known
  }
  const path = pathTo(example).map(({ uri, name }) => step(shortOf(uri), browseNameInPath(name)))
  if (many) path[path.length - 1] = step(shortOf(example.uri), "{door}")
  const door = many ? "{door}" : example.browseName
  const suggestions = variables.flatMap((variable): ReadonlyArray<Suggestion> => {
    const guess = guessOf(variable.browseName)
    if (guess === undefined) return []
    const node = `/${[...path, step(shortOf(variable.uri), browseNameInPath(variable.browseName))].join("/")}`
    const values = valuesFor(guess, variable)
    return [{ node, point: `door-${door}.${guess}`, kind: guess, ...(values === undefined ? {} : { values }) }]
  })
  return { namespaces: Object.fromEntries([...shorts].map(([uri, short]) => [short, uri])), suggestions }
}

/** So many names are told of objects that are alike. */
const namesMax = 8

/** What has variables that none of these nodes is, alike ones together, what looks like doors first. */
export const straysOf = ({ nodes }: Tree, read: ReadonlySet<Seen>): ReadonlyArray<Stray> => {
  const groups = new Map<string, Array<Seen>>()
  for (const seen of nodes.values()) {
    // Below a variable are its own parts.
    if (seen.isCondition || seen.parent === undefined) continue
    const variables = ownVariables(seen)
    // Of a door that is read, what is not read is left out by the profile on purpose.
    if (variables.length === 0 || variables.some((one) => read.has(one))) continue
    const key = JSON.stringify([seen.parent.name, seen.nodeClass, shapeOf(variables)])
    groups.set(key, [...(groups.get(key) ?? []), seen])
  }
  const strays = [...groups.values()].map((alike): Stray => {
    const [example] = alike as [Seen, ...Array<Seen>]
    const variables = ownVariables(example)
    const many = alike.length > 1
    const told = variables.map((one) => ({
      name: one.browseName,
      kind: kindText(one),
      value: valueText(one),
      guess: guessOf(one.browseName)
    }))
    const door = isDoor(
      example.browseName,
      told.map(({ guess }) => guess)
    )
    const above = pathText(example).split("/").slice(0, -1).join("/")
    return {
      path: many ? `${above}/*` : pathText(example),
      count: alike.length,
      names: alike.slice(0, namesMax).map(({ browseName }) => browseName),
      variables: told,
      isDoor: door,
      notifies: alike.some(({ notifies }) => notifies),
      ...(door ? suggest(example, many, variables) : { namespaces: {}, suggestions: [] })
    }
  })
  return strays.toSorted((a, b) => Number(b.isDoor) - Number(a.isDoor) || b.count - a.count)
}
