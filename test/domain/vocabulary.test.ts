import { Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { defaultDoorTimes, DoorMode } from "../../gateway/domain/door.ts"
import { DoorId, PointRef } from "../../gateway/domain/ids.ts"
import { type PointKind, PointValue, unknownValue } from "../../gateway/domain/observation.ts"

const message = (result: Result.Result<unknown, { readonly message: string }>): string =>
  Result.isFailure(result) ? result.failure.message : ""

describe("the vocabulary", () => {
  it("knows every kind of point as unknown", () => {
    const kinds: ReadonlyArray<PointKind> = [
      "position",
      "lock",
      "rex",
      "tamper",
      "fault",
      "motion",
      "mode",
      "alarm",
      "battery",
      "input"
    ]
    for (const kind of kinds) expect(Schema.is(PointValue)(unknownValue(kind)), kind).toBe(true)
  })

  it("refuses a position in a lock's words", () => {
    expect(Schema.is(PointValue)({ kind: "position", value: "locked" })).toBe(false)
  })

  it("says what an id looks like when it is given something else", () => {
    expect(message(Schema.decodeUnknownResult(DoorId)("East exit!"))).toContain('such as "B2-E4"')
    expect(message(Schema.decodeUnknownResult(PointRef)("contact"))).toContain('"<device>/<point>"')
  })

  it("keeps ONVIF's door modes", () => {
    expect(DoorMode.literals).toContain("LockedDown")
    expect(DoorMode.literals).toHaveLength(8)
  })

  it("has default times that its own limits allow", () => {
    expect(defaultDoorTimes.heldOpenSeconds).toBeGreaterThanOrEqual(10)
    expect(defaultDoorTimes.debounceMs).toBeLessThanOrEqual(400)
    expect(defaultDoorTimes.heldPreAlarmSeconds).toBeLessThan(defaultDoorTimes.heldOpenSeconds)
  })
})
