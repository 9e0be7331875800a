import { HashMap } from "effect"
import type { Situation } from "../correlation/situation.ts"
import type { Gap } from "../domain/gap.ts"
import { AreaId } from "../domain/ids.ts"
import type { ServicedThing } from "../domain/out-of-service.ts"
import type { GapSources } from "./list.ts"

const nameOf = ({ campus }: Situation, { door, device, area }: ServicedThing): string => {
  if (door !== undefined) return campus?.doors.find(({ id }) => id === door)?.name ?? door
  if (device !== undefined) return campus?.devices.find(({ id }) => id === device)?.name ?? device
  return campus?.areas.find(({ id }) => id === area)?.name ?? area ?? ""
}

const maintenanceGaps = (situation: Situation): ReadonlyArray<Gap> =>
  [...HashMap.entries(situation.maintenance)].map(([key, { by, at, reason, until, ...about }]) => ({
    id: `maintenance:${key}`,
    kind: "maintenance",
    severity: about.area === undefined ? 3 : 2,
    title: `${nameOf(situation, about)} is in maintenance: its alerts make no sound`,
    ...about,
    since: at,
    owner: by,
    reason,
    until,
    todo: `End it when the work is done: gatehouse maintenance end ${key.slice(key.indexOf(":") + 1)}`
  }))

const bypassGaps = (situation: Situation): ReadonlyArray<Gap> =>
  [...HashMap.values(situation.bypasses)].map(({ door, point, by, at, reason, until }) => ({
    id: `bypass:${point}`,
    kind: "bypass",
    severity: situation.campus?.doors.some(({ position }) => position === point) === true ? 2 : 3,
    title: `${point} of ${nameOf(situation, { door })} is bypassed: it is not believed`,
    door,
    since: at,
    owner: by,
    reason,
    until,
    todo: `End it when it is mended: gatehouse maintenance end ${point}`
  }))

/** Only what an officer took away from the schedule: what the schedule disarms is meant to be so. */
const disarmedGaps = ({ arming, campus }: Situation): ReadonlyArray<Gap> =>
  [...HashMap.entries(arming)].flatMap(([area, { override }]) => {
    if (override === undefined || override.state !== "disarmed") return []
    const name = campus?.areas.find(({ id }) => id === area)?.name ?? area
    return [
      {
        id: `area-disarmed:${area}`,
        kind: "area-disarmed",
        severity: 3,
        title: `${name} is disarmed against its schedule`,
        area: AreaId.make(area),
        since: override.at,
        owner: override.by,
        reason: override.reason,
        until: override.until,
        todo: "Give the area back to its schedule when nobody is in it any more."
      }
    ]
  })

/** What people have taken out of service for a time, each with its owner, its reason and its end. */
export const officerGaps = ({ situation }: GapSources): ReadonlyArray<Gap> => [
  ...maintenanceGaps(situation),
  ...bypassGaps(situation),
  ...disarmedGaps(situation)
]
