import type { Alert } from "./alert.ts"
import type { Campus } from "./campus.ts"

const between = " · "

/** The names of an area and all it lies in, outermost first. */
const areaNames = (campus: Campus, area: string | undefined): ReadonlyArray<string> => {
  const names: Array<string> = []
  const seen = new Set<string>()
  let id = area
  while (id !== undefined && !seen.has(id)) {
    seen.add(id)
    const wanted = id
    const found = campus.areas.find((candidate) => candidate.id === wanted)
    if (found === undefined) break
    names.unshift(found.name)
    id = found.in
  }
  return names
}

/** Where a door is, in words: "Science Hall · Ground floor · East exit". The bare id for one the campus does not know. */
export const whereIsDoor = (campus: Campus | undefined, id: string): string => {
  const door = campus?.doors.find((candidate) => candidate.id === id)
  if (campus === undefined || door === undefined) return id
  return [...areaNames(campus, door.area), door.name].join(between)
}

/** Where an area is, in words: "Science Hall · Upper floor". The bare id for one the campus does not know. */
export const whereIsArea = (campus: Campus | undefined, id: string): string => {
  const names = campus === undefined ? [] : areaNames(campus, id)
  return names.length === 0 ? id : names.join(between)
}

/** Where an alert asks someone to look, in words. */
export const whereIsAlert = (campus: Campus | undefined, alert: Alert): string => {
  if (alert.door !== undefined) return whereIsDoor(campus, alert.door)
  const about = alert.device === undefined ? alert.key : deviceName(campus, alert.device)
  return campus === undefined ? about : [...areaNames(campus, alert.area), about].join(between)
}

const deviceName = (campus: Campus | undefined, id: string): string =>
  campus?.devices.find((device) => device.id === id)?.name ?? id
