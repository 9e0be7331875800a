import { existsSync } from "node:fs"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CredentialsRejected, type LinkLost } from "../../adapters/adapter.ts"
import { hint } from "../settings/did-you-mean.ts"
import type { Settings } from "../settings/load-settings.ts"
import { durationFlag } from "./duration.ts"
import { CommandFailed, usage } from "./failure.ts"
import type { MappedMessage, Mapper, MapParts, Sample } from "./mapped.ts"
import { readSample, samplesIn } from "./map-sample.ts"
import { mappedLines, masked } from "./map-table.ts"
import { quoted, say, sayJson, several, tell } from "./output.ts"
import { settingsOrFail } from "./refused.ts"

interface Options {
  readonly device: string
  readonly sample: string | undefined
  readonly topic: string | undefined
  readonly config: string
  readonly forMs: number
  readonly json: boolean
}

const retry = ({ device, config }: Options, more: string): string =>
  `npm run gatehouse -- map ${quoted(device)} --config ${quoted(config)}${more}`

const deviceAndLink = (settings: Settings, options: Options) => {
  const { devices } = settings.campus
  const device = devices.find(({ id }) => id === options.device)
  if (device === undefined) {
    const known = hint(
      options.device,
      devices.map(({ id }) => id)
    )
    return Effect.fail(
      usage(`there is no device "${options.device}"${known}`, `npm run gatehouse -- check ${quoted(options.config)}`)
    )
  }
  const link = settings.links.find(({ id }) => id === device.link)
  return link === undefined || link.adapter !== "mqtt"
    ? Effect.fail(
        usage(
          `device "${device.id}" is not on an MQTT link: only those have mappings`,
          "npm run gatehouse -- map --help"
        )
      )
    : Effect.succeed({ device, link })
}

const sampled = (file: string, mapper: Mapper, options: Options): Effect.Effect<ReadonlyArray<Sample>, CommandFailed> =>
  Effect.try({
    try: () => readSample(file),
    catch: (cause) =>
      new CommandFailed({
        exitCode: 1,
        reason: `the sample cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: retry(options, " --sample <file, or - for standard input>")
      })
  }).pipe(
    Effect.flatMap((bytes) => {
      const samples = samplesIn(bytes, options.topic ?? mapper.topic)
      if (samples !== undefined) return Effect.succeed(samples)
      const reason = `on which topic does it come? the profile reads ${mapper.patterns.join(", ")}`
      return Effect.fail(usage(reason, retry(options, ` --sample ${quoted(file)} --topic <topic>`)))
    })
  )

const brokerFailed = (options: Options) => (cause: LinkLost | CredentialsRejected) =>
  cause instanceof CredentialsRejected
    ? new CommandFailed({
        exitCode: 4,
        reason: cause.reason,
        next: `npm run gatehouse -- check ${quoted(options.config)}`
      })
    : new CommandFailed({ exitCode: 3, reason: cause.reason, next: retry(options, " --sample <file>") })

/** The device's next message, as soon as it speaks. */
const heard = (mapper: Mapper, options: Options): Effect.Effect<ReadonlyArray<Sample>, CommandFailed> => {
  tell(`waiting up to ${options.forMs / 1000} s for a message of ${options.device}; nothing is sent to it`)
  const silence = new CommandFailed({
    exitCode: 3,
    reason: `${options.device} said nothing for ${options.forMs / 1000} s on ${mapper.patterns.join(", ")}`,
    next: retry(options, " --sample <file with a message>")
  })
  return Effect.scoped(mapper.next).pipe(
    Effect.mapError(brokerFailed(options)),
    Effect.timeoutOrElse({ duration: options.forMs, orElse: () => Effect.fail(silence) }),
    Effect.map((sample) => [sample])
  )
}

/** Why no message of the sample is the device's. */
const ofOthers = (mapped: ReadonlyArray<MappedMessage>, address: string): string => {
  const strangers = mapped.flatMap(({ results }) =>
    results.flatMap(({ observation }) => (observation._tag === "UnknownDevice" ? [observation.address] : []))
  )
  const [stranger] = strangers
  if (stranger !== undefined)
    return `the sample is of the device at address "${stranger}", and this device's address is "${address}"`
  return mapped.some(({ outcome }) => outcome === "unknown-topic")
    ? "the sample's topic is none that the profile reads"
    : "the sample holds no message of this device"
}

const present = (mapped: MappedMessage, profileFile: string, json: boolean): void => {
  if (json)
    sayJson({
      ...mapped,
      profile: profileFile,
      results: mapped.results.map((result) => ({ ...result, observation: masked(result.observation) }))
    })
  else for (const line of mappedLines(mapped, profileFile)) say(line)
}

const unmappedIn = (mapped: ReadonlyArray<MappedMessage>): ReadonlyArray<string> => [
  ...new Set(
    mapped.flatMap(({ fields }) =>
      fields.flatMap(({ path, makes, gives, named }) => (makes.length + gives.length === 0 && !named ? [path] : []))
    )
  )
]

const map = Effect.fnUntraced(function* (parts: MapParts, options: Options) {
  const settings = yield* settingsOrFail(parts.settings, options.config)
  const { device, link } = yield* deviceAndLink(settings, options)
  const { profilesDirectory, campus } = settings
  const mapper = yield* parts.mapper({ device, link, profilesDirectory, timeZone: campus.site.timeZone })
  if (options.sample === undefined && parts.isEmbedded(link))
    return yield* usage(
      `the gateway itself is the broker of link "${link.id}", and nobody else hears its devices: give a message of the device as a sample`,
      retry(options, " --sample <file, or - for standard input>")
    )
  const samples = yield* options.sample === undefined
    ? heard(mapper, options)
    : sampled(options.sample, mapper, options)
  const all = samples.map(mapper.map)
  const mapped = all.filter(({ own }) => own)
  const check = `npm run gatehouse -- check ${quoted(options.config)}`
  if (mapped.length === 0)
    return yield* new CommandFailed({
      exitCode: 1,
      reason: `${ofOthers(all, device.address)}; the profile reads ${mapper.patterns.join(", ")}`,
      next: check
    })
  for (const one of mapped) present(one, mapper.profileFile, options.json)
  const others = all.length - mapped.length
  if (others > 0) tell(`${several(others, "message")} of others left out`)
  const unmapped = unmappedIn(mapped)
  if (unmapped.length > 0) tell(`unmapped: ${unmapped.join(", ")}`)
  const unreadable = mapped.filter(({ outcome }) => outcome === "unreadable")
  if (unreadable.length === 0) return tell(`next: ${check}`)
  return yield* new CommandFailed({
    exitCode: 1,
    reason: `${unreadable.length} of ${several(mapped.length, "message")} could not be read`,
    next: `\${EDITOR:-vi} ${quoted(mapper.profileFile)}   # then: ${check}`
  })
})

/** `gatehouse map`: a message of a device and what becomes of it, side by side. */
export const mapCommand = (load: () => Promise<MapParts>) =>
  Command.make(
    "map",
    {
      device: Argument.String("device").pipe(
        Argument.withDescription("The id of a configured device, disabled or not")
      ),
      sample: Flag.String("sample").pipe(
        Flag.withMetavar("file"),
        Flag.withDescription(
          "A payload, or lines of {topic, payload, retained}; - is standard input (default: the device's next message)"
        ),
        Flag.optional
      ),
      topic: Flag.String("topic").pipe(Flag.withDescription("The topic that the sample came on"), Flag.optional),
      config: Flag.String("config").pipe(
        Flag.withAlias("c"),
        Flag.withDescription("The configuration (default: config/gatehouse.yaml, else config/demo)"),
        Flag.optional
      ),
      for: durationFlag("for", "How long to wait for a message (default: 1m)").pipe(Flag.withDefault(60_000)),
      json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object per message"), Flag.withDefault(false))
    },
    Effect.fn("map")(function* ({ device, sample, topic, config, for: forMs, json }) {
      const usual = existsSync("config/gatehouse.yaml") ? "config/gatehouse.yaml" : "config/demo"
      yield* map(yield* Effect.promise(load), {
        device,
        sample: Option.getOrUndefined(sample),
        topic: Option.getOrUndefined(topic),
        config: Option.getOrElse(config, () => usual),
        forMs,
        json
      })
    })
  ).pipe(Command.withDescription("Show a device's message and what becomes of it, side by side"))
