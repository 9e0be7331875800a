import type { Campus, Device, Door } from "../../gateway/domain/campus.ts"
import type { DoorOptions } from "./door-machine.ts"
import type { AccessPointOptions, OnvifDeviceOptions, Port, VideoSource } from "./options.ts"

/** The profile of devices that speak ONVIF. */
export const onvifProfile = "onvif"

/** The points of one door that a controller has, and what they are called there. */
export interface LaidDoor {
  readonly door: Door
  readonly token: string
}

interface Ref {
  readonly device: string
  readonly point: string
}

export const refOf = (ref: string): Ref => {
  const slash = ref.indexOf("/")
  return { device: ref.slice(0, slash), point: ref.slice(slash + 1) }
}

/** `door-<token>.position` and its like. */
const doorPoint = /^door-(.+)\.(position|lock|mode|alarm|tamper|fault)$/
/** `reader-<token>`, and what hangs at that reader: `reader-<token>.rex`. */
const readerPoint = /^reader-([^.]+)/

export const doorTokenOf = (point: string): string | undefined => doorPoint.exec(point)?.[1]
export const readerTokenOf = (point: string): string | undefined => readerPoint.exec(point)?.[1]
/** `input-<token>`. */
export const inputTokenOf = (point: string): string | undefined => /^input-([^.]+)/.exec(point)?.[1]

const doorRefs = (door: Door): ReadonlyArray<string> => [
  ...[door.position, door.lock, door.alarm, door.mode].filter((ref) => ref !== undefined),
  ...(door.tamper ?? [])
]

const readerRefs = (door: Door): ReadonlyArray<string> => (door.accessPoints ?? []).map(({ reader }) => reader)

const pointsAt = (device: string, refs: ReadonlyArray<string>): ReadonlyArray<string> =>
  refs.map(refOf).flatMap((ref) => (ref.device === device ? [ref.point] : []))

/** The doors that a controller moves; a door with only a reader there goes by the reader's token. */
export const doorsAt = (campus: Campus, device: string): ReadonlyArray<LaidDoor> =>
  campus.doors.flatMap((door) => {
    const own = pointsAt(device, doorRefs(door)).map(doorTokenOf)
    const readers = pointsAt(device, readerRefs(door)).map(readerTokenOf)
    const token = [...own, ...readers].find((candidate) => candidate !== undefined)
    return token === undefined ? [] : [{ door, token }]
  })

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

const accessPointsAt = (device: string, { door, token }: LaidDoor): ReadonlyArray<AccessPointOptions> =>
  (door.accessPoints ?? []).flatMap(({ reader, direction, name }) => {
    const ref = refOf(reader)
    const point = ref.device === device ? readerTokenOf(ref.point) : undefined
    if (point === undefined) return []
    const area = direction === "in" ? { areaTo: door.area } : { areaFrom: door.area }
    return [{ token: point, name: name ?? `${door.name} ${direction}`, door: token, anonymous: true, ...area }]
  })

/** What else hangs at a device: inputs named by the requests to exit and tamper contacts of doors. */
const inputsAt = (campus: Campus, device: string): ReadonlyArray<Port> => {
  const refs = campus.doors.flatMap((door) => [...(door.rex ?? []), ...(door.tamper ?? []), ...doorRefs(door)])
  const tokens = pointsAt(device, refs).flatMap((point) => inputTokenOf(point) ?? [])
  return [...new Set(tokens)].map((token) => ({ token }))
}

/** The cameras that a device is the eyes of; each is a video source, by its id. */
export const camerasAt = (campus: Campus, device: string): Campus["cameras"] =>
  campus.cameras.filter((camera) => camera.device === device)

/** The devices of a campus that speak ONVIF, those that are disabled left out. */
export const onvifDevices = (campus: Campus): ReadonlyArray<Device> =>
  campus.devices.filter(({ profile, disabled }) => profile === onvifProfile && disabled !== true)

/** What the campus says of one of its ONVIF devices: a camera if a camera belongs to it, else a door controller. */
export const layoutOf = (
  campus: Campus,
  device: Device
): Pick<OnvifDeviceOptions, "kind" | "identity" | "videoSources" | "doors" | "accessPoints" | "areas" | "inputs"> => {
  const cameras = camerasAt(campus, device.id)
  const doors = doorsAt(campus, device.id)
  const videoSources: ReadonlyArray<VideoSource> = cameras.map(({ id, name }) => ({ token: id, name }))
  return {
    kind: cameras.length > 0 ? "camera" : "door-controller",
    identity: { serial: device.id, model: cameras.length > 0 ? "Simulated camera" : "Simulated door controller" },
    videoSources,
    doors: doors.map((door) => doorOptions(device.id, door)),
    accessPoints: doors.flatMap((door) => accessPointsAt(device.id, door)),
    areas: campus.areas.map(({ id, name }) => ({ token: id, name })),
    inputs: inputsAt(campus, device.id)
  }
}

/** Where a device listens: `192.0.2.7:8080`, or the address of its device service. Nothing when it is neither. */
export const placeOf = (address: string): { readonly host: string; readonly port: number } | undefined => {
  const url = address.includes("://") ? address : `http://${address}`
  if (!URL.canParse(url)) return undefined
  const { hostname, port, protocol } = new URL(url)
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (protocol === "https:" ? 443 : 80) }
}
