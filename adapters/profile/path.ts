/** What a mapping can look at: the payload, one item of it when it is exploded, and what the topic's captures hold. */
export interface Scope {
  readonly payload: unknown
  readonly item?: unknown
  readonly captures: Readonly<Record<string, string>>
}

const own = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

/** The steps of the paths that profiles name, split once: there are only so many, and each is walked for each message. */
const known = new Map<string, ReadonlyArray<string>>()

const stepsOf = (path: string): ReadonlyArray<string> => {
  const before = known.get(path)
  if (before !== undefined) return before
  const steps = path.split(".")
  known.set(path, steps)
  return steps
}

const walk = (from: unknown, steps: ReadonlyArray<string>, first: number): unknown => {
  let at = from
  for (let index = first; index < steps.length; index++) at = own(at, steps[index]!)
  return at
}

/**
 * The value at a dotted path such as `message.event.door-id`, `item.state`, `topic.kind` (a capture) or `payload` (the
 * whole of it); undefined when there is none. `path` is one that a profile names.
 */
export const valueAt = (scope: Scope, path: string): unknown => {
  if (path === "") return scope.payload
  if (path === "payload") return own(scope.payload, path) ?? scope.payload
  const steps = stepsOf(path)
  if (steps[0] === "topic" && steps.length === 2) {
    const held = own(scope.captures, steps[1]!)
    if (held !== undefined) return held
  }
  return steps[0] === "item" && scope.item !== undefined ? walk(scope.item, steps, 1) : walk(scope.payload, steps, 0)
}

/** The first value, of several paths, that is there and is not null. */
export const firstValueAt = (scope: Scope, path: string | ReadonlyArray<string>): unknown => {
  if (typeof path === "string") return valueAt(scope, path)
  let found: unknown
  for (const one of path) {
    found = valueAt(scope, one)
    if (found !== undefined && found !== null) return found
  }
  return found
}

/** Scalars as text, with every digit a number was sent with; undefined for anything else. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : undefined

const part = (text: string, which: string | undefined): string => {
  if (which === "|last") return text.slice(text.lastIndexOf("/") + 1)
  if (which === "|second word") return text.split(" ", 2)[1] ?? ""
  return which === "|first" ? text.split("/", 1)[0]! : text
}

/** How a text that the payload holds is written into a template. */
export type Written = (text: string) => string

const asItIs: Written = (text) => text

const named = /\{([^{}|]*)(\|(?:last|first|second word))?\}/g

/** Without optional parts; `needed` also refuses what is there and empty. */
const fill = (template: string, scope: Scope, needed: boolean, written: Written): string | undefined => {
  if (!template.includes("{")) return template
  let whole = true
  const text = template.replace(named, (_, name: string, which: string | undefined) => {
    const captured = Object.hasOwn(scope.captures, name)
    const held = captured ? scope.captures[name] : textOf(valueAt(scope, name))
    if (held === undefined || (needed && held === "")) whole = false
    const text = part(held ?? "", which)
    return captured ? text : written(text)
  })
  return whole ? text : undefined
}

const optional = /\[([^[\]]*\{[^[\]]*)\]/

/**
 * Fills `{capture}` and `{path.in.payload}` in, `|last` of it what stands after its last "/", `|first` what stands
 * before its first, `|second word` what its name says; undefined when one is absent. A part in square brackets,
 * `motion[-{source}]`, is left out when what it names is absent or empty.
 */
export const fillTemplate = (template: string, scope: Scope, written: Written = asItIs): string | undefined => {
  if (!template.includes("[")) return fill(template, scope, false, written)
  // Each part by itself: what a message holds is never read as a template.
  let text = ""
  for (const [index, piece] of template.split(optional).entries()) {
    const filled = index % 2 === 0 ? fill(piece, scope, false, written) : (fill(piece, scope, true, written) ?? "")
    if (filled === undefined) return undefined
    text += filled
  }
  return text
}

/** A template's forms: with each of its optional parts, and without. */
export const formsOf = (template: string): ReadonlyArray<string> =>
  template
    .split(optional)
    .reduce<ReadonlyArray<string>>(
      (forms, piece, index) =>
        index % 2 === 0 ? forms.map((form) => form + piece) : forms.flatMap((form) => [form + piece, form]),
      [""]
    )

const explodeKeys = (scope: Scope, path: string, open: number): ReadonlyArray<Scope> => {
  const close = path.indexOf("}", open)
  const dot = path.lastIndexOf(".", open)
  const holder = valueAt(scope, dot < 0 ? "" : path.slice(0, dot))
  if (typeof holder !== "object" || holder === null || Array.isArray(holder)) return []
  const before = path.slice(dot + 1, open)
  const after = path.slice(close + 1)
  const name = path.slice(open + 1, close)
  return Object.entries(holder).flatMap(([key, item]) =>
    key.startsWith(before) && key.endsWith(after) && key.length > before.length + after.length
      ? [
          {
            payload: scope.payload,
            item: item as unknown,
            captures: { ...scope.captures, [name]: key.slice(before.length, key.length - after.length) }
          }
        ]
      : []
  )
}

/**
 * One scope for each item at `path`: of an array its elements, of an object itself, and with a capture in the last step
 * (`params.input:{n}`) each member whose key fits.
 */
export const explode = (scope: Scope, path: string | undefined): ReadonlyArray<Scope> => {
  if (path === undefined) return [scope]
  const open = path.indexOf("{")
  if (open >= 0) return explodeKeys(scope, path, open)
  const value = valueAt(scope, path)
  if (value === undefined || value === null) return []
  return (Array.isArray(value) ? value : [value]).map((item: unknown) => ({ ...scope, item }))
}
