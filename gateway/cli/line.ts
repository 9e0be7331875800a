import type { DeviceEvent } from "../domain/device-event.ts"
import type { Fact } from "../domain/fact.ts"
import type { Entry } from "../log/entry.ts"
import { paint } from "./output.ts"

const factText = (fact: Fact): string => {
  if (fact._tag !== "Observed") return fact._tag
  const { observation } = fact
  switch (observation._tag) {
    case "Reading":
      return `${observation.device}/${observation.point} is ${observation.reading.value} (${observation.origin})`
    case "Occurrence":
      return `${observation.device}/${observation.point} ${observation.occurrence._tag}`
    case "Availability":
      return `${observation.device} is ${observation.state}: ${observation.reason}`
    case "Unreadable":
      return `unreadable message on ${observation.source}: ${observation.why}`
    case "UnknownDevice":
      return `unknown device "${observation.address}" on ${observation.source}`
    case "Gap":
      return `gap: ${observation.detail}`
  }
}

const eventText = (event: DeviceEvent): string => {
  switch (event._tag) {
    case "PointChanged":
      return `${event.name}  ${event.point} ${event.from.value} → ${event.to.value}`
    case "StateRecovered":
      return `StateRecovered  ${event.point} is ${event.to.value}`
    case "Occurred":
      return `${event.occurrence._tag}  ${event.point}`
    case "DoorStandingChanged":
      return `door ${event.from} → ${event.to}: ${event.reason}`
    default:
      return event._tag
  }
}

/** One entry on one line: local time with milliseconds, position, what it concerns, what it says. */
export const describeEntry = (entry: Entry): string => {
  // A number inside the gateway, ISO 8601 on the wire: a date is made of either.
  const at = new Date(entry.recordedAt)
  const time = at.toLocaleTimeString("en-GB", { hour12: false })
  const milliseconds = String(at.getMilliseconds()).padStart(3, "0")
  const subject = entry.door ?? entry.device ?? ""
  const text =
    entry._tag === "Fact"
      ? factText(entry.fact)
      : entry._tag === "Event"
        ? eventText(entry.event)
        : paint("red", `${entry.change.alert.id} ${entry.change.transition}: ${entry.change.alert.title}`)
  return `${time}.${milliseconds}  ${String(entry.seq).padStart(6)}  ${entry._tag.padEnd(5)}  ${subject.padEnd(14)}  ${text}`
}
