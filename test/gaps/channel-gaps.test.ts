import { describe, expect, it } from "vitest"
import { ChannelId } from "../../gateway/domain/ids.ts"
import { gapsOf } from "../../gateway/gaps/list.ts"
import { campusOf, Stage } from "../correlation/door-stage.ts"
import { escalatingCampus, hook, people, policyOf, push } from "../correlation/escalation-campus.ts"

const campus = escalatingCampus(policyOf([{ afterSeconds: 0, to: [{ channel: hook }] }]))

const kinds: ReadonlySet<string> = new Set(["nobody-told", "channel-broken", "nobody-registered"])

/** `registered`: who has registered a device. */
const gapsAt = ({ situation }: Stage, registered = ["ada"]) =>
  gapsOf({
    at: situation.at,
    situation,
    links: [],
    warnings: [],
    registered: new Set(registered),
    store: { accepting: true }
  }).filter(({ kind }) => kinds.has(kind))

const tested = (stage: Stage, outcome: "handed-over" | "refused") => {
  const detail = outcome === "refused" ? { detail: "HTTP 401", scope: "channel" as const } : {}
  stage.enter({ _tag: "ChannelTested", channel: ChannelId.make("hook"), by: "Ada", outcome, ...detail })
}

describe("the ways out to people", () => {
  it("are a gap where there are none, and where none is for critical alerts", () => {
    expect(gapsAt(new Stage(campusOf()))).toMatchObject([
      { id: "nobody-told", reason: "there are no channels to people" }
    ])
    expect(gapsAt(new Stage({ ...campus, routes: {} }))).toMatchObject([{ id: "nobody-told" }])
    expect(gapsAt(new Stage(campus))).toEqual([])
  })

  it("are a gap and an alert while a channel takes nothing, and no longer once it does", () => {
    const stage = new Stage(campus).at(5)
    tested(stage, "refused")
    expect(gapsAt(stage)).toMatchObject([
      { id: "channel-broken:hook", severity: 2, reason: "HTTP 401", alert: stage.idOf("ChannelBroken") }
    ])
    tested(stage, "handed-over")
    expect(gapsAt(stage)).toEqual([])
    expect(stage.alert("ChannelBroken")).toMatchObject({ active: false })
  })

  it("are a gap where nobody has registered a device for one, and for those who have not where others have", () => {
    const reach = [push]
    const both = people.map((one) => (one.name === "Ben" ? { ...one, reach } : one))
    const stage = new Stage({ ...campus, people: both }).at(5)
    expect(gapsAt(stage, [])).toMatchObject([
      {
        id: "nobody-registered:push",
        severity: 2,
        title: "Nobody can be reached by channel push: no device is registered",
        reason: "nobody has registered a device: Ada, Ben"
      }
    ])
    expect(gapsAt(stage, ["ada"])).toMatchObject([
      { id: "nobody-registered:push", severity: 3, title: "One person cannot be reached by channel push" }
    ])
    expect(gapsAt(stage, ["ada", "ben"])).toEqual([])
    expect(stage.alerts).toEqual([])
  })

  it("stay a gap when an officer closes the alert of one, which is raised anew once it has worked and breaks again", () => {
    const stage = new Stage(campus).at(5)
    tested(stage, "refused")
    stage.at(10).closesAlert("ChannelBroken").at(60)
    tested(stage, "refused")
    expect(stage.alert("ChannelBroken")).toBeUndefined()
    expect(gapsAt(stage)).toMatchObject([{ id: "channel-broken:hook", owner: "channel hook", reason: "HTTP 401" }])
    tested(stage, "handed-over")
    expect(gapsAt(stage)).toEqual([])
    tested(stage.at(90), "refused")
    expect(stage.alert("ChannelBroken")).toMatchObject({ active: true, acknowledged: false })
  })
})
