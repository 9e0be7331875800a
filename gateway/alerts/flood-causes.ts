import type { Alert } from "../domain/alert.ts"

/** What grouping needs of an alert, with its times as numbers or as the API writes them. */
export interface Groupable extends Pick<Alert, "condition" | "key" | "priority" | "active" | "rule" | "title"> {
  readonly id: string
  readonly door?: string
  readonly device?: string
  readonly area?: string
  readonly raisedAt: number | string
}

/** What grouping needs of a campus. */
export interface FloodCampus {
  readonly devices: ReadonlyArray<{ readonly id: string; readonly link?: string; readonly via?: string }>
  readonly doors: ReadonlyArray<{
    readonly id: string
    readonly position?: string
    readonly lock?: string
    readonly alarm?: string
    readonly mode?: string
    readonly rex?: ReadonlyArray<string>
    readonly tamper?: ReadonlyArray<string>
    readonly accessPoints?: ReadonlyArray<{ readonly reader: string }>
  }>
}

/** Which devices serve a door, and what each device is heard through. */
export interface Wiring {
  readonly linkOf: ReadonlyMap<string, string>
  readonly bridgeOf: ReadonlyMap<string, string>
  readonly devicesOf: ReadonlyMap<string, ReadonlyArray<string>>
}

const deviceOf = (point: string): string => point.slice(0, point.indexOf("/"))

/** The wiring of a campus; made once for each configuration. */
export const wiringOf = ({ devices, doors }: FloodCampus): Wiring => ({
  linkOf: new Map(devices.flatMap(({ id, link }) => (link === undefined ? [] : [[id, link] as const]))),
  bridgeOf: new Map(devices.flatMap(({ id, via }) => (via === undefined ? [] : [[id, via] as const]))),
  devicesOf: new Map(
    doors.map(({ id, position, lock, alarm, mode, rex = [], tamper = [], accessPoints = [] }) => {
      const readers = accessPoints.map(({ reader }) => reader)
      const points = [position, lock, alarm, mode, ...rex, ...tamper, ...readers].filter((ref) => ref !== undefined)
      return [id, [...new Set(points.map(deviceOf))]] as const
    })
  )
})

/** What follows when a device cannot be heard, or is without power. */
const ofLoss: ReadonlySet<string> = new Set([
  "DeviceOffline",
  "DeviceUnsteady",
  "DeviceRestarting",
  "DeviceUnreadable",
  "EventsLost",
  "DoorFaulted",
  "UnverifiedOpening",
  "CommandNotProved",
  "PictureFrozen"
])

/** What follows when doors are let go, so that people get out. */
const ofRelease: ReadonlySet<string> = new Set([
  "DoorForcedOpen",
  "DoorOpenTooLong",
  "UnverifiedOpening",
  "ProbableExit",
  "ForcedRepeatedly",
  "ProppedRepeatedly"
])

const isFire = ({ condition }: Groupable): boolean => condition.startsWith("Fire")
/** No rule of ours is for power; a site's own that tells of it is named so. */
const isPower = ({ condition }: Groupable): boolean => /^(?:Power|Mains)/.test(condition)

/** A consequence may be told first, by so much at most: a device's grace is shorter than its link's. */
const earlierAtMostMs = 300_000

const timeOf = ({ raisedAt }: Groupable): number => (typeof raisedAt === "number" ? raisedAt : Date.parse(raisedAt))

const subjectOf = ({ key }: Groupable, kind: string): string | undefined =>
  key.startsWith(`${kind}:`) ? key.slice(kind.length + 1) : undefined

/** What a flood may be put down to: links and devices that are lost, fire, power. */
export interface Causes<A> {
  readonly links: ReadonlyMap<string, A>
  readonly devices: ReadonlyMap<string, A>
  readonly fire: A | undefined
  readonly power: A | undefined
}

/** The causes among these alerts: those whose condition holds. */
export const causesIn = <A extends Groupable>(alerts: ReadonlyArray<A>): Causes<A> => {
  const active = alerts.filter((alert) => alert.active)
  const by = (condition: string, kind: string): ReadonlyMap<string, A> =>
    new Map(
      active.flatMap((alert) => {
        const subject = alert.condition === condition ? subjectOf(alert, kind) : undefined
        return subject === undefined ? [] : [[subject, alert] as const]
      })
    )
  return {
    links: by("LinkLost", "link"),
    devices: by("DeviceOffline", "device"),
    fire: active.find(isFire),
    power: active.find(isPower)
  }
}

/** The devices an alert is about, each with the bridges it is behind, the nearest first. */
const devicesOfAlert = (alert: Groupable, { devicesOf, bridgeOf }: Wiring): ReadonlyArray<string> => {
  const own = alert.door === undefined ? [] : (devicesOf.get(alert.door) ?? [])
  const found = new Set<string>(alert.device === undefined ? own : [alert.device, ...own])
  for (const device of found) {
    const bridge = bridgeOf.get(device)
    if (bridge !== undefined) found.add(bridge)
  }
  return [...found]
}

/** What the alert follows from, the widest cause first: it is the one to see to. `undefined`: none of these. */
export const causeOf = <A extends Groupable>(alert: A, causes: Causes<A>, wiring: Wiring): A | undefined => {
  const { fire, power } = causes
  const isLoss = ofLoss.has(alert.condition)
  const isRelease = ofRelease.has(alert.condition)
  const devices = devicesOfAlert(alert, wiring)
  const links = isLoss ? devices.map((id) => causes.links.get(wiring.linkOf.get(id) ?? "")) : []
  const lost = isLoss ? devices.map((id) => causes.devices.get(id)).toReversed() : []
  const found = [isLoss || isRelease ? power : undefined, isRelease ? fire : undefined, ...links, ...lost]
  return found.find(
    (cause) => cause !== undefined && cause.id !== alert.id && timeOf(alert) >= timeOf(cause) - earlierAtMostMs
  )
}
