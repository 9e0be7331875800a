import {
  type DoorInput,
  type DoorOptions,
  type DoorState,
  type DoorTimings,
  doorAtRest,
  nextDeadline,
  stepDoor,
  usualTimings
} from "../campus/door-machine.ts"
import type { ReaderOptions } from "./options.ts"
import type { Card, Denial, PanelEvent } from "./panel-event.ts"

/** What the panel's own rules say of a card. */
export type Decision =
  | { readonly granted: true; readonly extended?: boolean }
  | { readonly granted: false; readonly reason: Denial }

interface Hung {
  readonly token: string
  readonly timings: DoorTimings
  state: DoorState
  timer: NodeJS.Timeout | undefined
  /** Who was let in and has not opened yet. */
  pending: { readonly reader: string; readonly card: Card } | undefined
}

export interface DoorsOptions {
  /** Told whenever a door has changed. */
  readonly changed: (token: string, state: DoorState) => void
  readonly happened: (event: PanelEvent) => void
}

const monotonic = (): number => performance.now()

/** The doors and readers of a server's panels: they live on while the server is down, as doors do. */
export class Doors {
  readonly #hung = new Map<string, Hung>()
  readonly #readers: ReadonlyMap<string, ReaderOptions>
  readonly #options: DoorsOptions

  constructor(doors: ReadonlyArray<DoorOptions>, readers: ReadonlyArray<ReaderOptions>, options: DoorsOptions) {
    this.#options = options
    this.#readers = new Map(readers.map((reader) => [reader.token, reader]))
    for (const door of doors) this.hang(door)
  }

  /** A door that is there from now on, at rest. */
  hang({ token, timings }: DoorOptions): void {
    this.#hung.set(token, {
      token,
      timings: { ...usualTimings, ...timings },
      state: doorAtRest,
      timer: undefined,
      pending: undefined
    })
  }

  takeDown(token: string): void {
    clearTimeout(this.#hung.get(token)?.timer)
    this.#hung.delete(token)
  }

  get states(): ReadonlyMap<string, DoorState> {
    return new Map([...this.#hung].map(([token, { state }]) => [token, state]))
  }

  doorOf(reader: string): string | undefined {
    return this.#readers.get(reader)?.door
  }

  /** Gives a door its input; answers with the reason when the panel refuses. */
  step(token: string, input: DoorInput): string | undefined {
    const hung = this.#hung.get(token)
    if (hung === undefined) return `there is no door ${token}`
    const stepped = stepDoor(hung.state, input, monotonic(), hung.timings)
    if ("refused" in stepped) return stepped.refused
    const before = hung.state
    hung.state = stepped.state
    this.#wait(hung)
    this.#options.changed(token, hung.state)
    this.#passed(hung, before)
    return undefined
  }

  /** A card is at a reader. A door that may not be opened at all denies everybody. */
  present(token: string, card: Card, decision: Decision): void {
    const reader = this.#readers.get(token)
    const hung = reader === undefined ? undefined : this.#hung.get(reader.door)
    if (hung === undefined) return
    if (!decision.granted) {
      return this.#options.happened({ _tag: "AccessDenied", reader: token, card, reason: decision.reason })
    }
    const extended = decision.extended === true
    const ask: DoorInput = { _tag: "Access", extended }
    if ("refused" in stepDoor(hung.state, ask, monotonic(), hung.timings)) {
      return this.#options.happened({ _tag: "AccessDenied", reader: token, card, reason: "door blocked" })
    }
    this.#giveUp(hung)
    this.#options.happened({ _tag: "AccessGranted", reader: token, card, extended })
    hung.pending = { reader: token, card }
    this.step(hung.token, ask)
  }

  /** Somebody wants to leave: told, and let out. */
  requestExit(token: string): void {
    if (!this.#hung.has(token)) return
    this.#options.happened({ _tag: "ExitRequested", door: token })
    this.step(token, { _tag: "Access", extended: false })
  }

  /** An opening is what a grant was for, a relocking without one its end. */
  #passed(hung: Hung, before: DoorState): void {
    if (hung.pending === undefined) return
    if (before.physical !== "Open" && hung.state.physical === "Open") {
      const taken = hung.pending
      hung.pending = undefined
      this.#options.happened({ _tag: "AccessTaken", ...taken })
    } else if (before.mode === "Accessed" && hung.state.mode !== "Accessed") this.#giveUp(hung)
  }

  #giveUp(hung: Hung): void {
    const { pending } = hung
    if (pending === undefined) return
    hung.pending = undefined
    this.#options.happened({ _tag: "AccessNotTaken", ...pending })
  }

  #wait(hung: Hung): void {
    clearTimeout(hung.timer)
    const at = nextDeadline(hung.state)
    // A timer may fire a moment early; the machine then asks for another.
    if (at !== undefined)
      hung.timer = setTimeout(() => this.step(hung.token, { _tag: "Tick" }), Math.ceil(at - monotonic()))
  }

  /** Their timers end; the doors stay as they are. */
  stop(): void {
    for (const { timer } of this.#hung.values()) clearTimeout(timer)
  }
}
