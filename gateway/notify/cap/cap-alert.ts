import type { Alert, AlertChange, Priority } from "../../domain/alert.ts"
import type { EpochMs } from "../../domain/ids.ts"

/** How a CAP message is to be taken (CAP 1.2, section 3.2.1, `status`). */
export type CapStatus = "Actual" | "Exercise" | "Test"

/** Who sends, as every message says. */
export interface CapSender {
  /** Names this gateway for ever: an address, as the standard suggests. */
  readonly sender: string
  readonly senderName: string
  readonly status: CapStatus
  readonly site: string
  readonly language: string
  /** Who may have it, for whom it is not public. */
  readonly restriction: string
  /** Minutes after which a message of an alert that is still open is no longer to be relied on. */
  readonly expireMinutes: number
}

/** One step of an alert as it is published. */
export interface CapStep {
  /** Log entry of the step. */
  readonly seq: number
  readonly change: AlertChange
}

/** A published message: what the feed lists, and what stands at its address. */
export interface CapMessage {
  readonly identifier: string
  readonly sent: EpochMs
  readonly msgType: "Alert" | "Update" | "Cancel"
  readonly headline: string
  readonly xml: string
}

const severities: Readonly<Record<Priority, string>> = { 1: "Extreme", 2: "Severe", 3: "Moderate", 4: "Minor" }

/** CAP 1.2, section 3.3.2: no "Z"; UTC is -00:00. */
const capTime = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19)}-00:00`

const escaped = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")

const tag = (name: string, text: string | undefined): string =>
  text === undefined ? "" : `<${name}>${escaped(text)}</${name}>`

/** `DoorForcedOpen` as "Door forced open": what has happened, and no name of anybody. */
export const eventWords = (condition: string): string => {
  const words = condition.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const categoryOf = ({ condition }: Alert): string => (condition.startsWith("Fire") ? "Fire" : "Security")

/** CAP 1.2, section 3.2.2: what is over is Past; what nobody has answered asks for something now. */
const urgencyOf = ({ closed, active, acknowledged, priority }: Alert): string => {
  if (closed || !active) return "Past"
  return priority <= 2 && !acknowledged ? "Immediate" : "Expected"
}

/** TMA-AVS-01: two kinds of sensor, or a person, say so. */
const certaintyOf = ({ validationLevel }: Alert): string =>
  validationLevel >= 2 ? "Observed" : validationLevel === 1 ? "Likely" : "Possible"

const msgTypeOf = (nth: number, { alert }: AlertChange): CapMessage["msgType"] =>
  alert.closed ? "Cancel" : nth === 0 ? "Alert" : "Update"

/** No blanks, commas, < and & in an identifier (CAP 1.2, section 3.2.1). */
const identifierOf = ({ site }: CapSender, { seq, change }: CapStep): string => `${site}-${change.alert.id}-${seq}`

const stateOf = ({ transition, by, alert }: AlertChange): string => {
  if (alert.closed) return `Closed${alert.outcome === undefined ? "" : ` as ${alert.outcome}`}.`
  const answered = alert.acknowledged ? "Somebody has it in hand." : "Nobody has answered yet."
  return `${alert.active ? "It holds." : "It is back to normal."} ${answered} (${transition.replaceAll("-", " ")}${by === alert.rule ? "" : " by the officer on duty"})`
}

interface Publishing {
  readonly sender: CapSender
  readonly where: string
  readonly web?: string | undefined
}

const infoOf = ({ change }: CapStep, { sender, where, web }: Publishing): string => {
  const { at, alert } = change
  const event = eventWords(alert.condition)
  const parameter = (name: string, value: string): string =>
    `<parameter>${tag("valueName", name)}${tag("value", value)}</parameter>`
  return [
    "<info>",
    tag("language", sender.language),
    tag("category", categoryOf(alert)),
    tag("event", event),
    tag("responseType", alert.closed ? "AllClear" : "Assess"),
    tag("urgency", urgencyOf(alert)),
    tag("severity", severities[alert.priority]),
    tag("certainty", certaintyOf(alert)),
    tag("effective", capTime(at)),
    tag("onset", capTime(alert.occurredAt)),
    tag("expires", capTime(at + sender.expireMinutes * 60_000)),
    tag("senderName", sender.senderName),
    tag("headline", `${event}: ${where}`.slice(0, 160)),
    tag("description", stateOf(change)),
    tag("web", web),
    parameter("gatehouse:alert", alert.id),
    parameter("gatehouse:priority", String(alert.priority)),
    parameter("gatehouse:count", String(alert.count)),
    `<area>${tag("areaDesc", where)}</area>`,
    "</info>"
  ].join("")
}

/** Steps that are published: what changes nothing for somebody outside is not. */
const told: ReadonlySet<AlertChange["transition"]> = new Set([
  "raised",
  "returned-to-normal",
  "reactivated",
  "confirmed",
  "acknowledged",
  "closed"
])

/** The messages of one alert, oldest first, from its steps in the log: the same steps give the same messages. */
export const capMessages = (steps: ReadonlyArray<CapStep>, publishing: Publishing): ReadonlyArray<CapMessage> => {
  const { sender } = publishing
  const before: Array<string> = []
  return steps
    .filter(({ change }) => told.has(change.transition))
    .map((step, nth) => {
      const identifier = identifierOf(sender, step)
      const sent = step.change.at
      const msgType = msgTypeOf(nth, step.change)
      const headline = `${eventWords(step.change.alert.condition)}: ${publishing.where}`.slice(0, 160)
      const references = before.length === 0 ? undefined : before.join(" ")
      const xml = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">',
        tag("identifier", identifier),
        tag("sender", sender.sender),
        tag("sent", capTime(sent)),
        tag("status", sender.status),
        tag("msgType", msgType),
        tag("scope", "Restricted"),
        tag("restriction", sender.restriction),
        tag("references", references),
        infoOf(step, publishing),
        "</alert>\n"
      ].join("")
      before.push(`${sender.sender},${identifier},${capTime(sent)}`)
      return { identifier, sent, msgType, headline, xml }
    })
}
