import { rolesIn } from "../../correlation/campus-index.ts"
import type { AlertChange } from "../../domain/alert.ts"
import type { Campus } from "../../domain/campus.ts"
import type { DeviceEvent } from "../../domain/device-event.ts"
import type { DoorStanding } from "../../domain/door.ts"
import type { Fact } from "../../domain/fact.ts"
import type { Notification } from "../../domain/notification.ts"
import type { OccurrenceWord } from "../../domain/observation.ts"
import type { Entry } from "../../log/entry.ts"

/** What sort of line of a timeline it is. */
export type SaidKind = "door" | "card" | "camera" | "device" | "alert" | "officer" | "notification" | "gap" | "case"

/** What an entry of the log says on a timeline, in an officer's words. */
export interface Said {
  readonly kind: SaidKind
  readonly text: string
}

/** `DoorOpened` as "Door opened". */
export const spaced = (word: string): string => {
  const text = word.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const standings: Readonly<Record<DoorStanding, string>> = {
  Forced: "forced open",
  Held: "held open",
  UnverifiedOpening: "opened, not yet explained",
  HeldPreAlarm: "open for long",
  Unknown: "unknown",
  OutOfService: "out of service",
  LockedDown: "locked down",
  Open: "open",
  Granted: "access granted",
  Unlocked: "unlocked",
  Secure: "secure"
}

/** A cause is a word of the door machine's; a sentence stays as it is. */
const causeOf = (reason: string): string => (/^[A-Z][A-Za-z]+$/.test(reason) ? spaced(reason).toLowerCase() : reason)

/** The door that a point belongs to, by its name. */
const doorOfPoint = (campus: Campus | undefined, point: string): string | undefined =>
  campus?.doors.find((door) => rolesIn(door, point).length > 0)?.name

const nameOf = (campus: Campus | undefined, door: string | undefined): string =>
  campus?.doors.find(({ id }) => id === door)?.name ?? door ?? ""

const cameraOn = (campus: Campus | undefined, device: string | undefined): string | undefined =>
  device === undefined ? undefined : campus?.cameras.find((camera) => camera.device === device)?.name

const isCard = ({ _tag }: OccurrenceWord): boolean => _tag.startsWith("Access") || _tag === "CredentialPresented"

const occurrenceText = (word: OccurrenceWord): string => {
  const who = "holder" in word ? ` by ${word.holder}` : ""
  const where = "at" in word ? ` at ${word.at}` : ""
  const why = word._tag === "AccessDenied" ? ` (${spaced(word.reason)})` : ""
  return `${spaced(word._tag)}${who}${where}${why}`
}

/** Who knows nothing any more, or not the right time, is a gap of the record. */
const gapText = (event: DeviceEvent): string | undefined => {
  switch (event._tag) {
    case "DeviceUnavailable":
      return `${event.device ?? "A device"} is ${event.state}: ${event.reason}`
    case "StateLost":
      return `${event.point} is not known any more: ${event.reason}`
    case "ClockSkewed":
      return `The clock of ${event.device ?? "a device"} is off by ${(event.offsetMs / 1000).toFixed(1)} s`
    case "GapRecorded":
      return `What came meanwhile may be missing: ${event.detail}`
    case "MessageUnreadable":
      return `A message could not be read: ${event.why}`
    default:
      return undefined
  }
}

const eventSaid = (event: DeviceEvent, campus: Campus | undefined): Said | undefined => {
  const gap = gapText(event)
  if (gap !== undefined) return { kind: "gap", text: gap }
  const camera = cameraOn(campus, event.device)
  switch (event._tag) {
    case "Occurred": {
      const kind = isCard(event.occurrence) ? "card" : camera === undefined ? "device" : "camera"
      return { kind, text: `${occurrenceText(event.occurrence)}${camera === undefined ? "" : ` (${camera})`}` }
    }
    case "PointChanged": {
      const kind = camera === undefined ? (event.from.kind === "position" ? "door" : "device") : "camera"
      const where =
        event.door === undefined
          ? (camera ?? doorOfPoint(campus, event.point) ?? event.point)
          : nameOf(campus, event.door)
      return { kind, text: `${spaced(event.name)}: ${where}` }
    }
    case "DoorStandingChanged":
      return {
        kind: "door",
        text: `${nameOf(campus, event.door)} is ${standings[event.to]} (${causeOf(event.reason)})`
      }
    case "DoorEntered":
    case "AccessNotTaken":
      return { kind: "card", text: `${spaced(event._tag)}: ${nameOf(campus, event.door)}` }
    case "DeviceAvailable":
      return { kind: "device", text: `${event.device ?? "A device"} is there` }
    case "StateRecovered":
      return undefined
    default:
      return { kind: "door", text: `${spaced(event._tag)}${"reason" in event ? `: ${event.reason}` : ""}` }
  }
}

/** What became of pictures stands beside them. */
const silent: ReadonlySet<AlertChange["transition"]> = new Set(["evidence-kept", "evidence-missing", "updated"])

const alertSaid = ({ transition, by, note, why, alert }: AlertChange): Said | undefined => {
  if (silent.has(transition)) return undefined
  const reason = note ?? (transition === "raised" ? why.map(({ text }) => text).join("; ") : undefined)
  const said = `${alert.id} ${transition.replaceAll("-", " ")} by ${by}${reason === undefined ? "" : `: ${reason}`}`
  const isRule = by === alert.rule
  return { kind: isRule ? "alert" : "officer", text: said }
}

/** Facts of which the alert or the event behind them tells, and who came and went at a screen. */
const toldElsewhere =
  /^(?:Alert|Step|Incident|Evidence|WriteBack|Notification|Observed$|TimePassed$|Picture|Acknowledgement|Signed|Enrol|Password|Token)/

const factSaid = (fact: Fact, campus: Campus | undefined): Said | undefined => {
  if (toldElsewhere.test(fact._tag)) return undefined
  switch (fact._tag) {
    case "DoorCommanded": {
      const why = fact.reason === undefined ? "" : `: ${fact.reason}`
      return { kind: "officer", text: `${fact.by} commanded ${fact.command} at ${nameOf(campus, fact.door)}${why}` }
    }
    case "DoorCommandAnswered":
      return { kind: "door", text: `${nameOf(campus, fact.door)}: the command is ${fact.outcome}` }
    case "GatewayStarted":
      return fact.blindFrom === undefined
        ? undefined
        : {
            kind: "gap",
            text: `The gateway was blind for ${Math.round((fact.at - fact.blindFrom) / 1000)} s until now`
          }
    case "StoreRefused":
      return {
        kind: "gap",
        text: `The log kept nothing for ${Math.round((fact.at - fact.from) / 1000)} s: ${fact.reason}`
      }
    case "LinkChanged":
      return fact.state._tag === "Offline"
        ? { kind: "gap", text: `The link ${fact.link} was lost: ${fact.state.reason}` }
        : undefined
    case "ConfigApplied":
      return { kind: "officer", text: `Configuration ${fact.version} is in force, by ${fact.by}` }
    default: {
      if (!("by" in fact) || typeof fact.by !== "string") return undefined
      const reason = "reason" in fact && typeof fact.reason === "string" ? `: ${fact.reason}` : ""
      return { kind: "officer", text: `${spaced(fact._tag)} by ${fact.by}${reason}` }
    }
  }
}

/** How far a notification of the alert has come; that it waits is no news. */
const notificationSaid = (
  { state, channel, person, detail }: Notification,
  campus: Campus | undefined
): Said | undefined => {
  if (state === "queued" || state === "sending") return undefined
  const who = campus?.people?.find(({ id }) => id === person)?.name ?? person
  const whom = who === undefined ? "" : ` to ${who}`
  const why = detail === undefined ? "" : `: ${detail}`
  return { kind: "notification", text: `Notification by ${channel}${whom} ${state.replaceAll("-", " ")}${why}` }
}

/** What an entry says on a timeline; `undefined`: nothing that a reader wants there. */
export const saidOf = (entry: Entry, campus: Campus | undefined): Said | undefined => {
  if (entry._tag === "Alert") return alertSaid(entry.change)
  if (entry._tag === "Event") return eventSaid(entry.event, campus)
  if (entry._tag === "Notification") return notificationSaid(entry.notification, campus)
  if (entry._tag !== "Fact") return undefined
  return entry.event === undefined ? factSaid(entry.fact, campus) : eventSaid(entry.event, campus)
}

/** When it happened, as well as that is known. */
export const happenedAt = (entry: Entry): number => {
  if (entry._tag === "Fact") return "occurredAt" in entry.fact ? entry.fact.occurredAt : entry.fact.at
  if (entry._tag === "Notification") return entry.notification.at
  return entry._tag === "Event" ? entry.event.at : entry.change.at
}
