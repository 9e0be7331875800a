import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Environment } from "@marcbachmann/cel-js"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { quickly, quicklyFor, unsure } from "../../gateway/domain/quick-expression.ts"

const directory = join(import.meta.dirname, "../../config/profiles")

const conditionKeys: ReadonlySet<string> = new Set(["when", "recovery", "replayed", "simulated"])

/** Every text that stands under one of these keys, however deep. */
const conditionsIn = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(conditionsIn)
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, held]) =>
    conditionKeys.has(key) && typeof held === "string" ? [held] : conditionsIn(held)
  )
}

const shipped = readdirSync(directory)
  .filter((name) => name.endsWith(".yaml"))
  .flatMap((name) => conditionsIn(parse(readFileSync(join(directory, name), "utf8"))))

/** What no shipped condition says, and one might. */
const others = [
  "payload.a == 1 || payload.b > 2.5 && payload.c <= 3",
  'payload.a + payload.b == "xy" ? payload.c == "x" : retained',
  "payload.a in [1, 2]",
  'payload.a in ["x", "y"] || payload.b == null',
  'payload["a"] == "x" || size(payload.b) > 1',
  "payload.a == payload.b",
  "!payload.a && payload.b == true",
  'payload.a.b.contains("x") || topic.code == "x"',
  "has(payload.a.b) && payload.a.b != false",
  "payload.constructor == 1 || has(payload.toString)",
  "has(payload.toString)",
  "has(payload.__proto__) || payload.a == 9007199254740993",
  'payload.a.all(one, one == "x")',
  "type(payload) == map ? type(payload.a) != string : type(item) == list",
  "type(payload.a) == bool || type(payload.b) == double || type(payload.c) == null_type"
]

const environment = new Environment()
  .registerVariable("payload", "dyn")
  .registerVariable("topic", "map")
  .registerVariable("item", "dyn")
  .registerVariable("parameters", "map")
  .registerVariable("retained", "bool")
  .registerFunction("plain(string): string", (topic: string) => topic)

/** The names and texts that an expression speaks of. */
const wordsOf = (text: string): { readonly names: ReadonlyArray<string>; readonly texts: ReadonlyArray<string> } => ({
  names: [...text.matchAll(/\.(\w+)/g)].map(([, name]) => name!),
  texts: [...text.matchAll(/["']([^"']*)["']/g)].map(([, said]) => said!)
})

/** Objects that have what the expression speaks of, or something else in its place. */
const scopesFor = (text: string) => {
  const { names, texts } = wordsOf(text)
  const scalar = fc.oneof(
    fc.constantFrom(...texts, "", "x", "xy", "unlock"),
    fc.constantFrom(0, 1, 2, 2.5, 3, -1, 1e21, 9007199254740992),
    fc.boolean(),
    fc.constant(null)
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, scalar, scalar, tie("object"), fc.array(scalar, { maxLength: 2 })),
    object: fc.dictionary(fc.constantFrom(...names, "a", "b", "c"), tie("value"), { maxKeys: 6 })
  }))
  const object = fc.dictionary(fc.constantFrom(...names, "a", "b", "c"), value, { maxKeys: 8 })
  return fc.record({
    payload: fc.oneof({ arbitrary: object, weight: 6 }, value),
    topic: fc.dictionary(fc.constantFrom(...names, "code"), fc.constantFrom(...texts, "x"), { maxKeys: 3 }),
    item: fc.oneof(object, value),
    parameters: fc.dictionary(fc.constantFrom(...names, "on"), fc.constantFrom(...texts, "x"), { maxKeys: 3 }),
    retained: fc.boolean()
  })
}

const attempt = (ask: () => unknown): unknown => {
  try {
    return { gives: ask() }
  } catch {
    return "an error"
  }
}

describe("a condition as a function", () => {
  it.each([...new Set([...shipped, ...others])])("answers what its interpreter answers, or nothing: %s", (text) => {
    const interpreted = environment.parse(text)
    const [quick, asks] = [quickly(interpreted.ast), quicklyFor(interpreted.ast)]
    const answersAlike = fc.property(scopesFor(text), (scope) => {
      const answer = quick(scope)
      const told = attempt(() => interpreted(scope))
      expect(answer === unsure ? told : { gives: answer }).toEqual(told)
      expect(asks({ value: (name) => (scope as Record<string, unknown>)[name] })).toBe(answer)
    })
    const run = (): void => fc.assert(answersAlike, { numRuns: 300 })
    expect(run).not.toThrow()
  })

  it("leaves all to its interpreter where Node may make no code of texts", () => {
    const expression = join(import.meta.dirname, "../../gateway/domain/expression.ts")
    const asks = `
      const { Environment } = await import("@marcbachmann/cel-js")
      const { checkExpression } = await import(${JSON.stringify(expression)})
      const environment = new Environment().registerVariable("word", "string")
      const { evaluate } = checkExpression(environment, 'word == "AccessDenied"')
      process.stdout.write(JSON.stringify([evaluate({ word: "AccessDenied" }), evaluate({ word: "AccessGranted" })]))`
    const node = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", asks]
    expect(execFileSync(process.execPath, node, { encoding: "utf8" })).toBe("[true,false]")
  })

  it("answers nearly all that a profile asks about a message as it should be", () => {
    const scope = {
      payload: { action: "single", battery_low: false, contact: true, state: "ON", type: "event", id: 4 },
      topic: { code: "4" },
      item: { state: "on" },
      parameters: { on: "open" },
      retained: false
    }
    const asked = [...new Set(shipped)].filter((text) => attempt(() => environment.parse(text)(scope)) !== "an error")
    const quick = asked.filter((text) => quickly(environment.parse(text).ast)(scope) !== unsure)
    expect(asked.length).toBeGreaterThan(40)
    expect(quick.length / asked.length).toBeGreaterThan(0.8)
  })
})
