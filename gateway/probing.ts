import { Effect, Schema } from "effect"
import { deviceServiceUrl } from "../adapters/onvif/wire/address.ts"
import { type Conformance, type Course, observe } from "../adapters/onvif/probe/conformance.ts"
import { configuredAs, describe, recognisable } from "../adapters/onvif/discovery/discover-device.ts"
import { discover, discoveryPort } from "../adapters/onvif/discovery/discover.ts"
import { probeDevice, type Target } from "../adapters/onvif/probe/probe.ts"
import { showCertificate } from "../adapters/onvif/probe/probe-enrol.ts"
import { OnvifSettings } from "../adapters/onvif/settings.ts"
import { CredentialsRejected } from "../adapters/adapter.ts"
import { lookFromOutside, lookInside } from "../adapters/opcua/discovery/discover.ts"
import { chooseWay, type Offer, offersWords, usersOf } from "../adapters/opcua/discovery/discover-offers.ts"
import { probeDevice as probeOpcua } from "../adapters/opcua/probe/probe.ts"
import { readOpcuaProfiles } from "../adapters/opcua/mapping/profiles.ts"
import { OpcuaSettings } from "../adapters/opcua/settings.ts"
import type { DiscoverOnvifParts } from "./cli/discover-onvif-found.ts"
import type { DiscoverOpcuaParts, OpcuaAccess, OpcuaServer, OpcuaShown } from "./cli/discover-opcua-found.ts"
import { CommandFailed } from "./cli/failure.ts"
import type { ObservationCourse, Observing, ProbeParts, ProbeTarget } from "./cli/probe-parts.ts"
import type { ConformanceSheet } from "./settings/conformance-sheet.ts"
import { installed } from "./installed.ts"
import { type LinkSettings, loadSettings, type Settings } from "./settings/load-settings.ts"

const isOnvif = ({ adapter }: LinkSettings): boolean => adapter === "onvif"

/** Reads a configuration whatever was observed before: a device may be looked at because of it. Throws `SettingsRefused`. */
const readSettings = (paths: ReadonlyArray<string>): Settings => {
  const { adapters, profiles } = installed
  return loadSettings(paths, { adapters, profiles })
}

/** What each configured device can be recognised by. */
const knownDevices = (settings: Settings | undefined) =>
  Effect.forEach(
    (settings?.campus.devices ?? []).flatMap((device) => {
      const link = settings?.links.find(({ id }) => id === device.link)
      return link !== undefined && isOnvif(link) ? [{ device, settings: link.settings as OnvifSettings }] : []
    }),
    ({ device, settings: own }) => recognisable(own, device),
    { concurrency: 16 }
  )

/** What `discover onvif` asks with. */
export const discoverOnvifParts: DiscoverOnvifParts = {
  settings: readSettings,
  isOnvif,
  port: discoveryPort,
  ask: Effect.fnUntraced(function* (places, configuration) {
    const known = yield* knownDevices(configuration)
    const { found, ...asking } = yield* discover(places)
    return {
      ...asking,
      found: () => {
        const { devices, ...counts } = found()
        const described = devices.map((answered) => {
          const device = describe(answered)
          return { ...device, configured: configuredAs(device, known) }
        })
        return { ...counts, devices: described }
      }
    }
  })
}

const opcuaOf = ({ adapter, settings }: LinkSettings): OpcuaSettings | undefined =>
  adapter === "opcua" ? (settings as OpcuaSettings) : undefined

const decodeOpcua = Schema.decodeUnknownSync(OpcuaSettings)

/** What the flags say, without what they leave open. */
const given = (access: OpcuaAccess): Readonly<Record<string, unknown>> => {
  const { securityMode, securityPolicy, user } = access
  return Object.fromEntries(
    Object.entries({ securityMode, securityPolicy, user }).filter(([, value]) => value !== undefined)
  )
}

const rejected = (reason: string): CredentialsRejected => new CredentialsRejected({ reason })

/** How a server is gone into: as its link does, or by the best that it offers. */
const accessTo = (
  server: OpcuaServer,
  access: OpcuaAccess,
  shown: OpcuaShown
): Effect.Effect<OpcuaSettings, CredentialsRejected> => {
  const own = server.link === undefined ? undefined : opcuaOf(server.link)
  if (own !== undefined) return Effect.succeed({ ...own, ...given(access) })
  const offers = shown.offers as ReadonlyArray<Offer>
  const way = chooseWay(offers, access as Parameters<typeof chooseWay>[1])
  if (way === undefined) {
    const { securityMode = "SignAndEncrypt or Sign", securityPolicy } = access
    const asked = `${securityMode}${securityPolicy === undefined ? "" : ` with ${securityPolicy}`}`
    const todo = access.securityMode === undefined ? "; --security-mode None looks at it all the same, unsecured" : ""
    return Effect.fail(rejected(`the server does not offer ${asked}: it offers ${offersWords(offers)}${todo}`))
  }
  const users = usersOf(offers, way)
  if (access.user === undefined && users.length > 0 && !users.includes("anonymous"))
    return Effect.fail(rejected(`the server takes nobody without a user: it takes ${users.join(", ")}`))
  return Effect.succeed(decodeOpcua({ endpoint: server.endpoint, pki: server.pki, ...given(access), ...way }))
}

const asWords = ({ securityMode, securityPolicy, user }: OpcuaSettings): string => {
  const who = user === "anonymous" ? "anonymous" : "username" in user ? `as ${user.username}` : "by certificate"
  return `${securityMode === "None" ? "unsecured" : `${securityMode} with ${securityPolicy}`}, ${who}`
}

const cannotRead = (directory: string) => (cause: unknown) =>
  new CommandFailed({
    exitCode: 1,
    reason: `the profiles in ${directory} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    next: "npm run gatehouse -- check"
  })

/** What `discover opcua` looks with. */
export const discoverOpcuaParts: DiscoverOpcuaParts = {
  settings: readSettings,
  serverOf: (link) => {
    const settings = opcuaOf(link)
    return settings && { endpoint: settings.endpoint, pki: settings.pki, secured: settings.securityMode !== "None" }
  },
  outside: ({ endpoint, pki }) => lookFromOutside(endpoint, pki, Date.now()),
  inside: Effect.fnUntraced(function* (server, access, shown, bounds, configuration) {
    const directory = configuration?.profilesDirectory ?? "config/profiles"
    const { profiles } = yield* Effect.try({
      try: () => readOpcuaProfiles(directory),
      catch: cannotRead(directory)
    })
    const settings = yield* accessTo(server, access, shown)
    const looking = yield* lookInside({
      settings,
      profiles,
      devices: server.devices,
      timeZone: configuration?.campus.site.timeZone ?? "UTC",
      bounds,
      now: Date.now
    })
    return { ...looking, as: asWords(settings) }
  })
}

const targetOf = ({ device, settings }: ProbeTarget): Target => ({ device, settings: settings as OnvifSettings })

const courseOf = (course: Course): ObservationCourse => {
  if (course._tag === "Measuring") return course
  if (course._tag === "Watching") {
    const { information, ...rest } = course
    const { manufacturer, model, firmwareVersion } = information
    return { ...rest, product: `${manufacturer} ${model}, firmware ${firmwareVersion}` }
  }
  const { news } = course
  switch (news._tag) {
    case "Point":
      return {
        _tag: "Seen",
        sighting: { topic: news.topic, point: news.point, said: news.value, state: !news.change }
      }
    case "Occurrence":
      return { _tag: "Seen", sighting: { topic: news.topic, point: news.point, said: news.word } }
    case "Topic":
      return { _tag: "Seen", sighting: { topic: news.topic } }
  }
}

/** What the observed points and happenings come to. A plain input may be a door's: it is on while the door is open. */
const reportsOf = ({ points, occurrences }: Conformance): ConformanceSheet["reports"] => {
  const came = (kinds: ReadonlyArray<string>, values: ReadonlyArray<string>): boolean =>
    points.some(({ kind, changes }) => kinds.includes(kind) && values.some((value) => (changes[value] ?? 0) > 0))
  const happened = (word: string): boolean => occurrences.some((one) => one.word === word)
  return {
    opening: came(["position", "input"], ["open", "on"]),
    closing: came(["position", "input"], ["closed", "off"]),
    locking: came(["lock"], ["locked"]),
    unlocking: came(["lock"], ["unlocked"]),
    forced: came(["alarm"], ["DoorForcedOpen"]) || happened("DoorForcedReported"),
    held: came(["alarm"], ["DoorOpenTooLong"]) || happened("DoorHeldReported"),
    mode: points.some(({ kind, changes }) => kind === "mode" && Object.keys(changes).length > 0)
  }
}

const sheetOf = (seen: Conformance, { target, observedBy }: Observing, observedAt: number): ConformanceSheet => {
  const { information, habits, subscribers, topics, points, occurrences, lostSubscriptions, unreadable } = seen
  const { manufacturer, model, firmwareVersion: firmware, serialNumber } = information
  return {
    format: "gatehouse-conformance",
    version: 1,
    device: target.device.id,
    profile: target.device.profile,
    observedAt: new Date(observedAt).toISOString(),
    observedSeconds: Math.round(seen.observedMs / 100) / 10,
    observedBy,
    product: { manufacturer, model, firmware, serialNumber },
    reports: reportsOf(seen),
    topics: topics.map((topic) => ({ ...topic, property: topic.property ?? null })),
    points,
    occurrences,
    subscription: {
      ...habits,
      answersEmptyEarly: habits.answersEmptyEarly ?? null,
      leaseGrantedMs: habits.leaseGrantedMs ?? null,
      pullExtendsLease: habits.pullExtendsLease ?? null,
      lostSubscriptions,
      unreadable
    },
    subscribers: subscribers === undefined ? null : { ...subscribers, refusal: subscribers.refusal ?? null },
    clock: seen.clock ?? null,
    reconnectMs: seen.reconnectMs ?? null,
    picture: seen.picture ?? null
  }
}

const decodeSettings = Schema.decodeUnknownSync(OnvifSettings)

/** What `probe` looks with. */
export const probeParts: ProbeParts = {
  settings: readSettings,
  protocolOf: (link) => (isOnvif(link) ? "onvif" : opcuaOf(link) === undefined ? undefined : "opcua"),
  isAddress: (text) => deviceServiceUrl(text, false) !== undefined,
  settingsFor: (username, variable) =>
    decodeSettings(username === undefined ? {} : { username, password: { env: variable } }),
  probe: (target, tell) => {
    if (target.protocol === "opcua") {
      const { device, profilesDirectory } = target
      const timeZone = device.timeZone ?? target.timeZone
      const settings = target.settings as OpcuaSettings
      return Effect.as(probeOpcua({ settings, device, profilesDirectory, timeZone, now: Date.now, tell }), undefined)
    }
    return probeDevice({ ...targetOf(target), now: Date.now, tell }).pipe(
      Effect.map((probed) => probed && { firmware: probed.information?.firmwareVersion })
    )
  },
  certificate: (target, tell) => showCertificate({ ...targetOf(target), tell }),
  observe: (observing) => {
    const { target, profilesDirectory, timeZone, until, tell } = observing
    return observe({
      ...targetOf(target),
      now: Date.now,
      profilesDirectory,
      timeZone: target.device.timeZone ?? timeZone,
      until,
      tell: (course) => tell(courseOf(course))
    }).pipe(Effect.map((seen) => sheetOf(seen, observing, Date.now())))
  }
}
