import { Deferred, Effect, Exit } from "effect"
import { CredentialsRejected } from "../adapters/adapter.ts"
import type { Message } from "../adapters/mqtt/mapping.ts"
import { accessOf, type BrokerAccess, listen } from "../adapters/mqtt/discover.ts"
import { readProfileFiles, readProfiles } from "../adapters/mqtt/profiles.ts"
import { type Explainer, makeExplainer } from "../adapters/mqtt/recognise-message.ts"
import { Recogniser } from "../adapters/mqtt/recognise.ts"
import type { MqttSettings } from "../adapters/mqtt/settings.ts"
import type { DiscoverParts, Listen } from "./cli/discovered.ts"
import { CommandFailed } from "./cli/failure.ts"
import type { MapParts, Mapper } from "./cli/mapped.ts"
import type { Device } from "./domain/campus.ts"
import type { LinkSettings, Settings } from "./settings/load-settings.ts"

/** The settings of a link, decoded by the adapter whose name it carries. */
const mqttOf = (link: LinkSettings): MqttSettings | undefined =>
  link.adapter === "mqtt" ? (link.settings as MqttSettings) : undefined

const brokerOf: DiscoverParts["brokerOf"] = (link) => {
  const settings = mqttOf(link)
  if (settings === undefined) return undefined
  // Without its user: a secret that is missing is told by whoever needs it.
  return settings.broker === "embedded" ? accessOf(settings).url : settings.broker.url
}

/** The broker's address and who we are there: a link's, unless the command line says otherwise. */
const accessFor = ({
  link,
  url,
  username,
  password,
  tls
}: Pick<Listen, "link" | "url" | "username" | "password" | "tls">): Effect.Effect<BrokerAccess, CredentialsRejected> =>
  Effect.try({
    try: () => {
      const settings = link === undefined ? undefined : mqttOf(link)
      const own: BrokerAccess = settings === undefined ? { url: url ?? "" } : accessOf(settings)
      const user = username === undefined ? {} : { username, password }
      return { ...own, ...user, tls: { ...own.tls, ...tls } }
    },
    catch: (cause) => new CredentialsRejected({ reason: cause instanceof Error ? cause.message : String(cause) })
  })

const cannotRead = (directory: string) => (cause: unknown) =>
  new CommandFailed({
    exitCode: 1,
    reason: `the profiles in ${directory} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    next: "npm run gatehouse -- check"
  })

const discoverOn: DiscoverParts["listen"] = Effect.fnUntraced(function* (options) {
  const { profilesDirectory: directory } = options
  const { profiles } = yield* Effect.try({ try: () => readProfiles(directory), catch: cannotRead(directory) })
  const recogniser = new Recogniser(profiles, options.devices, options.timeZone)
  const access = yield* accessFor(options)
  const { refused, lost } = yield* listen(access, [["#"], recogniser.filters], (message) => recogniser.hear(message))
  return { refused, lost, count: () => recogniser.count(), found: () => recogniser.seen() }
})

/** What `discover` listens with. */
export const discoverParts = (settings: (paths: ReadonlyArray<string>) => Settings): DiscoverParts => ({
  settings,
  brokerOf,
  listen: discoverOn,
  opcua: async () => (await import("./probing.ts")).discoverOpcuaParts
})

const profileOf = (directory: string, device: Device) =>
  Effect.try({
    try: () =>
      readProfileFiles(directory, { names: [device.profile], untested: true }).find(
        ({ name }) => name === device.profile
      ),
    catch: cannotRead(directory)
  }).pipe(
    Effect.flatMap((read) => {
      if (read?.profile !== undefined) return Effect.succeed({ ...read, profile: read.profile })
      const [problem] = read?.problems ?? []
      const why = problem === undefined ? "" : `: ${problem.file}:${problem.line} ${problem.message}`
      return Effect.fail(
        new CommandFailed({
          exitCode: 1,
          reason: `the profile "${device.profile}" of device "${device.id}" cannot be used${why}`,
          next: "npm run gatehouse -- check"
        })
      )
    })
  )

/** The device's next message: whatever its profile takes for one of its own. */
const nextOf = (link: LinkSettings, explainer: Explainer): Mapper["next"] =>
  Effect.gen(function* () {
    const access = yield* accessFor({ link, url: undefined, username: undefined, password: undefined, tls: {} })
    const next = yield* Deferred.make<Message>()
    const { lost } = yield* listen(access, [explainer.filters], (message) => {
      if (explainer.speaksBy(message)) Deferred.doneUnsafe(next, Exit.succeed(message))
    })
    return yield* Effect.raceFirst(Deferred.await(next), lost)
  })

/** What `map` explains with. */
export const mapParts = (settings: (paths: ReadonlyArray<string>) => Settings): MapParts => ({
  settings,
  isEmbedded: (link) => mqttOf(link)?.broker === "embedded",
  mapper: Effect.fnUntraced(function* ({ device, link, profilesDirectory, timeZone }) {
    const read = yield* profileOf(profilesDirectory, device)
    const explainer = makeExplainer(read, device, timeZone)
    const { patterns, topic } = explainer
    return {
      patterns,
      topic,
      profileFile: read.file,
      map: (sample) => explainer.explain({ ...sample, receivedAt: Date.now() }),
      next: nextOf(link, explainer)
    }
  })
})
