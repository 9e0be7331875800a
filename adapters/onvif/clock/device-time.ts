import { Effect } from "effect"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Answer, CallFailed, Connection } from "../wire/connection.ts"
import type { ClockReading } from "./device-clock.ts"
import { tds } from "../wire/namespaces.ts"
import { instantOf } from "../wire/onvif-time.ts"
import type { XmlElement } from "../wire/xml-element.ts"
import { descendantOf, isTrue } from "../wire/xml.ts"

/** A device that is there answers the first call within this. */
const callMs = 10_000

const calendarIn = (element: XmlElement | undefined): EpochMs | undefined => {
  const number = (...path: ReadonlyArray<string>): number => {
    const text = descendantOf(element, ...path)?.text.trim() ?? ""
    return /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  }
  const parts = {
    year: number("Date", "Year"),
    month: number("Date", "Month"),
    day: number("Date", "Day"),
    hour: number("Time", "Hour"),
    minute: number("Time", "Minute"),
    second: number("Time", "Second")
  }
  return Object.values(parts).some(Number.isNaN) ? undefined : instantOf(parts)
}

/** POSIX 1003.1, section 8.3, its first part: a name, then what is to be added to local time to make it UTC. */
const posixZone = /^(?:[A-Za-z]{3,}|<[^>]+>)([+-]?\d{1,2})(?::(\d{2}))?/

/** How much local time is ahead of UTC, milliseconds; `undefined` when the device's zone says nothing. */
const zoneMsIn = (systemDateAndTime: XmlElement | undefined): number | undefined => {
  const zone = descendantOf(systemDateAndTime, "TimeZone", "TZ")?.text.trim() ?? ""
  const match = posixZone.exec(zone)
  if (match === null) return undefined
  const [, hours = "0", minutes = "0"] = match
  const behind = Math.abs(Number(hours)) * 60 + Number(minutes)
  const saving = isTrue(descendantOf(systemDateAndTime, "DaylightSavings")?.text) ? 60 : 0
  return ((hours.startsWith("-") ? behind : -behind) + saving) * 60_000
}

/** What a GetSystemDateAndTimeResponse shows, UTC; `undefined` when it shows nothing that can be read. */
export const shownTime = (body: XmlElement): EpochMs | undefined => {
  const told = descendantOf(body, "SystemDateAndTime")
  const utc = calendarIn(descendantOf(told, "UTCDateTime"))
  if (utc !== undefined) return utc
  // UTCDateTime may be missing (ONVIF Core, 8.3.4 makes it optional); then local time and its zone stand for it.
  const local = calendarIn(descendantOf(told, "LocalDateTime"))
  // Without a zone that can be read it is at least the clock that the device goes by.
  return local === undefined ? undefined : local - (zoneMsIn(told) ?? 0)
}

/** The device's clock, as one question and its answer show it. */
export interface TimeAsked {
  /** Absent where the device does not tell. */
  readonly clock: ClockReading | undefined
  readonly answer: Answer
}

/**
 * Asks the device for its time, without credentials unless the device wants them (some Panasonic, Vivotek and Digital
 * Barriers): WS-UsernameToken needs that time before it can say who we are.
 */
export const askTime = (
  connection: Connection,
  url: string,
  now: () => EpochMs
): Effect.Effect<TimeAsked, CallFailed> =>
  Effect.suspend(() => {
    const askedAt = now()
    const call = {
      url,
      action: `${tds}/GetSystemDateAndTime`,
      body: `<tds:GetSystemDateAndTime xmlns:tds="${tds}"/>`,
      timeoutMs: callMs,
      anonymous: true
    }
    return Effect.map(connection.call(call), (answer): TimeAsked => {
      const shown = shownTime(answer.body)
      const clock = shown === undefined ? undefined : { shown, resolutionMs: 1000, askedAt, answeredAt: now() }
      return { answer, clock }
    })
  })
