import { Schema } from "effect"

/** No case has this id. */
export class UnknownIncident extends Schema.TaggedError<UnknownIncident>()("UnknownIncident", { id: Schema.String }) {
  override get message(): string {
    return `there is no incident ${this.id}`
  }
}

/** What is closed is changed no more, unless it is taken up again. */
export class IncidentIsClosed extends Schema.TaggedError<IncidentIsClosed>()("IncidentIsClosed", {
  id: Schema.String,
  by: Schema.String
}) {
  override get message(): string {
    return `incident ${this.id} was closed by ${this.by}; reopen it to change it`
  }
}

/** What is open cannot be taken up again. */
export class IncidentIsOpen extends Schema.TaggedError<IncidentIsOpen>()("IncidentIsOpen", { id: Schema.String }) {
  override get message(): string {
    return `incident ${this.id} is open`
  }
}

/** An alert belongs to one case at most. */
export class AlertInIncident extends Schema.TaggedError<AlertInIncident>()("AlertInIncident", {
  alert: Schema.String,
  incident: Schema.String
}) {
  override get message(): string {
    return `alert ${this.alert} belongs to incident ${this.incident} already`
  }
}

/** The case has no such alert or person. */
export class NotInIncident extends Schema.TaggedError<NotInIncident>()("NotInIncident", {
  id: Schema.String,
  what: Schema.String
}) {
  override get message(): string {
    return `incident ${this.id} has no ${this.what}`
  }
}

/** Somebody else changed the case meanwhile: what was written is not lost, but it was written over an older revision. */
export class RevisionConflict extends Schema.TaggedError<RevisionConflict>()("RevisionConflict", {
  id: Schema.String,
  revision: Schema.Finite,
  now: Schema.Finite
}) {
  override get message(): string {
    return `incident ${this.id} is at revision ${this.now} by now, and this was written over revision ${this.revision}; read it again, then change it`
  }
}

/** The case cannot be closed so, or its fields cannot be so. */
export class IncidentRefused extends Schema.TaggedError<IncidentRefused>()("IncidentRefused", {
  id: Schema.String,
  why: Schema.String
}) {
  override get message(): string {
    return `incident ${this.id}: ${this.why}`
  }
}
