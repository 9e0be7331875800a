import { Schema } from "effect"
import { AlertTransition, Priority } from "../../gateway/domain/alert.ts"
import { DeviceEvent, edgeWords } from "../../gateway/domain/device-event.ts"
import { DoorStanding } from "../../gateway/domain/door.ts"
import { OccurrenceWord } from "../../gateway/domain/observation.ts"
import type { Expectation, Silence, Span } from "./scenario.ts"
import { Duration, type Verb, verb } from "./written.ts"

/** What is expected `at` a time may come this much later when the scenario does not say `within`. */
const withinMs = 1000

/** Every word an event can be expected by: an edge's name, an occurrence, or the kind of event. */
export const eventWords: ReadonlyArray<string> = [
  ...new Set<string>([...Object.keys(DeviceEvent.cases), ...Object.keys(OccurrenceWord.cases), ...edgeWords])
].filter((word) => word !== "PointChanged" && word !== "Occurred")

/** The word an event is expected by. */
export const wordOf = (event: DeviceEvent): string => {
  if (event._tag === "PointChanged") return event.name
  return event._tag === "Occurred" ? event.occurrence._tag : event._tag
}

// The domain's words without their names: what is wrong with one is then told with the words that are right.
const Name = Schema.NonEmptyString
const about = { door: Schema.optionalKey(Name), device: Schema.optionalKey(Name), area: Schema.optionalKey(Name) }
const when = { at: Schema.optionalKey(Duration), within: Schema.optionalKey(Duration) }
const during = { from: Schema.optionalKey(Duration), until: Schema.optionalKey(Duration) }

const window = (item: { readonly at?: number | undefined; readonly within?: number | undefined }): Span => {
  const fromMs = item.at ?? 0
  const untilMs = item.at === undefined && item.within === undefined ? Infinity : fromMs + (item.within ?? withinMs)
  return { fromMs, untilMs }
}

const spanOf = (item: { readonly from?: number | undefined; readonly until?: number | undefined }): Span => ({
  fromMs: item.from ?? 0,
  untilMs: item.until ?? Infinity
})

/** Every way to write an expectation. Without `at`, any time will do. */
export const expectationVerbs: Readonly<Record<string, Verb<Expectation>>> = {
  alert: verb(
    {
      alert: Name,
      ...when,
      ...about,
      becomes: Schema.optionalKey(Schema.Literals(AlertTransition.literals)),
      priority: Schema.optionalKey(Schema.Literals(Priority.literals))
    },
    (item, where) => ({
      _tag: "Alert",
      where,
      condition: item.alert,
      becomes: item.becomes ?? "raised",
      priority: item.priority,
      door: item.door,
      device: item.device,
      area: item.area,
      span: window(item)
    })
  ),
  event: verb({ event: Name, ...when, ...about }, (item, where) => ({
    _tag: "Event",
    where,
    word: item.event,
    door: item.door,
    device: item.device,
    area: item.area,
    span: window(item)
  })),
  stands: verb({ stands: Schema.Literals(DoorStanding.literals), door: Name, at: Duration }, (item, where) => ({
    _tag: "Stands",
    where,
    door: item.door,
    standing: item.stands,
    atMs: item.at
  }))
}

/** Every way to say what must not come. Without `from` and `until`: never. */
export const silenceVerbs: Readonly<Record<string, Verb<Silence>>> = {
  alert: verb({ alert: Name, ...during, ...about }, (item, where) => ({
    _tag: "Alert",
    where,
    condition: item.alert,
    door: item.door,
    device: item.device,
    area: item.area,
    span: spanOf(item)
  })),
  event: verb({ event: Name, ...during, ...about }, (item, where) => ({
    _tag: "Event",
    where,
    word: item.event,
    door: item.door,
    device: item.device,
    area: item.area,
    span: spanOf(item)
  }))
}
