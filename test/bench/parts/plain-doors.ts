import type { Campus } from "../../../gateway/domain/campus.ts"
import type { Observed } from "./peopled-day.ts"
import { times } from "./door-times.ts"
import { TimerHeap } from "./timer-heap.ts"

/** What is seen at a door. */
interface Sight {
  readonly at: number
  readonly door: number
  readonly what: "opened" | "closed" | "granted" | "exit"
}

interface PlainDoor {
  isOpen: boolean
  openedAt: number
  grantedAt: number
  isGrantUsed: boolean
  exitAt: number
  /** What waits of it, each by its deadline; a timer that finds another one was called off. */
  judgeAt: number
  preAlarmAt: number
  heldAt: number
  grantEndsAt: number
  isForced: boolean
  isHeld: boolean
}

interface Timer {
  readonly at: number
  readonly door: number
  readonly what: "judgeAt" | "preAlarmAt" | "heldAt" | "grantEndsAt"
}

/**
 * Bare doors: forced, held and pre-alarm as somebody writes them who wants nothing else, over the same facts. One object a door,
 * changed in place, and five counters: it tells no event and no alert, and knows neither the order of what came late, nor
 * reasons, versions, snapshots or explanations.
 */
export class PlainDoors {
  readonly counts = { forced: 0, held: 0, preAlarm: 0, entered: 0, notTaken: 0 }
  readonly #doors: Array<PlainDoor>
  readonly #timers = new TimerHeap<Timer>()
  /** Which door a point is of. */
  readonly #doorOf = new Map<string, number>()
  readonly #readings = new Map<string, string>()
  readonly #heardAt = new Map<string, number>()

  constructor({ doors }: Campus) {
    for (const [nth, { position, rex = [], accessPoints = [] }] of doors.entries()) {
      const refs = [position, ...rex, ...accessPoints.map(({ reader }) => reader)]
      for (const ref of refs) if (ref !== undefined) this.#doorOf.set(ref, nth)
    }
    this.#doors = doors.map(() => ({
      isOpen: false,
      openedAt: 0,
      grantedAt: -Infinity,
      isGrantUsed: true,
      exitAt: -Infinity,
      judgeAt: 0,
      preAlarmAt: 0,
      heldAt: 0,
      grantEndsAt: 0,
      isForced: false,
      isHeld: false
    }))
  }

  #wants(door: number, what: Timer["what"], at: number): void {
    this.#doors[door]![what] = at
    this.#timers.push({ at, door, what })
  }

  pass(until: number): void {
    for (let next = this.#timers.least; next !== undefined && next.at <= until; next = this.#timers.least) {
      this.#timers.pop()
      const door = this.#doors[next.door]!
      if (door[next.what] !== next.at) continue
      door[next.what] = 0
      if (next.what === "judgeAt") {
        door.isForced = true
        this.counts.forced++
      } else if (next.what === "heldAt") {
        door.isHeld = true
        this.counts.held++
      } else if (next.what === "preAlarmAt") this.counts.preAlarm++
      else this.counts.notTaken++
    }
  }

  hear({ at, observation }: Observed): void {
    if (observation._tag !== "Reading" && observation._tag !== "Occurrence") return
    const ref = `${observation.device}/${observation.point}`
    this.#heardAt.set(observation.device, at)
    const door = this.#doorOf.get(ref)
    if (observation._tag === "Occurrence") {
      const { _tag } = observation.occurrence
      if (door !== undefined && _tag === "AccessGranted") this.#see({ at, door, what: "granted" })
      else if (door !== undefined && _tag === "ExitRequested") this.#see({ at, door, what: "exit" })
      return
    }
    const { value } = observation.reading
    if (this.#readings.get(ref) === value) return
    this.#readings.set(ref, value)
    if (door !== undefined) this.#see({ at, door, what: value === "open" ? "opened" : "closed" })
  }

  #see({ at, door: nth, what }: Sight): void {
    this.pass(at)
    const door = this.#doors[nth]!
    if (what === "granted") {
      door.grantedAt = at
      door.isGrantUsed = false
      door.judgeAt = 0
      this.#wants(nth, "grantEndsAt", at + times.grant + times.entry)
    } else if (what === "exit") {
      door.exitAt = at
      door.judgeAt = 0
    } else if (what === "opened") this.#opened(nth, door, at)
    else this.#closed(door)
  }

  #opened(nth: number, door: PlainDoor, at: number): void {
    if (door.isOpen) return
    door.isOpen = true
    door.openedAt = at
    const span = times.grant + (door.isGrantUsed ? 0 : times.entry)
    const isGranted = at - door.grantedAt <= span
    if (isGranted && !door.isGrantUsed) {
      door.isGrantUsed = true
      door.grantEndsAt = 0
      this.counts.entered++
    }
    if (!isGranted && at - door.exitAt > times.exit) this.#wants(nth, "judgeAt", at + times.grace)
    this.#wants(nth, "preAlarmAt", at + times.preAlarm)
    this.#wants(nth, "heldAt", at + times.held)
  }

  #closed(door: PlainDoor): void {
    if (!door.isOpen) return
    door.isOpen = false
    door.isForced = false
    door.isHeld = false
    door.preAlarmAt = 0
    door.heldAt = 0
  }
}
