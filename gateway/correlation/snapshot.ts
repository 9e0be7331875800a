import { HashMap } from "effect"
import type { Alert } from "../domain/alert.ts"
import type { AreaStanding } from "../domain/arming.ts"
import type { Campus } from "../domain/campus.ts"
import type { KnownCertificate } from "../domain/certificate.ts"
import type { RefusedConfig } from "../domain/configuration.ts"
import type { ChannelStanding } from "../domain/escalation.ts"
import type { Incident } from "../domain/incident.ts"
import type { Flood } from "../domain/flood.ts"
import type { LinkState } from "../domain/link.ts"
import type { ConsoleStanding } from "../domain/console.ts"
import type { Shift } from "../domain/shift.ts"
import type { ThreatLevel } from "../domain/threat-level.ts"
import type { Bypass, Maintenance } from "../domain/out-of-service.ts"
import { type Agenda, emptyAgenda, withDeadline } from "./agenda.ts"
import { type CampusIndex, emptyIndex, indexCampus, timesOf } from "./campus-index.ts"
import { type DoorMemory, memoryOf, wholeMemory } from "./door-memory.ts"
import { nextDoorDue } from "./door-timers.ts"
import { type Blind, innerOf, type Sight, slotOf } from "./draft.ts"
import type { Arrivals } from "./flood.ts"
import { type Escalating, isOwing } from "./escalation/escalating.ts"
import type { KnownCondition } from "./known-conditions.ts"
import { openAlertsOf } from "./open-alerts.ts"
import type { Subject } from "./rules/hits.ts"
import { everyHeld, type Held, heldBackOf } from "./rules/held-back.ts"
import { memoriesOf, partsOf, subjectsIn } from "./rules/remembered.ts"
import type { DeviceState, FollowedCommand, GapReportRef, PointState, Situation } from "./situation.ts"
import { Table } from "./table.ts"
import type { TestAlert } from "./test-alert.ts"

type Rows<V> = ReadonlyArray<readonly [string, V]>

/** Raised when a release remembers otherwise: a snapshot of another format is passed over, and the facts are folded. */
export const snapshotFormat = 3

/** A situation as plain JSON: rows sorted by key, indexes left out. Equal situations freeze equal. */
export interface Frozen {
  readonly format: number
  readonly seq: number
  readonly at: number
  readonly configVersion: string
  readonly campus: Campus | null
  readonly refusedConfig: RefusedConfig | null
  readonly points: Rows<PointState>
  readonly devices: Rows<DeviceState>
  readonly doors: Rows<DoorMemory>
  readonly links: Rows<LinkState>
  readonly certificates: Rows<KnownCertificate>
  readonly commands: Rows<ReadonlyArray<FollowedCommand>>
  readonly arming: Rows<AreaStanding>
  readonly threat: ThreatLevel | null
  readonly alerts: Rows<Alert>
  readonly incidents: Rows<Incident>
  /** Absent in a snapshot of a release that did not know of it. */
  readonly frozen?: Rows<number>
  readonly escalations: Rows<Escalating>
  readonly channels: Rows<ChannelStanding>
  readonly testAlert?: TestAlert
  readonly maintenance: Rows<Maintenance>
  readonly bypasses: Rows<Bypass>
  readonly gapReports: ReadonlyArray<GapReportRef>
  readonly consoles: ReadonlyArray<ConsoleStanding>
  readonly shift: Shift
  /** Until when devices and links that are offline are given grace, commands proved, panels told, alerts shelved, areas
   * armed, and things worked on. */
  readonly graces: Rows<number>
  readonly notBefore: number
  readonly blind: Blind | null
  readonly sight: Rows<Sight>
  readonly pointsOf: Rows<ReadonlyArray<string>>
  readonly owing: Rows<Alert>
  readonly panelConditions: Rows<KnownCondition>
  /** What rules remember, by `<rule>|<key>`. */
  readonly subjects: Rows<Subject>
  /** Consequences that are not told while their cause lasts. */
  readonly heldBack: Rows<Held>
  /** When alerts whose storms are watched came. */
  readonly comings: Rows<ReadonlyArray<number>>
  readonly flood: Flood | null
  readonly arrivals: ReadonlyArray<Arrivals>
}

const rows = <V>(map: HashMap.HashMap<string, V>): Rows<V> =>
  [...HashMap.entries(map)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** What was not there yet when a snapshot was taken comes behind what was: equal states are to give equal text all the same. */
const inOrder = ({ availability, reason, since, lastHeardAt, skewed }: DeviceState): DeviceState => ({
  availability,
  reason,
  since,
  lastHeardAt,
  ...(skewed === undefined ? {} : { skewed })
})

export const freeze = (situation: Situation): Frozen => {
  const inner = innerOf(situation)
  return {
    format: snapshotFormat,
    seq: situation.seq,
    at: situation.at,
    configVersion: situation.configVersion,
    campus: situation.campus ?? null,
    refusedConfig: situation.refusedConfig ?? null,
    points: situation.points.entries(),
    devices: situation.devices.entries().map(([id, state]) => [id, inOrder(state)] as const),
    doors: situation.doors.entries().map(([id, state]) => [id, memoryOf(state)] as const),
    links: rows(situation.links),
    certificates: rows(situation.certificates),
    commands: rows(situation.commands),
    arming: rows(situation.arming),
    threat: situation.threat ?? null,
    alerts: rows(situation.alerts),
    incidents: rows(situation.incidents),
    frozen: rows(situation.frozen),
    escalations: rows(situation.escalations),
    channels: rows(situation.channels),
    ...(situation.testAlert === undefined ? {} : { testAlert: situation.testAlert }),
    maintenance: rows(situation.maintenance),
    bypasses: rows(situation.bypasses),
    gapReports: situation.gapReports,
    consoles: situation.consoles,
    shift: situation.shift,
    graces: inner.agenda.wanted.entries().filter(([key]) => !key.startsWith("door:")),
    notBefore: inner.notBefore,
    blind: inner.blind ?? null,
    sight: inner.sight.entries(),
    pointsOf: inner.pointsOf.entries(),
    owing: rows(inner.owing),
    panelConditions: rows(inner.panelConditions),
    subjects: subjectsIn(inner.subjects),
    heldBack: everyHeld(inner.heldBack).map((held) => [slotOf(held.finding), held] as const),
    comings: rows(inner.comings),
    flood: situation.flood ?? null,
    arrivals: inner.arrivals
  }
}

const agendaOf = ({ doors, graces }: Pick<Frozen, "doors" | "graces">, index: CampusIndex): Agenda => {
  let agenda = emptyAgenda
  for (const [id, memory] of doors) {
    const door = index.doors.get(id)
    if (door !== undefined) agenda = withDeadline(agenda, `door:${id}`, nextDoorDue(memory, timesOf(door, memory))?.at)
  }
  for (const [key, at] of graces) agenda = withDeadline(agenda, key, at)
  return agenda
}

/** How many subjects each rule has. */
const countsOf = (subjects: Rows<Subject>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const [id] of subjects) counts.set(partsOf(id)[0], (counts.get(partsOf(id)[0]) ?? 0) + 1)
  return counts
}

const frozenByAlerts = (alerts: Rows<Alert>): Rows<number> =>
  alerts.flatMap(([, { condition, key, active, occurredAt }]) =>
    condition === "PictureFrozen" && active ? [[key.slice("camera:".length), occurredAt] as const] : []
  )

/** The situation a snapshot holds; folding on from it equals folding on from the original. */
export const thaw = (frozen: Frozen): Situation => {
  const { doors, subjects } = frozen
  const bypasses = HashMap.fromIterable(frozen.bypasses)
  const index = frozen.campus === null ? emptyIndex : indexCampus(frozen.campus, (ref) => HashMap.has(bypasses, ref))
  return {
    seq: frozen.seq,
    at: frozen.at,
    configVersion: frozen.configVersion,
    campus: frozen.campus ?? undefined,
    ...(frozen.refusedConfig === null ? {} : { refusedConfig: frozen.refusedConfig }),
    points: Table.of(frozen.points),
    devices: Table.of(frozen.devices),
    doors: Table.of(doors.map(([id, memory]) => [id, wholeMemory(memory)] as const)),
    links: HashMap.fromIterable(frozen.links),
    certificates: HashMap.fromIterable(frozen.certificates),
    commands: HashMap.fromIterable(frozen.commands),
    arming: HashMap.fromIterable(frozen.arming),
    threat: frozen.threat ?? undefined,
    flood: frozen.flood ?? undefined,
    alerts: HashMap.fromIterable(frozen.alerts),
    incidents: HashMap.fromIterable(frozen.incidents),
    frozen: HashMap.fromIterable(frozen.frozen ?? frozenByAlerts(frozen.alerts)),
    escalations: HashMap.fromIterable(frozen.escalations),
    channels: HashMap.fromIterable(frozen.channels),
    ...(frozen.testAlert === undefined ? {} : { testAlert: frozen.testAlert }),
    maintenance: HashMap.fromIterable(frozen.maintenance),
    bypasses,
    gapReports: frozen.gapReports,
    consoles: frozen.consoles,
    shift: frozen.shift,
    inner: {
      index,
      agenda: agendaOf({ doors, graces: frozen.graces }, index),
      notBefore: frozen.notBefore,
      blind: frozen.blind ?? undefined,
      sight: Table.of(frozen.sight),
      openAlert: openAlertsOf(frozen.alerts),
      pointsOf: Table.of(frozen.pointsOf),
      owing: HashMap.fromIterable(frozen.owing),
      panelConditions: HashMap.fromIterable(frozen.panelConditions),
      subjects: memoriesOf(subjects),
      subjectCounts: Table.of(countsOf(subjects)),
      heldBack: heldBackOf(frozen.heldBack.map(([, held]) => held)),
      comings: HashMap.fromIterable(frozen.comings),
      arrivals: frozen.arrivals,
      outbox: HashMap.fromIterable(
        frozen.escalations.flatMap(([id, state]) => (isOwing(state) ? [[id, true] as const] : []))
      )
    }
  }
}
