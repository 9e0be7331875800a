import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Signal } from "../campus/signal.ts"
import type { Dialect } from "./dialect.ts"
import { live, type Message } from "./message.ts"

/** UHPPOTE's own numbers: event type, reason, and their texts in uhppoted-lib's English dictionary. */
interface Happening {
  readonly type: readonly [number, string]
  readonly reason: readonly [number, string]
  readonly granted: boolean
  readonly card: number
}

const doorEvent = (reason: readonly [number, string], granted = false): Happening => ({
  type: [2, "door"],
  reason,
  granted,
  card: 0
})

const swipe = (reason: readonly [number, string], granted: boolean, credential: string | undefined): Happening => ({
  type: [1, "card swipe"],
  reason,
  granted,
  card: Number(credential ?? 0)
})

const alarm = (reason: readonly [number, string]): Happening => ({
  type: [3, "alarm"],
  reason,
  granted: false,
  card: 0
})

const happeningOf = (signal: Signal): Happening | undefined => {
  if (signal._tag === "Presence") return undefined
  if (signal._tag === "Reading") {
    if (signal.reading.kind !== "position") return undefined
    return doorEvent(signal.reading.value === "open" ? [23, "door opened"] : [24, "door closed"])
  }
  switch (signal.occurrence._tag) {
    case "AccessGranted":
      return swipe([1, "swipe"], true, signal.occurrence.credential)
    case "AccessDenied":
      return swipe([6, "no access rights"], false, signal.occurrence.credential)
    case "ExitRequested":
      return doorEvent([20, "push button ok"], true)
    case "DoorHeldReported":
      return alarm([37, "door open too long"])
    case "DoorForcedReported":
      return alarm([38, "forced open"])
    case "PanicPressed":
      return alarm([43, "emergency"])
    default:
      return undefined
  }
}

/** `2019-07-31 20:04:00 PDT`: whole seconds, with the name of the zone and no offset, as the controller writes it. */
export const controllerTime = (at: EpochMs, timeZone: string): string => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short"
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((found) => found.type === type)?.value ?? ""
  const day = `${part("year")}-${part("month")}-${part("day")}`
  return `${day} ${part("hour")}:${part("minute")}:${part("second")} ${part("timeZoneName")}`
}

/**
 * uhppoted-mqtt: one connection for all controllers; each event goes to `events/live` and again to `events`, with the
 * controller's own running event id. The counter lives in the controller, so it goes on after a reconnection; it
 * begins with the time, because a simulated controller has no memory between runs.
 */
export const uhppoted: Dialect = (campus) => {
  const controllers = campus.devices.filter((device) => device.profile === "uhppoted")
  const own = controllers[0]
  if (own === undefined) return []
  let lastId = 0
  const eventOf = (signal: Signal, at: EpochMs): unknown => {
    const happening = happeningOf(signal)
    const controller = controllers.find((device) => device.id === signal.device)
    if (happening === undefined || controller === undefined || signal._tag === "Presence") return undefined
    lastId = Math.max(lastId + 1, Math.floor(at / 100) % 4_000_000_000)
    const event = {
      "access-granted": happening.granted,
      "card-number": happening.card,
      "device-id": Number(controller.address),
      direction: 1,
      "direction-text": "in",
      "door-id": Number(/^door-(\d+)/.exec(signal.point)?.[1] ?? 1),
      "event-id": lastId,
      "event-reason": happening.reason[0],
      "event-reason-text": happening.reason[1],
      "event-type": happening.type[0],
      "event-type-text": happening.type[1],
      timestamp: controllerTime(at, controller.timeZone ?? campus.site.timeZone)
    }
    return { message: { event: { event } } }
  }
  const publish = (topics: ReadonlyArray<string>, signal: Signal, at: EpochMs): ReadonlyArray<Message> => {
    const event = eventOf(signal, at)
    return event === undefined ? [] : topics.map((topic) => live(topic, event))
  }
  const both = ["uhppoted/gateway/events/live", "uhppoted/gateway/events"]
  return [
    {
      clientId: "uhppoted",
      devices: controllers.map((device) => device.id),
      own: own.id,
      will: undefined,
      greet: (readings, at) => readings.flatMap((signal) => publish(["uhppoted/gateway/events"], signal, at)),
      say: (signal, at) => publish(both, signal, at)
    }
  ]
}
