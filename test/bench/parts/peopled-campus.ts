import type { Campus } from "../../../gateway/domain/campus.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../../gateway/domain/ids.ts"

export const link = LinkId.make("mqtt")

/** A building has so many doors, four on a controller. */
export const doorsPerBuilding = 40

export const buildingOf = (door: number): number => Math.floor(door / doorsPerBuilding)

/** One door in ten is a speed gate, which counts who goes in. */
export const isSpeedGate = (door: number): boolean => door % 10 === 0

export const panelOf = (door: number): DeviceId => DeviceId.make(`panel-${Math.floor(door / 4)}`)

export type DoorPoint = "position" | "in" | "out" | "rex"

export const pointOf = (door: number, point: DoorPoint): string => `door-${door % 4}.${point}`

const refOf = (door: number, point: DoorPoint): PointRef => PointRef.make(`${panelOf(door)}/${pointOf(door, point)}`)

/** Buildings whose doors have a reader on either side, and a button for those without a badge to leave by. */
export const peopledCampus = (doors: number): Campus => ({
  site: { id: SiteId.make("bench"), name: "Bench", timeZone: "America/Chicago" },
  areas: Array.from({ length: Math.ceil(doors / doorsPerBuilding) }, (_, nth) => ({
    id: AreaId.make(`building-${nth}`),
    name: `Building ${nth}`,
    kind: "building"
  })),
  devices: Array.from({ length: Math.ceil(doors / 4) }, (_, nth) => ({
    id: panelOf(nth * 4),
    link,
    profile: "uhppoted",
    address: String(nth)
  })),
  doors: Array.from({ length: doors }, (_, nth) => ({
    id: DoorId.make(`door-${nth}`),
    name: `Door ${nth}`,
    area: AreaId.make(`building-${buildingOf(nth)}`),
    position: refOf(nth, "position"),
    rex: [refOf(nth, "rex")],
    accessPoints: [
      { reader: refOf(nth, "in"), direction: "in" as const },
      { reader: refOf(nth, "out"), direction: "out" as const }
    ]
  })),
  cameras: []
})
