import type { AlertChange } from "../../gateway/domain/alert.ts"
import type { DeviceEvent } from "../../gateway/domain/device-event.ts"
import type { DoorStanding } from "../../gateway/domain/door.ts"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import { wordOf } from "./expectation-verbs.ts"
import type { Place } from "./problem.ts"
import type { About, Expectation, Scenario, Silence, Span } from "./scenario.ts"

/** What a gateway concluded in the course of a scenario, each with the time by its own clock. */
export interface Watched {
  readonly start: EpochMs
  readonly alerts: ReadonlyArray<{ readonly at: EpochMs; readonly change: AlertChange }>
  readonly events: ReadonlyArray<{ readonly at: EpochMs; readonly event: DeviceEvent }>
  /** Where a door stood after everything that happened until then. */
  readonly standing: (door: string, at: EpochMs) => DoorStanding | undefined
}

type Of<U extends { readonly _tag: string }, Tag extends U["_tag"]> = Extract<U, { readonly _tag: Tag }>
type Came = Watched["alerts"][number]

/** These ask a person to act: each must be expected. The other steps of an alert's life may come as they will. */
const asks: ReadonlySet<string> = new Set(["raised", "reactivated"])

const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

class Judge {
  readonly problems: Array<string> = []
  readonly #watched: Watched
  readonly #taken = new Set<Came>()

  constructor(watched: Watched) {
    this.#watched = watched
  }

  #say(place: Place, text: string): void {
    this.problems.push(`${placeText(place)} ${text}`)
  }

  #seconds(at: EpochMs): string {
    return `${Number(((at - this.#watched.start) / 1000).toFixed(3))} s`
  }

  #within(at: EpochMs, { fromMs, untilMs }: Span): boolean {
    return at - this.#watched.start >= fromMs && at - this.#watched.start <= untilMs
  }

  #spanText({ fromMs, untilMs }: Span): string {
    const { start } = this.#watched
    if (untilMs === Infinity) return fromMs === 0 ? "at any time" : `from ${this.#seconds(start + fromMs)} on`
    if (untilMs === fromMs) return `at ${this.#seconds(start + fromMs)}`
    return `between ${this.#seconds(start + fromMs)} and ${this.#seconds(start + untilMs)}`
  }

  #alertText({ at, change }: Came): string {
    const { alert, transition } = change
    const about = alert.door ?? alert.device ?? alert.key
    return `${alert.condition} of ${about}, ${transition} at ${this.#seconds(at)} (priority ${alert.priority})`
  }

  #concerns({ change }: Came, { door, device, area }: About): boolean {
    const { alert } = change
    return (
      (door === undefined || alert.door === door) &&
      (device === undefined || alert.device === device) &&
      (area === undefined || alert.area === area)
    )
  }

  alert(expected: Of<Expectation, "Alert">): void {
    const { condition, becomes, priority, span, where } = expected
    const kin = this.#watched.alerts.filter(
      (came) => came.change.alert.condition === condition && this.#concerns(came, expected)
    )
    const found = kin.find(
      (came) =>
        came.change.transition === becomes &&
        this.#within(came.at, span) &&
        (priority === undefined || came.change.alert.priority === priority) &&
        !this.#taken.has(came)
    )
    if (found !== undefined) return void this.#taken.add(found)
    const about = expected.door ?? expected.device ?? expected.area
    const wanted = [
      `expected ${condition}${about === undefined ? "" : ` of ${about}`} to be ${becomes} ${this.#spanText(span)}`,
      ...(priority === undefined ? [] : [`with priority ${priority}`])
    ].join(" ")
    const others = kin.length > 0 ? kin : this.#watched.alerts.filter(({ change }) => asks.has(change.transition))
    const came = others.slice(0, 5).map((one) => `\n  came: ${this.#alertText(one)}`)
    this.#say(where.item, `${wanted}; it did not come${came.join("")}`)
  }

  event(expected: Of<Expectation, "Event">): void {
    const { word, span, where } = expected
    const kin = this.#events(expected)
    if (kin.some(({ at }) => this.#within(at, span))) return
    const about = expected.door ?? expected.device ?? expected.area
    const came = kin.slice(0, 5).map(({ at }) => `\n  came: ${word} at ${this.#seconds(at)}`)
    const wanted = `expected event ${word}${about === undefined ? "" : ` of ${about}`} ${this.#spanText(span)}`
    this.#say(where.item, `${wanted}; it did not come${came.join("")}`)
  }

  #events(about: About & { readonly word: string }): Watched["events"] {
    return this.#watched.events.filter(
      ({ event }) =>
        wordOf(event) === about.word &&
        (about.door === undefined || event.door === about.door) &&
        (about.device === undefined || event.device === about.device) &&
        (about.area === undefined || ("area" in event && event.area === about.area))
    )
  }

  stands({ door, standing, atMs, where }: Of<Expectation, "Stands">): void {
    const at = this.#watched.start + atMs
    const stood = this.#watched.standing(door, at)
    if (stood === standing) return
    const changes = this.#watched.events.flatMap(({ at: changedAt, event }) =>
      event._tag === "DoorStandingChanged" && event.door === door
        ? [`\n  came: ${event.from} to ${event.to} at ${this.#seconds(changedAt)} (${event.reason})`]
        : []
    )
    const wanted = `expected ${door} to stand ${standing} at ${this.#seconds(at)}; it stood ${stood ?? "nowhere"}`
    this.#say(where.item, `${wanted}${changes.slice(-5).join("")}`)
  }

  silence(silence: Silence): void {
    const { where, span } = silence
    if (silence._tag === "Event") {
      for (const { at } of this.#events(silence).filter((came) => this.#within(came.at, span)))
        this.#say(where.item, `expected silence ${this.#spanText(span)}; ${silence.word} came at ${this.#seconds(at)}`)
      return
    }
    const broken = this.#watched.alerts.filter(
      (came) =>
        asks.has(came.change.transition) &&
        (silence.condition === "any" || came.change.alert.condition === silence.condition) &&
        this.#concerns(came, silence) &&
        this.#within(came.at, span)
    )
    for (const came of broken) {
      this.#taken.add(came)
      this.#say(where.item, `expected silence ${this.#spanText(span)}; ${this.#alertText(came)} came`)
    }
  }

  /** Whatever asked for a person and was not expected. */
  nothingElse(place: Place): void {
    for (const came of this.#watched.alerts) {
      if (!asks.has(came.change.transition) || this.#taken.has(came)) continue
      const why = came.change.why.map(({ at, text }) => `\n  because at ${this.#seconds(at)}: ${text}`)
      this.#say(place, `nobody expected ${this.#alertText(came)}${why.join("")}`)
    }
  }
}

/** The expectation that runs out first takes the alert that came first: no other choice serves more of them. */
const byEnd = (expectations: ReadonlyArray<Expectation>): ReadonlyArray<Of<Expectation, "Alert">> =>
  expectations
    .flatMap((expected) => (expected._tag === "Alert" ? [expected] : []))
    .toSorted((a, b) => (a.span.untilMs === b.span.untilMs ? 0 : a.span.untilMs < b.span.untilMs ? -1 : 1))

/** What of a scenario's expectations did not hold, in words with the place of each; empty when it passed. */
export const judge = (scenario: Scenario, watched: Watched): ReadonlyArray<string> => {
  const judging = new Judge(watched)
  for (const expected of byEnd(scenario.expect)) judging.alert(expected)
  for (const expected of scenario.expect) {
    if (expected._tag === "Event") judging.event(expected)
    if (expected._tag === "Stands") judging.stands(expected)
  }
  for (const silence of scenario.silence) judging.silence(silence)
  judging.nothingElse(scenario.expectPlace)
  return judging.problems
}

/** The instants at which a scenario looks at doors, from the start. */
export const looksAtMs = (scenario: Scenario): ReadonlyArray<number> =>
  scenario.expect.flatMap((expected) => (expected._tag === "Stands" ? [expected.atMs] : []))

/** When the scenario is over, from its start: some time after the last step, expectation and beginning of a silence. */
export const endsAtMs = (scenario: Scenario): number => {
  const finite = (ms: number): ReadonlyArray<number> => (Number.isFinite(ms) ? [ms] : [])
  const times = [
    ...scenario.steps.flatMap((step) => {
      if (step._tag === "Restarts") return [step.backMs]
      if (step._tag === "HoldsBack") return [step.untilMs]
      return finite(step.atMs + ("carriage" in step ? step.carriage.delayMs : 0))
    }),
    ...scenario.expect.flatMap((expected) =>
      expected._tag === "Stands"
        ? [expected.atMs]
        : finite(expected.span.untilMs === Infinity ? expected.span.fromMs : expected.span.untilMs)
    ),
    ...scenario.silence.flatMap(({ span }) => finite(span.untilMs === Infinity ? span.fromMs : span.untilMs))
  ]
  return Math.max(0, ...times) + scenario.settleMs
}
