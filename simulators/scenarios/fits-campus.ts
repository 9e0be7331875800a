import { builtInConditions } from "../../gateway/domain/alert.ts"
import type { Campus, Door } from "../../gateway/domain/campus.ts"
import { defaultThreatLevels } from "../../gateway/domain/threat-level.ts"
import type { Action } from "../campus/action.ts"
import type { Speaker } from "../mqtt/dialect.ts"
import type { BrokerKind } from "./broker.ts"
import type { Place, ScenarioProblem, Where } from "./problem.ts"
import type { About, Order, Scenario } from "./scenario.ts"

type Report = (place: Place, message: string, unknown?: ScenarioProblem["unknown"]) => void

const deviceOf = (ref: string): string => ref.slice(0, ref.indexOf("/"))

/** The point of a door that an action moves, and what to call it. */
const pointOf = (door: Door, action: Action): readonly [string | undefined, string] => {
  switch (action._tag) {
    case "Badge":
      return [door.accessPoints?.[0]?.reader, "reader"]
    case "Open":
    case "Close":
      return [door.position, "position contact"]
    case "RequestExit":
    case "EndExitRequest":
      return [door.rex?.[0], "request to exit"]
    case "Tamper":
      return [door.tamper?.[0], "tamper point"]
    case "TurnLock":
      return [door.lock, "lock"]
    default:
      return [undefined, "such point"]
  }
}

class Checker {
  readonly problems: Array<ScenarioProblem> = []
  readonly #scenario: Scenario
  readonly #campus: Campus
  readonly #spokenFor: ReadonlySet<string>

  constructor(scenario: Scenario, campus: Campus, speakers: ReadonlyArray<Speaker>) {
    this.#scenario = scenario
    this.#campus = campus
    this.#spokenFor = new Set(speakers.flatMap((speaker) => speaker.devices))
  }

  readonly report: Report = (place, message, unknown) => {
    this.problems.push({ place, message, text: this.#scenario.text, ...(unknown === undefined ? {} : { unknown }) })
  }

  door(place: Place, id: string | undefined): Door | undefined {
    const door = this.#campus.doors.find((candidate) => candidate.id === id)
    if (id !== undefined && door === undefined)
      this.report(place, `there is no door "${id}"`, { word: id, known: this.#campus.doors.map((one) => one.id) })
    return door
  }

  device(place: Place, id: string | undefined): boolean {
    const known = this.#campus.devices.map((device) => device.id)
    if (id === undefined || known.includes(id as (typeof known)[number])) return id !== undefined
    this.report(place, `there is no device "${id}"`, { word: id, known })
    return false
  }

  area(place: Place, id: string | undefined): void {
    const known: ReadonlyArray<string> = this.#campus.areas.map((area) => area.id)
    if (id !== undefined && !known.includes(id)) this.report(place, `there is no area "${id}"`, { word: id, known })
  }

  order(where: Where, { what }: Order): void {
    const place = where.subject
    switch (what._tag) {
      case "Override":
      case "EndOverride":
        return this.area(place, what.area)
      case "ThreatLevel": {
        const known = this.#campus.site.threatLevels ?? defaultThreatLevels
        if (known.includes(what.level)) return
        return this.report(place, `there is no threat level "${what.level}"`, { word: what.level, known })
      }
      case "Maintain":
      case "EndMaintenance":
        return this.about(() => place, what.thing)
      case "Bypass":
      case "EndBypass":
        return this.bypassed(where, what)
      case "Forgive": {
        const known: ReadonlyArray<string> = (this.#campus.rules ?? []).map(({ id }) => id)
        if (known.includes(what.rule)) return
        return this.report(place, `there is no rule "${what.rule}"`, { word: what.rule, known })
      }
      case "Link":
      case "EventsLost":
        return
      case "Certificate":
        return void this.device(place, what.device)
      case "Acknowledge":
      case "CloseAlert":
      case "Shelve":
        this.condition(place, what.alert.condition)
        return this.about((key) => where.of(key), what.alert)
    }
  }

  /** A point that is none of the door's cannot be bypassed, and the scenario would show nothing. */
  bypassed(where: Where, { door: id, point }: { readonly door: string; readonly point: string }): void {
    const door = this.door(where.of("door"), id)
    if (door === undefined) return
    const known = [door.position, door.lock, door.alarm, ...(door.rex ?? [])].filter((ref) => ref !== undefined)
    if (!known.some((ref) => ref === point))
      this.report(where.subject, `door "${id}" has no point "${point}" that may be bypassed`, { word: point, known })
  }

  about(placeOf: (key: string) => Place, { door, device, area }: About): void {
    this.door(placeOf("door"), door)
    this.device(placeOf("device"), device)
    this.area(placeOf("area"), area)
  }

  /** A device that no simulator speaks for would keep silent, and the scenario would pass for no reason. */
  played(place: Place, id: string): void {
    if (!this.device(place, id) || this.#spokenFor.has(id)) return
    const profile = this.#campus.devices.find((device) => device.id === id)?.profile ?? ""
    this.report(place, `device "${id}" has the profile "${profile}", which no simulated device speaks`)
  }

  /** An alert that nothing on this campus raises would never come, and its silence would prove nothing. */
  condition(place: Place, condition: string): void {
    const rules = (this.#campus.rules ?? []).flatMap(({ alert }) => (alert === undefined ? [] : [alert.condition]))
    const known: ReadonlyArray<string> = [...builtInConditions, ...rules]
    if (condition !== "any" && !known.includes(condition))
      this.report(place, `no alert of this campus is called "${condition}"`, { word: condition, known })
  }

  action(place: Place, action: Action): void {
    if ("device" in action) return this.played(place, action.device)
    const door = this.door(place, action.door)
    if (door === undefined) return
    const [ref, what] = pointOf(door, action)
    if (ref === undefined) return this.report(place, `door "${door.id}" has no ${what}`)
    this.played(place, deviceOf(ref))
  }
}

/** What the scenario asks of this campus, or of its broker, that it does not have. */
export const fitsCampus = (
  scenario: Scenario,
  {
    campus,
    speakers,
    broker
  }: { readonly campus: Campus; readonly speakers: ReadonlyArray<Speaker>; readonly broker: BrokerKind }
): ReadonlyArray<ScenarioProblem> => {
  const checker = new Checker(scenario, campus, speakers)
  const seen = new Set<Where>()
  for (const step of scenario.steps) {
    // One written step may be several: a bounce, a request to exit and its end.
    if (seen.has(step.where)) continue
    seen.add(step.where)
    if (step._tag === "Acts") checker.action(step.where.subject, step.action)
    else if (step._tag === "Orders") checker.order(step.where, step.order)
    else if ("device" in step) checker.played(step.where.subject, step.device)
    else if (step._tag === "Sends" && step.carriage.retained && broker === "embedded")
      checker.report(
        step.where.of("retained"),
        'the embedded broker sends nothing as retained to the gateway; write "broker: outside" for a campus\'s own broker'
      )
  }
  for (const item of [...scenario.expect, ...scenario.silence]) {
    if (item._tag === "Alert") checker.condition(item.where.of("alert"), item.condition)
    if (item._tag === "Alert" && "becomes" in item && item.condition === "any")
      checker.report(item.where.of("alert"), 'an expected alert must be named; "any" is for silence')
    checker.about((key) => item.where.of(key), item)
  }
  return checker.problems
}
