import { HashMap } from "effect"
import { innerOf } from "../../gateway/correlation/draft.ts"
import { nextDue } from "../../gateway/correlation/fold.ts"
import { freeze } from "../../gateway/correlation/snapshot.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import type { Alert, AlertChange } from "../../gateway/domain/alert.ts"
import type { Intake } from "../../gateway/intake/intake.ts"
import type { Entry } from "../../gateway/log/entry.ts"
import type { SecurityLog } from "../../gateway/log/security-log.ts"
import { panel } from "./campus.ts"
import { latestMs } from "./store.ts"
import type { VirtualTime } from "./virtual-time.ts"

/** Far more than a life with one fault needs; the first ones tell. */
const faultsMax = 20

/** Looks at every commit, and says what of the promises it breaks. */
export class Watch {
  readonly faults: Array<string> = []
  /** The alerts that were raised and that no officer has closed, as they were told last. */
  readonly #open = new Map<string, Alert>()
  readonly #time: VirtualTime
  #lastAt = 0
  #intake: Intake["Service"] | undefined

  constructor(time: VirtualTime) {
    this.#time = time
  }

  fault(text: string): void {
    const said = `${new Date(this.#time.now).toISOString().slice(11, 23)} ${text}`
    if (this.faults.length < faultsMax && !this.faults.includes(said)) this.faults.push(said)
  }

  get situation(): Situation | undefined {
    return this.#intake?.situation()
  }

  begins(intake: Intake["Service"], log: SecurityLog["Service"]): void {
    this.#intake = intake
    // What was committed in the instant of its death nobody was told: it is looked at in the end, from the log.
    this.#open.clear()
    for (const alert of HashMap.values(intake.situation().alerts)) this.#open.set(alert.id, alert)
    log.subscribe((entries) => this.#committed(intake.situation(), entries))
  }

  ends(): void {
    this.#intake = undefined
  }

  /** At an instant at which nothing more is to run: what was due has come or is at the store, unless nothing can be kept now. */
  quiet(): void {
    const intake = this.#intake
    if (intake === undefined || !intake.status().accepting) return
    const due = nextDue(intake.situation())
    if (due !== undefined && due < this.#time.now - latestMs) this.fault(`what was due at ${due} has not come`)
  }

  /** What is frozen of the situation, while a process runs. */
  frozen(): string | undefined {
    return this.situation === undefined ? undefined : JSON.stringify(freeze(this.situation))
  }

  #committed(situation: Situation, entries: ReadonlyArray<Entry>): void {
    for (const entry of entries) {
      if (entry.recordedAt < this.#lastAt)
        this.fault(`entry ${entry.seq} is of a time before that of the one before it`)
      this.#lastAt = Math.max(this.#lastAt, entry.recordedAt)
      if (entry._tag === "Alert") this.#changed(entry.change)
    }
    this.#hold(situation)
  }

  #changed(change: AlertChange): void {
    const { alert, transition } = change
    const before = this.#open.get(alert.id)
    if (transition === "raised" && before !== undefined) this.fault(`alert ${alert.id} is raised twice`)
    if (before?.acknowledged === true && !alert.acknowledged) {
      const anew = alert.count > before.count || alert.priority < before.priority
      // What is active when its shelving or its maintenance ends is news (ANSI/ISA-18.2); so is what its panel wants
      // answered anew.
      const happened =
        anew ||
        (transition === "unshelved" && alert.active) ||
        change.by === panel ||
        change.by === "alerts.maintenance"
      if (!happened) this.fault(`alert ${alert.id} asks again by "${transition}", though nothing happened anew`)
    }
    if (before?.shelved !== undefined && alert.shelved !== undefined && transition === "reactivated") {
      this.fault(`alert ${alert.id} makes a sound while it is shelved`)
    }
    if (alert.closed) this.#open.delete(alert.id)
    else this.#open.set(alert.id, alert)
  }

  #hold(situation: Situation): void {
    const alerts = HashMap.toValues(situation.alerts)
    const slots = new Set(alerts.map(({ condition, key }) => `${condition} ${key}`))
    if (slots.size !== alerts.length) this.fault("a condition and key has more than one open alert")
    for (const id of this.#open.keys()) {
      if (!HashMap.has(situation.alerts, id)) this.fault(`alert ${id} is gone, and nobody has closed it`)
    }
    for (const { id, shelved, priority } of alerts) {
      if (!this.#open.has(id)) this.fault(`alert ${id} is there, and was never told`)
      if (shelved !== undefined && priority === 1) this.fault(`alert ${id} is critical and shelved`)
      const due = innerOf(situation).agenda.wanted.get(`shelf:${id}`)
      if (shelved !== undefined && due !== shelved.until) this.fault(`the shelving of alert ${id} has lost its end`)
    }
  }
}
