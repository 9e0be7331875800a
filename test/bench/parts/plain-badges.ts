import type { Priority, Reason } from "../../../gateway/domain/alert.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import type { PlainAlerts, PlainFinding } from "./plain-alerts.ts"

type Word = Extract<Observation, { readonly _tag: "Occurrence" }>["occurrence"]
type Granted = Extract<Word, { readonly _tag: "AccessGranted" }>
type Denied = Extract<Word, { readonly _tag: "AccessDenied" }>

/** A door as far as badges are concerned with it. */
export interface BadgedDoor {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly building: string
  readonly readers: Array<PlainReader>
  readonly grantedAt: Array<number>
  readonly crossings: Array<{ readonly at: number; readonly seq: number }>
}

export interface PlainReader {
  readonly ref: string
  readonly door: BadgedDoor
  readonly direction: "in" | "out"
  readonly denials: Array<Use>
}

/** One use of a badge. */
interface Use {
  readonly at: number
  readonly seq: number
  readonly reader: PlainReader
  readonly reason?: string
}

interface Card {
  readonly id: string
  readonly key: string
  readonly grants: Array<Use>
  readonly denials: Array<Use>
  /** Where they went in last and have not come out, by building: mostly one. */
  readonly inside: Map<string, Use>
}

const secondMs = 1000
const passbackMs = 43_200 * secondMs

const forget = (uses: Array<{ readonly at: number }>, before: number): void => {
  while (uses[0] !== undefined && uses[0].at < before) uses.shift()
}

const grantReason = (card: Card, { at, seq, reader }: Use): Reason => ({
  at,
  seq,
  text: `Access granted: ${card.id}, ${reader.ref}`
})

const denialReason = (card: Card, { at, seq, reader, reason }: Use): Reason => ({
  at,
  seq,
  text: `Access denied: ${reason}, ${card.id}, ${reader.ref}`
})

/** The newest of each door, or building, within the window; `undefined`: the last one brings no other. */
const ofDifferent = (
  uses: ReadonlyArray<Use>,
  windowMs: number,
  by: (use: Use) => string
): ReadonlyArray<Use> | undefined => {
  const last = uses.at(-1)
  if (last === undefined) return undefined
  const where = by(last)
  const found: Array<Use> = []
  for (const use of uses) {
    if (use === last || use.at < last.at - windowMs) continue
    if (by(use) === where) return undefined
    if (!found.some((one) => by(one) === by(use))) found.push(use)
  }
  found.push(last)
  return found
}

const doorOf = ({ reader }: Use): string => reader.door.id
const buildingOf = ({ reader }: Use): string => reader.door.building

/** What the rules of the packs say of badges, written out by hand. */
export class PlainBadges {
  readonly #alerts: PlainAlerts
  readonly #cards = new Map<string, Card>()

  constructor(alerts: PlainAlerts) {
    this.#alerts = alerts
  }

  #cardOf(id: string): Card {
    const known = this.#cards.get(id)
    if (known !== undefined) return known
    const card: Card = { id, key: `credential:${id}`, grants: [], denials: [], inside: new Map() }
    this.#cards.set(id, card)
    return card
  }

  #about(
    condition: string,
    key: string,
    { at, reader }: Use,
    about: {
      readonly title: string
      readonly priority: Priority
      readonly seconds: number
      readonly why: ReadonlyArray<Reason>
    }
  ): PlainFinding {
    const { title, priority, seconds, why } = about
    return { condition, key, door: reader.door.id, at, title, priority, why, until: at + seconds * secondMs }
  }

  granted(reader: PlainReader, { credential }: Granted, at: number): void {
    const { door } = reader
    while (door.grantedAt[0] !== undefined && door.grantedAt[0] < at - 14 * secondMs) door.grantedAt.shift()
    door.grantedAt.push(at)
    if (credential === undefined) return
    const card = this.#cardOf(credential)
    const use: Use = { at, seq: this.#alerts.seq, reader }
    forget(card.grants, at - 60 * secondMs)
    card.grants.push(use)
    if (card.grants.length > 1) this.#manyPlaces(card, use)
    if (reader.direction === "out") card.inside.delete(door.building)
    else this.#wentIn(card, use)
  }

  #manyPlaces(card: Card, use: Use): void {
    const doors = ofDifferent(card.grants, 60 * secondMs, doorOf)
    if (doors !== undefined && doors.length >= 4) {
      const title = `${card.id} was let in at ${doors.length} doors within a minute`
      const why = doors.map((one) => grantReason(card, one))
      this.#alerts.raise(
        this.#about("CredentialAtSeveralDoors", card.key, use, { title, priority: 3, seconds: 60, why })
      )
    }
    const buildings = ofDifferent(card.grants, 20 * secondMs, buildingOf)
    if (buildings !== undefined && buildings.length >= 2) {
      const title = `${card.id} was let into two buildings within seconds`
      const why = buildings.map((one) => grantReason(card, one))
      this.#alerts.raise(this.#about("ImpossibleTravel", card.key, use, { title, priority: 2, seconds: 20, why }))
    }
  }

  #wentIn(card: Card, use: Use): void {
    const { building } = use.reader.door
    const before = card.inside.get(building)
    card.inside.set(building, use)
    if (before === undefined || use.at - before.at > passbackMs) return
    const title = `${card.id} went in twice without going out`
    const why = [grantReason(card, before), grantReason(card, use)]
    const key = `key:${card.id} in ${building}`
    this.#alerts.raise(this.#about("PassbackSuspected", key, use, { title, priority: 4, seconds: 60, why }))
  }

  /** Whoever was let in did not go in. */
  notTaken(door: BadgedDoor, credential: string): void {
    this.#cards.get(credential)?.inside.delete(door.building)
  }

  denied(reader: PlainReader, { credential, reason }: Denied, at: number): void {
    const use: Use = { at, seq: this.#alerts.seq, reader, reason }
    const card = this.#cardOf(credential ?? "")
    const counts = reason !== "CredentialExpired"
    if (counts) {
      forget(reader.denials, at - 60 * secondMs)
      reader.denials.push(use)
      if (reader.denials.length >= 3) this.#burst(reader, card, use)
    }
    if (credential === undefined) return
    forget(card.denials, at - 300 * secondMs)
    card.denials.push(use)
    if (counts) this.#badgeBurst(card, use)
    const doors = ofDifferent(card.denials, 300 * secondMs, doorOf)
    if (doors !== undefined && doors.length >= 3) {
      const title = `${card.id} was denied at ${doors.length} doors`
      const why = doors.map((one) => denialReason(card, one))
      this.#alerts.raise(this.#about("DoorProbing", card.key, use, { title, priority: 2, seconds: 300, why }))
    }
    this.#refused(card, use)
  }

  #burst(reader: PlainReader, card: Card, use: Use): void {
    const title = `${reader.denials.length} denials at ${reader.door.name}`
    const why = reader.denials.map((one) => denialReason(card, one))
    this.#alerts.raise(
      this.#about("DeniedBurst", `reader:${reader.ref}`, use, { title, priority: 3, seconds: 60, why })
    )
  }

  /** A burst at one of the door's readers stands for the badge that made it. */
  #badgeBurst(card: Card, use: Use): void {
    const uses = card.denials.filter((one) => one.reason !== "CredentialExpired" && one.at >= use.at - 60 * secondMs)
    if (uses.length < 3) return
    const title = `${card.id} was denied ${uses.length} times`
    const why = uses.map((one) => denialReason(card, one))
    const bursts = use.reader.door.readers.map(({ ref }) => this.#alerts.openOf("DeniedBurst", `reader:${ref}`))
    const cause = bursts.find((burst) => burst?.active === true)
    const finding = this.#about("CredentialDeniedBurst", card.key, use, { title, priority: 3, seconds: 60, why })
    this.#alerts.raiseBeside(finding, cause)
  }

  #refused(card: Card, use: Use): void {
    const why = [denialReason(card, use)]
    const title = `${card.id} was tried at ${use.reader.door.name}`
    if (use.reason === "CredentialExpired" || use.reason === "CredentialNotActive")
      this.#alerts.raise(
        this.#about("ExpiredCredentialTried", card.key, use, { title, priority: 4, seconds: 300, why })
      )
    else if (use.reason === "CredentialNotEnabled")
      this.#alerts.raise(
        this.#about("DisabledCredentialTried", card.key, use, { title, priority: 2, seconds: 300, why })
      )
    else if (use.reason === "AntiPassback")
      this.#alerts.raise(this.#about("PassbackRefused", card.key, use, { title, priority: 3, seconds: 60, why }))
  }

  /** Somebody went through a speed gate: no more may than were let in at it just before. */
  crossed(reader: PlainReader, at: number): void {
    const { door } = reader
    const { crossings, grantedAt } = door
    const use: Use = { at, seq: this.#alerts.seq, reader }
    forget(crossings, at - 6 * secondMs)
    crossings.push(use)
    const first = crossings[0]
    if (first === undefined || crossings.length < 2) return
    const grants = grantedAt.filter((one) => one >= first.at - 8 * secondMs).length
    if (crossings.length <= grants) return
    const title = `${crossings.length} went in at ${door.name} on fewer grants`
    const why = crossings.map((one): Reason => ({ at: one.at, seq: one.seq, text: `Line crossed: ${reader.ref}` }))
    this.#alerts.raise(this.#about("TailgatingSuspected", door.key, use, { title, priority: 3, seconds: 30, why }))
  }
}
