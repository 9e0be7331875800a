/** What only the interpreter can tell: an error, a type that is not the expected one, an operator that is not here. */
export const unsure: unique symbol = Symbol("unsure")

type Scope = Readonly<Record<string, unknown>>

interface Node {
  readonly op: string
  readonly args: unknown
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "op" in value

/** What JSON calls an object, as the interpreter knows one; any other kind is for it to tell. */
const isRecord = (value: unknown): value is Scope =>
  typeof value === "object" && value !== null && value.constructor === Object

const isPlain = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)

const equal = (first: unknown, second: unknown): boolean | typeof unsure =>
  isPlain(first) && isPlain(second) ? first === second : unsure

const areNumbers = (first: unknown, second: unknown): boolean => Number.isFinite(first) && Number.isFinite(second)

const areTexts = (first: unknown, second: unknown): boolean => typeof first === "string" && typeof second === "string"

/** What `type()` gives of a value; of numbers and of what JSON does not have only the interpreter knows. */
const typeOf = (value: unknown): unknown => {
  if (typeof value === "string") return "string"
  if (typeof value === "boolean") return "bool"
  if (Array.isArray(value)) return "list"
  return isRecord(value) ? "map" : unsure
}

/** Whose values are asked for one by one. */
interface Asked {
  readonly value: (name: string) => unknown
}

/** How the code that is made here reads a variable off what it is given. */
type Reads = (name: string) => string

const ofRecord: Reads = (name) => `scope[${JSON.stringify(name)}]`

const ofAsked: Reads = (name) => `scope.value(${JSON.stringify(name)})`

/** What is called by the code that is made here: each answers, or is unsure. */
const operators = {
  unsure,
  isRecord,
  own: (record: unknown, name: string): unknown =>
    isRecord(record) && Object.hasOwn(record, name) ? record[name] : undefined,
  known: (value: unknown): unknown => (value === undefined ? unsure : value),
  not: (value: unknown): unknown => (typeof value === "boolean" ? !value : unsure),
  equal,
  unequal: (first: unknown, second: unknown): unknown => {
    const is = equal(first, second)
    return is === unsure ? unsure : !is
  },
  less: (first: unknown, second: unknown): unknown =>
    areNumbers(first, second) ? (first as number) < (second as number) : unsure,
  atMost: (first: unknown, second: unknown): unknown =>
    areNumbers(first, second) ? (first as number) <= (second as number) : unsure,
  endsWith: (first: unknown, second: unknown): unknown =>
    areTexts(first, second) ? (first as string).endsWith(second as string) : unsure,
  startsWith: (first: unknown, second: unknown): unknown =>
    areTexts(first, second) ? (first as string).startsWith(second as string) : unsure,
  contains: (first: unknown, second: unknown): unknown =>
    areTexts(first, second) ? (first as string).includes(second as string) : unsure,
  joined: (first: unknown, second: unknown): unknown =>
    areTexts(first, second) ? (first as string) + (second as string) : unsure,
  among: (value: unknown, texts: ReadonlySet<string>): unknown =>
    typeof value === "string" ? texts.has(value) : unsure,
  typeOf
} as const

type Operator = keyof typeof operators

const methods: ReadonlySet<string> = new Set(["endsWith", "startsWith", "contains"])

/** The path that a node names, as `["payload", "action"]`; `undefined`: it is no mere path. */
const pathOf = ({ op, args }: Node): ReadonlyArray<string> | undefined => {
  if (op === "id") return [args as string]
  if (op !== ".") return undefined
  const [of, name] = args as [unknown, string]
  const outer = isNode(of) ? pathOf(of) : undefined
  return outer === undefined ? undefined : [...outer, name]
}

const textOf = (node: unknown): string | undefined =>
  isNode(node) && node.op === "value" && typeof node.args === "string" ? node.args : undefined

/** The texts of a list that is written out. */
const textsOf = (node: unknown): ReadonlySet<string> | undefined => {
  if (!isNode(node) || node.op !== "list") return undefined
  const texts = (node.args as ReadonlyArray<unknown>).map(textOf)
  return texts.includes(undefined) ? undefined : new Set(texts as ReadonlyArray<string>)
}

const written = (value: unknown): string | undefined => {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? String(value) : undefined
  return isPlain(value) ? JSON.stringify(value) : undefined
}

/** The types whose names `type(x) == map` can be compared with. */
const typesKnown: ReadonlySet<string> = new Set(["string", "bool", "list", "map"])

/**
 * One expression as JavaScript: every part of it is an expression that gives its value, or `unsure`. What stands in the
 * expression comes into the code as a literal of JSON, or not at all.
 */
class Writing {
  /** What is looked up before all else: it costs less than to know whether it is wanted. */
  readonly #lookups: Array<string> = []
  readonly #places = new Map<string, string>()
  readonly #lists: Array<ReadonlySet<string>> = []
  readonly #reads: Reads

  constructor(reads: Reads) {
    this.#reads = reads
  }

  /** The expression as a function. */
  made(node: unknown): (scope: unknown) => unknown {
    const answer = this.#part(node)
    const names = Object.keys(operators)
    const body = `return (scope) => { ${this.#lookups.join("; ")}; let said; return ${answer} }`
    // Nothing of it was written by anybody but us: names and texts of the expression are literals in it.
    // oxlint-disable-next-line typescript/no-implied-eval
    const make = new Function(...names, "lists", `"use strict"; ${body}`) as (
      ...given: ReadonlyArray<unknown>
    ) => (scope: unknown) => unknown
    return make(...Object.values(operators), this.#lists)
  }

  #call(operator: Operator, ...given: ReadonlyArray<string>): string {
    return `${operator}(${given.join(", ")})`
  }

  /** The variable that holds what is found at a path. */
  #lookup(path: ReadonlyArray<string>): string {
    const key = JSON.stringify(path)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const outer = path.slice(0, -1)
    const found = outer.length === 0 ? this.#reads(path[0]!) : this.#field(outer, path.at(-1)!)
    const place = `at${this.#places.size}`
    this.#places.set(key, place)
    this.#lookups.push(`const ${place} = known(${found})`)
    return place
  }

  /** What the record at a path has under a name; `undefined`: nothing, or it is no record. */
  #field(path: ReadonlyArray<string>, name: string): string {
    const record = this.#lookup(path)
    // Only a name that every object has needs to be looked at twice.
    return name in Object.prototype
      ? this.#call("own", record, JSON.stringify(name))
      : `(isRecord(${record}) ? ${record}[${JSON.stringify(name)}] : undefined)`
  }

  /** One side after the other. `decides`: what one decides by itself. */
  #logical(node: Node, decides: boolean): string {
    const sides = this.#sidesOf(node, node.op)
    return `(${sides.map((side) => `(said = ${side}) === ${decides} ? ${decides} : said !== ${!decides} ? unsure : `).join("")}${!decides})`
  }

  /** The sides of `a && b && c`, which is a tree of two and two. */
  #sidesOf(node: unknown, op: string): ReadonlyArray<string> {
    if (!isNode(node) || node.op !== op) return [this.#part(node)]
    return (node.args as ReadonlyArray<unknown>).flatMap((side) => this.#sidesOf(side, op))
  }

  /** Whether a value is of a type that is written out, as in `type(item) == map`; `undefined`: nothing of the kind is asked. */
  #ofType(left: unknown, right: unknown): string | undefined {
    if (!isNode(left) || left.op !== "call" || !isNode(right) || right.op !== "id") return undefined
    const [name, given] = left.args as [string, ReadonlyArray<unknown>]
    if (name !== "type" || given.length !== 1 || !typesKnown.has(right.args as string)) return undefined
    return `equal(typeOf(${this.#part(given[0])}), ${JSON.stringify(right.args)})`
  }

  #has(args: ReadonlyArray<unknown>): string {
    const [name, given] = args as [string, ReadonlyArray<unknown>]
    const of = given[0]
    if (name !== "has" || !isNode(of) || of.op !== ".") return "unsure"
    const path = pathOf(of)
    if (path === undefined) return "unsure"
    const outer = path.slice(0, -1)
    return `(isRecord(${this.#lookup(outer)}) ? ${this.#field(outer, path.at(-1)!)} !== undefined : unsure)`
  }

  #part(node: unknown): string {
    if (!isNode(node)) return "unsure"
    const { op } = node
    if (op === "value") return written(node.args) ?? "unsure"
    const path = pathOf(node)
    if (path !== undefined) return this.#lookup(path)
    if (op === "!_") return this.#call("not", this.#part(node.args))
    const args = node.args as ReadonlyArray<unknown>
    const both = (): [string, string] => [this.#part(args[0]), this.#part(args[1])]
    switch (op) {
      case ".":
        return this.#call("known", this.#call("own", this.#part(args[0]), JSON.stringify(args[1])))
      case "call":
        return this.#has(args)
      case "rcall": {
        const [name, receiver, given] = args as [string, unknown, ReadonlyArray<unknown>]
        if (!methods.has(name) || given.length !== 1) return "unsure"
        return this.#call(name as Operator, this.#part(receiver), this.#part(given[0]))
      }
      case "&&":
      case "||":
        return this.#logical(node, op === "||")
      case "==":
        return this.#ofType(args[0], args[1]) ?? this.#call("equal", ...both())
      case "!=": {
        const type = this.#ofType(args[0], args[1])
        return type === undefined ? this.#call("unequal", ...both()) : this.#call("not", type)
      }
      case "<":
        return this.#call("less", ...both())
      case ">":
        return this.#call("less", ...both().reverse())
      case "<=":
        return this.#call("atMost", ...both())
      case ">=":
        return this.#call("atMost", ...both().reverse())
      case "in": {
        const texts = textsOf(args[1])
        if (texts === undefined) return "unsure"
        return this.#call("among", this.#part(args[0]), `lists[${this.#lists.push(texts) - 1}]`)
      }
      case "+":
        return this.#call("joined", ...both())
      case "?:": {
        const [condition, yes, no] = [this.#part(args[0]), this.#part(args[1]), this.#part(args[2])]
        return `((said = ${condition}) === true ? ${yes} : said === false ? ${no} : unsure)`
      }
      default:
        return "unsure"
    }
  }
}

/**
 * A checked CEL expression, given as its syntax tree, as a function that answers like its interpreter, or that it is `unsure`:
 * then the interpreter is to be asked. It knows what nearly all conditions are made of, over values as JSON has them, where
 * every operand has the type that its operator wants; of an object with a field `constructor`, which the interpreter does not
 * take, it may tell that it is there. Written as code, for each message asks many: made at the first asking. Where Node may make no
 * code of texts (`--disallow-code-generation-from-strings`) it is always unsure.
 */
export const quickly = (ast: unknown): ((scope: Scope) => unknown) => lazily(ast, ofRecord)

/** The same of variables that are asked for one by one. */
export const quicklyFor = (ast: unknown): ((scope: Asked) => unknown) => lazily(ast, ofAsked)

const lazily = (ast: unknown, reads: Reads): ((scope: unknown) => unknown) => {
  let made: ((scope: unknown) => unknown) | undefined
  return (scope) => (made ??= codeOf(ast, reads))(scope)
}

const codeOf = (ast: unknown, reads: Reads): ((scope: unknown) => unknown) => {
  try {
    return new Writing(reads).made(ast)
  } catch (error) {
    if (error instanceof EvalError) return () => unsure
    throw error
  }
}
