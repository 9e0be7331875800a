import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Spot, Table } from "../../gateway/correlation/table.ts"

const byKey = (rows: ReadonlyMap<string, number>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1))

describe("a table", () => {
  it("has every version as it was, whichever is changed, read or gone back to", () => {
    const change = fc.record({
      /** Which version is changed, counted back from the newest: most often that itself. */
      back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 20 })),
      key: fc.constantFrom("a", "b", "c", "d", "e"),
      value: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
      look: fc.option(fc.nat({ max: 20 }), { nil: undefined })
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const versions = [{ table: Table.of<number>(), plain: new Map<string, number>() }]
        for (const { back, key, value, look } of changes) {
          const { table, plain } = versions.at(-1 - (back % versions.length))!
          const next = new Map(plain)
          if (value === undefined) next.delete(key)
          else next.set(key, value)
          versions.push({ table: value === undefined ? table.without(key) : table.with(key, value), plain: next })
          if (look === undefined) continue
          const looked = versions.at(-1 - (look % versions.length))!
          expect(looked.table.get(key)).toBe(looked.plain.get(key))
        }
        for (const { table, plain } of versions) {
          expect(table.entries()).toEqual(byKey(plain))
          expect(table.keys()).toEqual(byKey(plain).map(([key]) => key))
          expect(new Map(table.unordered())).toEqual(plain)
          expect(table.size).toBe(plain.size)
          for (const key of "abcde") expect([table.get(key), table.has(key)]).toEqual([plain.get(key), plain.has(key)])
        }
      }),
      { seed: 20_260_302, numRuns: 500 }
    )
  })

  it("is still as it was when thousands of changes have gone over it", () => {
    const first = Table.of<number>([
      ["kept", 0],
      ["changed", 0]
    ])
    let newest = first
    for (let nth = 1; nth <= 10_000; nth++) newest = newest.with("changed", nth).with(`row ${nth % 7}`, nth)
    expect(first.entries()).toEqual([
      ["changed", 0],
      ["kept", 0]
    ])
    expect(newest.get("changed")).toBe(10_000)
    expect(newest.size).toBe(9)
  })

  it("tells its rows in one order, whatever came first", () => {
    const one = Table.of<number>().with("b", 1).with("a", 2).without("b").with("b", 3)
    const other = Table.of<number>().with("a", 2).with("b", 3)
    expect(one.entries()).toEqual(other.entries())
  })

  it("does not change under whoever goes over it", () => {
    let table = Table.of<number>([
      ["a", 1],
      ["b", 2]
    ])
    const seen: Array<string> = []
    for (const [key] of table.entries()) {
      table = table.without("b").with(`${key}${key}`, 3)
      seen.push(key)
    }
    expect(seen).toEqual(["a", "b"])
  })

  it("is unchanged, down to identity, by a value that stays and a key that is not there", () => {
    const table = Table.of([["a", 1] as const])
    expect(table.with("a", 1)).toBe(table)
    expect(table.without("b")).toBe(table)
  })

  it("gives by a remembered place what the key itself gives, in whatever tables and versions it is asked", () => {
    const change = fc.record({
      back: fc.nat({ max: 6 }),
      key: fc.nat({ max: 4 }),
      value: fc.option(fc.nat({ max: 3 }), { nil: undefined })
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const spots = ["a", "b", "c", "d", "e"].map((key) => new Spot(key))
        const versions = [Table.of<number>(), Table.of([["c", 7] as const, ["a", 8] as const])]
        for (const { back, key, value } of changes) {
          const spot = spots[key]!
          const before = versions.at(-1 - (back % versions.length))!
          const after = value === undefined ? before.drop(spot) : before.put(spot, value)
          expect(after.entries()).toEqual(
            (value === undefined ? before.without(spot.key) : before.with(spot.key, value)).entries()
          )
          versions.push(after)
          for (const table of versions) expect(table.at(spot)).toBe(table.get(spot.key))
        }
      }),
      { seed: 20_260_302, numRuns: 200 }
    )
  })

  it("is changed in one go as it would be row by row, and keeps the version before", () => {
    const before = Table.of<number>().with("a", 1).with("b", 2).without("b").with("c", 3).with("d", 4)
    const after = before.map((value, key) => (key === "a" ? undefined : value === 3 ? 30 : value))
    expect(after.entries()).toEqual([
      ["c", 30],
      ["d", 4]
    ])
    expect([after.size, after.get("a"), after.with("a", 5).get("a")]).toEqual([2, undefined, 5])
    expect(before.keys()).toEqual(["a", "c", "d"])
    expect(after.map((value) => value)).toBe(after)
  })
})
