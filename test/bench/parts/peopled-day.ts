import type { Fact } from "../../../gateway/domain/fact.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { chance } from "../../../simulators/campus/people.ts"
import { buildingOf, type DoorPoint, doorsPerBuilding, isSpeedGate, link, panelOf, pointOf } from "./peopled-campus.ts"

export type Observed = Extract<Fact, { readonly _tag: "Observed" }>

/** When the day begins. */
export const dayBegins = Date.parse("2026-03-02T06:00:00Z")

/** A door is left alone between two passages. */
const aloneMs = 40_000

/** So long somebody stays where they went, at least. */
const staysMs = 90_000

/** A rule watches no more than 20,000 of them. */
const peopleMax = 18_000

type Word = Extract<Observation, { readonly _tag: "Occurrence" }>["occurrence"]
type Reason = Extract<Word, { readonly _tag: "AccessDenied" }>["reason"]

const observed = (at: number, observation: Observation): Observed => ({
  _tag: "Observed",
  at,
  link,
  observation,
  receivedAt: at,
  occurredAt: at
})

const about = (door: number, point: DoorPoint) => ({
  device: panelOf(door),
  point: pointOf(door, point),
  origin: "change" as const,
  source: "bench"
})

const contact = (at: number, door: number, value: "open" | "closed"): Observed =>
  observed(at, { _tag: "Reading", ...about(door, "position"), reading: { kind: "position", value } })

const word = (at: number, door: number, point: DoorPoint, occurrence: Word): Observed =>
  observed(at, { _tag: "Occurrence", ...about(door, point), occurrence })

/** Every door is closed as the day begins. */
export const closedDoors = (doors: number): ReadonlyArray<Observed> =>
  Array.from({ length: doors }, (_, door) => contact(dayBegins, door, "closed"))

interface Person {
  readonly credential: string
  isInside: boolean
  /** When they pass a door again at the earliest. */
  readyAt: number
}

/** What people do at doors, as shares of all that they do; the rest leaves by the button, without a badge. */
const shares = { badge: 0.72, notTaken: 0.02, denied: 0.03, slipsOut: 0.004, forced: 0.004 }

/** Who has a badge goes in and comes out with it; each of one building. */
class Day {
  readonly told: Array<Observed> = []
  readonly #dice = chance(42)
  readonly #doors: number
  readonly #freeAt: Float64Array
  /** By building. Half of them have come before the day began. */
  readonly #people: ReadonlyArray<ReadonlyArray<Person>>

  constructor(doors: number) {
    this.#doors = doors
    this.#freeAt = new Float64Array(doors)
    const buildings = Math.ceil(doors / doorsPerBuilding)
    const each = Math.min(doorsPerBuilding * 1.5, Math.floor(peopleMax / buildings))
    this.#people = Array.from({ length: buildings }, (_, building) =>
      Array.from({ length: each }, (_, nth) => ({
        credential: `card-${building * 100 + nth}`,
        isInside: nth % 2 === 0,
        readyAt: 0
      }))
    )
  }

  #below(many: number): number {
    return Math.floor(this.#dice() * many)
  }

  #someone(building: number, at: number): Person | undefined {
    const people = this.#people[building % this.#people.length] ?? []
    const from = this.#below(people.length)
    return [...people.slice(from), ...people.slice(0, from)].find(({ readyAt }) => readyAt <= at)
  }

  /** The door opens and closes again: now and then too late, at a door with a wedge mostly. */
  #open(at: number, door: number): number {
    const opened = at + 500 + this.#below(3000)
    const isPropped = this.#dice() < (door % 1000 === 7 ? 0.8 : 0.008)
    const closed = opened + (isPropped ? 25_000 + this.#below(40_000) : 2500 + this.#below(6000))
    this.told.push(contact(opened, door, "open"), contact(closed, door, "closed"))
    this.#freeAt[door] = closed + aloneMs
    return opened
  }

  #grant(at: number, door: number, point: "in" | "out", credential: string): void {
    this.told.push(word(at, door, point, { _tag: "AccessGranted", credential }))
    this.#freeAt[door] = at + aloneMs
  }

  #badge(at: number, door: number, point: "in" | "out", credential: string): void {
    this.#grant(at, door, point, credential)
    const opened = this.#open(at, door)
    if (point === "out" || !isSpeedGate(door)) return
    const crossed = (atMs: number): void =>
      void this.told.push(word(atMs, door, "in", { _tag: "LineCrossed", direction: "in" }))
    crossed(opened + 600)
    // Somebody comes in behind, without a badge.
    if (this.#dice() < 0.02) crossed(opened + 1800)
  }

  #passes(at: number, door: number): void {
    const person = this.#someone(buildingOf(door), at)
    if (person === undefined) return this.#leaves(at, door)
    this.#badge(at, door, person.isInside ? "out" : "in", person.credential)
    person.isInside = !person.isInside
    person.readyAt = at + staysMs
    const copied = this.#dice()
    // A copied badge: at once in another building, or at one door after another.
    if (copied < 0.0003) this.#copy(at + 9000, door + doorsPerBuilding, person)
    else if (copied < 0.0006) for (const nth of [1, 2, 3, 4]) this.#copy(at + nth * 11_000, door + nth, person)
  }

  #copy(at: number, where: number, { credential }: Person): void {
    const door = where % this.#doors
    if (at >= (this.#freeAt[door] ?? 0)) this.#badge(at, door, "in", credential)
  }

  #leaves(at: number, door: number): void {
    // At some doors the detector does not see who leaves.
    if (door % 1000 !== 13 || this.#dice() < 0.3) this.told.push(word(at, door, "rex", { _tag: "ExitRequested" }))
    this.#open(at, door)
  }

  #deny(at: number, door: number, credential: string, reason: Reason): void {
    this.told.push(word(at, door, "in", { _tag: "AccessDenied", credential, reason }))
  }

  /** A badge of another building: once mostly, now and then again and again, or at one door after another. */
  #denied(at: number, door: number): void {
    const credential = this.#someone(buildingOf(door) + 1, at)?.credential ?? "card-unknown"
    const how = this.#dice()
    if (how < 0.03) this.#deny(at, door, credential, "CredentialExpired")
    else if (how < 0.04) this.#deny(at, door, credential, "CredentialNotEnabled")
    else this.#deny(at, door, credential, "Unauthorized")
    if (how > 0.97) for (const nth of [1, 2, 3]) this.#deny(at + nth * 4000, door, credential, "Unauthorized")
    else if (how > 0.95)
      for (const nth of [1, 2]) this.#deny(at + nth * 50_000, (door + nth) % this.#doors, credential, "Unauthorized")
  }

  happens(at: number): void {
    const door = this.#below(this.#doors)
    let how = this.#dice()
    const is = (share: number): boolean => (how -= share) < 0
    if (at < (this.#freeAt[door] ?? 0)) return
    if (door % 1000 === 13) return this.#leaves(at, door)
    if (is(shares.badge)) return this.#passes(at, door)
    if (is(shares.denied)) return this.#denied(at, door)
    if (is(shares.forced)) return void this.#open(at, door)
    const person = this.#someone(buildingOf(door), at)
    if (person !== undefined && is(shares.notTaken))
      return this.#grant(at, door, person.isInside ? "out" : "in", person.credential)
    // Who leaves without their badge is taken for going in twice the next time.
    if (person !== undefined && is(shares.slipsOut)) person.isInside = false
    this.#leaves(at, door)
  }
}

/**
 * What people do at the doors of the campus, in the order of time, the same each time: they go in and out with their badges, or
 * out by the button. Now and then a door is forced or held, a badge denied, copied or not used; some doors are wedged, and
 * some do not see who leaves.
 */
export const peopledDay = (doors: number, passages: number, lastsMs: number): ReadonlyArray<Observed> => {
  const day = new Day(doors)
  const dice = chance(7)
  const begins = Array.from({ length: passages }, () => dayBegins + 60_000 + Math.floor(dice() * lastsMs))
  for (const at of begins.sort((a, b) => a - b)) day.happens(at)
  return day.told.sort((a, b) => a.at - b.at)
}
