import { HashMap } from "effect"
import type { Decision } from "../../gateway/correlation/decision.ts"
import type { DoorJudgement } from "../../gateway/correlation/draft.ts"
import { foldJudging, initial, nextDue } from "../../gateway/correlation/fold.ts"
import { owedWriteBacks } from "../../gateway/correlation/owed-write-backs.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { AlertId, AreaId, DeviceId, DoorId, LinkId, PointRef } from "../../gateway/domain/ids.ts"
import type { ServicedThing } from "../../gateway/domain/out-of-service.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { commentOf } from "../../gateway/domain/panel-condition.ts"
import { entryCount } from "../../gateway/log/entries.ts"
import { campuses, type Step } from "./course.ts"
import { dawn } from "./door-stage.ts"

/** One fact that went in, and what came of it. */
export interface Folding {
  readonly seq: number
  readonly fact: Fact
  readonly before: Situation
  readonly after: Situation
  readonly decisions: ReadonlyArray<Decision>
  readonly judgements: ReadonlyArray<DoorJudgement>
}

const observationOf = (step: Extract<Step, { _tag: "Message" }>, now: number): Observation => {
  const signal = {
    device: DeviceId.make(step.ref.slice(0, step.ref.indexOf("/"))),
    point: step.ref.slice(step.ref.indexOf("/") + 1),
    origin: step.origin,
    source: "test",
    ...(step.test ? { test: true } : {}),
    ...(step.dated ? { deviceTime: now - step.lagMs } : {})
  }
  return "reading" in step.says
    ? { _tag: "Reading", ...signal, ...step.says }
    : { _tag: "Occurrence", ...signal, ...step.says }
}

type Unstamped = Fact extends infer F ? (F extends Fact ? Omit<F, "at"> : never) : never

const link = LinkId.make("mqtt")

const officerFact = (step: Extract<Step, { _tag: "Officer" }>, situation: Situation): Unstamped | undefined => {
  const open = HashMap.toValues(situation.alerts).sort((a, b) =>
    `${a.condition}${a.key}` < `${b.condition}${b.key}` ? -1 : 1
  )
  const alert = open[step.nth % Math.max(1, open.length)]?.id ?? AlertId.make("A-none")
  switch (step.act) {
    case "acknowledge":
      return { _tag: "AlertAcknowledged", alert, by: "officer" }
    case "close":
      return { _tag: "AlertClosed", alert, by: "officer", outcome: "real", reason: "seen to" }
    case "note":
      return { _tag: "AlertNoted", alert, by: "officer", note: "a note" }
    case "shelve":
      return { _tag: "AlertShelved", alert, by: "officer", minutes: 1, reason: "being repaired" }
    case "shelve until normal":
      return { _tag: "AlertShelved", alert, by: "officer", minutes: 1000, oneShot: true, reason: "being repaired" }
    case "unshelve":
      return { _tag: "AlertUnshelved", alert, by: "officer", reason: "repaired" }
  }
}

/** What may be worked on: a door, the area of all doors, a sensor, a bridge, a panel. */
const serviced: ReadonlyArray<ServicedThing> = [
  { door: DoorId.make("east") },
  { area: AreaId.make("hall") },
  { device: DeviceId.make("contact") },
  { device: DeviceId.make("bridge") },
  { device: DeviceId.make("panel") },
  { door: DoorId.make("north") }
]
const bypassed = ["contact/contact", "pir/motion", "panel/alarm", "lock/lock", "reader/reader", "contact/tamper"]

const serviceFact = ({ act, nth, minutes }: Extract<Step, { _tag: "Service" }>): Unstamped => {
  const [about, point] = [
    serviced[nth] ?? {},
    { door: DoorId.make("east"), point: PointRef.make(bypassed[nth] ?? "a/b") }
  ]
  switch (act) {
    case "begin":
      return { _tag: "MaintenanceBegan", ...about, by: "technician", reason: "the closer is replaced", minutes }
    case "end":
      return { _tag: "MaintenanceEnded", ...about, by: "technician" }
    case "bypass":
      return { _tag: "PointBypassed", ...point, by: "technician", reason: "it chatters", minutes }
    case "end bypass":
      return { _tag: "BypassEnded", ...point, by: "technician" }
  }
}

const conditionOf = (step: Extract<Step, { _tag: "Condition" }>): Observation => {
  const { id, branch, event, active, acked, retain, gone, commented, shelved, origin } = step
  return {
    _tag: "PanelCondition",
    device: DeviceId.make("panel"),
    point: id === "forced" ? "alarm" : "casing",
    origin,
    source: "test",
    condition: branch === undefined ? { id } : { id, branch },
    event,
    active,
    acked,
    retain,
    ...(gone ? { gone } : {}),
    ...(commented ? { comment: commentOf("officer", "a note") } : {}),
    shelved,
    means: { reading: id === "forced" ? { kind: "alarm", value: "DoorForcedOpen" } : { kind: "tamper", value: "on" } },
    answerable: true,
    commentable: true,
    shelvable: branch === undefined
  }
}

const factOf = (step: Exclude<Step, { _tag: "Answer" }>, situation: Situation, now: number): Unstamped | undefined => {
  switch (step._tag) {
    case "Message": {
      const occurredAt = now - step.lagMs
      return { _tag: "Observed", link, observation: observationOf(step, now), receivedAt: now, occurredAt }
    }
    case "Availability": {
      const { device, state, origin } = step
      const observation = {
        _tag: "Availability",
        device: DeviceId.make(device),
        state,
        origin,
        reason: "r",
        source: "t"
      } as const
      return { _tag: "Observed", link, observation, receivedAt: now, occurredAt: now }
    }
    case "Gap": {
      const of = step.devices === undefined ? {} : { devices: step.devices.map((id) => DeviceId.make(id)) }
      const observation = { _tag: "Gap", cause: step.cause, detail: "d", ...of } as const
      return { _tag: "Observed", link, observation, receivedAt: now, occurredAt: now }
    }
    case "Condition":
      return { _tag: "Observed", link, observation: conditionOf(step), receivedAt: now, occurredAt: now }
    case "Officer":
      return officerFact(step, situation)
    case "Service":
      return serviceFact(step)
    case "Link":
      return { _tag: "LinkChanged", link, state: step.state }
    case "Arming": {
      const { area, state, forMs } = step
      const said = { area, by: "officer", reason: "a reason" }
      return forMs === 0
        ? { _tag: "AreaArmingOverrideEnded", ...said }
        : { _tag: "AreaArmingOverridden", ...said, state, until: now + forMs }
    }
    case "Threat": {
      const ends = step.forMs === undefined ? {} : { until: now + step.forMs }
      return { _tag: "ThreatLevelSet", level: step.level, by: "officer", reason: "a reason", ...ends }
    }
    case "Restart":
      return { _tag: "GatewayStarted", blindFrom: now - step.downMs }
    case "Configured": {
      const campus = campuses[step.campus]
      return campus === undefined
        ? { _tag: "ConfigRefused", by: "test", problems: [{ file: "a.yaml", line: 1, column: 1, message: "wrong" }] }
        : { _tag: "ConfigApplied", version: `v${step.campus}`, campus, by: "test" }
    }
  }
}

/**
 * Plays a course. `prompt`: deadlines fire when they are due. `lazy`: they fire with the next fact, save before an
 * officer's act, for nobody acts on an alert that is not there.
 */
export const play = (steps: ReadonlyArray<Step>, pace: "prompt" | "lazy"): ReadonlyArray<Folding> => {
  const foldings: Array<Folding> = []
  let situation = initial
  let seq = 0
  let now = dawn
  const enter = (unstamped: Unstamped): void => {
    const fact = { ...unstamped, at: now } as Fact
    const before = situation
    const folded = foldJudging(before, ++seq, fact)
    situation = folded.situation
    foldings.push({ seq, fact, before, after: situation, decisions: folded.decisions, judgements: folded.judgements })
    // Positions as the log gives them.
    seq += entryCount(fact, folded.decisions) - 1
  }
  const pass = (until: number): void => {
    for (let due = nextDue(situation); due !== undefined && due <= until; due = nextDue(situation)) {
      now = Math.max(now, due)
      enter({ _tag: "TimePassed" })
    }
  }
  const [campus] = campuses
  enter({ _tag: "GatewayStarted" })
  if (campus !== undefined) enter({ _tag: "ConfigApplied", version: "v0", campus, by: "test" })
  for (const step of steps) {
    const until = now + step.afterMs
    if (pace === "prompt" || step._tag === "Officer" || step._tag === "Answer") pass(until)
    // While the process is down nothing fires.
    now = until + (step._tag === "Restart" ? step.downMs : 0)
    if (step._tag === "Answer") {
      for (const { alert, device, condition, kind, asked, event } of owedWriteBacks(situation)) {
        const which = { alert, device, condition, kind, ...(asked === undefined ? {} : { asked }), event }
        enter({ _tag: "WriteBackSent", ...which })
        if (step.outcome === undefined) continue
        enter({ _tag: "WriteBackAnswered", ...which, outcome: step.outcome })
      }
      continue
    }
    const fact = factOf(step, situation, now)
    if (fact !== undefined) enter(fact)
  }
  const end = now + 600_000
  if (pace === "prompt") pass(end)
  now = end
  enter({ _tag: "TimePassed" })
  return foldings
}
