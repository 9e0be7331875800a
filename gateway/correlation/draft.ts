import { HashMap, Option } from "effect"
import { applyFinding } from "../alerts/alert-life.ts"
import type { Lived } from "../alerts/turned.ts"
import type { Alert, AlertCondition, AlertTransition } from "../domain/alert.ts"
import type { DeviceEvent } from "../domain/device-event.ts"
import type { Finding } from "../domain/finding.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Notification } from "../domain/notification.ts"
import { type Agenda, emptyAgenda, wantedAt, withDeadline } from "./agenda.ts"
import { type CampusIndex, emptyIndex, type IndexedDoor, type IndexedPoint, timesOf } from "./campus-index.ts"
import { nextCommandDue } from "./command-timers.ts"
import type { Decision } from "./decision.ts"
import { type DoorMemory, memoryOf, unknownDoor } from "./door-memory.ts"
import { nextDoorDueAt } from "./door-timers.ts"
import type { Judgement } from "./door-verdict.ts"
import { escalate, type Turn } from "./escalation/escalate.ts"
import { owesFrames, wantFrames } from "./evidence.ts"
import { type Arrivals, arrived } from "./flood.ts"
import { type KnownConditions, withPanelConditions } from "./known-conditions.ts"
import type { Memories } from "./rules/remembered.ts"
import type { HeldBack } from "./rules/held-back.ts"
import { heldBackEnds, isHeld, isHeldBack } from "./rules/inhibit.ts"
import { chatter } from "./rules/storm.ts"
import { alertSignal, alertWord, type Signal, signalOf, stateWordOf, uncertaintyMaxMs, wordOf } from "./rules/signal.ts"
import { openAlertId, type OpenAlerts, withOpenAlert, withoutOpenAlert } from "./open-alerts.ts"
import { maintenanceOf } from "./maintenance.ts"
import { withProcedure } from "./procedures.ts"
import type { DeviceState, FollowedCommand, PointState, Situation } from "./situation.ts"
import { type Spot, Table } from "./table.ts"
import type { Writable } from "./writable.ts"
import { oweUnshelving } from "./write-back-steps.ts"
import { owesWriteBack, writeBackDue } from "./write-back.ts"

export interface Blind {
  readonly from: EpochMs
  readonly to: EpochMs
}

/** A link out of sight: its broker may have queued what came meanwhile. */
export interface Sight {
  readonly from: EpochMs
  /** Until when what comes may still be from the queue; absent while the link is not back. */
  readonly until?: EpochMs
}

/** The fold's own memory inside a situation. */
export interface Inner {
  readonly index: CampusIndex
  /**
   * What falls due: of `door:<id>` its nearest deadline, which follows from its memory; of `command:<door>` when a
   * command should have been proved; of `answer:<alert>` when what goes back to a panel is given up; of
   * `shelf:<alert>` when its shelving ends; of `device:<id>` and `link:<id>` the end of the grace they are given while
   * offline; of `arming:<area>` when the area may be armed or disarmed; of `circumstance:<rule>` when its schedules turn;
   * of `certificate:<whose>` when its end is told of next; of `threat:site` when its level ends; of
   * `rule:<id>|<key>` when a rule has to decide; of `rules:sweep` when old hits are forgotten; of `turn:<door>` when one of
   * its schedules changes; of `escalation:<alert>` when somebody else is to be told of it; of `clery:<incident>` when its entry in the Clery log is due; of `storm:<condition>|<key>` when an alert has been still for long
   * enough; of `flood:site` when a flood may be over.
   */
  readonly agenda: Agenda
  /** After a start, deadlines wait for the links to come back. */
  readonly notBefore: EpochMs
  /** From when to when the gateway itself did not run, the last time. */
  readonly blind: Blind | undefined
  /** When each link was out of sight, the last time. */
  readonly sight: Table<Sight>
  /** Open alert of a condition and key. */
  readonly openAlert: OpenAlerts
  /** The points heard of each device. */
  readonly pointsOf: Table<ReadonlyArray<string>>
  /** Closed alerts some of whose frames are still to come, or of which something has still to go back to a panel. */
  readonly owing: HashMap.HashMap<string, Alert>
  /** The conditions that panels hold for interesting. */
  readonly panelConditions: KnownConditions
  /** What rules remember, by the keys of their subjects. */
  readonly subjects: Memories
  /** How many subjects each rule remembers. */
  readonly subjectCounts: Table<number>
  /** Consequences that are not told while their cause lasts. */
  readonly heldBack: HeldBack
  /** When alerts whose storms a rule watches came, the newest few times, by condition and key. */
  readonly comings: HashMap.HashMap<string, ReadonlyArray<EpochMs>>
  /** The new alerts within the time that floods are counted in, the oldest first. */
  readonly arrivals: ReadonlyArray<Arrivals>
  /** The alerts of which a notification waits to be sent, or is on its way. */
  readonly outbox: HashMap.HashMap<string, true>
}

export const emptyInner: Inner = {
  index: emptyIndex,
  agenda: emptyAgenda,
  notBefore: 0,
  blind: undefined,
  sight: Table.of(),
  openAlert: Table.of(),
  pointsOf: Table.of(),
  owing: HashMap.empty(),
  panelConditions: HashMap.empty(),
  subjects: Table.of(),
  subjectCounts: Table.of(),
  heldBack: Table.of(),
  comings: HashMap.empty(),
  arrivals: [],
  outbox: HashMap.empty()
}

export const innerOf = (situation: Situation): Inner => situation.inner as Inner

/** Distributes over the union: an event without the id that the draft gives it. */
export type UnnamedEvent = DeviceEvent extends infer E ? (E extends DeviceEvent ? Omit<E, "id"> : never) : never

/** Each condition and key has at most one open alert. */
export const slotOf = ({ condition, key }: Pick<Alert, "condition" | "key">): string => `${condition}|${key}`

/** The steps of an alert's life that mean more to those who are told of it than what it has become. */
const turns: { readonly [Transition in AlertTransition]?: Turn } = {
  raised: "anew",
  reactivated: "anew",
  "acknowledgement-undone": "answer taken back"
}

/** How an opening of a door was judged. */
export interface DoorJudgement {
  readonly door: string
  readonly judgement: Judgement
}

/**
 * One fact's working copy of the situation. It lives for one fact only; the maps in it are persistent, so nothing that
 * was handed out before ever changes.
 */
export class Draft {
  readonly situation: Writable<Situation>
  readonly inner: Writable<Inner>
  readonly decisions: Array<Decision> = []
  readonly judgements: Array<DoorJudgement> = []
  readonly judges: boolean
  readonly seq: number
  /** The gateway's clock at this fact. */
  readonly now: EpochMs
  /** How far time has come within this step: to the deadline that fires, then to the fact itself. */
  instant: EpochMs
  #raised = 0
  #signals: Array<Signal> | undefined
  #heard = 0
  #ended = false
  #uncertaintyMs = 0

  /** `judges`: whether somebody wants to know how openings are judged. */
  constructor(situation: Situation, seq: number, at: EpochMs, judges: boolean = false) {
    this.judges = judges
    this.situation = { ...situation, seq, at: Math.max(situation.at, at) }
    this.inner = { ...innerOf(situation) }
    this.seq = seq
    this.now = this.situation.at
    this.instant = this.now
  }

  /** The situation after the fact: the draft is done with. */
  finished(): Situation {
    this.situation.inner = this.inner
    return this.situation
  }

  judged(door: string, judgement: Judgement): void {
    this.judgements.push({ door, judgement })
  }

  /** The id of what is told next. */
  get nextId(): string {
    return `${this.seq}.${this.decisions.length}`
  }

  /** Tells an event, which is the draft's from here on: it is given its id in place. */
  event(event: UnnamedEvent): void {
    const named = event as Writable<DeviceEvent>
    named.id = this.nextId
    this.happened(named)
  }

  /** Tells an event that has its id, the next. `roles`: what its point is to which doors. */
  happened(event: DeviceEvent, roles?: IndexedPoint["roles"]): void {
    this.decisions.push({ _tag: "Event", event })
    const { ears } = this.inner.index.rules
    if (ears.size === 0) return
    const word = wordOf(event)
    if (ears.has(word)) this.#signal(event, word, roles)
    const state = stateWordOf(event)
    if (state !== undefined && ears.has(state)) this.#signal(event, state, roles)
  }

  /** How far off the times of what happens from here on may be. */
  dated(uncertaintyMs: number): void {
    this.#uncertaintyMs = Math.min(Math.max(0, uncertaintyMs), uncertaintyMaxMs)
  }

  #signal(event: DeviceEvent, word: string, roles: IndexedPoint["roles"] | undefined): void {
    const signal = signalOf(event, word, this.seq, this.decisions.length, this.#uncertaintyMs, roles)
    if (event._tag !== "StateLost") return this.#hears(signal)
    const reading = this.point(event.point)?.reading
    const fields = { ...signal.fields, kind: reading?.kind, to: reading?.value }
    this.#hears({ ...signal, uncertaintyMs: 0, fields })
  }

  #hears(signal: Signal): void {
    if (this.#signals === undefined) this.#signals = [signal]
    else this.#signals.push(signal)
  }

  /** What rules have not heard yet, in the order in which it came about. */
  nextSignal(): Signal | undefined {
    const signals = this.#signals
    return signals !== undefined && this.#heard < signals.length ? signals[this.#heard++] : undefined
  }

  finding(finding: Finding): void {
    const before = this.openAlert(finding.condition, finding.key)
    const maintenance = finding._tag === "ConditionActive" ? maintenanceOf(this, finding) : undefined
    if (finding._tag !== "ConditionActive") {
      heldBackEnds(this, finding)
      // Nothing is open that it could be about, as after most closings of most doors.
      if (before === undefined) return
    } else if (before === undefined && isHeldBack(this, finding)) return
    const told = applyFinding(
      before,
      finding,
      {
        seq: this.seq,
        nth: this.#raised,
        configVersion: this.situation.configVersion,
        ...(maintenance === undefined ? {} : { maintenance })
      },
      this.now
    )
    if (told === undefined) return
    const lived = chatter(this, before, told, finding.at)
    const { transition } = lived.change
    if (transition === "raised") this.#raised++
    // What comes while its thing is worked on makes no sound, and happens all the same.
    const silently = lived.alert.outOfService !== undefined && lived.alert.count > (before?.count ?? 0)
    const happened = transition === "raised" || transition === "reactivated" || silently
    const known =
      transition === "raised"
        ? withProcedure(
            withPanelConditions(lived, this.inner.panelConditions),
            this.situation.campus?.procedures,
            this.inner.index
          )
        : lived
    const shelvedBy = lived.alert.shelved === undefined ? before?.shelved?.by : undefined
    // Not every panel ends its shelving by itself once the condition is over.
    const owing = shelvedBy === undefined ? known : oweUnshelving(this, known, shelvedBy)
    const pictured = finding._tag === "ConditionActive" && finding.evidence === false ? false : happened
    this.alert(pictured ? wantFrames(owing, finding.at, this.inner.index) : owing)
    if (happened && this.inner.index.rules.ears.has(alertWord(finding.condition)))
      this.#hears(alertSignal(lived.alert, finding.at, this.seq, this.decisions.length, this.#uncertaintyMs))
  }

  /**
   * Takes over what an alert has become. A closed alert leaves the situation, and the fold's memory once its last frame and
   * all that goes back to panels are settled; the log keeps it.
   */
  alert({ alert, change }: Lived): void {
    if (!alert.active || alert.closed) this.#ended = true
    if (alert.closed) {
      const { owing } = this.inner
      const owes = owesFrames(alert) || owesWriteBack(alert)
      this.inner.owing = owes ? HashMap.set(owing, alert.id, alert) : HashMap.remove(owing, alert.id)
      this.situation.alerts = HashMap.remove(this.situation.alerts, alert.id)
      // The slot may be another one's by now: frames come after the closing too.
      if (this.openAlert(alert.condition, alert.key) === undefined)
        this.inner.openAlert = withoutOpenAlert(this.inner.openAlert, alert)
    } else {
      this.situation.alerts = HashMap.set(this.situation.alerts, alert.id, alert)
      this.inner.openAlert = withOpenAlert(this.inner.openAlert, alert, alert.id)
    }
    if (alert.panelConditions !== undefined) this.setWriteBackDue(alert.id, alert)
    this.inner.agenda = withDeadline(this.inner.agenda, `shelf:${alert.id}`, alert.shelved?.until)
    this.decisions.push({ _tag: "Alert", change })
    arrived(this, change)
    escalate(this, alert, turns[change.transition] ?? "other")
  }

  /** Whether an alert is over, or was closed, since this was asked last. */
  hasEnded(): boolean {
    const ended = this.#ended
    this.#ended = false
    return ended
  }

  /** How far a notification has come. */
  told(notification: Notification): void {
    this.decisions.push({ _tag: "Notification", notification })
  }

  /** Another alert may be raised of what this one was about: it is about something else from here on. */
  released(alert: Alert): Alert {
    this.inner.openAlert = withoutOpenAlert(this.inner.openAlert, alert)
    return alert
  }

  setWriteBackDue(id: string, alert: Alert | undefined): void {
    const due = alert === undefined ? undefined : writeBackDue(alert)
    this.inner.agenda = withDeadline(this.inner.agenda, `answer:${id}`, due)
  }

  /** An alert that is open, or closed with something still to come. */
  unsettledAlert(id: string): Alert | undefined {
    return Option.getOrUndefined(
      Option.orElse(HashMap.get(this.situation.alerts, id), () => HashMap.get(this.inner.owing, id))
    )
  }

  /** Whether a condition of a key has an open alert that is active, or one that stands for it. */
  isActive(condition: AlertCondition, key: string): boolean {
    return this.openAlert(condition, key)?.active === true || isHeld(this, { condition, key })
  }

  /** Whether anything of a key has an open alert, or is held back by that of another. */
  isConcerned(alerts: Spot): boolean {
    const { openAlert, heldBack } = this.inner
    return openAlert.atOwn(alerts) !== undefined || (heldBack.size > 0 && heldBack.has(alerts.key))
  }

  /** The open alert of a condition and key. */
  openAlert(condition: AlertCondition, key: string): Alert | undefined {
    const id = openAlertId(this.inner.openAlert, condition, key)
    return id === undefined ? undefined : Option.getOrUndefined(HashMap.get(this.situation.alerts, id))
  }

  doorMemory({ memorySpot }: IndexedDoor): DoorMemory {
    const state = this.situation.doors.at(memorySpot)
    return state === undefined ? unknownDoor(this.now) : memoryOf(state)
  }

  setDoor(indexed: IndexedDoor, memory: DoorMemory): void {
    this.situation.doors = this.situation.doors.put(indexed.memorySpot, memory)
    const due = nextDoorDueAt(memory, timesOf(indexed, memory))
    this.inner.agenda = this.inner.agenda.with(indexed.dueSpot, due)
  }

  /** The newest commands of a door, oldest first. */
  commands(door: string): ReadonlyArray<FollowedCommand> {
    return Option.getOrElse(HashMap.get(this.situation.commands, door), (): ReadonlyArray<FollowedCommand> => [])
  }

  setCommands({ door, times }: IndexedDoor, commands: ReadonlyArray<FollowedCommand>): void {
    this.situation.commands = HashMap.set(this.situation.commands, door.id, commands)
    this.inner.agenda = withDeadline(this.inner.agenda, `command:${door.id}`, nextCommandDue(commands, times)?.at)
  }

  point(ref: string): PointState | undefined {
    return this.situation.points.get(ref)
  }

  pointAt({ stateSpot }: IndexedPoint): PointState | undefined {
    return this.situation.points.at(stateSpot)
  }

  /** The points heard of a device. */
  pointsOf(device: string): ReadonlyArray<string> {
    return this.inner.pointsOf.get(device) ?? []
  }

  /** What is known of a device; `undefined` while it has not been heard of. */
  knownDevice(id: string): DeviceState | undefined {
    return this.situation.devices.get(id)
  }

  device(id: string): DeviceState {
    return (
      this.knownDevice(id) ?? {
        availability: "unknown",
        reason: "not heard yet",
        since: this.now,
        lastHeardAt: undefined
      }
    )
  }

  setDevice(id: string, state: DeviceState): void {
    this.situation.devices = this.situation.devices.with(id, state)
  }

  /** Sets when a key of the agenda falls due; `undefined`: not at all. */
  grace(key: string | Spot, until: EpochMs | undefined): void {
    this.inner.agenda = withDeadline(this.inner.agenda, key, until)
  }

  hasGrace(key: string | Spot): boolean {
    return wantedAt(this.inner.agenda, key) !== undefined
  }

  /** When a key of the agenda falls due. */
  dueAt(key: string): EpochMs | undefined {
    return wantedAt(this.inner.agenda, key)
  }

  /** Takes a deadline off the agenda. */
  endGrace(key: string | Spot): void {
    this.inner.agenda = withDeadline(this.inner.agenda, key, undefined)
  }
}
