import { describe, expect, test } from "vitest"
import type { ClockQuality } from "../../gateway/domain/fact.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import type { Origin } from "../../gateway/domain/observation.ts"
import { Stage } from "./door-stage.ts"

const ahead = (aheadMs: number): ClockQuality => ({ trusted: false, offsetMs: 0, uncertaintyMs: 60_000, aheadMs })
const believed = (offsetMs: number): ClockQuality => ({ trusted: true, offsetMs, uncertaintyMs: 0 })
const unbelieved = (offsetMs: number): ClockQuality => ({ ...believed(offsetMs), trusted: false })

/** The reader says its casing is shut, with a time of its own. */
const hears = (stage: Stage, clock: ClockQuality, origin: Origin = "change"): void =>
  stage.enter({
    _tag: "Observed",
    link: LinkId.make("mqtt"),
    observation: {
      _tag: "Reading",
      device: DeviceId.make("reader"),
      point: "casing",
      reading: { kind: "input", value: "off" },
      origin,
      source: "test"
    },
    receivedAt: stage.now,
    occurredAt: stage.now,
    clock
  })

const told = (stage: Stage): ReadonlyArray<string> =>
  stage.events.flatMap((event) =>
    event._tag === "ClockSkewed" || event._tag === "ClockCorrected" ? [`${event._tag} ${event.offsetMs}`] : []
  )

const skewOf = ({ situation }: Stage) => situation.devices.get("reader")?.skewed

describe("a device's clock that is off", () => {
  test("is told once, with how far, and once more when it is right again", () => {
    const stage = new Stage().at(0)
    for (const ms of [90_000, 90_000, 91_000]) hears(stage, ahead(ms))
    expect(skewOf(stage)).toEqual({ offsetMs: 90_000, since: stage.now })
    hears(stage.at(10), believed(40))
    expect(told(stage)).toEqual(["ClockSkewed 90000", "ClockCorrected 40"])
    expect(skewOf(stage)).toBeUndefined()
  })

  test("is told when it is behind as well, once it is believed: a message may have been on its way for long", () => {
    const stage = new Stage().at(0)
    hears(stage, unbelieved(-40_000))
    expect(told(stage)).toEqual([])
    hears(stage, believed(-40_000))
    expect(told(stage)).toEqual(["ClockSkewed -40000"])
  })

  test("is not told again and again where it lies at the edge of the tolerance", () => {
    const stage = new Stage().at(0)
    for (const ms of [2100, 1900, 2100, 1500, 2100]) hears(stage, believed(ms))
    expect(told(stage)).toEqual(["ClockSkewed 2100"])
  })

  test("stays so over a restart, and while the device is away", () => {
    const stage = new Stage().at(0)
    hears(stage, ahead(5000))
    stage.available("reader", "offline").killedUntil(20).at(30)
    hears(stage, ahead(5000))
    expect(told(stage)).toEqual(["ClockSkewed 5000"])
    expect(skewOf(stage)).toBeDefined()
  })

  test("is not judged by what a broker or a panel tells of the past", () => {
    const stage = new Stage().at(0)
    hears(stage, ahead(5000), "recovery")
    hears(stage, ahead(5000), "replayed")
    expect(told(stage)).toEqual([])
  })
})
