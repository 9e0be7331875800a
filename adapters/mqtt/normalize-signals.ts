import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { decodeLorawan } from "./decode-lorawan.ts"
import type { Message, Normalized } from "./mapping.ts"
import type { Found } from "./normalize-devices.ts"
import { textMax, unreadable } from "../profile/unreadable.ts"
import type { Match, Workings } from "./normalize-message.ts"
import { type Heard, holds, Reader } from "../profile/reader.ts"
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
  readonly #faults = new Map<Device, Array<string>>()
  readonly #readers = new Map<Device, Reader>()
  readonly #match: Match
  readonly #message: Message
  readonly #payload: ReadPayload
  readonly #workings: Workings
  readonly raw: () => string

  constructor(match: Match, message: Message, payload: ReadPayload, workings: Workings) {
    this.#match = match
    this.#message = message
    this.#payload = payload
    this.#workings = workings
    let raw: string | undefined
    this.raw = () => (raw ??= redactRaw(payload, match.reading.profile.redact, message.topic))
  }

  fault(device: Device, why: string): void {
    const faults = this.#faults.get(device) ?? []
    if (faults.length < faultsMax) this.#faults.set(device, [...faults, why])
  }

  reader(device: Device): Reader {
    const known = this.#readers.get(device)
    if (known !== undefined) return known
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
      raw: this.raw,
      memory: this.#workings.memory
    }
    const reader = new Reader(heard)
    this.#readers.set(device, reader)
    return reader
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
    if (this.#message.payload.length === 0) return
    for (const mapping of reading.profile.availability) {
      if (mapping.topic !== undefined) continue
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
      return holds(this.#match.reading.profile.simulated, this.reader(device).heard, scope)
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
    const captures = code === undefined ? scope.captures : { ...scope.captures, code }
    const at = this.decoded({ ...scope, captures }, device)
    this.gaps(at, device, false)
    const reader = this.reader(device)
    const before = reader.observations.length
    reader.read(at)
    this.observations.push(...reader.observations.slice(before))
  }

  finished(): Normalized {
    const { asks, faults = [] } = this.#payload
    for (const [device, reader] of this.#readers) for (const fault of reader.faults) this.fault(device, fault)
    const [first] = this.#readers.keys()
    if (first !== undefined) for (const fault of faults) this.fault(first, fault)
    for (const [device, why] of this.#faults)
      this.observations.push(unreadable(this.#message.topic, this.raw(), why.join("; "), device))
    const asked = asks === undefined || asks.length === 0 ? {} : { asks }
    if (this.observations.length === 0) return { observations: [], outcome: "ignored", ...asked }
    return { observations: this.observations, outcome: this.#faults.size === 0 ? "mapped" : "unreadable", ...asked }
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
  for (const scope of items.slice(0, itemsMax)) {
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
