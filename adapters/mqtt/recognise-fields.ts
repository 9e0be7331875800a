/** One scalar of a payload, and the payload as it would be without it. */
export interface Field {
  /** As a profile writes it, with the place in an array: `params.events[0].event`. */
  readonly path: string
  /** The names along the way. */
  readonly names: ReadonlyArray<string>
  readonly value: string
  readonly without: Uint8Array
  /** The payload with nothing else in it. */
  readonly alone: Uint8Array
}

/** More fields than this are not told apart: no supported device sends half as many of its own. */
export const fieldsMax = 300

/** Stands before a number that a double would round, so that it is written again with every digit. */
const digits = "\u0000"

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

const keepDigits: Reviver = (_key, value, { source }) =>
  typeof value === "number" && source !== undefined && String(value) !== source ? `${digits}${source}` : value

const written = (value: unknown): string => JSON.stringify(value).replace(/"\\u0000([^"]*)"/g, "$1")

const shown = (value: unknown): string =>
  typeof value === "string" && value.startsWith(digits)
    ? value.slice(1)
    : typeof value === "string"
      ? value
      : written(value)

type Step = string | number

const leavesOf = (
  value: unknown,
  path: ReadonlyArray<Step>
): ReadonlyArray<readonly [ReadonlyArray<Step>, unknown]> => {
  if (typeof value !== "object" || value === null) return [[path, value]]
  const members: ReadonlyArray<readonly [Step, unknown]> = Array.isArray(value)
    ? value.map((item: unknown, nth) => [nth, item] as const)
    : Object.entries(value)
  if (members.length === 0) return [[path, value]]
  return members.flatMap(([step, member]) => leavesOf(member, [...path, step]))
}

const withoutLeaf = (value: unknown, [step, ...rest]: ReadonlyArray<Step>): unknown => {
  if (step === undefined || typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) {
    return value.map((item: unknown, nth) => (nth !== step ? item : rest.length === 0 ? null : withoutLeaf(item, rest)))
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      key !== step ? [[key, member]] : rest.length === 0 ? [] : [[key, withoutLeaf(member, rest)]]
    )
  )
}

const onlyLeaf = ([step, ...rest]: ReadonlyArray<Step>, leaf: unknown): unknown =>
  step === undefined
    ? leaf
    : typeof step === "number"
      ? [...Array.from({ length: step }, () => null), onlyLeaf(rest, leaf)]
      : { [step]: onlyLeaf(rest, leaf) }

const pathText = (path: ReadonlyArray<Step>): string =>
  path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    ""
  )

/** The scalars of a JSON object; nothing for any other payload. */
export const fieldsOf = (payload: Uint8Array): ReadonlyArray<Field> => {
  let whole: unknown
  try {
    whole = JSON.parse(Buffer.from(payload).toString("utf8"), keepDigits as (key: string, value: unknown) => unknown)
  } catch {
    return []
  }
  if (typeof whole !== "object" || whole === null) return []
  return leavesOf(whole, [])
    .filter(([path]) => path.length > 0)
    .slice(0, fieldsMax)
    .map(([path, value]) => ({
      path: pathText(path),
      names: path.filter((step) => typeof step === "string"),
      value: shown(value),
      without: Buffer.from(written(withoutLeaf(whole, path))),
      alone: Buffer.from(written(onlyLeaf(path, value)))
    }))
}
