import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readProfiles } from "../../../adapters/mqtt/profiles.ts"
import { concernedBy } from "../../../adapters/profile/concerned.ts"
import { explode } from "../../../adapters/profile/path.ts"

const { profiles } = readProfiles(join(import.meta.dirname, "../../../config/profiles"))

interface Named {
  readonly path?: string | ReadonlyArray<string> | undefined
  readonly each?: string | undefined
  readonly match?: { readonly [path: string]: string | ReadonlyArray<string> } | undefined
}

const namedBy = (mappings: ReadonlyArray<Named>) => ({
  paths: mappings.flatMap(({ path = [], match = {}, each = [] }) => [
    ...[path].flat(),
    ...Object.keys(match),
    ...[each].flat().map((items) => items.replace(/\{\w+\}/, "1"))
  ]),
  texts: mappings.flatMap(({ match = {} }) => Object.values(match).flat())
})

/** A payload with this value at a path, and its parents. */
const put = (payload: Record<string, unknown>, path: string, value: unknown): void => {
  const steps = path.split(".")
  let at = payload
  for (const step of steps.slice(0, -1)) {
    const held = at[step]
    at = (typeof held === "object" && held !== null ? held : (at[step] = {})) as Record<string, unknown>
  }
  at[steps.at(-1)!] = value
}

/** Payloads with values at some of the places that a profile looks at, and at others. */
const payloadsFor = (mappings: ReadonlyArray<Named>) => {
  const { paths, texts } = namedBy(mappings)
  const value = fc.oneof(
    fc.constantFrom(...texts, "true", ""),
    fc.constantFrom(0, 1, 50),
    fc.boolean(),
    fc.constant(null)
  )
  return fc
    .array(fc.tuple(fc.constantFrom(...paths, "linkquality", "a\nb", "__proto__x"), value), { maxLength: 6 })
    .map((places) => {
      const payload: Record<string, unknown> = {}
      for (const [path, one] of places) put(payload, path, one)
      return payload
    })
}

const valueAt = (payload: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((at, step) => {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined
    return (at as Record<string, unknown>)[step]
  }, payload)

/** Whether a mapping that matches texts, none of them of the topic, finds one of each. */
const matches = ({ match = {} }: Named, payload: object): boolean =>
  Object.entries(match).every(([path, texts]) => {
    const value = valueAt(payload, path)
    return [texts].flat().some((text) => typeof value !== "object" && text === `${value as string | number | boolean}`)
  })

const hasOne = ({ path }: Named, payload: object): boolean =>
  path !== undefined && [path].flat().some((one) => (valueAt(payload, one) ?? undefined) !== undefined)

const hasItems = ({ each }: Named, payload: object): boolean =>
  each === undefined || explode({ payload, captures: {} }, each).length > 0

/** Of a profile of readings alone. */
const concernedOf = (readings: ReadonlyArray<Parameters<typeof concernedBy>[0]["readings"][number]>) => {
  const concerned = concernedBy({ readings, occurrences: [] })
  return (payload: object) => concerned(payload).readings
}

describe("the mappings that concern a message", () => {
  it.each(
    profiles
      .filter(({ occurrences, readings }) => occurrences.length + readings.length > 0)
      .map((one) => [one.name, one] as const)
  )("are of %s all that have something to match and to read in it, in their order", (_, { readings, occurrences }) => {
    const concerned = concernedBy({ readings, occurrences })
    const leavesOutNothing = fc.property(payloadsFor([...readings, ...occurrences]), (payload) => {
      const { readings: read, occurrences: occurring } = concerned(payload)
      expect(readings.filter((one) => read.includes(one))).toEqual(read)
      const wanted = readings.filter((one) => matches(one, payload) && hasOne(one, payload) && hasItems(one, payload))
      expect(wanted.filter((one) => !read.includes(one))).toEqual([])
      expect(
        occurrences.filter((one) => matches(one, payload) && hasItems(one, payload) && !occurring.includes(one))
      ).toEqual([])
    })
    fc.assert(leavesOutNothing, { numRuns: 100 })
  })

  it("are those of each item only where the message has items", () => {
    const mappings = [
      { each: "contact_{n}", path: "item" },
      { each: "params.input:{n}", path: "item.state" },
      { each: "events", path: "item.event" }
    ]
    const concerned = concernedOf(mappings)
    expect(concerned({ contact: true, contact_: false })).toEqual(mappings.slice(0, 1))
    expect(concerned({ contact_l1: true, params: {} })).toEqual(mappings.slice(0, 2))
    expect(concerned({ events: [], contacts_1: true })).toEqual(mappings.slice(2))
    expect(concerned({ action: "single" })).toEqual([])
  })

  it("are not mistaken for those of a message whose keys read alike when written one after the other", () => {
    const mappings = [{ path: "a" }, { path: "b" }, { path: "c", match: { kind: ["x"] } }]
    const concerned = concernedOf(mappings)
    expect(concerned({ "a\nb": 1 })).toEqual([])
    expect(concerned({ a: 1, b: 1 })).toEqual(mappings.slice(0, 2))
    expect(concerned({ kind: "x", c: 1 })).toEqual(mappings.slice(2))
    expect(concerned({ kind: "y", c: 1 })).toEqual([])
    expect(concerned({ kind: 7, c: 1 })).toEqual([])
  })
})
