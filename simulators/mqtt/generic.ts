import type { Signal } from "../campus/signal.ts"
import type { OccurrenceWord } from "../../gateway/domain/observation.ts"
import { addressOf, type Dialect } from "./dialect.ts"
import { live, type Message, text } from "./message.ts"

/** The topic level that names an occurrence, and its payload. */
const occurrenceOf = (occurrence: OccurrenceWord): readonly [string, Record<string, unknown>] | undefined => {
  switch (occurrence._tag) {
    case "AccessGranted":
      return ["granted", { credential: occurrence.credential }]
    case "AccessDenied":
      return ["denied", { credential: occurrence.credential, reason: occurrence.reason }]
    case "DuressSignalled":
      return ["duress", { credential: occurrence.credential }]
    case "ExitRequested":
      return ["exit", {}]
    case "PanicPressed":
      return ["panic", {}]
    case "ButtonPressed":
      return ["button", { action: occurrence.action }]
    default:
      return undefined
  }
}

/**
 * A node that was told what to publish: the words of our vocabulary on `gatehouse/<address>/<kind>/<point>`, its
 * presence retained beside them, and its own time with every word.
 */
export const generic: Dialect = (campus) =>
  campus.devices
    .filter((device) => device.profile === "generic")
    .map((device) => {
      const root = `gatehouse/${addressOf(campus, device.id)}`
      const presence = (online: boolean): Message => text(`${root}/availability`, online ? "online" : "offline", true)
      const say = (signal: Signal, at: number): ReadonlyArray<Message> => {
        const time = new Date(at).toISOString()
        switch (signal._tag) {
          case "Reading":
            return [live(`${root}/${signal.reading.kind}/${signal.point}`, { value: signal.reading.value, time })]
          case "Occurrence": {
            const [word, fields] = occurrenceOf(signal.occurrence) ?? []
            return word === undefined ? [] : [live(`${root}/${word}/${signal.point}`, { ...fields, time })]
          }
          case "Presence":
            return [presence(signal.online)]
        }
      }
      return {
        clientId: `generic-${device.id}`,
        devices: [device.id],
        own: device.id,
        will: presence(false),
        greet: (readings, at) => [presence(true), ...readings.flatMap((signal) => say(signal, at))],
        say
      }
    })
