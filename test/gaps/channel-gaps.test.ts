import { describe, expect, it } from "vitest"
import { ChannelId } from "../../gateway/domain/ids.ts"
import { gapsOf } from "../../gateway/gaps/list.ts"
import { campusOf, Stage } from "../correlation/door-stage.ts"
import { escalatingCampus, hook, policyOf } from "../correlation/escalation-campus.ts"

const campus = escalatingCampus(policyOf([{ afterSeconds: 0, to: [{ channel: hook }] }]))

const gapsAt = ({ situation }: Stage) =>
  gapsOf({ at: situation.at, situation, links: [], warnings: [], store: { accepting: true } }).filter(
    ({ kind }) => kind === "nobody-told" || kind === "channel-broken"
  )

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
})
