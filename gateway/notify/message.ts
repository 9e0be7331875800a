import type { Alert, Priority } from "../domain/alert.ts"
import type { Campus } from "../domain/campus.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Notification } from "../domain/notification.ts"
import { whereIsAlert } from "../domain/where.ts"
import type { Message, Recipient } from "./channel.ts"

const priorityWords: Readonly<Record<Priority, string>> = { 1: "CRITICAL", 2: "High", 3: "Medium", 4: "Low" }

/** A message about an alert that was raised longer ago than this says so (reliability reference, section 8). */
const lateAfterMs = 10 * 60_000

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`)

/** On one line: a title may hold what a device said of itself. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim()

const clockOf = (at: EpochMs, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at)

const dayOf = (at: EpochMs, timeZone: string): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(at)

/** What a message is made from. */
export interface MessageMaking {
  readonly notification: Notification
  /** The alert as it stands when the message is sent. */
  readonly alert: Alert
  readonly campus: Campus
  readonly recipient: Recipient
  /** The address of the console; absent: none is known. */
  readonly console?: string | undefined
  readonly now: EpochMs
}

const siteOf = ({ site: { id, name } }: Campus): Message["site"] => ({ id, name })

const linkOf = (console: string | undefined, alert: string): string | undefined =>
  console === undefined ? undefined : `${console.replace(/\/$/, "")}/#desk/${alert}`

/** The message of a notification, as it is to be sent now. Pure. */
export const messageOf = (making: MessageMaking): Message => {
  const { notification, alert, campus, recipient, now } = making
  const { timeZone, name } = campus.site
  const title = oneLine(alert.title)
  const where = oneLine(whereIsAlert(campus, alert))
  const raised = clockOf(alert.raisedAt, timeZone)
  const isLate = now - alert.raisedAt > lateAfterMs
  const priority = priorityWords[alert.priority]
  const link = linkOf(making.console, alert.id)
  const times = alert.count === 1 ? "" : `, ${alert.count} times by now`
  const state = alert.active ? "It holds still." : "It is back to normal; nobody has answered yet."
  const text = [
    `${title}`,
    `Where: ${where}`,
    `When: ${dayOf(alert.raisedAt, timeZone)} ${raised}${times}${isLate ? ` (raised at ${raised}, told late)` : ""}`,
    `Priority: ${priority}. ${state}`,
    `Alert ${alert.id} of ${name} waits for somebody to acknowledge it.`,
    ...(link === undefined ? [] : [link])
  ].join("\n")
  const late = isLate ? " (late)" : ""
  return {
    key: notification.id,
    kind: "alert",
    urgency: alert.priority === 1 ? "life-safety" : "usual",
    recipient,
    thread: alert.id,
    round: notification.round,
    alert,
    site: siteOf(campus),
    subject: cut(`${priority}: ${title} (${alert.id}, ${where})`, 120),
    text,
    short: cut(`${priority} ${alert.id} ${raised}${late}: ${title}, ${where}`, 160),
    ...(link === undefined ? {} : { link })
  }
}

/** A message that asks for nothing: that it arrives is all. */
export const testMessage = (
  campus: Campus,
  { key, recipient, by }: { readonly key: string; readonly recipient: Recipient; readonly by: string }
): Message => {
  const text = `This is a test by ${oneLine(by)} of how ${campus.site.name} reaches you. Nothing has happened, and nothing is asked.`
  return {
    key,
    kind: "test",
    urgency: "usual",
    recipient,
    thread: key,
    round: 1,
    site: siteOf(campus),
    subject: cut(`TEST: ${campus.site.name} tests how you are reached`, 120),
    text,
    short: cut(`TEST of ${campus.site.name}: nothing has happened.`, 160)
  }
}
