import type { Campus } from "../../gateway/domain/campus.ts"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import { inWords } from "../campus/action.ts"
import type { Signal } from "../campus/signal.ts"
import { isHeard, stepWorld, type World, worldAtRest } from "../campus/world.ts"
import type { Speaker } from "../mqtt/dialect.ts"
import type { Message } from "../mqtt/message.ts"
import { greeting, utter } from "../mqtt/speakers.ts"
import type { Carriage, Order, Step } from "./scenario.ts"

/** What a speaker says on connecting. */
export interface Greeting {
  readonly speaker: Speaker
  readonly messages: ReadonlyArray<Message>
}

/** One thing on the wire, or with the gateway, in the course of a scenario. */
export type CourseEvent = { readonly at: EpochMs } & (
  | { readonly _tag: "Says"; readonly speaker: Speaker; readonly message: Message; readonly carriage: Carriage }
  | { readonly _tag: "Cut"; readonly speaker: Speaker }
  | ({ readonly _tag: "Joins" } & Greeting)
  /** Of no device: what somebody, or the broker itself, sends. */
  | { readonly _tag: "Sends"; readonly message: Message; readonly carriage: Carriage }
  | { readonly _tag: "Orders"; readonly order: Order }
  | { readonly _tag: "GatewayDies" }
  | { readonly _tag: "GatewayBack"; readonly session: "kept" | "lost" }
  /** Where the gateway is the broker: the devices have noticed that it is back. */
  | { readonly _tag: "Rejoin"; readonly greetings: ReadonlyArray<Greeting> }
  /** For people who watch; `world` is the campus after it. */
  | { readonly _tag: "Told"; readonly text: string; readonly world: World }
)

export interface CourseOptions {
  readonly campus: Campus
  readonly speakers: ReadonlyArray<Speaker>
  readonly steps: ReadonlyArray<Step>
  /** The instant the steps' times count from. */
  readonly start: EpochMs
}

/** Devices have connected and greeted this long before the first step. */
export const greetedBeforeMs = 9000

/** A device notices after this long that its broker is back. */
const rejoinMs = 1000

type Item = { readonly atMs: number } & (
  | Step
  | { readonly _tag: "GatewayBack"; readonly session: "kept" | "lost" }
  | { readonly _tag: "Rejoin" }
)

/** A restart is three moments. */
const items = (steps: ReadonlyArray<Step>): ReadonlyArray<Item> =>
  steps
    .flatMap((step): ReadonlyArray<Item> => {
      if (step._tag !== "Restarts") return [step]
      const { backMs, session } = step
      return [step, { _tag: "GatewayBack", atMs: backMs, session }, { _tag: "Rejoin", atMs: backMs + rejoinMs }]
    })
    .toSorted((a, b) => (a.atMs === b.atMs ? 0 : a.atMs < b.atMs ? -1 : 1))

/** Walks through the steps with the world, and writes down what is heard of it and when. */
class Course {
  readonly events: Array<CourseEvent> = []
  readonly #options: CourseOptions
  readonly #offsets = new Map<string, number>()
  readonly #holds = new Map<string, number>()
  #world: World

  constructor(options: CourseOptions) {
    this.#options = options
    this.#world = worldAtRest(options.campus)
  }

  /** The time a device believes it to be. */
  #clock(at: EpochMs): (device: string) => EpochMs {
    return (device) => at + (this.#offsets.get(device) ?? 0)
  }

  greet(at: EpochMs, world = this.#world): ReadonlyArray<Greeting> {
    return this.#options.speakers
      .filter((speaker) => isHeard(world, speaker.own))
      .map((speaker) => ({ speaker, messages: greeting(speaker, world, this.#clock(at)) }))
  }

  /** When a device's message that was said at `at` goes out. */
  #leaves(speaker: Speaker, device: string, at: EpochMs): EpochMs {
    return Math.max(at, this.#holds.get(device) ?? at, this.#holds.get(speaker.own) ?? at)
  }

  #hear(at: EpochMs, signals: ReadonlyArray<Signal>, carriage: Carriage): void {
    const clock = this.#clock(at)
    for (const utterance of utter(this.#options.speakers, signals, clock)) {
      const { speaker } = utterance
      if (utterance._tag === "Cut") this.events.push({ _tag: "Cut", at, speaker })
      else if (utterance._tag === "Joins")
        this.events.push({ _tag: "Joins", at, speaker, messages: greeting(speaker, this.#world, clock) })
      else {
        const leaves = this.#leaves(speaker, utterance.device, at) + carriage.delayMs
        for (const message of utterance.messages) {
          this.events.push({ _tag: "Says", at: leaves, speaker, message, carriage })
        }
      }
    }
  }

  take(item: Item): void {
    const { start, campus } = this.#options
    const at = start + item.atMs
    switch (item._tag) {
      case "Acts": {
        const nameOf = (id: string): string =>
          [...campus.doors, ...campus.devices].find((one) => one.id === id)?.name ?? id
        const stepped = stepWorld(this.#world, item.action)
        this.#world = stepped.world
        this.events.push({ _tag: "Told", at, text: inWords(item.action, nameOf), world: stepped.world })
        return this.#hear(at, stepped.signals, item.carriage)
      }
      case "SetsClock":
        return void this.#offsets.set(item.device, item.offsetMs)
      case "HoldsBack":
        return void this.#holds.set(item.device, start + item.untilMs)
      case "Sends": {
        const { topic, payload, carriage } = item
        const message = { topic, payload, retain: carriage.retained }
        return void this.events.push({ _tag: "Sends", at: at + carriage.delayMs, message, carriage })
      }
      case "Orders":
        return void this.events.push({ _tag: "Orders", at, order: item.order })
      case "Restarts":
        return void this.events.push({ _tag: "GatewayDies", at })
      case "GatewayBack":
        return void this.events.push({ _tag: "GatewayBack", at, session: item.session })
      case "Rejoin":
        return void this.events.push({ _tag: "Rejoin", at, greetings: this.greet(at) })
    }
  }
}

/**
 * What the steps put on the wire, in order of time: every device has greeted before the first of them. Pure but for
 * the speakers, which remember what they said: a course wants speakers of its own. Throws `NotOnCampus`.
 */
export const courseOf = (options: CourseOptions): ReadonlyArray<CourseEvent> => {
  const course = new Course(options)
  const all = items(options.steps)
  for (const item of all) if (item.atMs === Number.NEGATIVE_INFINITY) course.take(item)
  const at = options.start - greetedBeforeMs
  for (const hello of course.greet(at)) course.events.push({ _tag: "Joins", at, ...hello })
  for (const item of all) if (item.atMs !== Number.NEGATIVE_INFINITY) course.take(item)
  return course.events.toSorted((a, b) => a.at - b.at)
}
