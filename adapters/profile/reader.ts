import { createHash } from "node:crypto"
import type { Device } from "../../gateway/domain/campus.ts"
import type { DeviceId } from "../../gateway/domain/ids.ts"
import type { Observation, OccurrenceWord, Origin, PointValue } from "../../gateway/domain/observation.ts"
import type { Condition, Scope as Asked } from "./expression.ts"
import type { Compiled, Profile } from "./compile.ts"
import type { Occurring, OccurrenceField, Reading } from "./file.ts"
import type { Happening, Memory } from "./memory.ts"
import { explode, fillTemplate, firstValueAt, type Scope, textOf, valueAt } from "./path.ts"
import { faultOf } from "./occurrence-fields.ts"
import { pointNamed } from "./point-name.ts"
import { readTime } from "./time.ts"
import { placeOf, pointValueOf, shown, wordOf } from "./word.ts"

/** A message of one device, read, with what every observation made of it carries. */
export interface Heard {
  readonly profile: Profile
  readonly device: Device
  readonly parameters: Readonly<Record<string, string>>
  readonly timeZone: string
  readonly topic: string
  readonly retained: boolean
  readonly receivedAt: number
  /** The payload has no bytes: only a mapping that knows what that means has something to say. */
  readonly empty: boolean
  /** The source says that what it told of is no more: there are no values, and a condition on one does not hold. */
  readonly gone?: boolean
  /** When it happened, where the protocol itself has a place for it; a mapping's `deviceTime` overrides it. */
  readonly deviceTime?: number | undefined
  /** Names the happening that the message tells of, where the protocol may tell it twice. */
  readonly happening?: string | undefined
  /** How a text of the message is written into the name of a point; left out: as it is. */
  readonly named?: (text: string) => string
  readonly raw: () => string
  readonly memory: Memory
}

/** What every observation of a message carries; what it is of is added. */
interface Signal {
  readonly _tag: "Reading" | "Occurrence"
  readonly device: DeviceId
  readonly point: string
  origin: Origin
  readonly source: string
  deviceTime?: number
  nativeKey?: string
  test?: boolean
  raw?: string
  reading?: PointValue
  occurrence?: OccurrenceWord
}

/** What a message says: observations, and what of it could not be mapped, in words. */
export interface Observed {
  readonly observations: ReadonlyArray<Observation>
  readonly faults: ReadonlyArray<string>
}

/** No card, plate or name is longer; a text that is would fill the log. */
const fieldMax = 256

/** How many items of a message are looked at: no supported device sends half as many. */
const itemsMax = 5000

const swapped: Readonly<Record<string, string>> = {
  open: "closed",
  closed: "open",
  on: "off",
  off: "on",
  locked: "unlocked",
  unlocked: "locked"
}

/** A field's text; of a list, its texts with commas between. */
const fieldText = (value: unknown): string | undefined =>
  Array.isArray(value)
    ? value
        .slice(0, 32)
        .flatMap((item: unknown) => textOf(item) ?? [])
        .join(", ")
    : textOf(value)

const fieldIn = ({ path = [], none }: OccurrenceField, scope: Scope): string | undefined => {
  for (const one of typeof path === "string" ? [path] : path) {
    const text = fieldText(valueAt(scope, one))
    if (text !== undefined && none?.includes(text) !== true) return text
  }
  return undefined
}

const noScopes: ReadonlyArray<Scope> = []

/** Reads the items of one message for one device. */
export class Reader {
  readonly observations: Array<Observation>
  readonly faults: Array<string> = []
  readonly heard: Heard
  /** Native keys so far, and how often each: an observation has a key of its own. */
  #keys: Map<string, number> | undefined
  /** What conditions see of the scope that was asked about last: a profile asks many about one. */
  #asked: { readonly about: Scope; readonly scope: Asked } | undefined

  /** `observations`: where those that it makes are added. */
  constructor(heard: Heard, observations: Array<Observation> = []) {
    this.heard = heard
    this.observations = observations
  }

  /** Whether a condition holds for the message; an absent one does not. Throws when it cannot be answered. */
  holds(condition: Condition | undefined, about: Scope): boolean {
    if (condition === undefined) return false
    if (this.#asked?.about !== about) {
      const { parameters, retained } = this.heard
      const { payload, item, captures } = about
      this.#asked = { about, scope: { payload, item, topic: captures, parameters, retained } }
    }
    return condition(this.#asked.scope)
  }

  /** Whether a mapping applies; a condition that the message cannot answer is a fault, never a no. */
  applies(mapping: Compiled<{ readonly when?: string }>, scope: Scope): boolean {
    const { matches, condition } = mapping
    if (matches !== undefined) {
      for (const [path, texts] of matches) {
        const text = textOf(valueAt(scope, path))
        if (text === undefined || !texts.has(text)) return false
      }
    }
    if (condition === undefined) return true
    try {
      return this.holds(condition, scope)
    } catch (error) {
      if (this.heard.gone === true) return false
      const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)
      this.faults.push(`the condition "${mapping.when ?? ""}" cannot be answered: ${why.slice(0, 200)}`)
      return false
    }
  }

  /**
   * Whether a reading has a value to read. A message has values for few of a profile's readings: the others need not be asked
   * whether they apply.
   */
  mayTell({ is, each, path }: Compiled<Reading>, scope: Scope): boolean {
    if (is !== undefined || each !== undefined || path === undefined) return true
    if (this.heard.empty || typeof scope.payload !== "object") return true
    const value = firstValueAt(scope, path)
    return value !== undefined && value !== null
  }

  /** The scopes a mapping applies to: one for each item, of those whose condition holds. */
  scopes(mapping: Compiled<{ readonly each?: string; readonly when?: string }>, outer: Scope): ReadonlyArray<Scope> {
    if (mapping.each === undefined) return this.applies(mapping, outer) ? [outer] : noScopes
    const items = explode(outer, mapping.each)
    if (items.length > itemsMax)
      this.faults.push(`it has ${items.length} items at ${mapping.each}; at most ${itemsMax} are read`)
    return items.slice(0, itemsMax).filter((scope) => this.applies(mapping, scope))
  }

  point(template: string, scope: Scope): string | undefined {
    const name = fillTemplate(template, scope, this.heard.named)
    if (name === undefined) {
      this.faults.push(`the point "${template}" names something that the message does not have`)
      return undefined
    }
    const point = pointNamed(name)
    if (point === undefined) this.faults.push(`${shown(name)} cannot be the name of a point`)
    return point
  }

  nativeKey(templates: Reading["nativeKey"], scope: Scope): string | undefined {
    for (const template of templates === undefined || typeof templates === "string" ? [templates] : templates) {
      const filled = template === undefined ? undefined : fillTemplate(template, scope)
      if (filled !== undefined)
        return filled.length <= fieldMax ? filled : `sha256:${createHash("sha256").update(filled).digest("hex")}`
    }
    return undefined
  }

  /** A message's second observation with one key has a key of its own. */
  #own(key: string): string {
    const keys = (this.#keys ??= new Map())
    const nth = keys.get(key) ?? 0
    keys.set(key, nth + 1)
    return nth === 0 ? key : `${key}#${nth}`
  }

  origin(mapping: Pick<Reading, "origin">, scope: Scope): Origin {
    const { profile, retained } = this.heard
    if (mapping.origin !== undefined) return mapping.origin
    if (retained) return "recovery"
    if (this.holds(profile.recovery, scope)) return "recovery"
    return this.holds(profile.replayed, scope) ? "replayed" : "change"
  }

  deviceTime(mapping: Pick<Reading, "deviceTime">, scope: Scope): number | undefined {
    const { profile, device, timeZone } = this.heard
    const time = mapping.deviceTime ?? profile.file.deviceTime
    if (time === undefined) return this.heard.deviceTime
    if (time === "none") return undefined
    return readTime(firstValueAt(scope, time.path), time.format, device.timeZone ?? timeZone)
  }

  /** What every observation carries. */
  signal(
    _tag: Signal["_tag"],
    mapping: Pick<Reading, "deviceTime" | "nativeKey" | "origin">,
    point: string,
    scope: Scope
  ): Signal {
    const { profile, device, topic } = this.heard
    const deviceTime = this.deviceTime(mapping, scope)
    const key = this.nativeKey(mapping.nativeKey ?? profile.file.nativeKey, scope)
    // One is made of every message: put together so it costs a third of what a spread of it would.
    const signal: Signal = { _tag, device: device.id, point, origin: this.origin(mapping, scope), source: topic }
    if (deviceTime !== undefined) signal.deviceTime = deviceTime
    // A reading that recovers a state may be needed again, after the state was lost: no key may drop it.
    if (key !== undefined && (_tag !== "Reading" || signal.origin !== "recovery")) signal.nativeKey = this.#own(key)
    if (this.holds(profile.simulated, scope)) signal.test = true
    if (profile.file.keepRaw === true) signal.raw = this.heard.raw()
    return signal
  }

  reading(mapping: Compiled<Reading>, scope: Scope): void {
    const word = this.heard.empty ? mapping.empty : wordOf(mapping, scope, (why) => this.faults.push(why))
    const point = word === undefined ? undefined : this.point(mapping.point, scope)
    if (word === undefined || point === undefined) return
    const said = this.heard.device.invert?.includes(point) === true ? (swapped[word] ?? word) : word
    const reading = pointValueOf(mapping.kind, said)
    if (reading === undefined) {
      this.faults.push(`${placeOf(mapping)} is ${shown(word)}, which is not a word of the kind "${mapping.kind}"`)
      return
    }
    const signal = this.signal("Reading", mapping, point, scope)
    signal.reading = reading
    this.observations.push(signal as Observation)
  }

  /** A field's text: of several places the first that has one which is not "none". */
  field(name: string, field: OccurrenceField, scope: Scope): string | undefined {
    if (field.is !== undefined) return field.is
    const text = fieldIn(field, scope)
    if (field.values !== undefined)
      return text !== undefined && Object.hasOwn(field.values, text) ? field.values[text] : field.otherwise
    if (text === undefined || text.length <= fieldMax) return text
    this.faults.push(`its ${name} has ${text.length} characters; at most ${fieldMax} are kept`)
    return undefined
  }

  /** Which happening this is, where the source tells of one more than once. */
  happening(mapping: Occurring, point: string, what: string, scope: Scope): Happening | undefined {
    const { repeats } = mapping
    const { memory, device, receivedAt } = this.heard
    if (repeats === undefined) return undefined
    const where = `${device.id}/${point}`
    if ("withinMs" in repeats) return memory.burst(`${where} ${what}`, repeats.withinMs, receivedAt)
    const counter = textOf(valueAt(scope, repeats.counter))
    if (counter === undefined) return undefined
    const { key, known } = memory.counted(where, counter.slice(0, fieldMax), receivedAt)
    return { key, known: known || repeats.first === "change" }
  }

  occurrence(mapping: Compiled<Occurring>, scope: Scope): void {
    if (this.heard.empty) return
    const point = this.point(mapping.point, scope)
    if (point === undefined) return
    const texts: Record<string, string> = { _tag: mapping.word }
    for (const name in mapping.fields) {
      const text = this.field(name, mapping.fields[name]!, scope)
      if (text !== undefined) texts[name] = text
    }
    const fault = faultOf(mapping.word, texts)
    if (fault !== undefined) {
      this.faults.push(`${mapping.word} at "${point}" ${fault}`)
      return
    }
    const occurrence = texts as unknown as OccurrenceWord
    const happening =
      mapping.repeats === undefined ? undefined : this.happening(mapping, point, JSON.stringify(occurrence), scope)
    const signal = this.signal("Occurrence", mapping, point, scope)
    const key = happening?.key ?? (signal.nativeKey === undefined ? this.heard.happening : undefined)
    if (key !== undefined) signal.nativeKey = this.#own(key)
    if (happening?.known === false && signal.origin === "change") signal.origin = "recovery"
    signal.occurrence = occurrence
    this.observations.push(signal as Observation)
  }

  /** What one message, or one item of it, says of the device. Never throws. */
  read(outer: Scope): void {
    const { payload } = outer
    const { profile, empty } = this.heard
    const isRead = !empty && typeof payload === "object" && payload !== null
    const { readings, occurrences } = isRead ? profile.concernedBy(payload) : profile
    try {
      for (const mapping of readings)
        if (this.mayTell(mapping, outer)) for (const scope of this.scopes(mapping, outer)) this.reading(mapping, scope)
      for (const mapping of occurrences)
        for (const scope of this.scopes(mapping, outer)) this.occurrence(mapping, scope)
    } catch (error) {
      // A condition of the profile as a whole that the message cannot answer.
      this.faults.push((error instanceof Error ? error.message : String(error)).split("\n")[0]!.slice(0, 200))
    }
  }
}
