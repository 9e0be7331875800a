import type { Campus, Device } from "../../gateway/domain/campus.ts"
import { doorOptions, doorRefs, doorsAt, type LaidDoor, pointsAt, readerTokenOf } from "../campus/controllers.ts"
import { refOf } from "../campus/point-ref.ts"
import type { AccessPointOptions, OnvifDeviceOptions, Port, VideoSource } from "./options.ts"

/** The profile of devices that speak ONVIF. */
export const onvifProfile = "onvif"

/** `input-<token>`. */
export const inputTokenOf = (point: string): string | undefined => /^input-([^.]+)/.exec(point)?.[1]

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
