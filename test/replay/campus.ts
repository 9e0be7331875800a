import type { Campus, Door } from "../../gateway/domain/campus.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../gateway/domain/ids.ts"
import { Recording } from "./recording.ts"

/** A door with a contact and a reader. */
export const door = (id: string, times: NonNullable<Door["times"]> = {}): Door => ({
  id: DoorId.make(id),
  name: `${id} door`,
  area: AreaId.make("hall"),
  position: PointRef.make(`${id}/contact`),
  accessPoints: [{ reader: PointRef.make(`${id}/reader`), direction: "in" }],
  times
})

export const campusOf = (...doors: ReadonlyArray<Door>): Campus => ({
  site: { id: SiteId.make("test"), name: "Test", timeZone: "UTC" },
  areas: [{ id: AreaId.make("hall"), name: "Hall", kind: "building" }],
  devices: doors.map(({ id }) => ({
    id: DeviceId.make(id),
    link: LinkId.make("mqtt"),
    profile: "generic",
    address: id
  })),
  doors,
  cameras: []
})

/** Somebody goes through and leaves the door open for so long. */
export const passes = (course: Recording, id: string, second: number, openSeconds: number): Recording =>
  course
    .at(second)
    .grants(`${id}/reader`)
    .at(second + 1)
    .contact(`${id}/contact`, "open")
    .at(second + 1 + openSeconds)
    .contact(`${id}/contact`, "closed")

/** The log of this campus, with every door closed at second 0. */
export const recordedBy = (campus: Campus): Recording => {
  const recording = new Recording(campus)
  for (const { id } of campus.doors) recording.contact(`${id}/contact`, "closed")
  return recording.at(0)
}

/** East may stand open for a minute; west as usual. */
export const heldLonger = campusOf(door("east", { heldOpenSeconds: 60, heldPreAlarmSeconds: 50 }), door("west"))
