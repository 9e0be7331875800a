import type { Entry } from "../log/entry.ts"
import { doerOf, kindOf } from "../log/journal/matching.ts"
import { toIso } from "../domain/wire.ts"

const columns = ["seq", "recordedAt", "occurredAt", "kind", "what", "where", "device", "alert", "by", "words", "entry"]

export const csvHead = `${columns.join(",")}\r\n`

/**
 * One field. RFC 4180 quotes what holds a comma, a quote or a line's end; what a spreadsheet would take for a formula has a
 * quote before it (OWASP, CSV injection), for words in the log come from outside.
 */
export const csvField = (text: string): string => {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

interface Words {
  readonly what: string
  readonly words?: string | undefined
  readonly occurredAt?: number | undefined
}

const textIn = (of: object, ...names: ReadonlyArray<string>): string | undefined => {
  for (const name of names) {
    const value = (of as Readonly<Record<string, unknown>>)[name]
    if (typeof value === "string" && value !== "") return value
  }
  return undefined
}

const saidIn = (of: object): string | undefined => textIn(of, "reason", "note", "detail", "answer", "message")

const wordsOf = (entry: Entry): Words => {
  if (entry._tag === "Alert") {
    const { transition, alert, note, at } = entry.change
    return { what: `${alert.title}: ${transition}`, words: note, occurredAt: at }
  }
  if (entry._tag === "Incident") {
    const { transition, incident, note, at } = entry.change
    return { what: `${incident.title}: ${transition}`, words: note, occurredAt: at }
  }
  if (entry._tag === "Notification") {
    const { id, state, detail, at } = entry.notification
    return { what: `Notification ${id}: ${state}`, words: detail, occurredAt: at }
  }
  const event = "event" in entry ? entry.event : undefined
  if (event !== undefined) {
    const what = event._tag === "Occurred" ? event.occurrence._tag : (textIn(event, "name", "to") ?? event._tag)
    return { what, words: saidIn(event), occurredAt: event.at }
  }
  if (entry._tag === "Event") return { what: "Event" }
  const { fact } = entry
  return { what: fact._tag, words: saidIn(fact), occurredAt: fact._tag === "Observed" ? fact.occurredAt : fact.at }
}

/** An entry as a line, with the whole of it as JSON in the last field. `where`: the door in words. */
export const csvLine = (entry: Entry, where: string, json: string): string => {
  const { what, words = "", occurredAt } = wordsOf(entry)
  const fields = [
    String(entry.seq),
    toIso(entry.recordedAt),
    occurredAt === undefined ? "" : toIso(occurredAt),
    kindOf(entry),
    what,
    where,
    entry.device ?? "",
    entry.alert ?? "",
    doerOf(entry) ?? "",
    words,
    json
  ]
  return `${fields.map(csvField).join(",")}\r\n`
}
