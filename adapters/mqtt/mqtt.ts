import { Effect } from "effect"
import { type Adapter, CredentialsRejected, type LinkContext } from "../adapter.ts"
import { embeddedLink } from "./broker.ts"
import { outsideLink } from "./client.ts"
import type { Mapping } from "./mapping.ts"
import { makeMapping } from "./normalize.ts"
import { readProfiles } from "./profiles.ts"
import { MqttSettings, weaknessesOf } from "./settings.ts"
import "./packet-numbers.ts"

/** At most this many strangers are told of, once each; they are counted all the same. */
const strangersMax = 1000

/** A device nobody configured is told of once a start, not with each of its messages: they would fill the log. */
const tellingStrangersOnce = (mapping: Mapping, memory: Map<string, unknown>): Mapping => {
  const told = (memory.get("strangers") as Set<string> | undefined) ?? new Set<string>()
  memory.set("strangers", told)
  return {
    filters: mapping.filters,
    normalize: (message) => {
      const normalized = mapping.normalize(message)
      if (normalized.outcome !== "unknown-device") return normalized
      const [stranger] = normalized.observations
      const who = stranger?._tag === "UnknownDevice" ? `${stranger.profile} ${stranger.address}` : message.topic
      if (told.has(who) || told.size >= strangersMax) return { observations: [], outcome: normalized.outcome }
      told.add(who)
      return normalized
    }
  }
}

const readMapping = ({ profilesDirectory, devices, timeZone, memory }: LinkContext) =>
  Effect.try({
    try: () => {
      const wanted = devices.map(({ profile }) => profile)
      const { profiles } = readProfiles(profilesDirectory, wanted)
      return tellingStrangersOnce(makeMapping(profiles, devices, timeZone), memory)
    },
    catch: (cause) =>
      new CredentialsRejected({
        reason: `the profiles in ${profilesDirectory} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })

/** MQTT: a broker of the campus's own, or one that the gateway itself is. */
export const mqtt: Adapter<MqttSettings> = {
  protocol: "mqtt",
  Settings: MqttSettings,
  weaknesses: weaknessesOf,
  link: ({ broker, host, port, users, tls }, context) =>
    readMapping(context).pipe(
      Effect.flatMap((mapping) =>
        broker === "embedded"
          ? embeddedLink({ host, port, users: users ?? [], tls }, mapping, context)
          : outsideLink(broker, mapping, context)
      )
    )
}
