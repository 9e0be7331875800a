import { fold, initial, nextDue } from "../../../gateway/correlation/fold.ts"
import type { Campus } from "../../../gateway/domain/campus.ts"
import type { Fact } from "../../../gateway/domain/fact.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { openForWriting } from "../../../gateway/log/database.ts"
import { LogRecorder } from "../../log/log-recorder.ts"

const begin = Date.parse("2026-03-02T06:00:00Z")
const hourMs = 3_600_000
const link = LinkId.make("mqtt")

/** Facts in one transaction of the writer: many, for what is measured is the reading. */
const batch = 5000

/** Four doors of a controller that tells grants and contacts, as UHPPOTE boards do. */
export const recordedCampus = (doors: number, heldOpenSeconds: number): Campus => ({
  site: { id: SiteId.make("bench"), name: "Bench", timeZone: "America/Chicago" },
  areas: [{ id: AreaId.make("hall"), name: "Hall", kind: "building" }],
  devices: Array.from({ length: Math.ceil(doors / 4) }, (_, nth) => ({
    id: DeviceId.make(`panel-${nth}`),
    link,
    profile: "uhppoted",
    address: String(nth)
  })),
  doors: Array.from({ length: doors }, (_, nth) => {
    const panel = `panel-${Math.floor(nth / 4)}/door-${nth % 4}`
    return {
      id: DoorId.make(`door-${nth}`),
      name: `Door ${nth}`,
      area: AreaId.make("hall"),
      position: PointRef.make(`${panel}.position`),
      rex: [PointRef.make(`${panel}.rex`)],
      accessPoints: [{ reader: PointRef.make(`${panel}.reader`), direction: "in" as const }],
      times: { heldOpenSeconds }
    }
  }),
  cameras: []
})

interface Told {
  readonly at: number
  readonly observation: Observation
}

const about = (door: number, point: string) => ({
  device: DeviceId.make(`panel-${Math.floor(door / 4)}`),
  point: `door-${door % 4}.${point}`,
  origin: "change" as const,
  source: `uhppoted/gateway/${Math.floor(door / 4)}/events`
})

const contact = (at: number, door: number, value: "open" | "closed"): Told => ({
  at,
  observation: { _tag: "Reading", ...about(door, "position"), reading: { kind: "position", value } }
})

/** Somebody passes: three in four with a badge, the others out with the button; one in fifty stays in the door. */
const passage = (at: number, door: number, chance: () => number): ReadonlyArray<Told> => {
  const credential = `card-${Math.floor(chance() * 4000)}`
  const occurrence =
    chance() < 0.75 ? ({ _tag: "AccessGranted", credential } as const) : ({ _tag: "ExitRequested" } as const)
  const point = occurrence._tag === "AccessGranted" ? "reader" : "rex"
  const opened = at + 1000 + Math.floor(chance() * 2000)
  const open = chance() < 0.02 ? 25_000 + chance() * 40_000 : 2000 + chance() * 6000
  return [
    { at, observation: { _tag: "Occurrence", ...about(door, point), occurrence } },
    contact(opened, door, "open"),
    contact(opened + Math.floor(open), door, "closed")
  ]
}

/** The same course each time (Numerical Recipes' generator). */
const chanceOf = (seed: number) => {
  let state = seed
  return (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}

/** One hour of all doors, in the order of time. */
const hourOf = (doors: number, perDoor: number, from: number, chance: () => number): ReadonlyArray<Told> => {
  const told = Array.from({ length: Math.round(doors * perDoor) }, () =>
    passage(from + Math.floor(chance() * (hourMs - 90_000)), Math.floor(chance() * doors), chance)
  )
  return told.flat().sort((a, b) => a.at - b.at)
}

export interface RecordedMonth {
  readonly file: string
  readonly doors: number
  readonly hours: number
  /** Passages of a door in an hour. */
  readonly perHour: number
}

/** Writes a log with the product's own fold and writer; answers how many facts are in it. */
export const recordCampus = ({ file, doors, hours, perHour }: RecordedMonth): number => {
  const campus = recordedCampus(doors, 30)
  const database = openForWriting(file, campus.site.id, begin)
  const recorder = new LogRecorder(database, campus.site.id)
  const chance = chanceOf(42)
  let situation = initial
  let seq = 0
  let facts = 0
  const enter = (fact: Fact): void => {
    const folded = fold(situation, seq + 1, fact)
    seq += recorder.append(seq + 1, fact.at, fact, folded.decisions)
    situation = folded.situation
    facts++
  }
  const observe = ({ at, observation }: Told): void => {
    for (let due = nextDue(situation); due !== undefined && due < at; due = nextDue(situation)) {
      enter({ _tag: "TimePassed", at: due })
    }
    enter({ _tag: "Observed", at, link, observation, receivedAt: at, occurredAt: at })
  }
  enter({ _tag: "GatewayStarted", at: begin })
  enter({ _tag: "ConfigApplied", at: begin, version: "v1", campus, by: "bench" })
  enter({ _tag: "LinkChanged", at: begin, link, state: { _tag: "Online" } })
  for (let door = 0; door < doors; door++) observe(contact(begin, door, "closed"))
  recorder.commit()
  for (let hour = 0; hour < hours; hour++) {
    const told = hourOf(doors, perHour, begin + hour * hourMs + 60_000, chance)
    for (let from = 0; from < told.length; from += batch) {
      told.slice(from, from + batch).forEach(observe)
      recorder.commit()
    }
  }
  database.close()
  return facts
}
