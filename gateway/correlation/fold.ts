import { HashMap, Option } from "effect"
import { applyOfficer, type OfficerFact } from "../alerts/officer-acts.ts"
import { applyStep, type StepFact } from "../alerts/procedure-life.ts"
import type { Lived } from "../alerts/turned.ts"
import { applyShelving, type ShelvingFact, shelvingOver } from "../alerts/shelving.ts"
import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import { armingOverridden, armingOverrideEnded, armingTurns } from "./arming.ts"
import { certificateNears } from "./certificates.ts"
import { bypassEnded, bypassEndsSoon, bypassOver, pointBypassed, reviseBypasses } from "./bypass.ts"
import { configRefused, configure } from "./configured.ts"
import type { Due } from "./deadline-heap.ts"
import type { Decision } from "./decision.ts"
import { answered, commanded, notProvedInTime } from "./door-commands.ts"
import { answerOpenings, fireDoorUpTo, turnDoor } from "./doors.ts"
import { type DoorJudgement, Draft, emptyInner, innerOf } from "./draft.ts"
import { channelTold, reviseChannels } from "./escalation/channel-standing.ts"
import {
  attemptsLost,
  notificationAnswered,
  notificationReceived,
  notificationSent,
  reviseEscalations
} from "./escalation/deliveries.ts"
import { escalationFalls } from "./escalation/escalate.ts"
import { floodEnds } from "./flood.ts"
import { framesLost, frameTold } from "./evidence.ts"
import { caseChanged, cleryFalls, incidentOpened, incidentReopened, reviseIncidents } from "./incidents.ts"
import { pictureChanged, pictureUnchanged } from "./frozen-picture.ts"
import {
  maintenanceBegan,
  maintenanceEnded,
  maintenanceEndsSoon,
  maintenanceOver,
  reviseMaintenance
} from "./maintenance.ts"
import { observe } from "./observed.ts"
import { Table } from "./table.ts"
import { threatLevelEnds, threatLevelSet } from "./threat-level.ts"
import { ruleForgiven } from "./rules/forgiven.ts"
import { hear } from "./rules/attention.ts"
import { ruleFalls } from "./rules/hear.ts"
import { stormEnds } from "./rules/storm.ts"
import { scheduleTurns } from "./rules/turns.ts"
import { sweep } from "./rules/subjects.ts"
import { alarmSilenced, consoleUnwatched, consoleWatched } from "./consoles.ts"
import { emptyShift, handedOver, handOverSigned, reachProved, shiftBegan, shiftEnded, shiftNoted } from "./shift.ts"
import { silenceFalls } from "./silence.ts"
import type { Situation } from "./situation.ts"
import { testAlertMissing, testAlertRaised, testAlertReturned, testAlertsBegin, testAlertSent } from "./test-alert.ts"
import { deviceOffline, linkChanged, linkGraceSeconds, linkLost, wentBlind } from "./supervision.ts"
import {
  answersLost,
  owe,
  oweUnshelving,
  writeBackAnswered,
  writeBackOverdue,
  writeBackSent
} from "./write-back-steps.ts"

export interface Folded {
  readonly situation: Situation
  readonly decisions: ReadonlyArray<Decision>
}

export interface Judged extends Folded {
  /** How openings were judged on the way, with what was weighed: nothing follows from it, and it is kept nowhere. */
  readonly judgements: ReadonlyArray<DoorJudgement>
}

/** A gateway that knows nothing yet. */
export const initial: Situation = {
  seq: 0,
  at: 0,
  configVersion: "",
  campus: undefined,
  points: Table.of(),
  devices: Table.of(),
  doors: Table.of(),
  links: HashMap.empty(),
  certificates: HashMap.empty(),
  commands: HashMap.empty(),
  arming: HashMap.empty(),
  threat: undefined,
  alerts: HashMap.empty(),
  incidents: HashMap.empty(),
  frozen: HashMap.empty(),
  escalations: HashMap.empty(),
  channels: HashMap.empty(),
  maintenance: HashMap.empty(),
  bypasses: HashMap.empty(),
  gapReports: [],
  consoles: [],
  shift: emptyShift,
  inner: emptyInner
}

/** The reports of so many days can be asked for by their date; the log has all. */
const gapReportsKept = 400

/** After a start, what fell due while the gateway was blind waits this long for the links to tell what happened. */
export const settleAfterStartMs = 3000

/** What was shelved until it is normal again is so at its panel, which knows no end of it. */
const shelvingEnds = (draft: Draft, id: string, at: EpochMs): void => {
  const open = Option.getOrUndefined(HashMap.get(draft.situation.alerts, id))
  if (open?.shelved === undefined || open.shelved.until > at) return draft.endGrace(`shelf:${id}`)
  const lived = shelvingOver(open, draft.now)
  if (lived === undefined) return
  draft.alert(open.shelved.oneShot === true ? oweUnshelving(draft, lived, open.shelved.by) : lived)
}

const fire = (draft: Draft, { at, whose: { key } }: Due): void => {
  // Nearly all are of doors.
  const due = draft.inner.index.doorsByKey.get(key)
  if (due !== undefined) return fireDoorUpTo(draft, due, at)
  const colon = key.indexOf(":")
  const [kind, id] = [key.slice(0, colon), key.slice(colon + 1)]
  if (kind === "rule") return ruleFalls(draft, id, at)
  if (kind === "device") return deviceOffline(draft, id, at)
  if (kind === "silence") return silenceFalls(draft, id, at)
  if (kind === "answer") return writeBackOverdue(draft, id, at)
  if (kind === "shelf") return shelvingEnds(draft, id, at)
  if (kind === "arming") return armingTurns(draft, id, at)
  if (kind === "certificate") return certificateNears(draft, id, at)
  if (kind === "threat") return threatLevelEnds(draft, at)
  if (kind === "circumstance") return scheduleTurns(draft, id, at)
  if (kind === "rules") return sweep(draft, at)
  if (kind === "test-alert") return testAlertMissing(draft)
  if (kind === "maintenance") return maintenanceOver(draft, id)
  if (kind === "maintenance-ends") return maintenanceEndsSoon(draft, id)
  if (kind === "bypass") return bypassOver(draft, id, at)
  if (kind === "bypass-ends") return bypassEndsSoon(draft, id)
  if (kind === "clery") return cleryFalls(draft, id)
  if (kind === "escalation") return escalationFalls(draft, id)
  if (kind === "storm") return stormEnds(draft, id)
  if (kind === "flood") return floodEnds(draft, at)
  if (kind === "link") return linkLost(draft, id, at - linkGraceSeconds * 1000)
  const door = draft.inner.index.doors.get(id)
  if (door === undefined) draft.endGrace(key)
  else if (kind === "turn") turnDoor(draft, door, at)
  else notProvedInTime(draft, door, at)
}

/** Fires what falls due until then, in the order of the deadlines. */
const passTime = (draft: Draft, upTo: EpochMs): void => {
  if (upTo < draft.inner.notBefore) return
  for (let next = draft.inner.agenda.least; next !== undefined && next.at <= upTo; next = draft.inner.agenda.least) {
    draft.instant = next.at
    fire(draft, next)
    hear(draft)
  }
}

const start = (draft: Draft, { blindFrom }: Extract<Fact, { _tag: "GatewayStarted" }>): void => {
  draft.inner.notBefore = draft.now + settleAfterStartMs
  testAlertsBegin(draft)
  if (blindFrom === undefined) return
  draft.inner.blind = { from: blindFrom, to: draft.now }
  wentBlind(draft, blindFrom)
  framesLost(draft)
  answersLost(draft)
  attemptsLost(draft)
}

const livedBy = (open: Alert, fact: OfficerFact | ShelvingFact): Lived | undefined =>
  fact._tag === "AlertShelved" || fact._tag === "AlertUnshelved" ? applyShelving(open, fact) : applyOfficer(open, fact)

const takeStep = (draft: Draft, fact: StepFact): void => {
  const open = Option.getOrUndefined(HashMap.get(draft.situation.alerts, fact.alert))
  const lived = open === undefined ? undefined : applyStep(open, fact)
  if (lived !== undefined) draft.alert(lived)
}

const actOnAlert = (draft: Draft, fact: OfficerFact | ShelvingFact): void => {
  const open = Option.getOrUndefined(HashMap.get(draft.situation.alerts, fact.alert))
  const lived = open === undefined ? undefined : livedBy(open, fact)
  if (open === undefined || lived === undefined) return
  draft.alert(owe(draft, open, lived, fact))
  const { condition } = open
  if (fact._tag !== "AlertClosed" || open.door === undefined) return
  if (condition !== "DoorForcedOpen" && condition !== "UnverifiedOpening") return
  const door = draft.inner.index.doors.get(open.door)
  if (door !== undefined) answerOpenings(draft, door, condition)
}

const apply = (draft: Draft, fact: Fact): void => {
  switch (fact._tag) {
    case "Observed":
      draft.dated(fact.clock?.trusted === true ? fact.clock.uncertaintyMs : 0)
      return observe(draft, fact)
    case "DoorCommanded":
      return commanded(draft, fact)
    case "DoorCommandAnswered":
      return answered(draft, fact)
    case "WriteBackSent":
      return writeBackSent(draft, fact)
    case "WriteBackAnswered":
      return writeBackAnswered(draft, fact)
    case "NotificationSent":
      return notificationSent(draft, fact)
    case "NotificationAnswered":
      return notificationAnswered(draft, fact)
    case "NotificationReceived":
      reachProved(draft, fact)
      return notificationReceived(draft, fact)
    case "ChannelTested":
      return channelTold(draft, fact)
    case "RuleForgiven":
      return ruleForgiven(draft, fact)
    case "ConfigApplied":
      configure(draft, fact)
      reviseBypasses(draft)
      reviseIncidents(draft)
      reviseMaintenance(draft)
      reviseChannels(draft)
      return reviseEscalations(draft)
    case "ConfigRefused":
      return configRefused(draft, fact)
    case "LinkChanged":
      return linkChanged(draft, fact)
    case "GatewayStarted":
      return start(draft, fact)
    case "AlertAcknowledged":
    case "AcknowledgementUndone":
    case "AlertClaimed":
    case "AlertReleased":
    case "AlertClosed":
    case "AlertNoted":
    case "AlertShelved":
    case "AlertUnshelved":
      return actOnAlert(draft, fact)
    case "StepDone":
    case "StepAnswered":
    case "StepSkipped":
    case "StepUndone":
      return takeStep(draft, fact)
    case "IncidentOpened":
      return incidentOpened(draft, fact)
    case "IncidentAlertAdded":
    case "IncidentAlertRemoved":
    case "IncidentNoted":
    case "IncidentPersonAdded":
    case "IncidentPersonRemoved":
    case "IncidentFieldsChanged":
    case "IncidentClosed":
      return caseChanged(draft, fact)
    case "IncidentReopened":
      return incidentReopened(draft, fact)
    case "AreaArmingOverridden":
      return armingOverridden(draft, fact)
    case "AreaArmingOverrideEnded":
      return armingOverrideEnded(draft, fact)
    case "ThreatLevelSet":
      return threatLevelSet(draft, fact)
    case "MaintenanceBegan":
      return maintenanceBegan(draft, fact)
    case "MaintenanceEnded":
      return maintenanceEnded(draft, fact)
    case "PointBypassed":
      return pointBypassed(draft, fact)
    case "BypassEnded":
      return bypassEnded(draft, fact)
    case "GapsReported":
      draft.situation.gapReports = [...draft.situation.gapReports, { date: fact.date, seq: draft.seq }].slice(
        -gapReportsKept
      )
      return
    case "EvidenceKept":
    case "EvidenceMissing":
      return frameTold(draft, fact)
    case "PictureUnchanged":
      return pictureUnchanged(draft, fact)
    case "PictureChanged":
      return pictureChanged(draft, fact)
    case "AlarmSilenced":
      return alarmSilenced(draft, fact)
    case "ConsoleUnwatched":
      return consoleUnwatched(draft, fact)
    case "ConsoleWatched":
      return consoleWatched(draft, fact)
    case "ShiftBegan":
      return shiftBegan(draft, fact)
    case "ShiftEnded":
      return shiftEnded(draft, fact)
    case "ShiftNoted":
      return shiftNoted(draft, fact)
    case "HandedOver":
      return handedOver(draft, fact)
    case "HandOverSigned":
      return handOverSigned(draft, fact)
    case "TestAlertRaised":
      return testAlertRaised(draft)
    case "TestAlertSent":
      return testAlertSent(draft, fact)
    case "TestAlertReturned":
      return testAlertReturned(draft, fact)
    case "AlarmVolumeSet":
    case "SignedIn":
    case "SignInRefused":
    case "SignedOut":
    case "PersonInvited":
    case "PasswordSet":
    case "TokenMade":
    case "TokenRevoked":
    case "EvidenceExpired":
    case "TimePassed":
    case "GatewayStopped":
    case "AccessRefused":
    case "DeviceRegistered":
    case "DeviceUnregistered":
    case "StoreRefused":
      return
  }
}

const step = (draft: Draft, fact: Fact): Draft => {
  passTime(draft, fact._tag === "GatewayStarted" ? Math.min(fact.blindFrom ?? 0, draft.now) : draft.now)
  draft.instant = draft.now
  apply(draft, fact)
  hear(draft)
  return draft
}

/**
 * The correlator: what one fact makes of the situation, and what is concluded from it. Deterministic: no clock, no
 * chance, no I/O. `seq` is the fact's position in the log; ids derive from it. What fell due at or before the fact's
 * time fires first, in the order of its deadlines; at a start, what fell due while the gateway still ran.
 */
export const fold = (situation: Situation, seq: number, fact: Fact): Folded => {
  const draft = step(new Draft(situation, seq, fact.at), fact)
  return { situation: draft.finished(), decisions: draft.decisions }
}

/** The same for whoever explains, with how openings were judged on the way. */
export const foldJudging = (situation: Situation, seq: number, fact: Fact): Judged => {
  const draft = step(new Draft(situation, seq, fact.at, true), fact)
  return { situation: draft.finished(), decisions: draft.decisions, judgements: draft.judgements }
}

/** When a `TimePassed` fact is wanted next; `undefined` while nothing is due. */
export const nextDue = (situation: Situation): EpochMs | undefined => {
  const { agenda, notBefore } = innerOf(situation)
  const next = agenda.least
  return next === undefined ? undefined : Math.max(next.at, notBefore)
}
