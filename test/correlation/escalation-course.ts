import { owedNotifications } from "../../gateway/correlation/escalation/owed-notifications.ts"
import { fold, initial, nextDue } from "../../gateway/correlation/fold.ts"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { LinkId, PersonId } from "../../gateway/domain/ids.ts"
import type { Notification } from "../../gateway/domain/notification.ts"
import type { Unstamped } from "../../gateway/intake/intake.ts"
import { entryCount } from "../../gateway/log/entries.ts"
import { dawn } from "./door-stage.ts"
import { escalatingCampus, hook, mail, policyOf, sms } from "./escalation-campus.ts"

const [ada, ben] = [PersonId.make("ada"), PersonId.make("ben")]

/** After how many seconds who is told, by which channel. */
const plan = [
  { afterSeconds: 0, person: ada, channel: mail },
  { afterSeconds: 15, person: ada, channel: sms },
  { afterSeconds: 60, person: ben, channel: mail },
  { afterSeconds: 180, person: undefined, channel: hook }
] as const
const repeatSeconds = 120

const campus = escalatingCampus(
  policyOf(
    plan.map(({ afterSeconds, person, channel }) =>
      person === undefined ? { afterSeconds, to: [{ channel }] } : { afterSeconds, to: [{ person }], by: [channel] }
    ),
    { repeatSeconds }
  )
)

/** What an alert's own words say of whether somebody is asked, without the fold's; the routes are for critical and high. */
const isAsking = (alert: Alert): boolean =>
  alert.priority <= 2 &&
  !alert.closed &&
  !alert.acknowledged &&
  !alert.resolvedByLateEvidence &&
  !alert.shelved &&
  !alert.outOfService

/** What the plan says of one alert: what was to be told, and has been. */
class Model {
  asking = false
  since = 0
  next = 0
  readonly told: Array<string> = []
  readonly expected: Array<string> = []

  /** The steps that are due at an instant, and the rounds that begin. */
  pass(at: number): void {
    for (;;) {
      const step = plan[this.next]
      const due = this.since + (step?.afterSeconds ?? 180 + repeatSeconds) * 1000
      if (!this.asking || due > at) return
      if (step === undefined) {
        this.since = at
        this.next = 0
      } else {
        this.expected.push(`${this.next + 1} ${at}`)
        this.next++
      }
    }
  }
}

/** A gateway's core in virtual time, held against the plan after every fact. */
export class Course {
  situation: Situation = initial
  now = dawn
  alert: Alert | undefined
  readonly models = new Map<string, Model>()
  readonly notifications = new Map<string, Notification>()
  /** Where what was told is not what the plan says. */
  readonly faults: Array<string> = []
  #seq = 0
  #awakeFrom = 0

  constructor() {
    this.enter({ _tag: "GatewayStarted" })
    this.enter({ _tag: "ConfigApplied", version: "v1", campus, by: "test" })
    this.link("Rejected")
  }

  enter(fact: Unstamped, at = this.now): void {
    const stamped = { ...fact, at } as Fact
    const seq = ++this.#seq
    const time = Math.max(this.situation.at, at)
    // What is due fires before the fact, but while a start waits for the links.
    if (fact._tag !== "GatewayStarted" && time >= this.#awakeFrom)
      for (const model of this.models.values()) model.pass(time)
    if (fact._tag === "GatewayStarted") this.#awakeFrom = time + 3000
    const before = this.#pendingNow()
    const { situation, decisions } = fold(this.situation, seq, stamped)
    this.#seq += entryCount(stamped, decisions) - 1
    this.situation = situation
    for (const decision of decisions) {
      if (decision._tag === "Alert") this.#became(decision.change.alert, decision.change.transition, time)
      if (decision._tag === "Notification") this.#heard(decision.notification, time)
    }
    this.#holds(before)
  }

  #became(alert: Alert, transition: string, at: number): void {
    this.alert = alert
    const model = this.models.get(alert.id) ?? new Model()
    this.models.set(alert.id, model)
    const asks = isAsking(alert)
    if (asks && !model.asking) {
      model.asking = true
      if (transition !== "acknowledgement-undone") {
        model.since = at
        model.next = 0
      }
      model.pass(at)
    }
    if (!asks) model.asking = false
  }

  #heard(notification: Notification, at: number): void {
    const isNew = !this.notifications.has(notification.id)
    this.notifications.set(notification.id, notification)
    if (isNew) this.models.get(notification.alert)?.told.push(`${notification.step} ${at}`)
  }

  #pendingNow(): ReadonlySet<string> {
    return new Set(
      [...this.notifications.values()].flatMap(({ state, alert, person, channel }) =>
        state === "queued" || state === "sending" ? [`${alert} ${person} ${channel}`] : []
      )
    )
  }

  /** No step is missed, none is told that is not due, and nothing waits for anybody once somebody has answered. */
  #holds(pendingBefore: ReadonlySet<string>): void {
    const pending = new Set([...pendingBefore, ...this.#pendingNow()])
    for (const [id, model] of this.models) {
      const pendingAt = (nth: number): boolean => {
        const { person, channel } = plan[nth]!
        return pending.has(`${id} ${person} ${channel}`)
      }
      // What still waits for the same person by the same channel is not queued a second time.
      const missing = [...model.expected]
      for (const told of model.told.splice(0)) {
        const place = missing.indexOf(told)
        if (place === -1) this.faults.push(`${id}: step ${told} is told and not due`)
        else missing.splice(place, 1)
      }
      for (const one of missing)
        if (!pendingAt(Number(one.split(" ")[0]) - 1)) this.faults.push(`${id}: step ${one} is missed`)
      model.expected.length = 0
      const waits = [...this.notifications.values()].some((one) => one.alert === id && one.state === "queued")
      if (!model.asking && waits) this.faults.push(`${id}: something waits though somebody has answered`)
    }
  }

  /** Lets time pass, each deadline at its instant. */
  pass(ms: number): void {
    const until = this.now + ms
    for (let due = nextDue(this.situation); due !== undefined && due <= until; due = nextDue(this.situation)) {
      this.now = Math.max(this.now, due)
      this.enter({ _tag: "TimePassed" })
    }
    this.now = until
  }

  link(state: "Online" | "Rejected"): void {
    const told =
      state === "Online" ? ({ _tag: "Online" } as const) : ({ _tag: "Rejected", reason: "wrong password" } as const)
    this.enter({ _tag: "LinkChanged", link: LinkId.make("mqtt"), state: told })
  }

  /** The process dies, and another one starts from its snapshot so much later. */
  restart(ms: number): void {
    const blindFrom = this.now
    this.situation = thaw(JSON.parse(JSON.stringify(freeze(this.situation))) as Frozen)
    this.now += ms
    this.enter({ _tag: "GatewayStarted", blindFrom })
  }

  /** The notifier takes what is to go first, and hears this of it; or dies before it hears. */
  send(outcome: "handed-over" | "refused" | "later" | "nothing"): void {
    const [owed] = owedNotifications(this.situation)
    if (owed === undefined) return
    const { id, channel } = owed.notification
    this.enter({ _tag: "NotificationSent", notification: id, channel })
    if (this.notifications.get(id)?.state !== "sending") this.faults.push(`${id} was to go and does not`)
    if (outcome === "nothing") return this.restart(1000)
    const retry = outcome === "later" ? { retryAt: this.now + 1000 } : {}
    this.enter({ _tag: "NotificationAnswered", notification: id, channel, outcome, scope: "recipient", ...retry })
  }
}
