import { HashMap, Option } from "effect"
import type { DeviceState, Situation } from "../correlation/situation.ts"
import type { Priority } from "../domain/alert.ts"
import type { Campus, Device, Door } from "../domain/campus.ts"
import type { Gap } from "../domain/gap.ts"
import { activeAlerts } from "./open-alerts.ts"
import type { GapSources } from "./list.ts"

const deviceOfPoint = (ref: string): string => ref.slice(0, ref.indexOf("/"))

/** The doors that a device tells anything of, and those that it alone shows open or closed. */
interface Serves {
  readonly doors: number
  readonly contacts: number
}

const pointsOf = ({ position, lock, rex = [], accessPoints = [], tamper = [], alarm, mode }: Door) =>
  [position, lock, ...rex, ...accessPoints.map(({ reader }) => reader), ...tamper, alarm, mode].filter(
    (ref) => ref !== undefined
  )

const servesOf = ({ doors }: Campus): ReadonlyMap<string, Serves> => {
  const serves = new Map<string, Serves>()
  for (const door of doors) {
    const contact = door.position === undefined ? undefined : deviceOfPoint(door.position)
    for (const device of new Set(pointsOf(door).map(deviceOfPoint))) {
      const { doors: count, contacts } = serves.get(device) ?? { doors: 0, contacts: 0 }
      serves.set(device, { doors: count + 1, contacts: contacts + (device === contact ? 1 : 0) })
    }
  }
  return serves
}

/** A device that shows a door open or closed is missed most; then one that a door has anything from. */
const severityOf = (serves: Serves | undefined): Priority => {
  if (serves === undefined) return 4
  return serves.contacts > 0 ? 2 : 3
}

const forDoors = (serves: Serves | undefined): string =>
  serves === undefined ? "" : `; ${serves.doors === 1 ? "a door depends" : `${serves.doors} doors depend`} on it`

/** The devices behind a bridge that are unknown because of it are told with it. */
const bridgeAway = (
  devices: ReadonlyMap<string, Device>,
  situation: Situation,
  { via }: Device
): string | undefined => {
  const seen = new Set<string>()
  for (let id = via; id !== undefined && !seen.has(id); id = devices.get(id)?.via) {
    seen.add(id)
    if (situation.devices.get(id)?.availability === "offline") return id
  }
  return undefined
}

type AlertOf = ReturnType<typeof activeAlerts>

const awayTitle = (name: string, state: DeviceState | undefined, behind: number): string => {
  const how = state === undefined ? "was never heard" : state.availability === "offline" ? "is offline" : "is unknown"
  return `${name} ${how}${behind === 0 ? "" : `, and ${behind} behind it`}`
}

const awayGap = (
  alertOf: AlertOf,
  device: Device,
  state: DeviceState | undefined,
  behind: number,
  serves: Serves | undefined
): Gap => {
  const alert = alertOf("DeviceOffline", `device:${device.id}`)
  return {
    id: `device-away:${device.id}`,
    kind: "device-away",
    severity: behind > 0 ? 2 : severityOf(serves),
    title: awayTitle(device.name ?? device.id, state, behind),
    device: device.id,
    ...(alert === undefined ? {} : { alert: alert.id }),
    ...(state === undefined ? {} : { since: state.since }),
    owner: alert?.acknowledgedBy ?? `device ${device.id}`,
    reason: `${state?.reason ?? "not heard since the log began"}${forDoors(serves)}`,
    todo: "Look after its power and its network; gatehouse probe tells more of an ONVIF or OPC UA device."
  }
}

const disabledGap = ({ id, name }: Device, serves: Serves | undefined): Gap => ({
  id: `device-disabled:${id}`,
  kind: "device-disabled",
  severity: serves === undefined ? 4 : 3,
  title: `${name ?? id} is disabled`,
  device: id,
  owner: "configuration",
  reason: `what it says is kept and means nothing${forDoors(serves)}`,
  todo: "Remove disabled from the device in the configuration, or the device."
})

const skewGap = (device: Device, skewed: NonNullable<DeviceState["skewed"]>): Gap => {
  const seconds = Math.round(Math.abs(skewed.offsetMs) / 1000)
  return {
    id: `clock-skewed:${device.id}`,
    kind: "clock-skewed",
    severity: 3,
    title: `The clock of ${device.name ?? device.id} is off`,
    device: device.id,
    since: skewed.since,
    owner: `device ${device.id}`,
    reason: `it is ${seconds} s ${skewed.offsetMs > 0 ? "ahead of" : "behind"} ours`,
    todo: "Set the device's clock by NTP."
  }
}

/** It shows nothing that happens, also when somebody has closed its alert. */
const frozenGaps = (alertOf: AlertOf, { frozen }: Situation, { cameras }: Campus): ReadonlyArray<Gap> =>
  cameras.flatMap((camera) => {
    const since = Option.getOrUndefined(HashMap.get(frozen, camera.id))
    if (since === undefined) return []
    const alert = alertOf("PictureFrozen", `camera:${camera.id}`)
    return [
      {
        id: `picture-frozen:${camera.id}`,
        kind: "picture-frozen",
        severity: 3,
        title: `${camera.name} shows the same picture all the time`,
        camera: camera.id,
        area: camera.area,
        ...(alert === undefined ? {} : { alert: alert.id }),
        since,
        owner: alert?.acknowledgedBy ?? `camera ${camera.id}`,
        reason: alert?.why.at(-1)?.text ?? "its picture does not change",
        todo: "Restart the camera; look at what it shows."
      }
    ]
  })

/** Devices that are not there, or not to be believed, and cameras that show nothing new. */
export const deviceGaps = ({ situation }: GapSources): ReadonlyArray<Gap> => {
  const { campus } = situation
  if (campus === undefined) return []
  const alertOf = activeAlerts(situation)
  const serves = servesOf(campus)
  const byId = new Map<string, Device>(campus.devices.map((device) => [device.id, device]))
  const bridges = new Map(campus.devices.map((device) => [device.id, bridgeAway(byId, situation, device)]))
  const behind = Map.groupBy(bridges.values(), (bridge) => bridge ?? "")
  const gaps = campus.devices.flatMap((device): ReadonlyArray<Gap> => {
    const state = situation.devices.get(device.id)
    const of = serves.get(device.id)
    if (device.disabled === true) return [disabledGap(device, of)]
    const isAway = state?.availability !== "online" && bridges.get(device.id) === undefined
    const count = state?.availability === "offline" ? (behind.get(device.id)?.length ?? 0) : 0
    return [
      ...(isAway ? [awayGap(alertOf, device, state, count, of)] : []),
      ...(state?.skewed === undefined ? [] : [skewGap(device, state.skewed)])
    ]
  })
  return [...gaps, ...frozenGaps(alertOf, situation, campus)]
}
