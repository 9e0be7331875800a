import { Schema } from "effect"
import type { Device } from "../../gateway/domain/campus.ts"
import { type Observation, OccurrenceWord, PointValue } from "../../gateway/domain/observation.ts"
import { readTime } from "./normalize-time.ts"
import type { Compiled, CompiledProfile, Losing, Occurring, OccurrenceField, Reading } from "./profile.ts"
import { explode, fillTemplate, type Scope, textOf, valueAt } from "./profile-path.ts"

/** A message of one device, read, with what every observation made of it carries. */
export interface Heard {
  readonly profile: CompiledProfile
  readonly device: Device
  readonly timeZone: string
  readonly topic: string
  readonly retained: boolean
  readonly raw: string
}

/** What a message says: observations, and what of it could not be mapped, in words. */
export interface Observed {
  readonly observations: ReadonlyArray<Observation>
  readonly faults: ReadonlyArray<string>
}

const isPointValue = Schema.is(PointValue)
const isOccurrence = Schema.is(OccurrenceWord)
const pointName = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/

const swapped: Readonly<Record<string, string>> = {
  open: "closed",
  closed: "open",
  on: "off",
  off: "on",
  locked: "unlocked",
  unlocked: "locked"
}

/** A plain text payload is the value itself; in an object it stands at `path`. */
const valueOf = (scope: Scope, path: string | undefined): unknown =>
  path === undefined || typeof scope.payload !== "object" ? (scope.item ?? scope.payload) : valueAt(scope, path)

class Reader {
  readonly observations: Array<Observation> = []
  readonly faults: Array<string> = []
  readonly heard: Heard

  constructor(heard: Heard) {
    this.heard = heard
  }

  /** The scopes a mapping applies to: one for each item, of those whose condition holds. */
  scopes(mapping: Compiled<Pick<Losing, "each" | "when">>, outer: Scope): ReadonlyArray<Scope> {
    return explode(outer, mapping.each).filter((scope) => {
      const { payload, item, captures } = scope
      try {
        return mapping.condition({ payload, item, topic: captures, retained: this.heard.retained })
      } catch (error) {
        const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)
        this.faults.push(`the condition "${mapping.when ?? ""}" cannot be answered: ${why}`)
        return false
      }
    })
  }

  point(template: string, scope: Scope): string | undefined {
    const point = fillTemplate(template, scope)
    if (point === undefined) this.faults.push(`the point "${template}" names something that the message does not have`)
    else if (!pointName.test(point)) this.faults.push(`"${point}" cannot be the name of a point`)
    else return point
    return undefined
  }

  /** What every observation carries. A message's second observation has a native key of its own. */
  signal(mapping: Pick<Reading, "deviceTime">, point: string, scope: Scope) {
    const { profile, device, timeZone, topic, retained, raw } = this.heard
    const time = mapping.deviceTime ?? profile.file.deviceTime
    const deviceTime =
      time === undefined ? undefined : readTime(valueAt(scope, time.path), time.format, device.timeZone ?? timeZone)
    const key = profile.file.nativeKey === undefined ? undefined : fillTemplate(profile.file.nativeKey, scope)
    const nth = this.observations.length
    return {
      device: device.id,
      point,
      origin: retained ? ("recovery" as const) : ("change" as const),
      source: topic,
      ...(deviceTime === undefined ? {} : { deviceTime }),
      ...(key === undefined ? {} : { nativeKey: nth === 0 ? key : `${key}#${nth}` }),
      ...(profile.file.keepRaw === true ? { raw } : {})
    }
  }

  reading(mapping: Compiled<Reading>, scope: Scope): void {
    const value = valueOf(scope, mapping.path)
    // Absent is not false: a partial message says nothing about what it leaves out.
    if (value === undefined || value === null) return
    const text = textOf(value)
    const word = text === undefined ? undefined : mapping.values === undefined ? text : mapping.values[text]
    const where = mapping.path ?? "the payload"
    if (word === undefined) {
      const known = Object.keys(mapping.values ?? {}).map((name) => `"${name}"`)
      const expected =
        mapping.values === undefined ? `a word of the kind "${mapping.kind}"` : `one of ${known.join(", ")}`
      this.faults.push(`${where} is ${text === undefined ? "not a plain value" : `"${text}"`}; expected ${expected}`)
      return
    }
    const point = this.point(mapping.point, scope)
    if (point === undefined) return
    const said = this.heard.device.invert?.includes(point) === true ? (swapped[word] ?? word) : word
    const reading = { kind: mapping.kind, value: said }
    if (!isPointValue(reading)) {
      this.faults.push(`${where} is "${word}", which is not a word of the kind "${mapping.kind}"`)
      return
    }
    this.observations.push({ _tag: "Reading", ...this.signal(mapping, point, scope), reading })
  }

  field(field: OccurrenceField | undefined, scope: Scope): string | undefined {
    if (field === undefined) return undefined
    const text = textOf(valueAt(scope, field.path))
    if (text === undefined || field.none?.includes(text) === true) return undefined
    return field.values === undefined ? text : (field.values[text] ?? field.otherwise)
  }

  occurrence(mapping: Compiled<Occurring>, scope: Scope): void {
    const point = this.point(mapping.point, scope)
    if (point === undefined) return
    const fields = Object.entries(mapping.fields ?? {}).flatMap(([name, field]) => {
      const text = this.field(field, scope)
      return text === undefined ? [] : [[name, text] as const]
    })
    const occurrence = { _tag: mapping.word, ...Object.fromEntries(fields) }
    if (isOccurrence(occurrence)) {
      this.observations.push({ _tag: "Occurrence", ...this.signal(mapping, point, scope), occurrence })
    } else this.faults.push(`${mapping.word} at "${point}" lacks what it needs: ${JSON.stringify(occurrence)}`)
  }

  gap(mapping: Compiled<Losing>, scope: Scope): void {
    const detail = fillTemplate(mapping.detail, scope) ?? mapping.detail
    this.observations.push({ _tag: "Gap", cause: "EventsDropped", devices: [this.heard.device.id], detail })
  }

  read(outer: Scope): Observed {
    const { readings, occurrences, gaps } = this.heard.profile
    for (const mapping of readings) for (const scope of this.scopes(mapping, outer)) this.reading(mapping, scope)
    for (const mapping of occurrences) for (const scope of this.scopes(mapping, outer)) this.occurrence(mapping, scope)
    for (const mapping of gaps) for (const scope of this.scopes(mapping, outer)) this.gap(mapping, scope)
    return this
  }
}

/** What one message, or one item of it, says of its device. Pure; never throws. */
export const observe = (heard: Heard, scope: Scope): Observed => new Reader(heard).read(scope)
