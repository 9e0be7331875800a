import type { AlertChange } from "../domain/alert.ts"
import { certificateOf } from "../domain/certificate.ts"
import type { DeviceEvent } from "../domain/device-event.ts"
import type { Fact } from "../domain/fact.ts"
import type { IncidentChange } from "../domain/incident.ts"
import type { Notification, NotificationOutcome } from "../domain/notification.ts"
import type { Observation, OccurrenceWord } from "../domain/observation.ts"
import { serviceKeyOf } from "../domain/out-of-service.ts"
import type { WriteBackKind } from "../domain/panel-condition.ts"
import type { Entry } from "../log/entry.ts"
import { paint, printable } from "./output.ts"

/** What happened, who did it and where, as far as the source says. */
const occurrenceText = (occurrence: OccurrenceWord): string => {
  const holder = "holder" in occurrence ? ` by ${occurrence.holder}` : ""
  return `${occurrence._tag}${holder}${"at" in occurrence ? ` at ${occurrence.at}` : ""}`
}

/** How a condition of a panel stands there. */
const panelConditionText = (seen: Extract<Observation, { _tag: "PanelCondition" }>): string => {
  const active = seen.active === undefined ? "disabled" : seen.active ? "active" : "inactive"
  const what = seen.condition.branch === undefined ? "condition" : "earlier state of a condition"
  const acked = seen.acked ? "acknowledged" : "unacknowledged"
  const said = seen.comment === undefined ? "" : `: ${seen.comment}`
  return `${seen.device}/${seen.point} ${what} is ${active}, ${acked} (${seen.origin})${said}`
}

// A number inside the gateway, ISO 8601 on the wire: a date is made of either.
const isoOf = (at: number): string => new Date(at).toISOString()

const observedText = ({ link, observation }: Extract<Fact, { _tag: "Observed" }>): string => {
  switch (observation._tag) {
    case "Reading":
      return `${observation.device}/${observation.point} is ${observation.reading.value} (${observation.origin})`
    case "Occurrence":
      return `${observation.device}/${observation.point} ${occurrenceText(observation.occurrence)}`
    case "PanelCondition":
      return panelConditionText(observation)
    case "Availability":
      return `${observation.device} is ${observation.state}: ${observation.reason}`
    case "Certificate": {
      const of = certificateOf({ link, ...observation })
      return `the certificate of ${of} ends on ${isoOf(observation.validUntil).slice(0, 10)}: ${observation.subject}`
    }
    case "Unreadable":
      return `unreadable message on ${observation.source}: ${observation.why}`
    case "UnknownDevice":
      return `unknown device "${observation.address}" on ${observation.source}`
    case "Gap":
      return `gap: ${observation.detail}`
  }
}

const writeBackNouns: Readonly<Record<WriteBackKind, string>> = {
  acknowledge: "acknowledgement",
  comment: "note",
  shelve: "shelving",
  unshelve: "end of shelving"
}

const stepVerbs = { StepDone: "did", StepAnswered: "answered", StepSkipped: "left out", StepUndone: "undid" } as const

const outcomeWords: Readonly<Record<NotificationOutcome, string>> = {
  "handed-over": "the other side has taken it",
  refused: "it is refused",
  later: "not now"
}

const after = (words: string | undefined): string => (words === undefined ? "" : `: ${words}`)

const factText = (fact: Fact): string => {
  switch (fact._tag) {
    case "Observed":
      return observedText(fact)
    case "LinkChanged":
      return `link ${fact.link} is ${fact.state._tag}${"reason" in fact.state ? `: ${fact.state.reason}` : ""}`
    case "AccessRefused":
      return `refused: ${fact.who} ${fact.what}`
    case "DoorCommanded":
      return `${fact.by} gave the command ${fact.command}${fact.reason === undefined ? "" : `: ${fact.reason}`}`
    case "DoorCommandAnswered":
      return `${fact.commandId} is ${fact.outcome}${fact.detail === undefined ? "" : `: ${fact.detail}`}`
    case "AlertAcknowledged":
      return `${fact.by} ${fact.forced === true ? "acknowledged by force" : "acknowledged"} ${fact.alert}${after(fact.note)}`
    case "AcknowledgementUndone":
      return `${fact.by} takes the acknowledgement of ${fact.alert} back`
    case "AlertClaimed":
      return `${fact.by} takes ${fact.alert} in hand${fact.from === undefined ? "" : `, from ${fact.from}`}${after(fact.note)}`
    case "AlertReleased":
      return `${fact.by} releases ${fact.alert}${after(fact.note)}`
    case "AlertNoted":
      return `${fact.by} noted on ${fact.alert}: ${fact.note}`
    case "AlertShelved":
      return `${fact.by} shelved ${fact.alert} ${fact.oneShot === true ? "until it is normal again" : `for ${fact.minutes} min`}: ${fact.reason}`
    case "AlertUnshelved":
      return `${fact.by} ended the shelving of ${fact.alert}: ${fact.reason}`
    case "StepDone":
    case "StepAnswered":
    case "StepSkipped":
    case "StepUndone":
      return `${fact.alert}: ${fact.by} ${stepVerbs[fact._tag]} step ${fact.step}${"answer" in fact ? `: ${fact.answer}` : "reason" in fact ? `: ${fact.reason}` : ""}`
    case "IncidentOpened":
      return `${fact.by} opened a case of ${fact.alerts.map(({ id }) => id).join(", ") || "no alert"}`
    case "IncidentAlertAdded":
    case "IncidentAlertRemoved":
    case "IncidentNoted":
    case "IncidentPersonAdded":
    case "IncidentPersonRemoved":
    case "IncidentFieldsChanged":
    case "IncidentClosed":
    case "IncidentReopened":
      return `${fact._tag}  ${fact.incident} by ${fact.by}`
    case "WriteBackSent":
      return `${fact.alert}: its ${writeBackNouns[fact.kind]} goes to ${fact.device}`
    case "WriteBackAnswered":
      return `${fact.alert}: its ${writeBackNouns[fact.kind]} at ${fact.device} is ${fact.outcome}${fact.detail === undefined ? "" : `: ${fact.detail}`}`
    case "NotificationSent":
      return `notification ${fact.notification} goes out by ${fact.channel}`
    case "NotificationAnswered":
      return `notification ${fact.notification}: ${outcomeWords[fact.outcome]}${fact.detail === undefined ? "" : `: ${fact.detail}`}`
    case "NotificationReceived":
      return `notification ${fact.notification} is on its device`
    case "TestAlertRaised":
      return "a test alert sets out"
    case "TestAlertSent":
      return `the test alert of entry ${fact.raised} goes out`
    case "TestAlertReturned":
      return `the test alert of entry ${fact.raised} is back`
    case "DeviceRegistered":
      return `${fact.person} registered ${fact.name} (${fact.device}) for ${fact.channel}`
    case "DeviceUnregistered":
      return `${fact.device} of ${fact.person} is written to no more by ${fact.channel}: ${fact.reason}`
    case "ChannelTested":
      return `${fact.by} tested channel ${fact.channel}: ${outcomeWords[fact.outcome]}${fact.detail === undefined ? "" : `: ${fact.detail}`}`
    case "AreaArmingOverridden":
      return `${fact.by} wants ${fact.area} ${fact.state} until ${isoOf(fact.until)}: ${fact.reason}`
    case "AreaArmingOverrideEnded":
      return `${fact.by} gave ${fact.area} back to its schedule: ${fact.reason}`
    case "RuleForgiven":
      return `${fact.by} had rule ${fact.rule} forget ${fact.key}: ${fact.reason}`
    case "ThreatLevelSet":
      return `${fact.by} set the threat level ${fact.level}${fact.until === undefined ? "" : ` until ${isoOf(fact.until)}`}: ${fact.reason}`
    case "EvidenceKept":
      return `${fact.alert}: frame ${fact.offsetSeconds} s of ${fact.camera} kept as ${fact.hash.slice(0, 12)}`
    case "EvidenceMissing":
      return `${fact.alert}: frame ${fact.offsetSeconds} s of ${fact.camera} is missing: ${fact.reason}`
    case "ConfigApplied": {
      const changes = fact.changes === undefined ? "" : `: ${fact.changes.join("; ") || "as it was before"}`
      return `configuration ${fact.version} is in force, by ${fact.by}${changes}`
    }
    case "ConfigRefused": {
      const [first] = fact.problems
      const where = first === undefined ? "" : `: ${first.file}:${first.line}:${first.column} ${first.message}`
      return `the configuration is wrong, and the one before it stays in force${where}`
    }
    case "MaintenanceBegan":
      return `${fact.by} began maintenance of ${serviceKeyOf(fact)} for ${fact.minutes} min: ${fact.reason}`
    case "MaintenanceEnded":
      return `${fact.by} ended the maintenance of ${serviceKeyOf(fact)}`
    case "PointBypassed":
      return `${fact.by} bypassed ${fact.point} for ${fact.minutes} min: ${fact.reason}`
    case "BypassEnded":
      return `${fact.by} ended the bypass of ${fact.point}`
    case "PictureUnchanged":
    case "PictureChanged":
      return `${fact._tag}  ${fact.camera}`
    default:
      return fact._tag
  }
}

const eventText = (event: DeviceEvent): string => {
  switch (event._tag) {
    case "PointChanged":
      return `${event.name}  ${event.point} ${event.from.value} → ${event.to.value}`
    case "StateRecovered":
      return `StateRecovered  ${event.point} is ${event.to.value}`
    case "Occurred":
      return `${occurrenceText(event.occurrence)}  ${event.point}`
    case "DoorStandingChanged":
      return `door ${event.from} → ${event.to}: ${event.reason}`
    case "DeviceUnavailable":
      return `DeviceUnavailable  ${event.state}: ${event.reason}`
    case "StateLost":
      return `StateLost  ${event.point}: ${event.reason}`
    case "DoorCommandProved": {
      const { commandId, command, mode, position } = event
      return `DoorCommandProved  ${commandId} ${command}: mode ${mode}, door ${position}`
    }
    case "AreaArmed":
    case "AreaDisarmed":
      return `${event._tag}  ${event.area}: ${event.reason}`
    case "ClockSkewed":
    case "ClockCorrected":
      return `${event._tag}  by ${event.offsetMs > 0 ? "+" : ""}${(event.offsetMs / 1000).toFixed(1)} s`
    case "CertificateExpiring":
    case "CertificateExpired":
    case "CertificateRenewed":
      return `${event._tag}  ${event.of}: it ends on ${event.ends}`
    case "ThreatLevelChanged":
      return `ThreatLevelChanged  ${event.from} → ${event.to}: ${event.reason}`
    case "FloodBegan":
      return `a flood of alerts began: ${event.count} new ones`
    case "FloodEnded":
      return `the flood of alerts since ${isoOf(event.since)} is over: ${event.count} new ones`
    case "MaintenanceEndsSoon":
      return `MaintenanceEndsSoon  ${event.key}, begun by ${event.by}`
    case "MaintenanceOver":
      return `MaintenanceOver  ${event.key}: ${event.by}`
    case "BypassEndsSoon":
      return `BypassEndsSoon  ${event.point}, begun by ${event.by}`
    case "BypassOver":
      return `BypassOver  ${event.point}: ${event.by}`
    case "DoorCommandNotProved":
      return `DoorCommandNotProved  ${event.commandId} ${event.command}: last known mode ${event.mode}`
    default:
      return event._tag
  }
}

/** What happens beside an alert: it is red no more for that. */
const quiet: ReadonlySet<AlertChange["transition"]> = new Set([
  "evidence-kept",
  "evidence-missing",
  "acknowledged-at-panel",
  "noted",
  "shelved"
])

/** What is told with its note. */
const spoken: ReadonlySet<AlertChange["transition"]> = new Set([
  "write-back",
  "acknowledged-at-panel",
  "noted",
  "shelved",
  "unshelved"
])

/** How far its acknowledgement has come at the panel is told with it: that it is not written back is as red as an alert. */
const alertText = ({ transition, alert, note }: AlertChange): string => {
  const told = spoken.has(transition)
  const text = printable(`${alert.id} ${transition}: ${alert.title}${told ? ` (${note ?? ""})` : ""}`)
  return quiet.has(transition) ? text : paint("red", text)
}

const incidentText = ({ transition, by, note, incident }: IncidentChange): string =>
  `${incident.id} ${transition} by ${by}${note === undefined ? "" : `: ${note}`}`

/** When, as a clock on the wall shows it, with milliseconds; of a site, where its zone is known. */
export const wallClock = (at: number, timeZone?: string): string => {
  const date = new Date(at)
  const time = date.toLocaleTimeString("en-GB", { hourCycle: "h23", ...(timeZone === undefined ? {} : { timeZone }) })
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`
}

// A number inside the gateway, ISO 8601 on the wire: a date is made of either.
const timeOf = (entry: Entry, timeZone: string | undefined): string =>
  wallClock(new Date(entry.recordedAt).getTime(), timeZone)

/** What is not told is as red as an alert; the rest goes its way. */
const notificationText = ({ id, state, person, channel, detail }: Notification): string => {
  const text = printable(`${id} is ${state}: ${person ?? channel}${detail === undefined ? "" : ` (${detail})`}`)
  return state === "failed" || state === "expired" ? paint("red", text) : text
}

const happeningText = (entry: Exclude<Entry, { _tag: "Alert" | "Notification" }>): string => {
  if (entry._tag === "Incident") return incidentText(entry.change)
  if (entry._tag === "Event") return eventText(entry.event)
  return entry.event === undefined ? factText(entry.fact) : eventText(entry.event)
}

const textOf = (entry: Entry): string => {
  if (entry._tag === "Alert") return alertText(entry.change)
  return entry._tag === "Notification" ? notificationText(entry.notification) : printable(happeningText(entry))
}

/** In five columns. */
const kindText: Readonly<Record<Entry["_tag"], string>> = {
  Fact: "Fact ",
  Event: "Event",
  Alert: "Alert",
  Incident: "Case ",
  Notification: "Told "
}

/** One entry on one line: time with milliseconds (of this machine, or of `timeZone`), position, what it concerns, what it says. */
export const describeEntry = (entry: Entry, timeZone?: string): string => {
  const subject = entry.door ?? entry.device ?? ""
  return `${timeOf(entry, timeZone)}  ${String(entry.seq).padStart(6)}  ${kindText[entry._tag]}  ${subject.padEnd(14)}  ${textOf(entry)}`
}

/** What a device said, with the topic it said it on, and on a second line the message as it came where it was kept. */
export const describeRaw = (entry: Entry): string => {
  if (entry._tag !== "Fact" || entry.fact._tag !== "Observed") return describeEntry(entry)
  const { observation } = entry.fact
  const source = "source" in observation ? `  from ${printable(observation.source)}` : ""
  const raw = "raw" in observation && observation.raw !== undefined ? `\n    ${printable(observation.raw)}` : ""
  return `${describeEntry(entry)}${source}${raw}`
}
