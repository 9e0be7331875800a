import type { Priority, Reason } from "../../../gateway/domain/alert.ts"
import type { Campus } from "../../../gateway/domain/campus.ts"
import type { DoorStanding } from "../../../gateway/domain/door.ts"
import { DeviceId, DoorId, PointRef } from "../../../gateway/domain/ids.ts"
import type { Observation, PointValue } from "../../../gateway/domain/observation.ts"
import { times } from "./door-times.ts"
import type { Observed } from "./peopled-day.ts"
import { type Held, type PlainAlert, PlainAlerts, type Told } from "./plain-alerts.ts"
import { type BadgedDoor, PlainBadges, type PlainReader } from "./plain-badges.ts"
import { TimerHeap } from "./timer-heap.ts"

type Position = Extract<PointValue, { readonly kind: "position" }>

interface PlainDoor extends BadgedDoor {
  readonly doorId: DoorId
  isSeen: boolean
  standing: DoorStanding
  /** The present opening: until its closing has proved not to be bounce. */
  stage: "none" | "open" | "pre" | "held"
  openedAt: number
  openedSeq: number
  isForced: boolean
  waits: boolean
  /** One grant at a time. */
  grant: "none" | "waiting" | "used" | "over"
  credential: string
  grantedSince: number
  exitAt: number
  exitSeq: number
  grantSeq: number
  /** What waits of it, each by its deadline, 0 where it does not; a timer that finds another one was called off. */
  judgeAt: number
  preAlarmAt: number
  heldAt: number
  grantEndsAt: number
  closesAt: number
  forced: PlainAlert | undefined
  held: PlainAlert | undefined
  readonly forcedTimes: Array<Reason>
  readonly heldTimes: Array<Reason>
}

type DoorTimer = "judgeAt" | "preAlarmAt" | "heldAt" | "grantEndsAt" | "closesAt"

type Timer =
  | { readonly at: number; readonly what: DoorTimer; readonly door: PlainDoor }
  | { readonly at: number; readonly what: "over"; readonly of: PlainAlert | Held }

interface PlainDevice {
  readonly id: DeviceId
  lastHeardAt: number
  readonly points: Map<string, PlainPoint>
}

interface PlainPoint {
  readonly ref: PointRef
  readonly door: PlainDoor
  readonly reader: PlainReader | undefined
  value: Position | undefined
}

/** That something is over is told when nothing that says otherwise can be on its way. */
const settledMs = 2000

const hourMs = 3_600_000

const doorOf = ({ id, name, area }: Campus["doors"][number]): PlainDoor => ({
  id,
  doorId: id,
  name,
  key: `door:${id}`,
  building: area,
  readers: [],
  grantedAt: [],
  crossings: [],
  isSeen: false,
  standing: "Unknown",
  stage: "none",
  openedAt: 0,
  openedSeq: 0,
  isForced: false,
  waits: false,
  grant: "none",
  credential: "",
  grantedSince: 0,
  exitAt: -Infinity,
  exitSeq: 0,
  grantSeq: 0,
  judgeAt: 0,
  preAlarmAt: 0,
  heldAt: 0,
  grantEndsAt: 0,
  closesAt: 0,
  forced: undefined,
  held: undefined,
  forcedTimes: [],
  heldTimes: []
})

const standingOf = (door: PlainDoor): DoorStanding => {
  if (!door.isSeen) return "Unknown"
  if (door.stage === "none") return door.grant === "waiting" ? "Granted" : "Secure"
  if (door.isForced) return "Forced"
  if (door.stage !== "open") return door.stage === "held" ? "Held" : "HeldPreAlarm"
  return door.waits ? "UnverifiedOpening" : "Open"
}

/**
 * The floor of the whole fold: this campus hard-coded, as somebody writes it who needs nothing else. It keeps the same states of
 * doors, tells the same events and the same alerts as objects, with reasons and one open alert for each condition and key, and has by
 * hand every rule of the packs that the day's traffic reaches: bursts of denials by reader and by badge, the one standing for
 * the other; a badge that tries door after door, that is let in at many or in two buildings at once, that goes in twice, or
 * is not valid any more; tailgating at speed gates; doors propped or forced again and again; floods.
 *
 * Everything is changed in place, so no version of it is kept: nothing can be taken back, replayed or explained, and no snapshot
 * taken. It takes messages in the order of their coming and knows no late evidence; one grant a door at a time; no latch
 * bounce, modes, locks, schedules, maintenance, devices or links that go away, and no rule that is not compiled in. What
 * officers do, and what follows of it, it does not know either.
 */
export class PlainCampus {
  readonly #alerts: PlainAlerts
  readonly #badges: PlainBadges
  readonly #timers = new TimerHeap<Timer>()
  readonly #devices = new Map<string, PlainDevice>()

  constructor({ doors, devices }: Campus, told: Told) {
    const ends = (of: PlainAlert | Held): void => this.#timers.push({ at: of.until + settledMs, what: "over", of })
    this.#alerts = new PlainAlerts(told, ends)
    this.#badges = new PlainBadges(this.#alerts)
    for (const { id } of devices) this.#devices.set(id, { id, lastHeardAt: 0, points: new Map() })
    for (const configured of doors) {
      const door = doorOf(configured)
      const { position, rex = [], accessPoints = [] } = configured
      for (const ref of [position, ...rex]) if (ref !== undefined) this.#bind(ref, door, undefined)
      for (const { reader: ref, direction } of accessPoints) {
        const reader: PlainReader = { ref, door, direction, denials: [] }
        door.readers.push(reader)
        this.#bind(ref, door, reader)
      }
    }
  }

  #bind(ref: PointRef, door: PlainDoor, reader: PlainReader | undefined): void {
    const slash = ref.indexOf("/")
    this.#devices.get(ref.slice(0, slash))?.points.set(ref.slice(slash + 1), { ref, door, reader, value: undefined })
  }

  /** Lets what falls due until then happen. */
  pass(until: number): void {
    for (let next = this.#timers.least; next !== undefined && next.at <= until; next = this.#timers.least) {
      this.#timers.pop()
      if (next.what !== "over") {
        if (next.door[next.what] === next.at) this.#falls(next.door, next.what, next.at)
      } else if (next.of.until + settledMs === next.at) this.#over(next.of, next.at)
    }
    this.#alerts.floodMayEnd(until)
  }

  #over(of: PlainAlert | Held, at: number): void {
    this.#alerts.begin(at)
    if ("finding" in of) this.#alerts.heldEnds(of)
    else this.#alerts.normal(of, of.until)
  }

  #falls(door: PlainDoor, what: DoorTimer, at: number): void {
    this.#alerts.begin(at)
    door[what] = 0
    switch (what) {
      case "judgeAt":
        return this.#forced(door, at)
      case "preAlarmAt":
        door.stage = "pre"
        this.#stands(door, at, "TimePassed")
        return this.#alerts.event({ _tag: "DoorHeldPreAlarm", id: this.#alerts.id(), at, door: door.doorId })
      case "heldAt":
        return this.#held(door, at)
      case "grantEndsAt":
        return this.#notTaken(door, at)
      case "closesAt":
        return this.#closed(door, at - times.debounce)
    }
  }

  #wants(door: PlainDoor, what: DoorTimer, at: number): void {
    door[what] = at
    this.#timers.push({ at, what, door })
  }

  #stands(door: PlainDoor, at: number, reason: string): void {
    const [from, to] = [door.standing, standingOf(door)]
    if (from === to) return
    door.standing = to
    this.#alerts.event({ _tag: "DoorStandingChanged", id: this.#alerts.id(), at, door: door.doorId, from, to, reason })
  }

  /** An observation: what happened at a point, or what it says now. */
  hear({ at, observation }: Observed): void {
    if (observation._tag !== "Reading" && observation._tag !== "Occurrence") return
    this.pass(at)
    this.#alerts.begin(at)
    const device = this.#devices.get(observation.device)
    if (device === undefined) return
    if (device.lastHeardAt === 0)
      this.#alerts.event({ _tag: "DeviceAvailable", id: this.#alerts.id(), at, device: device.id })
    device.lastHeardAt = at
    const point = device.points.get(observation.point)
    if (point === undefined) return
    if (observation._tag === "Reading") this.#reads(point, observation, at)
    else this.#occurs(point, observation, at)
  }

  #reads(point: PlainPoint, { device, reading }: Extract<Observation, { _tag: "Reading" }>, at: number): void {
    const { value, ref, door } = point
    if (reading.kind !== "position" || value?.value === reading.value) return
    point.value = reading
    const id = this.#alerts.id()
    const isOpen = reading.value === "open"
    if (value === undefined) {
      this.#alerts.event({ _tag: "StateRecovered", id, at, device, point: ref, to: reading })
      door.isSeen = true
      return this.#stands(door, at, "FoundClosed")
    }
    const name = isOpen ? "DoorOpened" : "DoorClosed"
    this.#alerts.event({ _tag: "PointChanged", id, at, device, point: ref, name, from: value, to: reading })
    if (isOpen) this.#opened(door, at)
    else if (door.stage !== "none") {
      // Whether it did shows once it cannot be bounce any more.
      door.preAlarmAt = 0
      door.heldAt = 0
      this.#wants(door, "closesAt", at + times.debounce)
    }
  }

  #occurs(point: PlainPoint, { device, occurrence }: Extract<Observation, { _tag: "Occurrence" }>, at: number): void {
    const { ref, door, reader } = point
    this.#alerts.event({ _tag: "Occurred", id: this.#alerts.id(), at, device, point: ref, occurrence })
    if (occurrence._tag === "ExitRequested") {
      door.exitAt = at
      door.exitSeq = this.#alerts.seq
      door.judgeAt = 0
    } else if (reader === undefined) return
    else if (occurrence._tag === "AccessGranted") {
      this.#grants(door, occurrence.credential ?? "", at)
      this.#badges.granted(reader, occurrence, at)
    } else if (occurrence._tag === "AccessDenied") this.#badges.denied(reader, occurrence, at)
    else if (occurrence._tag === "LineCrossed" && occurrence.direction === "in") this.#badges.crossed(reader, at)
  }

  #grants(door: PlainDoor, credential: string, at: number): void {
    door.grant = "waiting"
    door.credential = credential
    door.grantedSince = at
    door.grantSeq = this.#alerts.seq
    door.judgeAt = 0
    this.#wants(door, "grantEndsAt", at + times.grant + times.entry)
    this.#stands(door, at, "Granted")
  }

  #notTaken(door: PlainDoor, at: number): void {
    door.grant = "over"
    this.#stands(door, at, "TimePassed")
    if (door.stage !== "none") return
    const { doorId, credential } = door
    this.#alerts.event({ _tag: "AccessNotTaken", id: this.#alerts.id(), at, door: doorId, credential })
    this.#badges.notTaken(door, credential)
  }

  #opened(door: PlainDoor, at: number): void {
    if (door.closesAt !== 0) {
      door.closesAt = 0
      return this.#timed(door)
    }
    const isWaiting = door.grant === "waiting"
    const span = isWaiting ? times.grant + times.entry : times.grant
    const isGranted = (isWaiting || door.grant === "used") && at - door.grantedSince <= span
    door.stage = "open"
    door.openedAt = at
    door.openedSeq = this.#alerts.seq
    door.waits = !isGranted && at - door.exitAt > times.exit
    if (door.waits) this.#wants(door, "judgeAt", at + times.grace)
    if (isGranted && isWaiting) {
      door.grant = "used"
      door.grantEndsAt = 0
    }
    this.#timed(door)
    this.#stands(door, at, "Opened")
    if (!isGranted || !isWaiting) return
    const { doorId, credential } = door
    this.#alerts.event({ _tag: "DoorEntered", id: this.#alerts.id(), at, door: doorId, credential })
  }

  #timed(door: PlainDoor): void {
    if (door.stage === "open") this.#wants(door, "preAlarmAt", door.openedAt + times.preAlarm)
    if (door.stage !== "held") this.#wants(door, "heldAt", door.openedAt + times.held)
  }

  #reasonsOf(door: PlainDoor): ReadonlyArray<Reason> {
    const { openedAt: at, openedSeq: seq, grantedSince, exitAt } = door
    const ago = (then: number): string => `${((at - then) / 1000).toFixed(1)} s before`
    const why: Array<Reason> = [{ at, seq, text: "The door opened" }]
    why.push({ at, text: `No access was granted in the ${(times.grant + times.entry) / 1000} s before` })
    if (door.grant !== "none")
      why.push({ at: grantedSince, seq: door.grantSeq, text: `The last grant was ${ago(grantedSince)}` })
    why.push({ at, text: `No exit was requested in the ${times.exit / 1000} s before` })
    if (door.exitSeq > 0)
      why.push({ at: exitAt, seq: door.exitSeq, text: `The last request to exit came ${ago(exitAt)}` })
    return why
  }

  #forced(door: PlainDoor, at: number): void {
    door.waits = false
    door.isForced = door.stage !== "none"
    this.#stands(door, at, "TimePassed")
    const { key, id, openedAt } = door
    const title = `Door forced open: ${door.name}`
    const why = this.#reasonsOf(door)
    const finding = { condition: "DoorForcedOpen", key, door: id, title, priority: 1, at: openedAt, why } as const
    const goesOn = door.forced?.active === true
    door.forced = this.#alerts.raise(finding)
    if (!goesOn) this.#again(door, door.forcedTimes, openedAt, "ForcedRepeatedly", 8 * hourMs, "was called forced")
    // It had closed before it was judged.
    if (!door.isForced) this.#alerts.normal(door.forced, at, "The door had closed again")
  }

  #held(door: PlainDoor, at: number): void {
    door.stage = "held"
    this.#stands(door, at, "TimePassed")
    const { key, id, openedAt } = door
    const title = `Door held open: ${door.name}`
    const why: ReadonlyArray<Reason> = [
      { at: openedAt, seq: door.openedSeq, text: "The door opened" },
      { at, text: `It has been open for ${times.held / 1000} s, as long as it may be` }
    ]
    const finding = { condition: "DoorOpenTooLong", key, door: id, title, priority: 2, at, why } as const
    door.held = this.#alerts.raise(finding)
    this.#again(door, door.heldTimes, at, "ProppedRepeatedly", hourMs, "was held open")
  }

  /** The third time within the window, and each after it. */
  #again(door: PlainDoor, known: Array<Reason>, at: number, condition: string, windowMs: number, words: string): void {
    while (known[0] !== undefined && known[0].at < at - windowMs) known.shift()
    known.push({ at, seq: this.#alerts.seq, text: `It ${words}` })
    if (known.length < 3) return
    const title = `${door.name} ${words} ${known.length} times`
    const priority: Priority = 3
    const { key, id } = door
    this.#alerts.raise({ condition, key, door: id, title, priority, at, why: [...known], until: at + windowMs })
  }

  #closed(door: PlainDoor, at: number): void {
    door.stage = "none"
    door.isForced = false
    this.#stands(door, at, "TimePassed")
    if (door.forced?.active === true) this.#alerts.normal(door.forced, at, "The door closed")
    if (door.held?.active === true) this.#alerts.normal(door.held, at, "The door closed")
  }
}
