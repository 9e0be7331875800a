import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Committer } from "../../gateway/intake/committer.ts"
import { KeptBefore } from "../../gateway/intake/kept-before.ts"
import type { Entered, Unstamped } from "../../gateway/intake/intake.ts"
import { fold, initial } from "../../gateway/correlation/fold.ts"
import type { Alert, AlertCondition, Outcome } from "../../gateway/domain/alert.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { DeviceId, type EpochMs } from "../../gateway/domain/ids.ts"
import type { Observation, OccurrenceWord, PointValue } from "../../gateway/domain/observation.ts"
import { openForWriting } from "../../gateway/log/database.ts"
import { entryCount } from "../../gateway/log/entries.ts"
import { storeOver } from "../../gateway/log/log-store.ts"
import { Recovery } from "../../gateway/log/recovery.ts"
import { LogRecorder } from "../log/log-recorder.ts"
import { HashMap } from "effect"

/** Second 0 of every recording. */
export const dawn = Date.parse("2026-03-02T10:00:00Z")

/**
 * A log on disk, written by intake's own committer and writer on a clock that the test moves: what falls due fires on the
 * way, as late as the machine is busy.
 */
export class Recording {
  readonly directory = mkdtempSync(join(tmpdir(), "gatehouse-replay-"))
  readonly file = join(this.directory, "gatehouse.db")
  readonly #database
  readonly #committer
  readonly #recorder
  readonly #lateMs: number
  #now: EpochMs

  constructor(campus: Campus, { lateMs = 3, begin = dawn - 120_000 } = {}) {
    this.#now = begin
    this.#lateMs = lateMs
    this.#database = openForWriting(this.file, campus.site.id, begin)
    this.#recorder = new LogRecorder(this.#database, campus.site.id)
    this.#committer = new Committer({
      store: storeOver(this.#database),
      before: new KeptBefore(this.#database),
      site: campus.site.id,
      situation: initial,
      seq: 0,
      now: () => this.#now,
      publish: () => {}
    })
    this.enter({ _tag: "GatewayStarted" })
    this.configured(campus, "v1")
    this.enter({ _tag: "LinkChanged", link: campus.devices[0]!.link, state: { _tag: "Online" } })
  }

  enter(fact: Unstamped): Entered {
    let entered: Entered | undefined
    this.#committer.enter(fact, (done) => {
      if ("seq" in done) entered = done
    })
    this.#committer.flush()
    if (entered === undefined) throw new Error(`${fact._tag} was not kept`)
    return entered
  }

  configured(campus: Campus, version: string): this {
    this.enter({ _tag: "ConfigApplied", version, campus, by: "test" })
    return this
  }

  /** Lets time come to this second; what falls due on the way fires a little after its instant. */
  at(second: number): this {
    const until = dawn + Math.round(second * 1000)
    for (let due = this.#committer.nextDue(); due !== undefined && due <= until; due = this.#committer.nextDue()) {
      this.#now = Math.max(this.#now, Math.min(until, due + this.#lateMs))
      this.enter({ _tag: "TimePassed" })
    }
    this.#now = Math.max(this.#now, until)
    return this
  }

  observes(observations: ReadonlyArray<Observation>): this {
    this.#committer.report("mqtt", { observations, receivedAt: this.#now }, () => {})
    this.#committer.flush()
    return this
  }

  reads(ref: string, reading: PointValue): this {
    return this.observes([
      { _tag: "Reading", device: deviceOf(ref), point: pointOf(ref), origin: "change", source: "test", reading }
    ])
  }

  contact(ref: string, value: "open" | "closed"): this {
    return this.reads(ref, { kind: "position", value })
  }

  grants(ref: string): this {
    return this.happens(ref, { _tag: "AccessGranted", credential: "card" })
  }

  happens(ref: string, occurrence: OccurrenceWord): this {
    return this.observes([
      { _tag: "Occurrence", device: deviceOf(ref), point: pointOf(ref), origin: "change", source: "test", occurrence }
    ])
  }

  away(device: string): this {
    const said = { origin: "change", reason: "it said so", source: "test" } as const
    return this.observes([{ _tag: "Availability", device: DeviceId.make(device), state: "offline", ...said }])
  }

  /** The process is killed and starts again at `second`, from its snapshot. */
  restarted(second: number): this {
    const blindFrom = this.#now
    this.#now = dawn + Math.round(second * 1000)
    this.enter({ _tag: "GatewayStarted", blindFrom })
    return this
  }

  /** Keeps the snapshot that a gateway could have kept at this second, folded again from what is recorded. */
  snapshotAt(second: number): this {
    let situation = initial
    let end = 0
    for (const { seq, fact } of new Recovery(this.#database).factsAfter(0)) {
      if (fact.at > dawn + second * 1000) break
      const folded = fold(situation, seq, fact)
      situation = folded.situation
      end = seq + entryCount(fact, folded.decisions) - 1
    }
    this.#recorder.keepSnapshot(end, situation.at, situation)
    return this
  }

  alert(condition: AlertCondition, key: string): Alert {
    const alerts = HashMap.toValues(this.#committer.situation.alerts)
    const found = alerts.find((alert) => alert.condition === condition && alert.key === key)
    if (found === undefined) throw new Error(`there is no open ${condition} of ${key}`)
    return found
  }

  closes(condition: AlertCondition, key: string, outcome: Outcome): this {
    const { id } = this.alert(condition, key)
    this.enter({ _tag: "AlertClosed", alert: id, by: "officer", outcome, reason: "seen to" })
    return this
  }

  /** The gateway stops: its log is closed in order. */
  close(): this {
    this.#database.close()
    return this
  }

  dispose(): void {
    if (this.#database.open) this.#database.close()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

const deviceOf = (ref: string) => DeviceId.make(ref.slice(0, ref.indexOf("/")))
const pointOf = (ref: string): string => ref.slice(ref.indexOf("/") + 1)
