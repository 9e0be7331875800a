import type { Campus, Device } from "../../gateway/domain/campus.ts"
import { doorOptions, doorsAt, type LaidDoor, readerTokenOf } from "../campus/controllers.ts"
import { refOf } from "../campus/point-ref.ts"
import type { PanelOptions, ReaderOptions } from "./options.ts"

/** The profile of panels that our simulator can be. */
export const opcuaProfile = "opcua-generic-panel"

/** The devices of a campus that are such panels, those that are disabled left out. */
export const opcuaDevices = (campus: Campus): ReadonlyArray<Device> =>
  campus.devices.filter(({ profile, disabled }) => profile === opcuaProfile && disabled !== true)

const readersAt = (device: string, { door, token }: LaidDoor): ReadonlyArray<ReaderOptions> =>
  (door.accessPoints ?? []).flatMap(({ reader }) => {
    const ref = refOf(reader)
    const point = ref.device === device ? readerTokenOf(ref.point) : undefined
    return point === undefined ? [] : [{ token: point, door: token }]
  })

/** `/p:North/p:Panel 7`: the browse names that a device's address leads through; the namespaces are all the panel's own. */
export const pathOf = (address: string): ReadonlyArray<string> =>
  address
    .split("/")
    .filter((step) => step !== "")
    .map((step) => step.slice(step.indexOf(":") + 1))

/** What the campus says of one of its panels. */
export const panelOf = (campus: Campus, device: Device): PanelOptions => {
  const doors = doorsAt(campus, device.id)
  return {
    id: device.id,
    path: pathOf(device.address),
    doors: doors.map((door) => doorOptions(device.id, door)),
    readers: doors.flatMap((door) => readersAt(device.id, door))
  }
}
