import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Agenda, emptyAgenda, nearest, withDeadline } from "../../gateway/correlation/agenda.ts"
import { innerOf } from "../../gateway/correlation/draft.ts"
import { campusOf, Stage } from "./door-stage.ts"

describe("the agenda", () => {
  it("knows the nearest deadline after any changes, as a list that is sorted every time would", () => {
    const change = fc.record({
      key: fc.constantFrom("a", "b", "c", "d"),
      at: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined })
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300, size: "max" }), (changes) => {
        let agenda: Agenda = emptyAgenda
        const plain = new Map<string, number>()
        for (const { key, at } of changes) {
          agenda = withDeadline(agenda, key, at)
          if (at === undefined) plain.delete(key)
          else plain.set(key, at)
          const [first] = [...plain].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
          expect(nearest(agenda)).toEqual(first === undefined ? undefined : { key: first[0], at: first[1] })
        }
      }),
      { seed: 20_260_302, numRuns: 200 }
    )
  })

  it("stays small over a million changes, those included that never come due", () => {
    const doors = Array.from({ length: 100 }, (_, nth) => `door:${nth}`)
    let agenda: Agenda = emptyAgenda
    let most = 0
    for (let nth = 0; nth < 1_000_000; nth++) {
      // Deadlines hours ahead that are taken off or overtaken again and again.
      const at = nth % 3 === 0 ? undefined : 1e9 - ((nth * 7919) % 1e8)
      agenda = withDeadline(agenda, doors[nth % doors.length] ?? "", at)
      if (agenda.entries > most) most = agenda.entries
    }
    expect(most).toBeLessThanOrEqual(2 * doors.length + 65)
    expect(agenda.wanted.size).toBeLessThanOrEqual(doors.length)
  })

  it("knows the nearest deadline of every version, whichever is asked first", () => {
    const early = withDeadline(withDeadline(emptyAgenda, "a", 5), "b", 7)
    const later = withDeadline(early, "a", undefined)
    const other = withDeadline(early, "c", 1)
    expect([later, early, other, later].map((agenda) => nearest(agenda)?.key)).toEqual(["b", "a", "c", "b"])
  })

  it("is unchanged, down to identity, by a deadline that stays", () => {
    const agenda = withDeadline(emptyAgenda, "a", 5)
    expect(withDeadline(agenda, "a", 5)).toBe(agenda)
  })
})

describe("a door that is propped open for hours", () => {
  it("leaves nothing behind on the agenda, though people badge and move past it all the time", () => {
    const campus = campusOf({ times: { heldOpenSeconds: 36_000, heldPreAlarmSeconds: 35_000 } })
    const stage = Stage.closedDoor(campus).grants("ada").opens()
    let most = 0
    for (let nth = 1; nth < 3000; nth++) {
      stage.at(nth * 10).grants(`card-${nth % 50}`)
      stage.motion(nth % 2 === 0 ? "on" : "off")
      most = Math.max(most, innerOf(stage.situation).agenda.entries)
    }
    expect(most).toBeLessThanOrEqual(70)
    expect(stage.at(36_001).story).toEqual(["36000.0 DoorOpenTooLong raised"])
  })
})
