import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { freeze } from "../../gateway/correlation/snapshot.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import { campusOf, dawn, Stage } from "./door-stage.ts"

const many = 40
const boxes = Array.from({ length: many }, (_, nth) => `box-${nth}`)

const campus = (more: Partial<Campus> = {}): Campus => ({
  ...campusOf(
    {},
    boxes.map((id) => ({ id: DeviceId.make(id), link: LinkId.make("mqtt"), profile: "generic", address: id }))
  ),
  ...more
})

/** A panic button is pressed: a new alert each. */
const pressed = (stage: Stage, nth: number): Stage => stage.happens(`box-${nth}/button`, { _tag: "PanicPressed" })

const floods = (stage: Stage): ReadonlyArray<string> =>
  stage.events.flatMap((event) => {
    if (event._tag !== "FloodBegan" && event._tag !== "FloodEnded") return []
    return [`${(event.at - dawn) / 1000} ${event._tag} ${event.count}`]
  })

describe("a flood of alerts", () => {
  it("begins with the tenth new one in ten minutes, and ends when fewer than five came in ten", () => {
    const stage = new Stage(campus())
    for (let nth = 0; nth < 12; nth++) pressed(stage.at(nth * 60), nth)
    expect(floods(stage)).toEqual(["540 FloodBegan 10"])
    expect(stage.situation.flood).toEqual({ since: dawn + 540_000, count: 12 })
    stage.at(3600)
    // The fifth from the end came at 420 s.
    expect(floods(stage)).toEqual(["540 FloodBegan 10", "1020 FloodEnded 12"])
    expect(stage.situation.flood).toBeUndefined()
    expect(stage.alerts).toHaveLength(12)
  })

  it("does not begin with what is spread, nor with what is told again or makes no sound", () => {
    const spread = new Stage(campus())
    for (let nth = 0; nth < 30; nth++) pressed(spread.at(nth * 67), nth)
    expect(floods(spread)).toEqual([])
    const again = new Stage(campus())
    again.at(0).reads("contact/tamper", { kind: "tamper", value: "off" })
    for (let second = 1; second < 40; second++)
      again.at(second).reads("contact/tamper", { kind: "tamper", value: "on" })
    expect(floods(again)).toEqual([])
  })

  it("begins and ends as the site has it", () => {
    const stage = new Stage(campus({ flood: { beginWith: 3, endBelow: 2, minutes: 1 } }))
    for (let nth = 0; nth < 3; nth++) pressed(stage.at(nth * 10), nth)
    stage.at(600)
    expect(floods(stage)).toEqual(["20 FloodBegan 3", "70 FloodEnded 3"])
  })

  it("is the same after a restart in the midst of it", () => {
    const courses = fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.boolean()), { maxLength: many })
    fc.assert(
      fc.property(courses, (course) => {
        const [whole, torn] = [new Stage(campus()), new Stage(campus())]
        let second = 0
        for (const [nth, [wait, isTorn]] of course.entries()) {
          second += wait
          pressed(whole.at(second), nth)
          pressed(torn.at(second), nth)
          if (isTorn) {
            torn.killedUntil(second)
            whole.enter({ _tag: "GatewayStarted", blindFrom: whole.now })
          }
          expect(torn.situation.flood).toEqual(whole.situation.flood)
        }
        expect(freeze(torn.at(second + 3600).situation)).toEqual(freeze(whole.at(second + 3600).situation))
        expect(whole.situation.flood).toBeUndefined()
      }),
      { numRuns: 60 }
    )
  })
})
