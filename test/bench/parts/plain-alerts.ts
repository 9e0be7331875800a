import type { AlertTransition, Priority, Reason } from "../../../gateway/domain/alert.ts"
import type { DeviceEvent } from "../../../gateway/domain/device-event.ts"
import { usualFloodLimits } from "../../../gateway/domain/flood.ts"

/** What asks somebody, as it stands. */
export interface PlainAlert {
  readonly id: string
  readonly condition: string
  readonly key: string
  readonly door: string
  readonly title: string
  readonly priority: Priority
  active: boolean
  count: number
  readonly raisedAt: number
  updatedAt: number
  why: ReadonlyArray<Reason>
  /** Of what lasts for a time: until when. */
  until: number
  /** What it stands for while it is active. */
  holdsBack: Array<Held>
}

export interface Held {
  readonly finding: PlainFinding
  readonly cause: PlainAlert
  until: number
}

export interface PlainFinding {
  readonly condition: string
  readonly key: string
  readonly door: string
  readonly title: string
  readonly priority: Priority
  readonly at: number
  readonly why: ReadonlyArray<Reason>
  readonly until?: number
}

/** One step of an alert's life, with the alert as it stands after it. */
export interface PlainChange {
  readonly transition: AlertTransition
  readonly at: number
  readonly why: ReadonlyArray<Reason>
  readonly alert: PlainAlert
}

/** Who is told what the machine concludes. */
export interface Told {
  readonly event: (event: DeviceEvent) => void
  readonly alert: (change: PlainChange) => void
}

const { beginWith, endBelow, minutes } = usualFloodLimits
const floodMs = minutes * 60_000

/** One open alert for each condition and key, and whether they come faster than people can look at them. */
export class PlainAlerts {
  seq = 0
  #nth = 0
  #now = 0
  readonly #told: Told
  /** Told of whatever ends by itself. */
  readonly #ends: (of: PlainAlert | Held) => void
  readonly #open = new Map<string, PlainAlert>()
  readonly #held = new Map<string, Held>()
  /** When the newest came. */
  #arrivals: Array<number> = []
  #flood: { readonly since: number; count: number } | undefined

  constructor(told: Told, ends: (of: PlainAlert | Held) => void) {
    this.#told = told
    this.#ends = ends
  }

  /** Something happens at that time: ids follow from its place. */
  begin(at: number): void {
    this.seq++
    this.#nth = 0
    this.#now = at
  }

  /** The id of what is told next. */
  id(): string {
    return `${this.seq}.${this.#nth++}`
  }

  event(event: DeviceEvent): void {
    this.#told.event(event)
  }

  #tell(alert: PlainAlert, transition: AlertTransition, why: ReadonlyArray<Reason>): void {
    alert.updatedAt = this.#now
    this.#told.alert({ transition, at: this.#now, why, alert: { ...alert } })
  }

  /** The condition holds: a new alert, the open one again, or more reasons for the one that is active. */
  raise(finding: PlainFinding): PlainAlert {
    const alert = this.#raised(finding)
    if (finding.until !== undefined) this.#ends(alert)
    return alert
  }

  #raised(finding: PlainFinding): PlainAlert {
    const { condition, key, door, title, priority, why, until = Number.POSITIVE_INFINITY } = finding
    const slot = `${condition}|${key}`
    const open = this.#open.get(slot)
    if (open === undefined) {
      const alert: PlainAlert = {
        id: `A-${this.id()}`,
        condition,
        key,
        door,
        title,
        priority,
        active: true,
        count: 1,
        raisedAt: this.#now,
        updatedAt: this.#now,
        why,
        until,
        holdsBack: []
      }
      this.#open.set(slot, alert)
      this.#tell(alert, "raised", why)
      this.#arrives()
      return alert
    }
    // Its end was only waited out.
    if (open.active && open.until < finding.at) this.normal(open, open.until)
    const comesAgain = !open.active
    if (comesAgain) open.count++
    open.active = true
    open.until = until
    open.why = [...open.why, ...why].slice(-50)
    this.#tell(open, comesAgain ? "reactivated" : "updated", why)
    if (comesAgain) this.#arrives()
    return open
  }

  normal(alert: PlainAlert, at: number, text = "Nothing more came of it"): void {
    if (!alert.active) return
    alert.active = false
    const why: ReadonlyArray<Reason> = [{ at, text }]
    alert.why = [...alert.why, ...why].slice(-50)
    this.#tell(alert, "returned-to-normal", why)
    this.#release(alert)
  }

  openOf(condition: string, key: string): PlainAlert | undefined {
    return this.#open.get(`${condition}|${key}`)
  }

  /** What is held back already, or stands beside an active cause and has no alert of its own, is told on that one. */
  raiseBeside(finding: PlainFinding, cause: PlainAlert | undefined): void {
    const slot = `${finding.condition}|${finding.key}`
    const { until = Number.POSITIVE_INFINITY } = finding
    const known = this.#held.get(slot)
    if (known !== undefined) {
      known.until = until
      this.#ends(known)
    } else if (cause?.active !== true || this.#open.has(slot)) this.raise(finding)
    else {
      const held: Held = { finding, cause, until }
      this.#held.set(slot, held)
      cause.holdsBack.push(held)
      this.#tell(cause, "updated", [{ at: finding.at, seq: this.seq, text: `It stands for: ${finding.title}` }])
      this.#ends(held)
    }
  }

  /** What was held back is over before it was told. */
  heldEnds(held: Held): void {
    const { condition, key } = held.finding
    if (!this.#held.delete(`${condition}|${key}`)) return
    held.cause.holdsBack = held.cause.holdsBack.filter((one) => one !== held)
    this.#tell(held.cause, "updated", [{ at: this.#now, text: `Over, and never told: ${held.finding.title}` }])
  }

  /** The cause is over: what it stood for is told now, where it is still so. */
  #release(cause: PlainAlert): void {
    for (const held of cause.holdsBack) if (held.until <= this.#now) this.heldEnds(held)
    const left = cause.holdsBack
    if (left.length === 0) return
    cause.holdsBack = []
    this.#tell(cause, "updated", [{ at: this.#now, text: `Told now: ${left.length} that it stood for` }])
    for (const { finding, until } of left) {
      this.#held.delete(`${finding.condition}|${finding.key}`)
      this.raise({ ...finding, until })
    }
  }

  #arrives(): void {
    const [now, second] = [this.#now, Math.floor(this.#now / 1000) * 1000]
    this.#arrivals.push(second)
    if (this.#flood !== undefined) {
      this.#flood.count++
      this.#arrivals.shift()
      return
    }
    this.#arrivals = this.#arrivals.filter((at) => at > now - floodMs)
    const count = this.#arrivals.length
    if (count < beginWith) return
    this.#flood = { since: now, count }
    this.event({ _tag: "FloodBegan", id: this.id(), at: now, count })
  }

  /** Ends a flood where fewer came than it goes on with; looked at as time passes. */
  floodMayEnd(at: number): void {
    const flood = this.#flood
    if (flood === undefined || (this.#arrivals.at(-endBelow) ?? 0) > at - floodMs) return
    this.#flood = undefined
    this.event({ _tag: "FloodEnded", id: this.id(), at, since: flood.since, count: flood.count })
  }
}
