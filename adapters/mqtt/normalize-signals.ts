import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { decodeLorawan } from "./decode-lorawan.ts"
import type { Message, Normalized } from "./mapping.ts"
import type { Found } from "./normalize-devices.ts"
import { textMax, unreadable } from "../profile/unreadable.ts"
import type { Match, Workings } from "./normalize-message.ts"
import { type Heard, Reader } from "../profile/reader.ts"
import { type ReadPayload, redactRaw } from "./normalize-payload.ts"
import { availabilityOf, concernedBy, losersOf, stateIn } from "./normalize-presence.ts"
import { explode, fillTemplate, type Scope, textOf, valueAt } from "../profile/path.ts"

/** How many items of a message are looked at: no supported device sends half as many. */
const itemsMax = 5000

/** How many faults of one message are told: the first ones say what is wrong. */
const faultsMax = 8

/** Nobody configured the device; these are the addresses it goes by. */
interface Stranger {
  readonly addresses: ReadonlyArray<string>
}

/** One message on its way through one profile. */
class Listening {
  readonly observations: Array<Observation> = []
  /** Left out: none. */
  #faults: Map<Device, Array<string>> | undefined
  /** The first device's, and by their devices those of all: most messages are of one device. */
  #reader: Reader | undefined
  #readers: Map<Device, Reader> | undefined
  readonly #match: Match
  readonly #message: Message
  readonly #payload: ReadPayload
  readonly #workings: Workings
  #raw: string | undefined

  constructor(match: Match, message: Message, payload: ReadPayload, workings: Workings) {
    this.#match = match
    this.#message = message
    this.#payload = payload
    this.#workings = workings
  }

  /**
   * The payload as it may be kept. A method, and no function that the constructor makes: V8 makes one that is assigned to a
   * property old at once, and with it every message lives until all of the heap is collected.
   */
  raw(): string {
    return (this.#raw ??= redactRaw(this.#payload, this.#match.reading.profile.redact, this.#message.topic))
  }

  fault(device: Device, why: string): void {
    this.#faults ??= new Map()
    const faults = this.#faults.get(device) ?? []
    if (faults.length < faultsMax) this.#faults.set(device, [...faults, why])
  }

  reader(device: Device): Reader {
    const first = (this.#reader ??= this.#readerOf(device))
    if (first.heard.device === device) return first
    const readers = (this.#readers ??= new Map([[first.heard.device, first]]))
    const known = readers.get(device)
    if (known !== undefined) return known
    const reader = this.#readerOf(device)
    readers.set(device, reader)
    return reader
  }

  #readerOf(device: Device): Reader {
    const { reading } = this.#match
    const { topic, retained, receivedAt, payload } = this.#message
    const heard: Heard = {
      profile: reading.profile,
      device,
      parameters: reading.parametersOf(device),
      timeZone: this.#workings.timeZone,
      topic: topic.slice(0, textMax),
      retained,
      receivedAt,
      empty: payload.length === 0 || this.#payload.gone === true,
      raw: () => this.raw(),
      memory: this.#workings.memory
    }
    return new Reader(heard, this.observations)
  }

  /** The payload with what its bytes say, where the profile has a decoder for them. */
  decoded(scope: Scope, device: Device): Scope {
    const { decode } = this.#match.reading.profile.file
    const bytes = decode === undefined ? undefined : valueAt(scope, decode.path)
    if (decode === undefined || typeof bytes !== "string" || bytes === "") return scope
    if (decode.sealed !== undefined && (valueAt(scope, decode.sealed) ?? null) !== null) {
      this.fault(
        device,
        "its bytes are encrypted still, for the application alone; the network server has to decrypt them"
      )
      return scope
    }
    const names = decode.model.flatMap((path) => textOf(valueAt(scope, path)) ?? [])
    const configured = this.#match.reading.parametersOf(device)["model"] ?? ""
    const port = decode.port === undefined ? undefined : valueAt(scope, decode.port)
    const { decoded, fault } = decodeLorawan(bytes, port, configured, names)
    if (fault !== undefined) this.fault(device, fault)
    return { ...scope, payload: { ...(scope.payload as object), decoded } }
  }

  /** What the message as a whole says: whether devices are there, and what was lost. */
  whole(scope: Scope, device: Device | undefined): void {
    const { reading } = this.#match
    const { retained, topic } = this.#message
    const empty = this.#message.payload.length === 0
    for (const mapping of reading.profile.availability) {
      // An empty payload tells only what has a word for it.
      if (mapping.topic !== undefined || (empty && mapping.values?.[""] === undefined)) continue
      const concerned = concernedBy(reading, mapping, scope, device)
      const about = concerned.itself ?? concerned.behind[0]
      if (about === undefined || !this.reader(about).applies(mapping, scope)) continue
      const told = stateIn(mapping, scope)
      if (told === undefined) continue
      if ("why" in told) this.fault(about, told.why)
      else if (!this.#isSimulated(about, scope)) {
        const deviceTime = this.reader(about).deviceTime({}, scope)
        const time = deviceTime === undefined ? {} : { deviceTime }
        this.observations.push(...availabilityOf(concerned, told, { topic, recovery: retained, ...time }))
      }
    }
    if (device !== undefined) this.gaps(scope, device, true)
  }

  #isSimulated(device: Device, scope: Scope): boolean {
    try {
      return this.reader(device).holds(this.#match.reading.profile.simulated, scope)
    } catch {
      return true
    }
  }

  /** What the source says it lost. A retained message tells of a loss that was told when it was new. */
  gaps(outer: Scope, device: Device, once: boolean): void {
    const { reading } = this.#match
    if (this.#message.retained || this.#message.payload.length === 0) return
    const reader = this.reader(device)
    for (const mapping of reading.profile.gaps) {
      if ((mapping.once === true) !== once) continue
      for (const scope of reader.scopes(mapping, outer)) {
        const detail = (fillTemplate(mapping.detail, scope) ?? mapping.detail).slice(0, 500)
        if (mapping.counter === undefined) {
          const devices = losersOf(reading, mapping, scope, device).map(({ id }) => id)
          this.observations.push({ _tag: "Gap", cause: "EventsDropped", devices, detail })
          continue
        }
        const count = valueAt(scope, mapping.counter)
        const point = `${device.id} ${mapping.counter}`
        const skipped = typeof count === "number" ? this.#workings.memory.skipped(point, count) : 0
        // What is now is known: only what was in between is not.
        if (skipped > 0)
          this.observations.push({ _tag: "Gap", cause: "EventsDropped", devices: [], count: skipped, detail })
      }
    }
  }

  item(scope: Scope, { device, code }: Found): void {
    const named = code === undefined ? scope : { ...scope, captures: { ...scope.captures, code } }
    const at = this.decoded(named, device)
    this.gaps(at, device, false)
    this.reader(device).read(at)
  }

  finished(): Normalized {
    const { asks, faults = [] } = this.#payload
    const first = this.#reader
    if (first !== undefined) {
      for (const { heard, faults } of this.#readers?.values() ?? [first])
        for (const fault of faults) this.fault(heard.device, fault)
      for (const fault of faults) this.fault(first.heard.device, fault)
    }
    for (const [device, why] of this.#faults ?? [])
      this.observations.push(unreadable(this.#message.topic, this.raw(), why.join("; "), device))
    const { observations } = this
    const outcome = observations.length === 0 ? "ignored" : this.#faults === undefined ? "mapped" : "unreadable"
    return asks === undefined || asks.length === 0 ? { observations, outcome } : { observations, outcome, asks }
  }
}

/** What a message says of the devices that a match knows; else the addresses of the stranger it is of. */
export const signalsIn = (
  match: Match,
  message: Message,
  payload: ReadPayload,
  workings: Workings
): Normalized | Stranger => {
  const { reading, captures } = match
  const { each } = reading.profile.file
  const listening = new Listening(match, message, payload, workings)
  const whole: Scope = { payload: payload.value, captures }
  const addresses = reading.addressesIn(whole)
  const found = reading.find(addresses)
  listening.whole(whole, found?.device)
  const items = explode(whole, each)
  let stranger: ReadonlyArray<string> | undefined
  let known = found !== undefined
  for (const scope of items.length > itemsMax ? items.slice(0, itemsMax) : items) {
    const named = each === undefined ? addresses : reading.addressesIn(scope)
    const of = each === undefined ? found : reading.find(named)
    if (of === undefined) stranger ??= named
    else {
      known = true
      listening.item(scope, of)
      if (items.length > itemsMax)
        listening.fault(of.device, `it has ${items.length} items; at most ${itemsMax} are read`)
    }
  }
  const said = listening.finished()
  return known || said.observations.length > 0 ? said : { addresses: stranger ?? addresses }
}
