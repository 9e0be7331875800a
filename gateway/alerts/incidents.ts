import { Context, Effect, HashMap, Layer, Option } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import type { Alert } from "../domain/alert.ts"
import type { AlertId, IncidentId } from "../domain/ids.ts"
import type { CaseAlert, CaseFields, CaseRole, Disposition, Incident } from "../domain/incident.ts"
import { Intake, type Unstamped } from "../intake/intake.ts"
import { type IncidentQuery, SecurityLog, type StoreUnavailable } from "../log/security-log.ts"
import { UnknownAlert } from "./alerts.ts"
import { whyNotClosed, whyNotFields } from "./incident-life.ts"
import {
  AlertInIncident,
  IncidentIsClosed,
  IncidentIsOpen,
  IncidentRefused,
  NotInIncident,
  RevisionConflict,
  UnknownIncident
} from "./incident-refused.ts"

type Kept<E = never> = Effect.Effect<Incident, E | NotKept | StoreUnavailable>
type Changed<E = never> = Kept<E | UnknownIncident | IncidentIsClosed>

/** Somebody in the case, as an officer names them. */
export interface PersonWanted {
  readonly name: string
  readonly role: CaseRole
  readonly note?: string | undefined
}

/** The cases that officers keep. Every act is a fact in the log before it is answered; the answer is the case after it. */
export class Incidents extends Context.Service<
  Incidents,
  {
    readonly list: (query: IncidentQuery) => Effect.Effect<ReadonlyArray<Incident>, StoreUnavailable>
    readonly one: (id: string) => Effect.Effect<Incident, UnknownIncident | StoreUnavailable>
    /** The case that an alert belongs to. */
    readonly ofAlert: (alert: string) => Effect.Effect<Incident | undefined, StoreUnavailable>
    readonly open: (
      by: string,
      alerts: ReadonlyArray<string>,
      fields: CaseFields
    ) => Kept<UnknownAlert | AlertInIncident | IncidentRefused>
    readonly addAlert: (id: string, by: string, alert: string) => Changed<UnknownAlert | AlertInIncident>
    readonly removeAlert: (id: string, by: string, alert: string, reason: string) => Changed<NotInIncident>
    readonly note: (id: string, by: string, note: string) => Changed
    readonly addPerson: (id: string, by: string, person: PersonWanted) => Changed
    readonly removePerson: (id: string, by: string, person: number, reason: string) => Changed<NotInIncident>
    /** `revision`: the one that was seen. */
    readonly change: (
      id: string,
      by: string,
      revision: number,
      fields: CaseFields
    ) => Changed<RevisionConflict | IncidentRefused>
    readonly close: (id: string, by: string, disposition: Disposition, reason: string) => Changed<IncidentRefused>
    readonly reopen: (id: string, by: string, reason: string) => Kept<UnknownIncident | IncidentIsOpen>
  }
>()("gateway/Incidents") {
  static readonly layer = Layer.effect(
    Incidents,
    Effect.suspend(() => make())
  )
}

const make = Effect.fnUntraced(function* () {
  const intake = yield* Intake
  const log = yield* SecurityLog

  const one = Effect.fn("Incidents.one")(function* (id: string) {
    return (yield* log.incident(id)) ?? (yield* new UnknownIncident({ id }))
  })

  const open = Effect.fnUntraced(function* (id: string) {
    const incident = yield* one(id)
    if (incident.closed) return yield* new IncidentIsClosed({ id, by: incident.closedBy ?? "an officer" })
    return incident
  })

  /** The case after a fact; `undefined`: the fact is in the log, and changed nothing. */
  const enter = Effect.fnUntraced(function* (fact: Unstamped) {
    const { decisions } = yield* intake.enter(fact)
    const told = decisions.find((one) => one._tag === "Incident")
    return told?._tag === "Incident" ? told.change.incident : undefined
  })

  const areaOf = (alert: Alert) =>
    alert.area ?? intake.situation().campus?.doors.find(({ id }) => id === alert.door)?.area

  /** What the case is found by; refused for an alert of another case. */
  const caseAlert = Effect.fnUntraced(function* (id: string, by: string) {
    const alert = yield* log.alert(id)
    if (alert === undefined) return yield* new UnknownAlert({ id })
    const other = yield* log.incidentOf(id)
    if (other !== undefined) return yield* new AlertInIncident({ alert: id, incident: other.id })
    const { title, priority, validationLevel, occurredAt, door, device } = alert
    const area = areaOf(alert)
    const found: CaseAlert = {
      id: alert.id,
      title,
      priority,
      validationLevel,
      occurredAt,
      ...(door === undefined ? {} : { door }),
      ...(device === undefined ? {} : { device }),
      ...(area === undefined ? {} : { area }),
      by,
      at: intake.situation().at
    }
    return found
  })

  /** Enters a fact of an open case; where it changed nothing, somebody was quicker: `otherwise` says what they did. */
  const act = Effect.fnUntraced(function* <E>(
    id: string,
    factOf: (incident: IncidentId) => Unstamped,
    otherwise: (now: Incident) => Effect.Effect<Incident, E>
  ) {
    const before = yield* open(id)
    const after = yield* enter(factOf(before.id))
    return after ?? (yield* otherwise(yield* open(id)))
  })
  const asItIs = (incident: Incident) => Effect.succeed(incident)

  const beginning = Effect.fn("Incidents.open")(function* (by: string, ids: ReadonlyArray<string>, fields: CaseFields) {
    const why = whyNotFields(fields)
    if (why !== undefined) return yield* new IncidentRefused({ id: "that is to be opened", why })
    const alerts = yield* Effect.forEach(new Set(ids), (id) => caseAlert(id, by))
    const begun = yield* enter({ _tag: "IncidentOpened", by, alerts, fields })
    if (begun !== undefined) return begun
    // Somebody opened one of them meanwhile.
    for (const { id } of alerts) yield* caseAlert(id, by)
    return yield* new IncidentRefused({ id: "that is to be opened", why: "one of its alerts belongs to another one" })
  })

  return Incidents.of({
    list: log.incidents,
    one,
    ofAlert: log.incidentOf,
    open: beginning,
    addAlert: Effect.fn("Incidents.addAlert")(function* (id, by, alert) {
      yield* open(id)
      const added = yield* caseAlert(alert, by)
      return yield* act(
        id,
        (incident) => ({ _tag: "IncidentAlertAdded", incident, by, added }),
        () => Effect.flatMap(caseAlert(alert, by), () => new AlertInIncident({ alert, incident: "another one" }))
      )
    }),
    removeAlert: (id, by, alert, reason) =>
      act(
        id,
        (incident) => ({ _tag: "IncidentAlertRemoved", incident, by, alert: alert as AlertId, reason }),
        () => Effect.fail(new NotInIncident({ id, what: `alert ${alert}` }))
      ),
    note: (id, by, note) => act(id, (incident) => ({ _tag: "IncidentNoted", incident, by, note }), asItIs),
    addPerson: (id, by, { name, role, note }) =>
      act(
        id,
        (incident) => ({
          _tag: "IncidentPersonAdded",
          incident,
          by,
          name,
          role,
          ...(note === undefined ? {} : { note })
        }),
        asItIs
      ),
    removePerson: (id, by, person, reason) =>
      act(
        id,
        (incident) => ({ _tag: "IncidentPersonRemoved", incident, by, person, reason }),
        () => Effect.fail(new NotInIncident({ id, what: `person ${person}` }))
      ),
    change: Effect.fn("Incidents.change")(function* (id, by, revision, fields) {
      const before = yield* open(id)
      if (before.revision !== revision) return yield* new RevisionConflict({ id, revision, now: before.revision })
      const why = whyNotFields(fields, before)
      if (why !== undefined) return yield* new IncidentRefused({ id, why })
      return yield* act(
        id,
        (incident) => ({ _tag: "IncidentFieldsChanged", incident, by, revision, fields }),
        (now) => Effect.fail(new RevisionConflict({ id, revision, now: now.revision }))
      )
    }),
    close: Effect.fn("Incidents.close")(function* (id, by, disposition, reason) {
      const keepsLog = intake.situation().campus?.incidents?.clery === false ? "keeps none" : "keeps a Clery log"
      const why = whyNotClosed(yield* open(id), disposition, keepsLog)
      if (why !== undefined) return yield* new IncidentRefused({ id, why })
      return yield* act(
        id,
        (incident) => ({ _tag: "IncidentClosed", incident, by, disposition, reason }),
        () => Effect.fail(new IncidentIsClosed({ id, by: "another officer" }))
      )
    }),
    reopen: Effect.fn("Incidents.reopen")(function* (id, by, reason) {
      const was = yield* one(id)
      if (!was.closed) return yield* new IncidentIsOpen({ id })
      const again = yield* enter({ _tag: "IncidentReopened", incident: was.id, by, reason, was })
      if (again !== undefined) return again
      const open = HashMap.get(intake.situation().incidents, id)
      return Option.isSome(open) ? yield* new IncidentIsOpen({ id }) : was
    })
  })
})
