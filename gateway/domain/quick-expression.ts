/** What only the interpreter can tell: an error, a type that is not the expected one, an operator that is not here. */
export const unsure: unique symbol = Symbol("unsure")

type Scope = Readonly<Record<string, unknown>>

/** A part of an expression as a function. */
type Part = (scope: Scope) => unknown

interface Node {
  readonly op: string
  readonly args: unknown
}

const never: Part = () => unsure

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "op" in value

/** What JSON calls an object, as the interpreter knows one; any other kind is for it to tell. */
const isRecord = (value: unknown): value is Scope =>
  typeof value === "object" && value !== null && value.constructor === Object

const constant = (value: unknown): Part => {
  if (typeof value === "bigint") {
    const number = Number(value)
    return Number.isSafeInteger(number) ? () => number : never
  }
  return value === null || ["string", "number", "boolean"].includes(typeof value) ? () => value : never
}

const variable =
  (name: string): Part =>
  (scope) => {
    const value = scope[name]
    return value === undefined ? unsure : value
  }

/** What a record has under a name of its own; only names that every object has need to be looked at twice. */
const ownValue = (name: string): ((record: Scope) => unknown) =>
  name in Object.prototype
    ? (record) => (Object.hasOwn(record, name) ? record[name] : undefined)
    : (record) => record[name]

const field = (of: Part, name: string): Part => {
  const valueOf = ownValue(name)
  return (scope) => {
    const record = of(scope)
    const value = isRecord(record) ? valueOf(record) : undefined
    return value === undefined ? unsure : value
  }
}

/** The scope that was asked last, and the how manieth that is. */
let asked: Scope | undefined
let turn = 0

/** Nothing longer is remembered: a message is not to be held by what it said. */
const rememberedCharacters = 256

/**
 * What is looked up at a path, while the same scope is asked: many conditions in a row ask one for the same. What is no plain
 * value is looked up each time.
 */
const remembering = (look: Part): Part => {
  let found: unknown
  let at = 0
  return (scope) => {
    if (scope !== asked) {
      asked = scope
      turn++
    }
    if (at === turn) return found
    const value = look(scope)
    const isLong = typeof value === "string" && value.length > rememberedCharacters
    if (isLong || (typeof value === "object" && value !== null)) return value
    at = turn
    return (found = value)
  }
}

/** By their paths, of all expressions. */
const lookups = new Map<string, Part>()

/** The path that a node names, as `payload.action`; `undefined`: it is no mere path. */
const pathOf = ({ op, args }: Node): string | undefined => {
  if (op === "id") return args as string
  if (op !== ".") return undefined
  const [of, name] = args as [unknown, string]
  const outer = isNode(of) ? pathOf(of) : undefined
  return outer === undefined ? undefined : `${outer}.${name}`
}

/** What a path is looked up by: the name of a variable, or a field of what is found before it. */
const pathPart = ({ op, args }: Node): Part => {
  if (op === "id") return variable(args as string)
  const [of, name] = args as [unknown, string]
  return field(partOf(of), name)
}

const lookup = (path: string, node: Node): Part => {
  const known = lookups.get(path)
  if (known !== undefined) return known
  const part = remembering(pathPart(node))
  lookups.set(path, part)
  return part
}

const has = (of: Part, name: string): Part => {
  const valueOf = ownValue(name)
  return (scope) => {
    const record = of(scope)
    return isRecord(record) ? valueOf(record) !== undefined : unsure
  }
}

/** `decides`: what the left side decides by itself. */
const logical =
  (left: Part, right: Part, decides: boolean): Part =>
  (scope) => {
    const first = left(scope)
    if (first === decides) return decides
    if (first !== !decides) return unsure
    const second = right(scope)
    return typeof second === "boolean" ? second : unsure
  }

const not =
  (of: Part): Part =>
  (scope) => {
    const value = of(scope)
    return typeof value === "boolean" ? !value : unsure
  }

const isPlain = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)

const equal =
  (left: Part, right: Part, is: boolean): Part =>
  (scope) => {
    const first = left(scope)
    const second = right(scope)
    if (!isPlain(first) || !isPlain(second)) return unsure
    const comparable = first === null || second === null || typeof first === typeof second
    return comparable ? (first === second) === is : unsure
  }

const compared =
  (left: Part, right: Part, holds: (first: number, second: number) => boolean): Part =>
  (scope) => {
    const first = left(scope)
    const second = right(scope)
    if (typeof first !== "number" || typeof second !== "number") return unsure
    return Number.isFinite(first) && Number.isFinite(second) ? holds(first, second) : unsure
  }

const textual =
  (left: Part, right: Part, what: (first: string, second: string) => unknown): Part =>
  (scope) => {
    const first = left(scope)
    const second = right(scope)
    return typeof first === "string" && typeof second === "string" ? what(first, second) : unsure
  }

/** Membership in a list of texts that are written out. */
const among = (of: Part, list: unknown): Part => {
  if (!isNode(list) || list.op !== "list") return never
  const texts = new Set<string>()
  for (const item of list.args as ReadonlyArray<unknown>) {
    if (!isNode(item) || item.op !== "value" || typeof item.args !== "string") return never
    texts.add(item.args)
  }
  return (scope) => {
    const value = of(scope)
    return typeof value === "string" ? texts.has(value) : unsure
  }
}

/** What `type()` gives of a value; of numbers and of what JSON does not have only the interpreter knows. */
const typeOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return "string"
  if (typeof value === "boolean") return "bool"
  if (Array.isArray(value)) return "list"
  return isRecord(value) ? "map" : undefined
}

/** Whether a value is of a type that is written out, as in `type(item) == map`; `undefined`: nothing of the kind is asked. */
const ofType = (left: unknown, right: unknown, is: boolean): Part | undefined => {
  if (!isNode(left) || left.op !== "call" || !isNode(right) || right.op !== "id") return undefined
  const [name, given] = left.args as [string, ReadonlyArray<unknown>]
  const wanted = right.args as string
  if (name !== "type" || given.length !== 1 || !["string", "bool", "list", "map"].includes(wanted)) return undefined
  const of = partOf(given[0])
  return (scope) => {
    const type = typeOf(of(scope))
    return type === undefined ? unsure : (type === wanted) === is
  }
}

const either =
  (condition: Part, yes: Part, no: Part): Part =>
  (scope) => {
    const met = condition(scope)
    return met === true ? yes(scope) : met === false ? no(scope) : unsure
  }

const methods: Readonly<Record<string, (text: string, other: string) => boolean>> = {
  endsWith: (text, other) => text.endsWith(other),
  startsWith: (text, other) => text.startsWith(other),
  contains: (text, other) => text.includes(other)
}

const orders: Readonly<Record<string, (first: number, second: number) => boolean>> = {
  "<": (first, second) => first < second,
  "<=": (first, second) => first <= second,
  ">": (first, second) => first > second,
  ">=": (first, second) => first >= second
}

const called = (args: ReadonlyArray<unknown>): Part => {
  const [name, given] = args as [string, ReadonlyArray<unknown>]
  const of = given[0]
  if (name !== "has" || !isNode(of) || of.op !== ".") return never
  const [record, key] = of.args as [unknown, string]
  return has(partOf(record), key)
}

const calledOf = (args: ReadonlyArray<unknown>): Part => {
  const [name, receiver, given] = args as [string, unknown, ReadonlyArray<unknown>]
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  return method === undefined || given.length !== 1 ? never : textual(partOf(receiver), partOf(given[0]), method)
}

const partOf = (node: unknown): Part => {
  if (!isNode(node)) return never
  const { op } = node
  if (op === "value") return constant(node.args)
  const path = pathOf(node)
  if (path !== undefined) return lookup(path, node)
  if (op === "!_") return not(partOf(node.args))
  const args = node.args as ReadonlyArray<unknown>
  const order = Object.hasOwn(orders, op) ? orders[op] : undefined
  if (order !== undefined) return compared(partOf(args[0]), partOf(args[1]), order)
  switch (op) {
    case ".":
      return field(partOf(args[0]), args[1] as string)
    case "call":
      return called(args)
    case "rcall":
      return calledOf(args)
    case "&&":
    case "||":
      return logical(partOf(args[0]), partOf(args[1]), op === "||")
    case "==":
    case "!=":
      return ofType(args[0], args[1], op === "==") ?? equal(partOf(args[0]), partOf(args[1]), op === "==")
    case "in":
      return among(partOf(args[0]), args[1])
    case "+":
      return textual(partOf(args[0]), partOf(args[1]), (first, second) => first + second)
    case "?:":
      return either(partOf(args[0]), partOf(args[1]), partOf(args[2]))
    default:
      return never
  }
}

/**
 * A checked CEL expression, given as its syntax tree, as a function that answers like its interpreter, or that it is `unsure`:
 * then the interpreter is to be asked. It knows what nearly all conditions are made of, over values as JSON has them, where
 * every operand has the type that its operator wants. A scope must not change once it was asked.
 */
export const quickly = (ast: unknown): Part => partOf(ast)
