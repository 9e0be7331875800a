import type { Outcome, Priority } from "../../domain/alert.ts"
import type { DoorStanding } from "../../domain/door.ts"
import type { Alert, Campus, Entry, Happening, Instant, Link, OutOfService, Shelving } from "./wire.ts"

/** Priorities as officers say them. */
export const priorityWord: Record<Priority, string> = { 1: "Critical", 2: "High", 3: "Medium", 4: "Low" }

/** Outcomes as officers say them, in the order of the close dialog. */
export const outcomes: ReadonlyArray<{ readonly value: Outcome; readonly text: string; readonly hint: string }> = [
  { value: "real", text: "Real", hint: "Something happened that needed an officer" },
  { value: "nuisance-hardware", text: "Nuisance: hardware", hint: "Worn or badly set contact, lock or exit button" },
  { value: "nuisance-user", text: "Nuisance: person", hint: "Somebody allowed used the door wrongly" },
  { value: "test-drill", text: "Test or drill", hint: "Planned work or exercise" },
  { value: "unknown", text: "Unknown", hint: "Could not be found out" }
]

/** A standing's words, its sign (never colour alone) and how much it matters: 0 worst. */
export const standingWords: Record<
  DoorStanding,
  { readonly text: string; readonly sign: string; readonly rank: number }
> = {
  Forced: { text: "Forced open", sign: "!!", rank: 0 },
  Held: { text: "Held open", sign: "!", rank: 1 },
  UnverifiedOpening: { text: "Opened, not yet explained", sign: "?!", rank: 2 },
  HeldPreAlarm: { text: "Open for long", sign: "…", rank: 3 },
  Unknown: { text: "Unknown", sign: "?", rank: 4 },
  OutOfService: { text: "Out of service", sign: "–", rank: 5 },
  LockedDown: { text: "Locked down", sign: "■", rank: 6 },
  Open: { text: "Open", sign: "○", rank: 7 },
  Granted: { text: "Access granted", sign: "→", rank: 8 },
  Unlocked: { text: "Unlocked", sign: "◇", rank: 9 },
  Secure: { text: "Secure", sign: "✓", rank: 10 }
}

/** An alert's state in one phrase: acknowledgement and condition are two independent bits. */
export const stateWords = (alert: Alert): string => {
  if (alert.closed) return "Closed"
  const who = alert.acknowledgedBy === undefined ? "Acknowledged" : `Acknowledged by ${alert.acknowledgedBy}`
  const answered = alert.acknowledged ? who : "Unacknowledged"
  if (alert.resolvedByLateEvidence) return `${answered}, explained by late evidence`
  return alert.active ? answered : `${answered}, back to normal`
}

/** Who has an alert in hand; `undefined`: nobody. */
export const holderWords = ({ claimed }: Alert, officer: string): string | undefined =>
  claimed === undefined ? undefined : claimed.by === officer ? "In your hands" : `In the hands of ${claimed.by}`

/** Until when an alert is shelved, how long that is from now, and what came meanwhile. */
export const shelvedWords = (
  { until, oneShot, by, meanwhile }: Shelving,
  clock: (at: Instant) => string,
  nowMs: number
): string => {
  const end = oneShot === true ? "until normal, or" : "until"
  const left = leftWords(until, nowMs)
  const came = meanwhile === 0 ? "" : ` · came ${meanwhile} × meanwhile`
  return `Shelved by ${by} ${end} ${clock(until).slice(0, 5)} (${left} left)${came}`
}

/** What is worked on there, who says so and until when, and what came meanwhile. */
export const serviceWords = (
  { by, until, meanwhile, endedAt }: OutOfService,
  clock: (at: Instant) => string,
  nowMs: number
): string => {
  const came = meanwhile === 1 ? "once" : `${meanwhile} ×`
  if (endedAt !== undefined) return `Came ${came} in maintenance by ${by}, over since ${clock(endedAt).slice(0, 5)}`
  return `In maintenance by ${by} until ${clock(until).slice(0, 5)} (${leftWords(until, nowMs)} left) · came ${came}`
}

/** "45 s", "12 min", "2 h 05": how long until then. */
export const leftWords = (until: Instant, nowMs: number): string => {
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - nowMs) / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`
}

/** "3 s", "12 min", "2 h 05", "4 d": how long ago, rounded down. */
export const ageWords = (at: Instant, nowMs: number): string => {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(at)) / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${String(minutes % 60).padStart(2, "0")}` : `${Math.floor(hours / 24)} d`
}

/** Formats instants as 24 h local time of the campus (of this computer until the campus is known). */
export const clockOf = (campus: Campus | undefined): ((at: Instant) => string) => {
  const format = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    ...(campus === undefined ? {} : { timeZone: campus.site.timeZone })
  })
  return (at) => (Number.isNaN(Date.parse(at)) ? "–" : format.format(new Date(at)))
}

/** The chain of areas from the outermost in, such as "Science Hall · 2nd floor". */
export const areaWords = (campus: Campus, area: string | undefined): string => {
  const names: Array<string> = []
  let id = area
  while (id !== undefined && names.length < 8) {
    const found = campus.areas.find((candidate) => candidate.id === id)
    names.unshift(found?.name ?? id)
    id = found?.in
  }
  return names.join(" · ")
}

/** Where an alert is: as the gateway says it, else from the campus. */
export const whereWords = (alert: Alert, campus: Campus | undefined): string => {
  if (alert.where !== undefined) return alert.where
  const door = campus?.doors.find((candidate) => candidate.id === alert.door)
  const area = campus === undefined ? "" : areaWords(campus, alert.area ?? door?.area)
  const thing = door?.name ?? alert.door ?? alert.device ?? alert.key.replace(/^\w+:/, "")
  return area === "" ? thing : `${area} · ${thing}`
}

/** A link's state and the reason for it. */
export const linkWords = ({ state }: Link): { readonly state: string; readonly reason: string | undefined } => ({
  state: state._tag,
  reason: "reason" in state ? state.reason : undefined
})

/** "DoorOpened" as "Door opened". */
const spaced = (word: string): string => {
  const text = word.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** "−10 s", "0 s", "+5 s": how far from the happening a frame was wanted. */
export const offsetWords = (seconds: number): string =>
  `${seconds > 0 ? "+" : ""}${String(seconds).replace("-", "−")} s`

/** "4.8 s before", "0.8 s after": how far from the happening a picture really was taken. */
export const takenWords = ({
  takenAt,
  occurredAt
}: {
  readonly takenAt: Instant
  readonly occurredAt: Instant
}): string => {
  const seconds = (Date.parse(takenAt) - Date.parse(occurredAt)) / 1000
  const far = `${Math.abs(seconds).toFixed(1)} s`
  return far === "0.0 s" ? "at that moment" : `${far} ${seconds < 0 ? "before" : "after"}`
}

/** When a frame will come. */
export const dueWords = (dueAt: Instant, nowMs: number): string => {
  const seconds = Math.floor((Date.parse(dueAt) - nowMs) / 1000)
  return seconds > 0 ? `in ${seconds} s` : "being fetched…"
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

/** An occurrence, with who did it and where, as far as the source says. */
const occurrenceWords = (occurrence: Happening): string => {
  const [holder, at] = [textOf(occurrence["holder"]), textOf(occurrence["at"])]
  return `${spaced(occurrence._tag)}${holder === undefined ? "" : ` by ${holder}`}${at === undefined ? "" : ` at ${at}`}`
}

const happeningWords = (happening: Happening): string => {
  const occurrence = happening["occurrence"] as Happening | undefined
  const observation = happening["observation"] as Happening | undefined
  const reading = observation?.["reading"] as { readonly kind: string; readonly value: string } | undefined
  if (observation !== undefined) {
    const inner = observation["occurrence"] as Happening | undefined
    const said = reading === undefined ? occurrenceWords(inner ?? observation) : `${reading.kind} is ${reading.value}`
    return `${textOf(observation["device"]) ?? "Device"}: ${said}`
  }
  if (happening._tag === "DoorStandingChanged") {
    const to = standingWords[happening["to"] as DoorStanding]?.text ?? String(happening["to"])
    return `Door: ${to}${textOf(happening["reason"]) === undefined ? "" : ` (${textOf(happening["reason"])})`}`
  }
  if (occurrence !== undefined) return occurrenceWords(occurrence)
  const name = spaced(textOf(happening["name"]) ?? happening._tag)
  const by = textOf(happening["by"])
  const detail = textOf(happening["reason"]) ?? textOf(happening["note"]) ?? textOf(happening["detail"])
  return `${name}${by === undefined ? "" : ` by ${by}`}${detail === undefined ? "" : `: ${detail}`}`
}

/** When a log entry happened, and what, in words for the timeline. */
export const entryWords = (entry: Entry): { readonly at: Instant; readonly text: string } => {
  if (entry._tag === "Alert") {
    const { change } = entry
    const note = change.note === undefined ? "" : `: ${change.note}`
    return { at: change.at, text: `Alert ${change.transition.replaceAll("-", " ")} by ${change.by}${note}` }
  }
  if (entry._tag === "Incident") {
    const { change } = entry
    const note = change.note === undefined ? "" : `: ${change.note}`
    const what = `Case ${change.incident.id} ${change.transition.replaceAll("-", " ")}`
    return { at: change.at, text: `${what} by ${change.by}${note}` }
  }
  if (entry._tag === "Notification") {
    const { state, at, person, channel, detail } = entry.notification
    const why = detail === undefined ? "" : `: ${detail}`
    const whom = person === undefined ? "" : ` to ${person}`
    return { at, text: `Notification by ${channel}${whom} ${state.replaceAll("-", " ")}${why}` }
  }
  const happening = entry._tag === "Fact" ? entry.fact : entry.event
  const at = textOf(happening["occurredAt"]) ?? happening.at ?? entry.recordedAt
  return { at, text: happeningWords(happening) }
}
