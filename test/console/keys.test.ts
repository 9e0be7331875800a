import { describe, expect, it } from "vitest"
import { holderOf, keyMap, keysOf, lineFor, type KeyLine } from "../../gateway/console/src/keys.ts"
import { addressOf, placeIn } from "../../gateway/console/src/place.ts"

const lines: ReadonlyArray<KeyLine> = keyMap
const line = (id: string): KeyLine => lines.find((one) => one.id === id)!

describe("the key map", () => {
  it("gives no key two meanings on one page", () => {
    const taken = lines.flatMap((one) => keysOf(one, {}).map((key) => [one.id, key, holderOf(key, one, {})?.id]))
    expect(taken.filter(([, , holder]) => holder !== undefined)).toEqual([])
  })

  it("says letters in lower case, as the keyboard is read", () => {
    const letters = lines.flatMap(({ keys }) => keys).filter((key) => key.length === 1)
    expect(letters.filter((key) => key !== key.toLowerCase())).toEqual([])
  })

  it("puts an officer's own key in the place of the usual ones", () => {
    const own = { "alert.acknowledge": "x" } as const
    expect(lineFor("x", "desk", own)?.id).toBe("alert.acknowledge")
    expect(lineFor("a", "desk", own)).toBeUndefined()
  })

  it("lets keys of the desk do nothing elsewhere", () => {
    expect(lineFor("a", "gaps", {})).toBeUndefined()
    expect(lineFor("?", "gaps", {})?.id).toBe("keys")
  })

  it("names what has a key already, an officer's own place of it included", () => {
    expect(holderOf("c", line("alert.acknowledge"), {})?.id).toBe("alert.close")
    expect(holderOf("c", line("alert.acknowledge"), { "alert.close": "x" })).toBeUndefined()
  })
})

describe("a place in the console", () => {
  it("is a page, and one thing on it", () => {
    expect(placeIn("#gaps")).toEqual({ page: "gaps", of: undefined })
    expect(placeIn(addressOf("desk", "A-12 / 7"))).toEqual({ page: "desk", of: "A-12 / 7" })
  })

  it("is the desk where the address names nothing that is known", () => {
    for (const hash of ["", "#", "#nowhere/7", "#desk/%"])
      expect(placeIn(hash)).toEqual({ page: "desk", of: undefined })
  })
})
