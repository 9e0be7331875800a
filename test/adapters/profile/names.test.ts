import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fillTemplate, formsOf, type Scope } from "../../../adapters/profile/path.ts"
import { pointNamed, tokenNamed } from "../../../adapters/profile/point-name.ts"

const scope = (captures: Record<string, string>, payload: unknown = {}): Scope => ({ payload, captures })

describe("a template", () => {
  test.each([
    [{ source: "vs-0", rest: "Yard" }, "field-vs-0.Yard"],
    [{ source: "vs-0" }, "field-vs-0"],
    [{ rest: "Yard" }, "field.Yard"],
    [{ source: "" }, "field"]
  ])("leaves out what is optional and not there: %j", (captures, filled) => {
    expect(fillTemplate("field[-{source}][.{rest}]", scope(captures as Record<string, string>))).toBe(filled)
  })

  test("is not filled where something needed is not there", () => {
    expect(fillTemplate("door-{token}[.{rest}]", scope({ rest: "x" }))).toBeUndefined()
    expect(fillTemplate("plain[ly]", scope({}))).toBe("plain[ly]")
  })

  test("never reads as a template what a message holds", () => {
    expect(fillTemplate("a[-{source}]", scope({ source: "[{x}]{y}", y: "secret" }))).toBe("a-[{x}]{y}")
  })

  test("has as many forms as its optional parts can give it", () => {
    expect(formsOf("plain-{n}")).toEqual(["plain-{n}"])
    expect([...formsOf("field[-{source}][.{rest}]")].sort()).toEqual([
      "field",
      "field-{source}",
      "field-{source}.{rest}",
      "field.{rest}"
    ])
  })
})

describe("the name of a point", () => {
  test("is what the device calls it, as far as a point may be called so", () => {
    expect(pointNamed("input-1")).toBe("input-1")
    expect(pointNamed("line-vs/0/Main gate")).toBe("line-vs.0.Main-gate")
  })

  test("keeps both ends of a long name, and two long names apart", () => {
    const token = "85a593ef-e6e0-4e40-9e3d-f4252623e776"
    const one = pointNamed(`door-${token}/${token}/north.position`)
    const other = pointNamed(`door-${token}/${token.replace("e6e0", "e6e1")}/north.position`)
    expect(one).toHaveLength(64)
    expect(one).toMatch(/^door-85a593ef.*north\.position$/)
    expect(other).not.toBe(one)
  })

  test("keeps two tokens apart that differ only in what a point may not be called", () => {
    expect(["D 1", "D-1", "D/1", "D.1", "D_1"].map(tokenNamed)).toEqual(["D-x20-1", "D-1", "D-x2f-1", "D.1", "D_1"])
    const token = fc.string({ unit: fc.constantFrom("D", "1", " ", "/", ".", "-", "_", "\u95e8"), maxLength: 8 })
    fc.assert(
      fc.property(token, token, (one, other) => {
        const named = (text: string) => pointNamed(`door-${tokenNamed(text)}.mode`)
        expect(named(one) === named(other)).toBe(one === other)
      })
    )
  })

  test("is one that the campus accepts, or none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (name) => {
        expect(pointNamed(name) ?? "none").toMatch(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/)
      })
    )
  })
})
