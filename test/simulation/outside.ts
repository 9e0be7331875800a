import type { Observation } from "../../gateway/domain/observation.ts"
import { DeviceId } from "../../gateway/domain/ids.ts"
import type { Signal } from "../../simulators/campus/signal.ts"
import { presentReadings, stepWorld, type World, worldAtRest } from "../../simulators/campus/world.ts"
import { campus, type LinkName, linkOf, links, panel } from "./campus.ts"
import { Panel } from "./panel.ts"
import { Peer } from "./peer.ts"
import type { Step } from "./plan.ts"
import type { VirtualTime } from "./virtual-time.ts"

/** Devices that say when it happened. The others leave that to whoever hears them. */
const dated: ReadonlySet<string> = new Set(["east-reader", "panel", "hatch-contact"])

/** After a new line a device of a broker repeats its state within this. */
const repeatsWithinMs = 3000

type Happening = Extract<Step, { readonly _tag: "Happens" }>

/** The campus, its devices, and the other sides of the links: all that the gateway hears comes from here. */
export class Outside {
  readonly peers: ReadonlyMap<LinkName, Peer>
  readonly panel: Panel
  readonly #time: VirtualTime
  #world: World = worldAtRest(campus)
  readonly #aheadMs = new Map<string, number>()
  #messages = 0
  /** Messages that tell of a happening that another has told of, by its own key. */
  readonly #repeated = new Set<string>()
  readonly #dice: () => number

  constructor(time: VirtualTime, dice: () => number, hearsTwice: boolean) {
    this.#time = time
    this.#dice = dice
    const entries = Object.entries(links) as ReadonlyArray<[LinkName, string]>
    this.peers = new Map(entries.map(([link, how]) => [link, new Peer(link, how !== "forgets", time)]))
    this.panel = new Panel(time, hearsTwice ? 2 : 1, (observations) => this.#says("panels", observations))
    for (const [link, peer] of this.peers) {
      peer.hello = (forgot) => this.#greeting(link, forgot)
      peer.joined = () => this.#repeats(link)
      peer.abilities = (device) => this.panel.abilities(device)
    }
  }

  #peer(link: LinkName): Peer {
    return this.peers.get(link)!
  }

  #says(link: LinkName, observations: ReadonlyArray<Observation>): void {
    const name = `m${++this.#messages}`
    const named = observations.map((one): Observation => ("source" in one ? { ...one, source: name } : one))
    this.#peer(link).says(name, named)
  }

  /** A line on which something was missed begins with that; a panel then tells all that it has. */
  #greeting(link: LinkName, forgot: boolean): ReadonlyArray<Observation> {
    if (!forgot) return []
    const gap: Observation = { _tag: "Gap", cause: "SessionLost", detail: "nobody kept what was said meanwhile" }
    if (link !== "panels") return [gap]
    const points = presentReadings(this.#world, panel).flatMap(
      (signal) => this.#observation(signal, this.#time.now) ?? []
    )
    return [gap, ...points, ...this.panel.tellsAll()]
  }

  /** Devices find their way back one by one, and say how they are. */
  #repeats(link: LinkName): void {
    if (link === "panels") return
    for (const { id } of campus.devices.filter((device) => device.link === link)) {
      this.#time.after(Math.round(this.#dice() * repeatsWithinMs), () =>
        this.#act({ _tag: "Repeat", device: id }, 0, false)
      )
    }
  }

  /** Whether a message tells nothing but what another has told: its source says the same happening twice. */
  mayBeDropped(name: string): boolean {
    return this.#repeated.has(name)
  }

  apply(step: Step): void {
    switch (step._tag) {
      case "Happens":
        return this.#act(step.action, step.delayMs, step.twice)
      case "LinkFalls":
        return this.#peer(step.link).falls(step.forMs, step.forgets)
      case "Answering":
        this.panel.answering = step.how
        return
      case "Clock":
        return void this.#aheadMs.set(step.device, step.aheadMs)
      case "Condition":
        return this.panel.turn(step.id, step.active)
      default:
        return
    }
  }

  #act(action: Happening["action"], delayMs: number, twice: boolean): void {
    const { world, signals } = stepWorld(this.#world, action)
    this.#world = world
    const at = this.#time.now
    for (const signal of signals) {
      const observation = this.#observation(signal, at)
      if (observation === undefined) continue
      this.#time.after(delayMs, () => {
        this.#says(linkOf(signal.device), [observation])
        if (!twice) return
        this.#says(linkOf(signal.device), [observation])
        if ("nativeKey" in observation) this.#repeated.add(`m${this.#messages}`)
      })
    }
  }

  #observation(signal: Signal, at: number): Observation | undefined {
    const device = DeviceId.make(signal.device)
    if (signal._tag === "Presence") {
      const state = signal.online ? "online" : "offline"
      return { _tag: "Availability", device, state, origin: "change", reason: `it is ${state}`, source: "" }
    }
    const ahead = this.#aheadMs.get(device) ?? 0
    const origin = signal._tag === "Reading" && signal.repeated && device === panel ? "recovery" : "change"
    const told = {
      device,
      point: signal.point,
      origin,
      source: "",
      ...(dated.has(device) ? { deviceTime: at + ahead } : {})
    } as const
    if (signal._tag === "Reading") return { _tag: "Reading", ...told, reading: signal.reading }
    const key = device === panel ? { nativeKey: String(signal.number) } : {}
    return { _tag: "Occurrence", ...told, ...key, occurrence: signal.occurrence }
  }
}
