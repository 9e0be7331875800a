import type { Campus, Device } from "../../gateway/domain/campus.ts"
import { shippedRules } from "../bench/parts/shipped-rules.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../gateway/domain/ids.ts"

/** How a link carries what is said while nobody listens: its broker queues it, its panel keeps it, or nobody does. */
export const links = { broker: "queues", panels: "keeps", radio: "forgets" } as const
export type LinkName = keyof typeof links

export const panel = DeviceId.make("panel")

const device = (id: string, link: LinkName, more: Partial<Device> = {}): Device => ({
  id: DeviceId.make(id),
  link: LinkId.make(link),
  profile: "simulated",
  address: id,
  ...more
})

const area = AreaId.make("hall")

/** Four doors on three links: one with a device for each of its points, one wired to a panel, one by radio, one bare. */
export const campus: Campus = {
  site: { id: SiteId.make("simulated"), name: "Simulated", timeZone: "UTC" },
  areas: [{ id: area, name: "Hall", kind: "building" }],
  devices: [
    device("bridge", "broker"),
    device("east-contact", "broker", { via: DeviceId.make("bridge") }),
    device("east-detector", "broker", { via: DeviceId.make("bridge") }),
    device("east-reader", "broker", { expectedIntervalSeconds: 90 }),
    device(panel, "panels"),
    device("dock-contact", "radio"),
    device("dock-detector", "radio"),
    device("hatch-contact", "broker", { offlineGraceSeconds: 20 })
  ],
  doors: [
    {
      id: DoorId.make("east"),
      name: "East door",
      area,
      position: PointRef.make("east-contact/contact"),
      rex: [PointRef.make("east-detector/motion")],
      accessPoints: [{ reader: PointRef.make("east-reader/reader"), direction: "in" }],
      tamper: [PointRef.make("east-contact/tamper")]
    },
    {
      id: DoorId.make("lab"),
      name: "Laboratory",
      area,
      position: PointRef.make("panel/lab.position"),
      lock: PointRef.make("panel/lab.lock"),
      rex: [PointRef.make("panel/lab.rex")],
      accessPoints: [{ reader: PointRef.make("panel/lab.reader"), direction: "in" }],
      alarm: PointRef.make("panel/lab.alarm"),
      mode: PointRef.make("panel/lab.mode"),
      tamper: [PointRef.make("panel/lab.tamper")]
    },
    {
      id: DoorId.make("dock"),
      name: "Loading dock",
      area,
      position: PointRef.make("dock-contact/contact"),
      rex: [PointRef.make("dock-detector/motion")],
      times: { heldOpenSeconds: 20, heldPreAlarmSeconds: 12 }
    },
    { id: DoorId.make("hatch"), name: "Roof hatch", area, position: PointRef.make("hatch-contact/contact") }
  ],
  cameras: [],
  rules: shippedRules()
}

/** The campus as it is configured otherwise: no rules, one door fewer, another that may stand open for longer. */
const otherwise: Campus = {
  ...campus,
  rules: [],
  doors: campus.doors
    .filter(({ id }) => id !== "hatch")
    .map((door) => (door.id === "dock" ? { ...door, times: { heldOpenSeconds: 45, heldPreAlarmSeconds: 15 } } : door))
}

/** The configurations that a life may change between, the first one first. */
export const configurations = [
  { campus, configVersion: "v1" },
  { campus: otherwise, configVersion: "v2" }
] as const

export const linkOf = (id: string): LinkName =>
  (campus.devices.find((one) => one.id === id)?.link ?? "broker") as LinkName
