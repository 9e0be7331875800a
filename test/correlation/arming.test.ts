import { HashMap } from "effect"
import { describe, expect, test } from "vitest"
import { isArmed } from "../../gateway/correlation/arming.ts"
import { threatLevelAt } from "../../gateway/correlation/threat-level.ts"
import type { AreaArming } from "./arming-stage.ts"
import { armedCampus, areas, armingOf, endsOverride, overrides, setsThreat } from "./arming-stage.ts"
import { dawn, Stage } from "./door-stage.ts"

const outside: AreaArming = { armedOutside: "lessons" }

/** Lessons are from 10:01 until 10:04 and again from 10:05: seconds 60 to 240, and from 300 on. */
const hallOnly = armedCampus({ hall: outside, store: { always: "disarmed" } })

describe("an area with a schedule", () => {
  test("is disarmed when its schedule begins and armed when it ends, each at its instant", () => {
    const stage = new Stage(hallOnly).at(310)
    expect(armingOf(stage)).toEqual([
      "-120 hall armed: outside lessons",
      "-120 lobby armed: outside lessons",
      "60 hall disarmed: during lessons",
      "60 lobby disarmed: during lessons",
      "240 hall armed: outside lessons",
      "240 lobby armed: outside lessons",
      "300 hall disarmed: during lessons",
      "300 lobby disarmed: during lessons"
    ])
  })

  test("lends it to what lies in it, but not to what has its own", () => {
    const stage = new Stage(armedCampus({ hall: outside, store: { always: "armed" } })).at(100)
    const armed = [areas.hall, areas.lobby, areas.store].map((area) => isArmed(stage.situation, area, dawn + 100_000))
    expect(armed).toEqual([false, false, true])
  })

  test("turns as often as it had to while the gateway did not run, once that is back", () => {
    const stage = new Stage(hallOnly).at(50).killedUntil(250).at(260)
    expect(armingOf(stage).filter((line) => line.includes("hall"))).toEqual([
      "-120 hall armed: outside lessons",
      "60 hall disarmed: during lessons",
      "240 hall armed: outside lessons"
    ])
  })

  test("is asked of the instant in question, not of now", () => {
    const { situation } = new Stage(hallOnly).at(310)
    expect(isArmed(situation, areas.hall, dawn + 250_000)).toBe(true)
    expect(isArmed(situation, areas.hall, dawn + 310_000)).toBe(false)
  })

  test("follows another configuration from the fact that brings it", () => {
    const stage = new Stage(hallOnly).at(100)
    stage.configured(armedCampus({ hall: { armedDuring: "lessons" }, store: { always: "disarmed" } }), "v2")
    expect(armingOf(stage).slice(-2)).toEqual(["100 hall armed: during lessons", "100 lobby armed: during lessons"])
    stage.configured(armedCampus({}), "v3")
    expect(HashMap.size(stage.situation.arming)).toBe(0)
  })
})

describe("an officer's word on an area", () => {
  test("holds until its end, for all in it that has no arming of its own, and ends by itself", () => {
    const stage = new Stage(armedCampus({ hall: outside, store: { always: "armed" } })).at(30)
    overrides(stage, "hall", "disarmed", 180)
    stage.at(200)
    expect(armingOf(stage).slice(3)).toEqual([
      "30 hall disarmed: officer: an evening's event",
      "30 lobby disarmed: officer: an evening's event"
    ])
    stage.at(250)
    expect(armingOf(stage).slice(5)).toEqual(["240 hall armed: outside lessons", "240 lobby armed: outside lessons"])
  })

  test("on one that has no schedule ends in its being disarmed", () => {
    const stage = new Stage(armedCampus({})).at(0)
    overrides(stage, "store", "armed", 20)
    expect(isArmed(stage.situation, areas.store, dawn)).toBe(true)
    expect(armingOf(stage.at(30))).toEqual([
      "0 store armed: officer: an evening's event",
      "20 store disarmed: no schedule says when it is armed"
    ])
  })

  test("gives way to a second one, and to its being taken back", () => {
    const stage = new Stage(hallOnly).at(0)
    overrides(stage, "hall", "disarmed", 600)
    overrides(stage.at(10), "hall", "armed", 600)
    endsOverride(stage.at(100), "hall")
    expect(armingOf(stage).filter((line) => line.includes("hall"))).toEqual([
      "-120 hall armed: outside lessons",
      "0 hall disarmed: officer: an evening's event",
      "10 hall armed: officer: an evening's event",
      "100 hall disarmed: during lessons"
    ])
    endsOverride(stage.at(110), "hall")
    expect(armingOf(stage)).toHaveLength(8)
  })

  test("outlives a restart, and ends at its instant while nobody runs", () => {
    const stage = new Stage(hallOnly).at(100)
    overrides(stage, "lobby", "armed", 60)
    stage.at(110).killedUntil(200).at(210)
    expect(armingOf(stage).slice(-1)).toEqual(["160 lobby disarmed: during lessons"])
    expect(isArmed(stage.situation, areas.lobby, dawn + 150_000)).toBe(false)
  })

  test("of a time that is over, or on an area that is not there, changes nothing", () => {
    const stage = new Stage(hallOnly).at(0)
    overrides(stage, "hall", "disarmed", -1)
    overrides(stage, "cellar", "armed", 60)
    expect(armingOf(stage)).toHaveLength(2)
    expect(stage.at(70).situation.arming).toBeDefined()
  })
})

describe("the threat level", () => {
  test("is the lowest until an officer sets another, and again when its time is over", () => {
    const stage = new Stage(hallOnly).at(0)
    expect(threatLevelAt(stage.situation)).toBe("normal")
    setsThreat(stage, "high", 100)
    expect(threatLevelAt(stage.situation)).toBe("high")
    stage.at(50).killedUntil(60).at(90)
    expect(threatLevelAt(stage.situation)).toBe("high")
    expect(threatLevelAt({ ...stage.situation, at: dawn + 100_000 })).toBe("normal")
    stage.at(120)
    expect(stage.happened("ThreatLevelChanged")).toEqual(["0.0 ThreatLevelChanged", "100.0 ThreatLevelChanged"])
  })

  test("stays, when it has no end, until somebody sets another or the site no longer has it", () => {
    const stage = new Stage(hallOnly).at(0)
    setsThreat(stage, "elevated")
    setsThreat(stage.at(10), "unheard-of")
    expect(threatLevelAt(stage.at(100_000).situation)).toBe("elevated")
    const { site } = hallOnly
    stage.configured({ ...hallOnly, site: { ...site, threatLevels: ["green", "red"] } }, "v2")
    expect(threatLevelAt(stage.situation)).toBe("green")
  })
})
