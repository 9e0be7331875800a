import type { Campus, Device } from "../../gateway/domain/campus.ts"
import type { DoorOptions } from "../onvif/door-machine.ts"
import { doorsAt, type LaidDoor, readerTokenOf, refOf } from "../onvif/campus-layout.ts"
import type { PanelOptions, ReaderOptions } from "./options.ts"

/** The profile of panels that our simulator can be. */
export const opcuaProfile = "opcua-generic-panel"

/** The devices of a campus that are such panels, those that are disabled left out. */
export const opcuaDevices = (campus: Campus): ReadonlyArray<Device> =>
  campus.devices.filter(({ profile, disabled }) => profile === opcuaProfile && disabled !== true)

const doorOptions = (device: string, { door, token }: LaidDoor): DoorOptions => {
  const here = (ref: string | undefined): boolean => ref !== undefined && refOf(ref).device === device
  const { grantSeconds, heldOpenSeconds, extendedGrantSeconds } = door.times ?? {}
  const ms = (seconds: number | undefined, name: string): object =>
    seconds === undefined ? {} : { [name]: seconds * 1000 }
  return {
    token,
    name: door.name,
    capabilities: { doorMonitor: here(door.position), tamper: (door.tamper ?? []).some(here) },
    timings: {
      ...ms(grantSeconds, "releaseMs"),
      ...ms(heldOpenSeconds, "openMs"),
      ...ms(extendedGrantSeconds, "extendedReleaseMs"),
      ...ms(extendedGrantSeconds, "extendedOpenMs")
    }
  }
}

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
