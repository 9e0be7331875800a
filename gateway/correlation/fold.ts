import { HashMap, Option } from "effect"
import { applyOfficer } from "../alerts/alert-life.ts"
import type { Fact } from "../domain/fact.ts"
import { DeviceId, type EpochMs } from "../domain/ids.ts"
import { indexCampus } from "./campus-index.ts"
import { type Deadline, withoutLeast } from "./deadline-heap.ts"
import type { Decision } from "./decision.ts"
import { unknownDoor } from "./door-memory.ts"
import { fireDoorUpTo } from "./doors.ts"
import { Draft, emptyInner, innerOf } from "./draft.ts"
import { observe } from "./observed.ts"
import type { Situation } from "./situation.ts"

export interface Folded {
  readonly situation: Situation
  readonly decisions: ReadonlyArray<Decision>
}

/** A gateway that knows nothing yet. */
export const initial: Situation = {
  seq: 0,
  at: 0,
  configVersion: "",
  campus: undefined,
  points: HashMap.empty(),
  devices: HashMap.empty(),
  doors: HashMap.empty(),
  links: HashMap.empty(),
  alerts: HashMap.empty(),
  inner: emptyInner
}

/** After a start, what fell due while the gateway was blind waits this long for the links to tell what happened. */
export const settleAfterStartMs = 3000

/** A link that is away this long is an alert: as for a device, three missed 30 s heartbeats. */
export const linkGraceSeconds = 90

const deviceOffline = (draft: Draft, id: string, at: EpochMs): void => {
  const state = draft.device(id)
  draft.endGrace(`device:${id}`)
  draft.finding({
    _tag: "ConditionActive",
    condition: "DeviceOffline",
    key: `device:${id}`,
    at: state.since,
    rule: "supervision.offline",
    priority: 3,
    title: `Device offline: ${draft.inner.index.devices.get(id)?.name ?? id}`,
    device: DeviceId.make(id),
    why: [
      { at: state.since, text: `It went offline: ${state.reason}` },
      { at, text: `It has been away for ${Math.round((at - state.since) / 1000)} s` }
    ]
  })
}

const linkLost = (draft: Draft, id: string, at: EpochMs): void => {
  const state = Option.getOrUndefined(HashMap.get(draft.situation.links, id))
  draft.endGrace(`link:${id}`)
  const reason = state?._tag === "Offline" || state?._tag === "Rejected" ? state.reason : "no reason given"
  draft.finding({
    _tag: "ConditionActive",
    condition: "LinkLost",
    key: `link:${id}`,
    at,
    rule: "supervision.link",
    priority: 2,
    title: `Link lost: ${id}`,
    why: [{ at, text: reason }]
  })
}

const fire = (draft: Draft, { at, key }: Deadline): void => {
  const [kind, id] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)]
  if (kind === "door") {
    const indexed = draft.inner.index.doors.get(id)
    if (indexed !== undefined) fireDoorUpTo(draft, indexed, at)
    return
  }
  // A grace that was ended or begun anew since leaves its old entry behind.
  if (Option.getOrUndefined(HashMap.get(draft.inner.graces, key)) !== at) return
  if (kind === "device") deviceOffline(draft, id, at)
  else linkLost(draft, id, at)
}

const passTime = (draft: Draft): void => {
  if (draft.now < draft.inner.notBefore) return
  for (
    let least = draft.inner.due?.least;
    least !== undefined && least.at <= draft.now;
    least = draft.inner.due?.least
  ) {
    draft.inner.due = withoutLeast(draft.inner.due)
    fire(draft, least)
  }
}

const configure = (draft: Draft, fact: Extract<Fact, { _tag: "ConfigApplied" }>): void => {
  const index = indexCampus(fact.campus)
  draft.inner.index = index
  draft.situation.campus = fact.campus
  draft.situation.configVersion = fact.version
  draft.situation.doors = HashMap.filter(draft.situation.doors, (_, id) => index.doors.has(id))
  draft.situation.devices = HashMap.filter(draft.situation.devices, (_, id) => index.devices.has(id))
  for (const id of index.doors.keys()) {
    if (!HashMap.has(draft.situation.doors, id)) draft.setDoor(id, unknownDoor(draft.now))
  }
}

const linkChanged = (draft: Draft, fact: Extract<Fact, { _tag: "LinkChanged" }>): void => {
  const key = `link:${fact.link}`
  draft.situation.links = HashMap.set(draft.situation.links, fact.link, fact.state)
  switch (fact.state._tag) {
    case "Online":
      draft.endGrace(key)
      return draft.finding({
        _tag: "ConditionNormal",
        condition: "LinkLost",
        key,
        at: draft.now,
        why: [{ at: draft.now, seq: draft.seq, text: "It is online again" }]
      })
    case "Offline":
      if (!HashMap.has(draft.inner.graces, key)) draft.grace(key, draft.now + linkGraceSeconds * 1000)
      return
    case "Rejected":
      return linkLost(draft, fact.link, draft.now)
    case "Stopped":
      return draft.endGrace(key)
    case "Connecting":
      return
  }
}

const apply = (draft: Draft, fact: Fact): void => {
  switch (fact._tag) {
    case "Observed":
      return observe(draft, fact)
    case "ConfigApplied":
      return configure(draft, fact)
    case "LinkChanged":
      return linkChanged(draft, fact)
    case "GatewayStarted":
      draft.inner.notBefore = draft.now + settleAfterStartMs
      return
    case "AlertAcknowledged":
    case "AlertClosed":
    case "AlertNoted": {
      const open = Option.getOrUndefined(HashMap.get(draft.situation.alerts, fact.alert))
      if (open !== undefined) draft.alert(applyOfficer(open, fact))
      return
    }
    case "TimePassed":
    case "GatewayStopped":
    case "AccessRefused":
    case "StoreRefused":
      return
  }
}

/**
 * The correlator: what one fact makes of the situation, and what is concluded from it. Deterministic: no clock, no
 * chance, no I/O. `seq` is the fact's position in the log; ids derive from it. What fell due at or before the fact's
 * time fires first, in the order of its deadlines.
 */
export const fold = (situation: Situation, seq: number, fact: Fact): Folded => {
  const draft = new Draft(situation, seq, fact.at)
  if (fact._tag !== "GatewayStarted") passTime(draft)
  apply(draft, fact)
  return { situation: draft.finished(), decisions: draft.decisions }
}

/** When a `TimePassed` fact is wanted next; `undefined` while nothing is due. */
export const nextDue = (situation: Situation): EpochMs | undefined => {
  const { due, notBefore } = innerOf(situation)
  return due === undefined ? undefined : Math.max(due.least.at, notBefore)
}
