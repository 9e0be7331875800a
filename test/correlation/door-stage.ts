import { HashMap } from "effect"
import { fold, initial, nextDue } from "../../gateway/correlation/fold.ts"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { DoorState, Situation } from "../../gateway/correlation/situation.ts"
import type { Alert, AlertChange, AlertCondition, Outcome } from "../../gateway/domain/alert.ts"
import type { Campus, Device, Door } from "../../gateway/domain/campus.ts"
import type { DeviceEvent } from "../../gateway/domain/device-event.ts"
import type { DoorMode } from "../../gateway/domain/door.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { AlertId, AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../gateway/domain/ids.ts"
import type { IncidentChange } from "../../gateway/domain/incident.ts"
import type { LinkState } from "../../gateway/domain/link.ts"
import type { Notification } from "../../gateway/domain/notification.ts"
import type { ServicedThing } from "../../gateway/domain/out-of-service.ts"
import type { Observation, OccurrenceWord, Origin, PointValue } from "../../gateway/domain/observation.ts"
import { entryCount } from "../../gateway/log/entries.ts"

/** Second 0 of every course of events. */
export const dawn = Date.parse("2026-03-02T10:00:00Z")

type Unstamped = Fact extends infer F ? (F extends Fact ? Omit<F, "at"> : never) : never

const device = (id: string, more: Partial<Device> = {}): Device => ({
  id: DeviceId.make(id),
  link: LinkId.make("mqtt"),
  profile: "generic",
  address: id,
  ...more
})

/** A door with every kind of point, each on a device of its own, so that each can fall silent by itself. */
export const eastDoor: Door = {
  id: DoorId.make("east"),
  name: "East door",
  area: AreaId.make("hall"),
  position: PointRef.make("contact/contact"),
  lock: PointRef.make("lock/lock"),
  rex: [PointRef.make("rex/button"), PointRef.make("pir/motion")],
  accessPoints: [{ reader: PointRef.make("reader/reader"), direction: "in" }],
  tamper: [PointRef.make("contact/tamper"), PointRef.make("reader/casing")],
  alarm: PointRef.make("panel/alarm"),
  mode: PointRef.make("panel/mode")
}

export const campusOf = (door: Partial<Door> = {}, devices: ReadonlyArray<Device> = []): Campus => ({
  site: { id: SiteId.make("test"), name: "Test", timeZone: "UTC" },
  areas: [{ id: AreaId.make("hall"), name: "Hall", kind: "building" }],
  devices: [
    ...["contact", "lock", "rex", "pir", "reader", "panel"].map((id) => device(id)),
    device("bridge"),
    device("north-contact", { via: DeviceId.make("bridge") }),
    device("south-contact", { via: DeviceId.make("bridge") }),
    ...devices
  ],
  doors: [
    { ...eastDoor, ...door },
    {
      id: DoorId.make("north"),
      name: "North door",
      area: AreaId.make("hall"),
      position: PointRef.make("north-contact/contact")
    }
  ],
  cameras: []
})

/** How a message differs from a live one of this instant. Times in seconds of the course. */
export interface How {
  readonly origin?: Origin
  readonly test?: boolean
  /** When it happened, where that is known to be earlier than it was heard. */
  readonly occurred?: number
  /** The device's own word for when; trusted unless `occurred` says otherwise. */
  readonly deviceTime?: number
  /** False: the gateway does not believe the device's clock, and takes the time of receipt. */
  readonly trusted?: boolean
  /** How far off a clock that is believed may be. */
  readonly uncertaintyMs?: number
}

/**
 * A gateway's core in virtual time: facts go in at the second they come, deadlines fire when they are due, and what
 * was concluded is told as lines such as `30.0 DoorOpenTooLong raised`.
 */
export class Stage {
  situation: Situation = initial
  readonly facts: Array<Fact> = []
  readonly changes: Array<AlertChange> = []
  readonly events: Array<DeviceEvent> = []
  readonly cases: Array<IncidentChange> = []
  readonly notifications: Array<Notification> = []
  #seq = 0
  #now = dawn - 120_000

  constructor(campus: Campus = campusOf()) {
    this.enter({ _tag: "GatewayStarted" })
    this.configured(campus)
  }

  get now(): number {
    return this.#now
  }

  enter(fact: Unstamped): void {
    const stamped = { ...fact, at: this.#now } as Fact
    this.#seq++
    const { situation, decisions } = fold(this.situation, this.#seq, stamped)
    // Positions as the log gives them, so that alerts have the same ids there.
    this.#seq += entryCount(stamped, decisions) - 1
    this.situation = situation
    this.facts.push(stamped)
    for (const decision of decisions) {
      if (decision._tag === "Alert") this.changes.push(decision.change)
      else if (decision._tag === "Event") this.events.push(decision.event)
      else if (decision._tag === "Notification") this.notifications.push(decision.notification)
      else this.cases.push(decision.change)
    }
  }

  /** Lets time come to this second; on the way whatever is due fires, at its instant. */
  at(second: number): this {
    const until = dawn + Math.round(second * 1000)
    for (let due = nextDue(this.situation); due !== undefined && due <= until; due = nextDue(this.situation)) {
      this.#now = Math.max(this.#now, due)
      this.enter({ _tag: "TimePassed" })
    }
    this.#now = Math.max(this.#now, until)
    return this
  }

  configured(campus: Campus, version = "v1"): this {
    this.enter({ _tag: "ConfigApplied", version, campus, by: "test" })
    return this
  }

  /** The process is killed now and starts again at `second`, from its snapshot. */
  killedUntil(second: number): this {
    const blindFrom = this.#now
    this.situation = thaw(JSON.parse(JSON.stringify(freeze(this.situation))) as Frozen)
    this.#now = dawn + Math.round(second * 1000)
    this.enter({ _tag: "GatewayStarted", blindFrom })
    return this
  }

  observe(observation: Observation, how: How = {}): this {
    const occurred = how.occurred ?? (how.trusted === false ? undefined : how.deviceTime)
    const occurredAt = occurred === undefined ? this.#now : dawn + Math.round(occurred * 1000)
    const { trusted = how.uncertaintyMs === undefined ? undefined : true, uncertaintyMs = 0 } = how
    const clock = trusted === undefined ? {} : { clock: { trusted, offsetMs: 0, uncertaintyMs } }
    this.enter({
      _tag: "Observed",
      link: LinkId.make("mqtt"),
      observation,
      receivedAt: this.#now,
      occurredAt,
      ...clock
    })
    return this
  }

  reads(ref: string, reading: PointValue, how: How = {}): this {
    return this.observe({ _tag: "Reading", ...signal(ref, how), reading }, how)
  }

  happens(ref: string, occurrence: OccurrenceWord, how: How = {}): this {
    return this.observe({ _tag: "Occurrence", ...signal(ref, how), occurrence }, how)
  }

  opens(how?: How): this {
    return this.reads("contact/contact", { kind: "position", value: "open" }, how)
  }

  closes(how?: How): this {
    return this.reads("contact/contact", { kind: "position", value: "closed" }, how)
  }

  grants(credential?: string, how: How & { readonly extended?: boolean } = {}): this {
    const extended = how.extended === undefined ? {} : { extended: how.extended }
    const word = { _tag: "AccessGranted" as const, ...(credential === undefined ? {} : { credential }), ...extended }
    return this.happens("reader/reader", word, how)
  }

  /** Somebody presses the exit button. */
  presses(how?: How): this {
    return this.happens("rex/button", { _tag: "ExitRequested" }, how)
  }

  /** The motion detector inside, which is the door's request to exit. */
  motion(value: "on" | "off" | "unknown", how?: How): this {
    return this.reads("pir/motion", { kind: "motion", value }, how)
  }

  mode(value: DoorMode, how?: How): this {
    return this.reads("panel/mode", { kind: "mode", value }, how)
  }

  alarm(value: "Normal" | "DoorForcedOpen" | "DoorOpenTooLong", how?: How): this {
    return this.reads("panel/alarm", { kind: "alarm", value }, how)
  }

  available(id: string, state: "online" | "offline" | "unknown", origin: Origin = "change"): this {
    return this.observe({
      _tag: "Availability",
      device: DeviceId.make(id),
      state,
      origin,
      reason: `it said ${state}`,
      source: "test"
    })
  }

  misses(devices?: ReadonlyArray<string>, cause: "SessionLost" | "EventsDropped" = "EventsDropped"): this {
    return this.observe({
      _tag: "Gap",
      cause,
      detail: "a test",
      ...(devices === undefined ? {} : { devices: devices.map((id) => DeviceId.make(id)) })
    })
  }

  link(state: LinkState): this {
    this.enter({ _tag: "LinkChanged", link: LinkId.make("mqtt"), state })
    return this
  }

  /** Somebody works on the door, the area or the device. */
  works(about: ServicedThing, minutes: number, reason = "the closer is replaced"): this {
    this.enter({ _tag: "MaintenanceBegan", ...about, by: "technician", reason, minutes })
    return this
  }

  leaves(about: ServicedThing): this {
    this.enter({ _tag: "MaintenanceEnded", ...about, by: "technician" })
    return this
  }

  bypasses(ref: string, minutes: number, door = "east"): this {
    const point = { door: DoorId.make(door), point: PointRef.make(ref) }
    this.enter({ _tag: "PointBypassed", ...point, by: "technician", reason: "it chatters", minutes })
    return this
  }

  believes(ref: string, door = "east"): this {
    this.enter({ _tag: "BypassEnded", door: DoorId.make(door), point: PointRef.make(ref), by: "technician" })
    return this
  }

  acknowledges(condition: AlertCondition, by = "officer"): this {
    this.enter({ _tag: "AlertAcknowledged", alert: this.idOf(condition), by })
    return this
  }

  closesAlert(condition: AlertCondition, by = "officer", outcome: Outcome = "real"): this {
    this.enter({ _tag: "AlertClosed", alert: this.idOf(condition), by, outcome, reason: "seen to" })
    return this
  }

  get alerts(): ReadonlyArray<Alert> {
    return HashMap.toValues(this.situation.alerts).sort((a, b) => a.raisedBy - b.raisedBy)
  }

  alert(condition: AlertCondition): Alert | undefined {
    return this.alerts.find((alert) => alert.condition === condition)
  }

  idOf(condition: AlertCondition): AlertId {
    return this.alert(condition)?.id ?? AlertId.make("A-none")
  }

  door(id = "east"): DoorState {
    const state = this.situation.doors.get(id)
    if (state === undefined) throw new Error(`there is no door ${id}`)
    return state
  }

  /** Every step of every alert, at the second it was told. */
  get story(): ReadonlyArray<string> {
    return this.changes.map(({ at, transition, alert }) => `${secondOf(at)} ${alert.condition} ${transition}`)
  }

  /** Events of these names, at the second they happened. */
  happened(...names: ReadonlyArray<DeviceEvent["_tag"]>): ReadonlyArray<string> {
    return this.events
      .filter((event) => names.includes(event._tag))
      .map((event) => `${secondOf(event.at)} ${event._tag}${nameOf(event)}`)
  }

  /** What an alert says of its causes. */
  reasons(condition: AlertCondition): ReadonlyArray<string> {
    return (this.alert(condition)?.why ?? []).map(({ at, text }) => `${secondOf(at)} ${text}`)
  }

  static readonly closedDoor = (campus?: Campus): Stage => {
    const stage = new Stage(campus).at(-60)
    stage.closes().mode("Locked").motion("off").alarm("Normal").at(0)
    return stage
  }
}

/** To the millisecond, as short as it may be: `30.0`, `5.15`. */
const secondOf = (at: number): string => ((at - dawn) / 1000).toFixed(3).replace(/0{1,2}$/, "")

const nameOf = (event: DeviceEvent): string =>
  "credential" in event && event.credential !== undefined ? ` ${event.credential}` : ""

const signal = (ref: string, how: How) => ({
  device: DeviceId.make(ref.slice(0, ref.indexOf("/"))),
  point: ref.slice(ref.indexOf("/") + 1),
  origin: how.origin ?? "change",
  source: "test",
  ...(how.test === undefined ? {} : { test: how.test }),
  ...(how.deviceTime === undefined ? {} : { deviceTime: dawn + Math.round(how.deviceTime * 1000) })
})
