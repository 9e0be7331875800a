import { describe, expect, it } from "vitest"
import { campusOf, Stage } from "./door-stage.ts"

/** The campus whose motion detector is expected to say something every ten minutes. */
const watched = (expectedIntervalSeconds = 600) => {
  const campus = campusOf({}, [])
  const devices = campus.devices.map((one) => (one.id === "pir" ? { ...one, expectedIntervalSeconds } : one))
  return Stage.closedDoor({ ...campus, devices })
}

const stateOf = (stage: Stage, id: string) => stage.situation.devices.get(id)

describe("a device that should say something at least every ten minutes", () => {
  it("is unknown, and an alert that says so, once it has been silent for longer", () => {
    const stage = watched().at(30).motion("off").at(629)
    expect(stage.story).toEqual([])
    stage.at(631)
    expect(stage.story).toEqual(["630.0 DeviceOffline raised"])
    expect(stage.alerts[0]).toMatchObject({ title: expect.stringContaining("Device silent"), key: "device:pir" })
    expect(stateOf(stage, "pir")).toMatchObject({
      availability: "unknown",
      reason: "nothing was heard of it for 10 min"
    })
  })

  it("is no news while it goes on saying the same", () => {
    const stage = watched()
    for (let at = 500; at <= 5000; at += 500) stage.at(at).motion("off")
    expect(stage.at(5500).story).toEqual([])
  })

  it("returns to normal with its next word, and is watched again", () => {
    const stage = watched().at(30).motion("off").at(700).motion("off").at(1299)
    expect(stage.story).toEqual(["630.0 DeviceOffline raised", "700.0 DeviceOffline returned-to-normal"])
    expect(stage.at(1301).story).toContain("1300.0 DeviceOffline reactivated")
  })

  it("is waited for as before when the configuration changes elsewhere, and by a new interval of its own", () => {
    const configured = (stage: Stage, name: string, expectedIntervalSeconds = 600): Stage => {
      const { site, devices, ...rest } = campusOf({}, [])
      const expected = devices.map((one) => (one.id === "pir" ? { ...one, expectedIntervalSeconds } : one))
      return stage.configured({ ...rest, site: { ...site, name }, devices: expected }, name)
    }
    const stage = watched().at(30).motion("off")
    for (const second of [300, 600]) configured(stage.at(second), `at ${second}`)
    expect(stage.at(631).story).toEqual(["630.0 DeviceOffline raised"])
    configured(stage, "told already")
    expect(stage.at(2000).story).toEqual(["630.0 DeviceOffline raised"])
    const slower = configured(watched().at(30).motion("off").at(500), "slower", 900)
    expect(slower.at(1300).story).toEqual([])
  })

  it("goes to sleep in between: that its will calls it offline is no loss", () => {
    const stage = watched().at(30).motion("off").at(31).available("pir", "offline").at(400)
    expect(stage.story).toEqual([])
    expect(stateOf(stage, "pir")?.availability).toBe("online")
  })
})

it("a device that nobody expects anything of may be silent for a year", () => {
  const stage = Stage.closedDoor().at(30).motion("off")
  expect(stage.at(365 * 24 * 3600).story).toEqual([])
})
