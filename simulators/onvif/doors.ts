import {
  allCapabilities,
  type DoorCapabilities,
  type DoorInput,
  type DoorOptions,
  type DoorState,
  type DoorTimings,
  doorAtRest,
  nextDeadline,
  stepDoor,
  usualTimings
} from "../campus/door-machine.ts"
import type { Item, Notification } from "./notification.ts"

/** A door as configured, everything filled in. */
export interface KnownDoor {
  readonly token: string
  readonly name: string
  readonly description: string | undefined
  readonly capabilities: DoorCapabilities
  readonly timings: DoorTimings
}

interface Hung {
  readonly door: KnownDoor
  state: DoorState
  timer: NodeJS.Timeout | undefined
}

/** What a door tells as properties, by the last part of the topic; those of a capability it lacks are absent. */
const told = (
  { capabilities }: KnownDoor,
  state: DoorState
): ReadonlyArray<readonly [topic: string, data: ReadonlyArray<Item>]> => {
  const item = (value: string): ReadonlyArray<Item> => [{ name: "State", value }]
  const { doorMonitor, lockMonitor, doubleLockMonitor, alarm, tamper, fault } = capabilities
  return [
    ["DoorMode", item(state.mode)],
    ...(doorMonitor ? [["DoorPhysicalState", item(state.physical)] as const] : []),
    ...(lockMonitor ? [["LockPhysicalState", item(state.lock)] as const] : []),
    ...(doubleLockMonitor ? [["DoubleLockPhysicalState", item(state.doubleLock)] as const] : []),
    ...(alarm ? [["DoorAlarm", item(state.alarm)] as const] : []),
    ...(tamper ? [["DoorTamper", item(state.tampered ? "TamperDetected" : "NotInTamper")] as const] : []),
    ...(fault ? [["DoorFault", item(state.faulty ? "FaultDetected" : "NotInFault")] as const] : [])
  ]
}

const monotonic = (): number => performance.now()

export interface DoorsOptions {
  readonly publish: (notification: Notification) => void
  /** Told after every step, once its messages are out. */
  readonly moved: (door: KnownDoor, before: DoorState, after: DoorState) => void
  readonly now: () => number
}

/** The doors of one controller: their machines, their clocks, and what they tell. */
export class Doors {
  readonly #hung: ReadonlyMap<string, Hung>
  readonly #options: DoorsOptions

  constructor(doors: ReadonlyArray<DoorOptions>, options: DoorsOptions) {
    this.#options = options
    this.#hung = new Map(
      doors.map((door) => [
        door.token,
        {
          door: {
            token: door.token,
            name: door.name,
            description: door.description,
            capabilities: { ...allCapabilities, ...door.capabilities },
            timings: { ...usualTimings, ...door.timings }
          },
          state: doorAtRest,
          timer: undefined
        }
      ])
    )
  }

  get all(): ReadonlyArray<KnownDoor> {
    return [...this.#hung.values()].map(({ door }) => door)
  }

  find(token: string): { readonly door: KnownDoor; readonly state: DoorState } | undefined {
    return this.#hung.get(token)
  }

  #notification(door: KnownDoor, topic: string, data: ReadonlyArray<Item>): Notification {
    const source = [{ name: "DoorToken", value: door.token }]
    return { topic: `Door/State/${topic}`, operation: "Changed", source, data, at: this.#options.now() }
  }

  /** The properties of every door as they are. */
  get properties(): ReadonlyArray<Notification> {
    return [...this.#hung.values()].flatMap(({ door, state }) =>
      told(door, state).map(([topic, data]) => this.#notification(door, topic, data))
    )
  }

  /** Why the controller would refuse an input; absent when it would not. */
  refusal(token: string, input: DoorInput): string | undefined {
    const hung = this.#hung.get(token)
    if (hung === undefined) return `there is no door ${token}`
    const stepped = stepDoor(hung.state, input, monotonic(), hung.door.timings)
    return "refused" in stepped ? stepped.refused : undefined
  }

  /** Gives a door its input and tells what changed of it; answers with the reason when the controller refuses. */
  step(token: string, input: DoorInput): string | undefined {
    const hung = this.#hung.get(token)
    if (hung === undefined) return `there is no door ${token}`
    const stepped = stepDoor(hung.state, input, monotonic(), hung.door.timings)
    if ("refused" in stepped) return stepped.refused
    const before = hung.state
    const toldBefore = new Map(told(hung.door, before))
    hung.state = stepped.state
    this.#wait(token, hung)
    for (const [topic, data] of told(hung.door, hung.state)) {
      if (toldBefore.get(topic)?.[0]?.value === data[0]?.value) continue
      this.#options.publish(this.#notification(hung.door, topic, data))
    }
    this.#options.moved(hung.door, before, hung.state)
    return undefined
  }

  #wait(token: string, hung: Hung): void {
    clearTimeout(hung.timer)
    const at = nextDeadline(hung.state)
    // A timer may fire a moment early; the machine then asks for another.
    if (at !== undefined) hung.timer = setTimeout(() => this.step(token, { _tag: "Tick" }), Math.ceil(at - monotonic()))
  }

  /** Its timers end; the doors stay as they are. */
  stop(): void {
    for (const hung of this.#hung.values()) clearTimeout(hung.timer)
  }
}
