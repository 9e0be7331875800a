import { fold, nextDue } from "../correlation/fold.ts"
import type { Situation } from "../correlation/situation.ts"
import type { AlertChange } from "../domain/alert.ts"
import type { Campus } from "../domain/campus.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import { OwnAlerts, type RecordedAlert } from "./own-alerts.ts"

/** Told of each step of an alert in the order in which they are concluded. */
export type Hear = (change: AlertChange) => void

/**
 * Facts of time get places between two entries of the log, so that no id of an entry ever names another fact. A fraction
 * of a power of two is exact beside every position that a log can reach.
 */
const between = 2 ** -20

/**
 * One course that events could have taken: the recorded facts folded on virtual time. It has nothing but its own memory:
 * no log to write, no device to tell, no clock to ask.
 */
export class Course {
  readonly #hear: Hear
  readonly #alerts: OwnAlerts
  #situation: Situation
  #seq: number

  constructor(situation: Situation, recorded: RecordedAlert, hear: Hear) {
    this.#situation = situation
    this.#seq = situation.seq
    this.#hear = hear
    this.#alerts = new OwnAlerts(situation, recorded)
  }

  get situation(): Situation {
    return this.#situation
  }

  /** Acts and pictures that this course had no alert for. */
  get withoutAlert(): number {
    return this.#alerts.missed
  }

  /** What falls due fires at its own instant; then the fact is folded, about this course's own alert. */
  enter(seq: number, fact: Fact): void {
    // While no gateway ran, nothing fell due.
    this.pass(fact._tag === "GatewayStarted" ? Math.min(fact.blindFrom ?? 0, fact.at) : fact.at)
    const own = this.#alerts.own(fact)
    if (own !== undefined) this.#fold(Math.max(seq, this.#seq + between), own)
  }

  /** A configuration takes the place of the one before. */
  configure(campus: Campus, version: string, at: EpochMs): void {
    this.#fold(this.#seq + between, { _tag: "ConfigApplied", at, campus, version, by: "replay" })
  }

  /** Lets time come to an instant. */
  pass(until: EpochMs): void {
    for (let due = nextDue(this.#situation); due !== undefined && due <= until; due = nextDue(this.#situation)) {
      this.#fold(this.#seq + between, { _tag: "TimePassed", at: due })
    }
  }

  #fold(seq: number, fact: Fact): void {
    const { situation, decisions } = fold(this.#situation, seq, fact)
    this.#situation = situation
    this.#seq = seq
    for (const decision of decisions) {
      if (decision._tag !== "Alert") continue
      this.#alerts.heard(decision.change.alert)
      this.#hear(decision.change)
    }
  }
}
