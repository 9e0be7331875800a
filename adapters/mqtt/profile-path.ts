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

/** The value at a dotted path such as `message.event.door-id` or `item.state`; undefined when there is none. */
export const valueAt = (scope: Scope, path: string): unknown => {
  if (path === "") return scope.payload
  const steps = path.split(".")
  const inItem = steps[0] === "item" && scope.item !== undefined
  return (inItem ? steps.slice(1) : steps).reduce(own, inItem ? scope.item : scope.payload)
}

/** Scalars as text, with every digit a number was sent with; undefined for anything else. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : undefined

/** Fills `{capture}` and `{path.in.payload}` into a template; undefined when one of them is absent. */
export const fillTemplate = (template: string, scope: Scope): string | undefined => {
  let whole = true
  const text = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const held = Object.hasOwn(scope.captures, name) ? scope.captures[name] : textOf(valueAt(scope, name))
    if (held === undefined) whole = false
    return held ?? ""
  })
  return whole ? text : undefined
}

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
