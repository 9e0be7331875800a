import type { DeviceEvent } from "../domain/device-event.ts"
import type { Fact } from "../domain/fact.ts"
import type { Entry } from "../log/entry.ts"

type Words = ReadonlyArray<string | undefined>

const eventWords = (event: DeviceEvent): Words => {
  const named = event._tag === "PointChanged" ? [event.name] : []
  const occurred = event._tag === "Occurred" ? [event.occurrence._tag] : []
  const commanded = "commandId" in event ? [event.commandId, event.command, event.mode] : []
  const point = "point" in event ? event.point : undefined
  const area = "area" in event ? event.area : undefined
  return [event._tag, ...named, ...occurred, ...commanded, point, area]
}

const factWords = (fact: Fact): Words => {
  if (fact._tag === "DoorCommanded") return [fact._tag, fact.command, fact.by, fact.reason]
  if (fact._tag === "DoorCommandAnswered") return [fact._tag, fact.commandId, fact.outcome, fact.detail]
  if (fact._tag === "AlertNoted" || fact._tag === "AlertClaimed" || fact._tag === "AlertReleased")
    return [fact._tag, fact.by, fact.note]
  if (fact._tag === "AlertShelved" || fact._tag === "AlertUnshelved") return [fact._tag, fact.by, fact.reason]
  if (fact._tag === "AreaArmingOverridden" || fact._tag === "AreaArmingOverrideEnded")
    return [fact._tag, fact.area, fact.by, fact.reason]
  if ("incident" in fact) return [fact._tag, fact.incident, fact.by]
  if ("step" in fact) return [fact._tag, fact.step, fact.by]
  if (fact._tag === "RuleForgiven") return [fact._tag, fact.rule, fact.key, fact.by, fact.reason]
  if (fact._tag === "ThreatLevelSet") return [fact._tag, fact.level, fact.by, fact.reason]
  if (fact._tag === "WriteBackSent") return [fact._tag, fact.device, fact.kind, fact.condition.id]
  if (fact._tag === "WriteBackAnswered")
    return [fact._tag, fact.device, fact.kind, fact.condition.id, fact.outcome, fact.detail]
  if ("notification" in fact) return [fact._tag, fact.notification, "outcome" in fact ? fact.outcome : undefined]
  if (fact._tag === "ChannelTested") return [fact._tag, fact.channel, fact.by, fact.outcome, fact.detail]
  if ("reason" in fact && "minutes" in fact) return [fact._tag, fact.by, fact.reason]
  if (fact._tag !== "Observed") {
    return [fact._tag, "link" in fact ? fact.link : undefined, "camera" in fact ? fact.camera : undefined]
  }
  const { observation: seen } = fact
  const said =
    seen._tag === "Reading"
      ? [seen.reading.kind, seen.reading.value]
      : seen._tag === "Occurrence"
        ? [seen.occurrence._tag]
        : seen._tag === "UnknownDevice"
          ? [seen.address, seen.profile]
          : seen._tag === "PanelCondition"
            ? [seen.condition.id, seen.comment]
            : []
  const point = "point" in seen ? [`${seen.device}/${seen.point}`] : []
  const source = "source" in seen ? seen.source : undefined
  return [fact._tag, seen._tag, fact.link, ...said, ...point, source]
}

/** What of an entry a person may look for: its kind, device, door, area, point and the words of its fact, event or alert. */
const wordsOf = (entry: Entry): Words => {
  const common = [entry._tag, entry.device, entry.door, entry.alert]
  switch (entry._tag) {
    case "Alert": {
      const { transition, alert } = entry.change
      return [...common, transition, alert.condition, alert.title, alert.area]
    }
    case "Incident": {
      const { transition, by, note, incident } = entry.change
      return [...common, incident.id, transition, by, note, incident.title]
    }
    case "Notification": {
      const { id, state, channel, person, detail } = entry.notification
      return [...common, id, state, channel, person, detail]
    }
    case "Event":
      return [...common, ...eventWords(entry.event)]
    case "Fact":
      return [...common, ...factWords(entry.fact), ...(entry.event === undefined ? [] : eventWords(entry.event))]
  }
}

/** Whether `text` stands in one of the entry's words, in whatever case. */
export const speaksOf = (entry: Entry, text: string): boolean => {
  const wanted = text.toLowerCase()
  return wordsOf(entry).some((word) => word?.toLowerCase().includes(wanted) === true)
}
