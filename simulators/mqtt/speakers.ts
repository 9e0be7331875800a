import type { Campus } from "../../gateway/domain/campus.ts"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Signal } from "../campus/signal.ts"
import { isHeard, presentReadings, type World } from "../campus/world.ts"
import type { Speaker } from "./dialect.ts"
import { generic } from "./generic.ts"
import type { Message } from "./message.ts"
import { shelly } from "./shelly.ts"
import { uhppoted } from "./uhppoted.ts"
import { zigbee2mqtt } from "./zigbee2mqtt.ts"

/** Everybody on a campus who speaks MQTT, each in the dialect of its product. */
export const speakersOf = (campus: Campus): ReadonlyArray<Speaker> =>
  [zigbee2mqtt, shelly, uhppoted, generic].flatMap((dialect) => dialect(campus))

/** What a speaker does about something its devices sensed. */
export type Utterance = { readonly speaker: Speaker } & (
  | { readonly _tag: "Says"; readonly device: string; readonly messages: ReadonlyArray<Message> }
  /** Its socket is cut: the broker will send its will. */
  | { readonly _tag: "Cut" }
  /** It connects and greets; the greeting tells all that its devices sense. */
  | { readonly _tag: "Joins" }
)

/** Puts signals into their speakers' words. `clock` is the time that a device believes it to be. */
export const utter = (
  speakers: ReadonlyArray<Speaker>,
  signals: ReadonlyArray<Signal>,
  clock: (device: string) => EpochMs
): ReadonlyArray<Utterance> => {
  const joining = new Set<Speaker>()
  return signals.flatMap((signal): ReadonlyArray<Utterance> => {
    const speaker = speakers.find((candidate) => candidate.devices.includes(signal.device))
    if (speaker === undefined) return []
    if (signal._tag === "Presence" && signal.device === speaker.own) {
      if (signal.online) joining.add(speaker)
      return [{ _tag: signal.online ? "Joins" : "Cut", speaker }]
    }
    if (joining.has(speaker) && signal._tag === "Reading" && signal.repeated) return []
    const messages = speaker.say(signal, clock(signal.device))
    return messages.length === 0 ? [] : [{ _tag: "Says", speaker, device: signal.device, messages }]
  })
}

/** What a speaker says on connecting, in the world as it is. */
export const greeting = (
  speaker: Speaker,
  world: World,
  clock: (device: string) => EpochMs
): ReadonlyArray<Message> => {
  const away = new Set(speaker.devices.filter((device) => !isHeard(world, device)))
  const readings = speaker.devices.flatMap((device) => (away.has(device) ? [] : presentReadings(world, device)))
  return speaker.greet(readings, clock(speaker.own), away)
}
