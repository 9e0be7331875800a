import { Effect, HashMap, Option } from "effect"
import type { Device, Door } from "../domain/campus.ts"
import { recordOf } from "../correlation/door-commands.ts"
import type { Situation } from "../correlation/situation.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import {
  CampusAnswer,
  type DeviceItem,
  DeviceItems,
  type DoorItem,
  DoorItems,
  type LinkItem,
  LinkItems
} from "./shapes.ts"
import type { CommandSource, Sources } from "./sources.ts"
import { whereIsDoor } from "../domain/where.ts"

const doorItem = (situation: Situation, { choices }: CommandSource, door: Door): typeof DoorItem.Type => {
  const state = situation.doors.get(door.id)
  const { commands, why } = choices(door)
  const last = Option.getOrUndefined(HashMap.get(situation.commands, door.id))?.at(-1)
  return {
    id: door.id,
    name: door.name,
    area: door.area,
    where: whereIsDoor(situation.campus, door.id),
    standing: state?.standing ?? "Unknown",
    position: state?.position ?? "Unknown",
    lock: state?.lock ?? "Unknown",
    mode: state?.mode ?? "Unknown",
    since: state?.since ?? null,
    commands,
    ...(why === undefined ? {} : { noCommands: why }),
    ...(last === undefined ? {} : { lastCommand: recordOf(last) })
  }
}

const deviceItem = (situation: Situation, device: Device): typeof DeviceItem.Type => {
  const state = situation.devices.get(device.id)
  return {
    ...device,
    availability: state?.availability ?? "unknown",
    reason: state?.reason ?? "not heard since the log began",
    since: state?.since ?? null,
    lastHeardAt: state?.lastHeardAt ?? null
  }
}

const linkItems = ({ links, weaknesses }: Sources): ReadonlyArray<typeof LinkItem.Type> => {
  const told = links.granted()
  const known = weaknesses()
  return Array.from(links.states(), ([id, state]) => {
    const weak = known.get(id) ?? []
    const granted = told.get(id) ?? {}
    return {
      id,
      state,
      ...(weak.length === 0 ? {} : { weaknesses: weak }),
      ...(Object.keys(granted).length === 0 ? {} : { granted })
    }
  })
}

/** The campus and how its doors, devices and links stand now. */
export const campusRoutes = (sources: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/campus",
    right: "see",
    summary: "The campus as configured",
    answer: CampusAnswer,
    handle: () => Effect.sync(() => sources.intake.situation().campus ?? null)
  }),
  endpoint({
    method: "get",
    path: "/doors",
    right: "see",
    summary: "Every door and how it stands",
    answer: DoorItems,
    handle: () =>
      Effect.sync(() => {
        const situation = sources.intake.situation()
        return { items: (situation.campus?.doors ?? []).map((door) => doorItem(situation, sources.commands, door)) }
      })
  }),
  endpoint({
    method: "get",
    path: "/devices",
    right: "see",
    summary: "Every device and whether it is there",
    answer: DeviceItems,
    handle: () =>
      Effect.sync(() => {
        const situation = sources.intake.situation()
        return { items: (situation.campus?.devices ?? []).map((device) => deviceItem(situation, device)) }
      })
  }),
  endpoint({
    method: "get",
    path: "/links",
    right: "see",
    summary: "Every link, its state, and how far it protects",
    answer: LinkItems,
    handle: () => Effect.sync(() => ({ items: linkItems(sources) }))
  })
]
