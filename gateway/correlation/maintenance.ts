import { HashMap, Option } from "effect"
import { type InMaintenance, serviceGoesOn, serviceOver } from "../alerts/out-of-service.ts"
import type { Lived } from "../alerts/turned.ts"
import type { Alert, AlertCondition } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import { endsSoonMinutes, type Maintenance, type ServicedThing, serviceKeyOf } from "../domain/out-of-service.ts"
import type { CampusIndex, Role } from "./campus-index.ts"
import type { Draft } from "./draft.ts"

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { readonly _tag: Tag }>

/**
 * What is told aloud even from where people work: somebody opens a casing under the cover of the work (scenario 9), somebody
 * calls for help, and a door that an officer has commanded has not obeyed.
 */
const alwaysAloud: ReadonlySet<AlertCondition> = new Set([
  "DoorTampered",
  "DuressSignalled",
  "PanicPressed",
  "CommandNotProved"
])

/** Who works at one of these devices touches what the door says of itself. */
const tellsOfDoor: ReadonlySet<Role> = new Set(["position", "alarm", "mode", "lock"])

/** What an alert is about. */
type Subject = Pick<Alert, "condition" | "rule"> & ServicedThing

const deviceOfPoint = (ref: string): string => ref.slice(0, ref.indexOf("/"))

/** A device and the bridges that it is behind. */
const withBridges = ({ behind }: CampusIndex, device: string): ReadonlyArray<string> => [
  device,
  ...[...behind].flatMap(([bridge, devices]) => (devices.includes(device) ? [bridge] : []))
]

const areaChain = (draft: Draft, area: string | undefined): ReadonlyArray<string> => {
  const areas = draft.situation.campus?.areas ?? []
  const chain: Array<string> = []
  for (let id = area; id !== undefined && !chain.includes(id);) {
    const here = id
    chain.push(here)
    id = areas.find((one) => one.id === here)?.in
  }
  return chain.map((id) => `area:${id}`)
}

const keysOfDoor = (draft: Draft, id: string): ReadonlyArray<string> => {
  const door = draft.inner.index.doors.get(id)
  if (door === undefined) return [`door:${id}`]
  const devices = door.points.filter(([, role]) => tellsOfDoor.has(role)).map(([ref]) => deviceOfPoint(ref))
  return [
    `door:${id}`,
    ...areaChain(draft, door.door.area),
    ...devices.flatMap((device) => withBridges(draft.inner.index, device)).map((device) => `device:${device}`)
  ]
}

const latest = (draft: Draft, keys: ReadonlyArray<string>): (Maintenance & { readonly key: string }) | undefined =>
  keys
    .flatMap((key) => {
      const found = Option.getOrUndefined(HashMap.get(draft.situation.maintenance, key))
      return found === undefined ? [] : [{ ...found, key }]
    })
    .reduce<(Maintenance & { readonly key: string }) | undefined>(
      (last, one) => (last === undefined || one.until > last.until ? one : last),
      undefined
    )

/** A device that serves nothing but doors that are worked on is worked on with them, until the first of them is back. */
const byItsDoors = (draft: Draft, device: string) => {
  const served = new Set(draft.inner.index.doorsOf.get(device))
  const doors = [...served].map((door) => latest(draft, keysOfDoor(draft, door)))
  if (!doors.every((one) => one !== undefined)) return undefined
  return doors.reduce<(typeof doors)[number] | undefined>(
    (first, one) => (first === undefined || one.until < first.until ? one : first),
    undefined
  )
}

/** A rule may say that its alerts are told aloud in any case. */
const isAloud = ({ inner }: Draft, rule: string): boolean =>
  inner.index.rules.byId.get(rule)?.rule.alert?.aloudInMaintenance === true

/** The maintenance in which an alert of this comes silently; `undefined`: none, or it is told aloud in any case. */
export const maintenanceOf = (draft: Draft, subject: Subject): InMaintenance | undefined => {
  const { condition, rule, door, device, area } = subject
  if (HashMap.isEmpty(draft.situation.maintenance)) return undefined
  if (alwaysAloud.has(condition) || isAloud(draft, rule)) return undefined
  const keys = [
    ...(door === undefined ? [] : keysOfDoor(draft, door)),
    ...(device === undefined ? [] : withBridges(draft.inner.index, device).map((id) => `device:${id}`)),
    ...areaChain(draft, area)
  ]
  const found =
    latest(draft, keys) ?? (door === undefined && device !== undefined ? byItsDoors(draft, device) : undefined)
  if (found === undefined) return undefined
  const { key, by, at, reason, until } = found
  return { key, by, at, reason, until }
}

/** Alerts that a maintenance keeps silent, in one order, however the map came about; without a key, those of any. */
const silencedBy = (draft: Draft, key?: string): ReadonlyArray<Alert> =>
  [...HashMap.values(draft.situation.alerts)]
    .filter(({ outOfService }) => outOfService !== undefined && outOfService.endedAt === undefined)
    .filter(({ outOfService }) => key === undefined || outOfService?.key === key)
    .sort((a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1))

const setDeadlines = (draft: Draft, key: string, until: EpochMs | undefined): void => {
  const warnAt = until === undefined ? undefined : until - endsSoonMinutes * 60_000
  if (until === undefined) draft.endGrace(`maintenance:${key}`)
  else draft.grace(`maintenance:${key}`, until)
  if (warnAt === undefined || warnAt <= draft.now) draft.endGrace(`maintenance-ends:${key}`)
  else draft.grace(`maintenance-ends:${key}`, warnAt)
}

const isThere = ({ situation, inner: { index } }: Draft, { door, device, area }: ServicedThing): boolean =>
  (door !== undefined && index.doors.has(door)) ||
  (device !== undefined && index.devices.has(device)) ||
  (area !== undefined && situation.campus?.areas.some(({ id }) => id === area) === true)

const tell = (draft: Draft, lived: Lived | undefined): void => {
  if (lived !== undefined) draft.alert(lived)
}

/** Something is worked on from now on. A second time puts another end to it. */
export const maintenanceBegan = (draft: Draft, fact: Of<"MaintenanceBegan">): void => {
  const { _tag, at: _at, minutes, ...about } = fact
  if (!isThere(draft, about)) return
  const key = serviceKeyOf(about)
  const until = draft.now + minutes * 60_000
  draft.situation.maintenance = HashMap.set(draft.situation.maintenance, key, { ...about, at: draft.now, until })
  setDeadlines(draft, key, until)
  const { by, reason } = about
  for (const alert of silencedBy(draft, key))
    tell(draft, serviceGoesOn(alert, { key, by, reason, at: draft.now, until }, draft.now))
}

/** The work is over: what holds still asks for somebody, unless another maintenance covers it too. */
const end = (draft: Draft, key: string, by: string): void => {
  const maintenance = Option.getOrUndefined(HashMap.get(draft.situation.maintenance, key))
  setDeadlines(draft, key, undefined)
  if (maintenance === undefined) return
  draft.situation.maintenance = HashMap.remove(draft.situation.maintenance, key)
  const { door, device, reason } = maintenance
  const about = { ...(door === undefined ? {} : { door }), ...(device === undefined ? {} : { device }) }
  draft.event({ _tag: "MaintenanceOver", at: draft.now, ...about, key, by, reason })
  for (const alert of silencedBy(draft)) {
    const other = maintenanceOf(draft, alert)
    if (other === undefined) tell(draft, serviceOver(alert, draft.now))
    else if (alert.outOfService?.key === key) tell(draft, serviceGoesOn(alert, other, draft.now))
  }
}

export const maintenanceEnded = (draft: Draft, fact: Of<"MaintenanceEnded">): void =>
  end(draft, serviceKeyOf(fact), fact.by)

/** Its time is over. */
export const maintenanceOver = (draft: Draft, key: string): void => end(draft, key, "its time is over")

/** Its time is over soon: whoever works there is to know. */
export const maintenanceEndsSoon = (draft: Draft, key: string): void => {
  draft.endGrace(`maintenance-ends:${key}`)
  const maintenance = Option.getOrUndefined(HashMap.get(draft.situation.maintenance, key))
  if (maintenance === undefined) return
  const { door, device, until, by } = maintenance
  const about = { ...(door === undefined ? {} : { door }), ...(device === undefined ? {} : { device }) }
  draft.event({ _tag: "MaintenanceEndsSoon", at: draft.now, ...about, key, by, until })
}

/** What is no longer configured is not worked on either. */
export const reviseMaintenance = (draft: Draft): void => {
  const gone = [...HashMap.entries(draft.situation.maintenance)].filter(([, about]) => !isThere(draft, about))
  for (const [key] of gone.sort(([a], [b]) => (a < b ? -1 : 1))) end(draft, key, "it is no longer configured")
}
