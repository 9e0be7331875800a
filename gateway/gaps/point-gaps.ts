import { HashMap } from "effect"
import type { Campus, Device } from "../domain/campus.ts"
import type { Gap } from "../domain/gap.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { PointKind } from "../domain/observation.ts"
import type { GapSources } from "./list.ts"

/** A battery that says nothing leaves nothing unprotected. */
const harmless: ReadonlySet<PointKind> = new Set(["battery"])

interface Unknown {
  readonly ref: string
  readonly since: EpochMs
  readonly isFault: boolean
}

/** So many points are named. */
const namedMax = 4

const gapOf = (device: Device, points: ReadonlyArray<Unknown>): Gap => {
  const named = points.slice(0, namedMax).map(({ ref, isFault }) => `${ref} is ${isFault ? "at fault" : "unknown"}`)
  const more = points.length - named.length
  const name = device.name ?? device.id
  return {
    id: `points-unknown:${device.id}`,
    kind: "points-unknown",
    severity: 3,
    title: `${name} is there, and does not say how ${points.length === 1 ? "a point" : `${points.length} points`} of it stand${points.length === 1 ? "s" : ""}`,
    device: device.id,
    since: Math.min(...points.map(({ since }) => since)),
    owner: `device ${device.id}`,
    reason: `${named.join(", ")}${more === 0 ? "" : `, and ${more} more`}`,
    todo: "Have it say its state again, as by working it once; look at what is wired to it."
  }
}

/** The contacts of doors: that a door cannot be seen is told of the door. */
const contactsOf = ({ doors }: Campus): ReadonlySet<string> => new Set(doors.flatMap(({ position }) => position ?? []))

/** Points of devices that are there, whose state was known and is not any more: a tamper, a motion, a request to exit. */
export const pointGaps = ({ situation }: GapSources): ReadonlyArray<Gap> => {
  const { campus, points, devices, bypasses } = situation
  if (campus === undefined) return []
  const contacts = contactsOf(campus)
  const unknown = new Map<string, Array<Unknown>>()
  for (const [ref, { reading, since }] of points.entries()) {
    const isFault = reading.value === "fault"
    if (!isFault && reading.value.toLowerCase() !== "unknown") continue
    if (harmless.has(reading.kind) || contacts.has(ref) || HashMap.has(bypasses, ref)) continue
    const device = ref.slice(0, ref.indexOf("/"))
    const known = unknown.get(device)
    if (known === undefined) unknown.set(device, [{ ref, since, isFault }])
    else known.push({ ref, since, isFault })
  }
  return campus.devices.flatMap((device) => {
    const found = unknown.get(device.id)
    const isThere = device.disabled !== true && devices.get(device.id)?.availability === "online"
    return found === undefined || !isThere
      ? []
      : [
          gapOf(
            device,
            found.sort((a, b) => (a.ref < b.ref ? -1 : 1))
          )
        ]
  })
}
