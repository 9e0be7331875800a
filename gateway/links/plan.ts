import type { Device } from "../domain/campus.ts"
import type { DeviceId } from "../domain/ids.ts"
import { canonicalJson } from "../settings/canonical-json.ts"

/** A link as the configuration has it, its settings decoded by its adapter. */
export interface ConfiguredLink {
  readonly id: string
  readonly adapter: string
  readonly settings: unknown
}

/** What the configuration wants of the links. */
export interface LinkPlan {
  readonly links: ReadonlyArray<ConfiguredLink>
  readonly devices: ReadonlyArray<Device>
  readonly timeZone: string
  readonly profilesDirectory: string
  /** A digest of each profile by its name, where it is known: a profile that says something else is another one. */
  readonly profileDigests?: ReadonlyMap<string, string>
  /** The points of a device that doors are commanded by; left out: none. */
  readonly commandPoints?: (device: DeviceId) => ReadonlyArray<string>
}

/** One run of an adapter as it is planned: a link, or one device of it where each has a connection of its own. */
export interface PlannedRun {
  readonly name: string
  readonly link: ConfiguredLink
  readonly devices: ReadonlyArray<Device>
  /** The one device of it. */
  readonly device?: DeviceId
  /** Of all its reports: a device with a connection of its own is a source of its own. */
  readonly source?: string
  /** Equal for equal work: what has the same one goes on undisturbed. */
  readonly fingerprint: string
}

/** What of a device only the fold looks at: it changes nothing for its connection. */
const heardOnly = (device: Device): unknown => {
  const { name: _name, offlineGraceSeconds: _grace, expectedIntervalSeconds: _interval, ...spoken } = device
  return spoken
}

const fingerprintOf = (plan: LinkPlan, link: ConfiguredLink, devices: ReadonlyArray<Device>): string =>
  canonicalJson([
    link,
    devices.map(heardOnly),
    plan.timeZone,
    plan.profilesDirectory,
    [...new Set(devices.map(({ profile }) => profile))].sort().map((name) => plan.profileDigests?.get(name) ?? ""),
    devices.map(({ id }) => plan.commandPoints?.(id) ?? [])
  ])

/** Every run that a plan wants; `perDevice` tells of which protocols each device has a connection of its own. */
export const runsOf = (plan: LinkPlan, perDevice: (protocol: string) => boolean): ReadonlyArray<PlannedRun> =>
  plan.links.flatMap((link): ReadonlyArray<PlannedRun> => {
    const devices = plan.devices.filter((device) => device.link === link.id && device.disabled !== true)
    if (!perDevice(link.adapter)) {
      return [{ name: link.id, link, devices, fingerprint: fingerprintOf(plan, link, devices) }]
    }
    return devices.map((device) => ({
      name: `${link.id} ${device.id}`,
      link,
      devices: [device],
      device: device.id,
      source: device.id,
      fingerprint: fingerprintOf(plan, link, [device])
    }))
  })
