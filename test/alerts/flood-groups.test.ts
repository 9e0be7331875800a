import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { wiringOf } from "../../gateway/alerts/flood-causes.ts"
import { groupsOf } from "../../gateway/alerts/flood-groups.ts"
import { type Audible, isToSound } from "../../gateway/alerts/sounding.ts"
import type { AlertTransition } from "../../gateway/domain/alert.ts"

const wiring = wiringOf({
  devices: [
    { id: "panel", link: "opcua" },
    { id: "bridge", link: "mqtt" },
    { id: "contact-1", link: "mqtt", via: "bridge" },
    { id: "contact-2", link: "mqtt", via: "bridge" },
    { id: "camera", link: "onvif" }
  ],
  doors: [
    { id: "east", position: "panel/d1", accessPoints: [{ reader: "panel/r1" }] },
    { id: "west", position: "panel/d2" },
    { id: "north", position: "contact-1/contact" },
    { id: "south", position: "contact-2/contact" }
  ]
})

let nth = 0
const alert = (condition: string, key: string, more: Partial<Audible> = {}): Audible => {
  const [kind, id = ""] = key.split(":")
  const about = kind === "door" ? { door: id, area: "hall" } : kind === "device" ? { device: id } : {}
  return {
    id: `A-${++nth}`,
    condition,
    key,
    ...about,
    priority: 3,
    active: true,
    acknowledged: false,
    closed: false,
    rule: condition,
    title: `${condition}: ${id}`,
    raisedAt: 1_000_000,
    ...more
  }
}

const idsOf = (alerts: ReadonlyArray<Audible>): ReadonlyArray<string> => alerts.map(({ key }) => key)

describe("alerts in a flood", () => {
  it("stand in one row with the controller that is lost, and what its doors and bridged devices say", () => {
    const lost = alert("DeviceOffline", "device:bridge")
    const doors = [alert("UnverifiedOpening", "door:north"), alert("DeviceOffline", "device:contact-2")]
    const other = alert("UnverifiedOpening", "door:east")
    const { groups, single } = groupsOf([...doors, lost, other], wiring)
    expect(groups.map(({ cause, alerts }) => [cause?.key, idsOf(alerts)])).toEqual([
      ["device:bridge", ["door:north", "device:contact-2"]]
    ])
    expect(groups[0]?.title).toBe("2 alerts follow from: DeviceOffline: bridge")
    expect(idsOf(single)).toEqual(["door:east"])
  })

  it("are put down to the link, where the controller went with it", () => {
    const link = alert("LinkLost", "link:mqtt", { priority: 2 })
    const all = [alert("DeviceOffline", "device:bridge"), alert("DoorFaulted", "door:north"), link]
    const { groups, single } = groupsOf(all, wiring)
    expect(groups.map(({ cause, alerts }) => [cause?.key, alerts.length])).toEqual([["link:mqtt", 2]])
    expect(single).toEqual([])
  })

  it("of doors that a fire lets go stand together, and the fire and all that is critical by itself", () => {
    const fire = alert("FireReported", "device:panel", { priority: 1 })
    const duress = alert("DuressSignalled", "door:east", { priority: 1 })
    const doors = ["east", "west", "north"].map((door) => alert("DoorForcedOpen", `door:${door}`, { priority: 2 }))
    const { groups, single } = groupsOf([...doors, fire, duress], wiring)
    expect(groups).toHaveLength(1)
    expect(groups[0]).not.toHaveProperty("cause")
    expect(groups[0]?.title).toBe("3 alerts follow from: FireReported: panel")
    expect(single).toEqual([fire, duress])
  })

  it("of a forced door are not put down to a link that is lost, nor to a fire that came long after", () => {
    const forced = alert("DoorForcedOpen", "door:north", { priority: 2, raisedAt: 0 })
    const fire = alert("FireReported", "device:panel", { priority: 1 })
    expect(groupsOf([forced, alert("LinkLost", "link:mqtt"), fire], wiring).groups).toEqual([])
  })

  it("of one rule in one area are one row from the third on", () => {
    const denied = (many: number) =>
      Array.from({ length: many }, (_, at) => alert("DeniedBurst", `reader:r${at}`, { area: "hall" }))
    expect(groupsOf(denied(2), wiring).groups).toEqual([])
    const { groups } = groupsOf([...denied(3), alert("DeniedBurst", "reader:r9", { area: "annex" })], wiring)
    expect(groups.map(({ id, alerts }) => [id, alerts.length])).toEqual([["burst:DeniedBurst|hall", 3]])
  })

  it("are each somewhere, once, and critical ones never in a group", () => {
    const any = fc
      .record({
        condition: fc.constantFrom("DeviceOffline", "LinkLost", "DoorForcedOpen", "UnverifiedOpening", "FireReported"),
        key: fc.constantFrom("device:bridge", "device:contact-1", "link:mqtt", "door:north", "door:east"),
        priority: fc.constantFrom(1 as const, 2 as const, 3 as const),
        active: fc.boolean(),
        raisedAt: fc.constantFrom(0, 1_000_000)
      })
      .map(({ condition, key, ...more }) => alert(condition, key, more))
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (alerts) => {
        const { groups, single } = groupsOf(alerts, wiring)
        const inGroups = groups.flatMap((group) => [
          ...(group.cause === undefined ? [] : [group.cause]),
          ...group.alerts
        ])
        const placed = [...inGroups, ...single].map(({ id }) => id)
        expect(placed.toSorted()).toEqual(alerts.map(({ id }) => id).toSorted())
        expect(inGroups.filter(({ priority }) => priority === 1)).toEqual([])
      })
    )
  })
})

describe("what is to be heard", () => {
  const sounds = (
    one: Audible,
    open: ReadonlyArray<Audible> = [],
    { flood = true, transition = "raised" }: { readonly flood?: boolean; readonly transition?: AlertTransition } = {}
  ) => isToSound({ transition, alert: one }, { flood, open, wiring })

  it("is every new alert while there is no flood, and none that calls for nobody", () => {
    const denied = alert("DeniedBurst", "reader:r1")
    expect(sounds(denied, [alert("DeniedBurst", "reader:r2")], { flood: false })).toBe(true)
    expect(sounds(denied, [], { flood: false, transition: "acknowledgement-undone" })).toBe(true)
    expect(sounds(denied, [], { flood: false, transition: "updated" })).toBe(false)
    for (const calm of [{ acknowledged: true }, { shelved: {} }, { outOfService: {} }, { closed: true }])
      expect(sounds({ ...denied, ...calm }, [], { flood: false })).toBe(false)
  })

  it("is in a flood the first of each cause, and everything critical", () => {
    const bridge = alert("DeviceOffline", "device:bridge")
    expect(sounds(bridge)).toBe(true)
    expect(sounds(alert("UnverifiedOpening", "door:north"), [bridge])).toBe(false)
    expect(sounds(alert("UnverifiedOpening", "door:east"), [bridge])).toBe(true)
    const denied = alert("DeniedBurst", "reader:r1")
    expect(sounds(alert("DeniedBurst", "reader:r2"), [bridge, denied])).toBe(false)
    const duress = alert("DuressSignalled", "door:east", { priority: 1 })
    expect(sounds(duress, [bridge, denied, alert("DuressSignalled", "door:west", { priority: 1 })])).toBe(true)
  })
})
