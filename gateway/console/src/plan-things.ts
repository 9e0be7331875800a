import type { Plan, PlanMarker } from "../../domain/plan.ts"
import { calling } from "./alert-order.ts"
import type { Alert, Area, Campus, Device, Door } from "./wire.ts"
import { priorityWord, standingWords } from "./words.ts"

/** How something on a plan stands, coarsely: what can be shown and hidden. Worst first. */
export const planLayers = [
  { id: "alert", name: "Alert" },
  { id: "offline", name: "Offline or unknown" },
  { id: "open", name: "Open" },
  { id: "armed", name: "Armed" },
  { id: "calm", name: "Closed, in order" }
] as const

export type PlanLayer = (typeof planLayers)[number]["id"]

/** Something on a plan, as it stands now. */
export interface PlanThing {
  /** `door:east-exit`: unique on the campus. */
  readonly spot: string
  readonly kind: "door" | "camera" | "device" | "area"
  readonly name: string
  readonly layer: PlanLayer
  /** In words: never colour alone. */
  readonly standing: string
  readonly sign: string
  readonly x: number
  readonly y: number
  readonly outline?: ReadonlyArray<readonly [number, number]>
  /** The most urgent alert of those that call for somebody here. */
  readonly alert?: Alert
}

/** What a plan is read against. */
export interface Standing {
  readonly campus: Campus
  readonly alerts: ReadonlyMap<string, Alert>
  readonly doors: ReadonlyArray<Door>
  readonly devices: ReadonlyArray<Device>
  readonly areas: ReadonlyArray<Area>
}

type Spot = readonly [kind: PlanThing["kind"], id: string]

const spotOfMarker = (marker: PlanMarker): Spot => {
  if ("door" in marker) return ["door", marker.door]
  if ("camera" in marker) return ["camera", marker.camera]
  return "device" in marker ? ["device", marker.device] : ["area", marker.area]
}

const written = ([kind, id]: Spot): string => `${kind}:${id}`

/** Where an alert may be on a plan, the nearest first. */
const spotsOf = (alert: Alert, campus: Campus): ReadonlyArray<string> => [
  ...(alert.door === undefined ? [] : [`door:${alert.door}`]),
  ...(alert.device === undefined
    ? []
    : [
        ...campus.cameras.filter(({ device }) => device === alert.device).map(({ id }) => `camera:${id}`),
        `device:${alert.device}`
      ]),
  ...(alert.area === undefined ? [] : [`area:${alert.area}`])
]

const spotsOn = (plan: Plan): ReadonlyArray<string> => plan.markers.map((marker) => written(spotOfMarker(marker)))

/** The plan that shows a spot. */
export const planWith = (spot: string, campus: Campus | undefined): Plan | undefined =>
  campus?.plans?.find((plan) => spotsOn(plan).includes(spot))

/** Where an alert is on a plan; `undefined`: on none. */
export const spotOf = (alert: Alert, campus: Campus | undefined): string | undefined =>
  campus === undefined ? undefined : spotsOf(alert, campus).find((spot) => planWith(spot, campus) !== undefined)

const openStandings: ReadonlySet<string> = new Set([
  "Open",
  "Granted",
  "Unlocked",
  "UnverifiedOpening",
  "HeldPreAlarm",
  "Held",
  "Forced"
])

type Looks = Pick<PlanThing, "name" | "layer" | "standing" | "sign">

const deviceLooks = (name: string, device: Device | undefined): Looks => {
  const availability = device?.availability ?? "unknown"
  if (availability === "online") return { name, layer: "calm", standing: "online", sign: "✓" }
  const reason = device === undefined ? "no device" : device.reason
  return {
    name,
    layer: "offline",
    standing: `${availability} (${reason})`,
    sign: availability === "offline" ? "!" : "?"
  }
}

const looksOf = ([kind, id]: Spot, { campus, doors, devices, areas }: Standing): Looks => {
  if (kind === "door") {
    const door = doors.find((one) => one.id === id)
    const words = standingWords[door?.standing ?? "Unknown"] ?? standingWords.Unknown
    const layer = openStandings.has(door?.standing ?? "") ? "open" : door?.standing === "Unknown" ? "offline" : "calm"
    return { name: door?.name ?? id, layer, standing: words.text.toLowerCase(), sign: words.sign }
  }
  if (kind === "area") {
    const area = areas.find((one) => one.id === id)
    const armed = area?.state === "armed"
    return {
      name: area?.name ?? id,
      layer: armed ? "armed" : "calm",
      standing: armed ? "armed" : "disarmed",
      sign: armed ? "●" : "○"
    }
  }
  if (kind === "camera") {
    const camera = campus.cameras.find((one) => one.id === id)
    if (camera !== undefined && camera.device === undefined) {
      return { name: camera.name, layer: "calm", standing: "no pictures are fetched from it", sign: "–" }
    }
    return deviceLooks(
      camera?.name ?? id,
      devices.find((one) => one.id === camera?.device)
    )
  }
  const device = devices.find((one) => one.id === id)
  return deviceLooks(device?.name ?? id, device)
}

/** The alerts that call for somebody, each at its spot, the most urgent first. */
const alertsBySpot = ({ alerts, campus }: Standing): ReadonlyMap<string, Alert> => {
  const bySpot = new Map<string, Alert>()
  for (const alert of calling(alerts)) {
    const spot = spotOf(alert, campus)
    if (spot !== undefined && !bySpot.has(spot)) bySpot.set(spot, alert)
  }
  return bySpot
}

const rankOf = ({ layer, alert }: PlanThing): number =>
  layer === "alert"
    ? (alert?.acknowledged === true ? 4 : 0) + (alert?.priority ?? 4)
    : 10 + planLayers.findIndex(({ id }) => id === layer)

/** Everything on a plan as it stands, the worst first. */
export const thingsOf = (plan: Plan, standing: Standing): ReadonlyArray<PlanThing> => {
  const alerts = alertsBySpot(standing)
  return plan.markers
    .map((marker): PlanThing => {
      const [kind, id] = spotOfMarker(marker)
      const spot = written([kind, id])
      const alert = alerts.get(spot)
      const looks = looksOf([kind, id], standing)
      const { x, y } = marker
      return {
        ...looks,
        spot,
        kind,
        x,
        y,
        ...("outline" in marker && marker.outline !== undefined ? { outline: marker.outline } : {}),
        ...(alert === undefined
          ? {}
          : {
              alert,
              layer: "alert" as const,
              standing: `${looks.standing}; ${priorityWord[alert.priority].toLowerCase()} alert: ${alert.title}`
            })
      }
    })
    .sort((a, b) => rankOf(a) - rankOf(b) || a.name.localeCompare(b.name))
}

/** Plans by the building that they are of, in the order of the configuration. */
export const byBuilding = (
  plans: ReadonlyArray<Plan>,
  campus: Campus
): ReadonlyArray<{ readonly building: string; readonly plans: ReadonlyArray<Plan> }> => {
  const groups = new Map<string, Array<Plan>>()
  for (const plan of plans) {
    let area = campus.areas.find(({ id }) => id === plan.area)
    for (let steps = 0; steps < 8 && area?.in !== undefined; steps++) {
      const outer = campus.areas.find(({ id }) => id === area?.in)
      if (outer === undefined) break
      area = outer
    }
    const building = area?.name ?? plan.area
    groups.set(building, [...(groups.get(building) ?? []), plan])
  }
  return [...groups].map(([building, of]) => ({ building, plans: of }))
}
