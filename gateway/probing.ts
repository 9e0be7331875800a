import { Effect, Schema } from "effect"
import { deviceServiceUrl } from "../adapters/onvif/address.ts"
import { type Conformance, type Course, observe } from "../adapters/onvif/conformance.ts"
import { configuredAs, describe, recognisable } from "../adapters/onvif/discover-device.ts"
import { discover, discoveryPort } from "../adapters/onvif/discover.ts"
import { probeDevice, type Target } from "../adapters/onvif/probe.ts"
import { showCertificate } from "../adapters/onvif/probe-enrol.ts"
import { OnvifSettings } from "../adapters/onvif/settings.ts"
import type { DiscoverOnvifParts } from "./cli/discover-onvif-found.ts"
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
  isOnvif,
  isAddress: (text) => deviceServiceUrl(text, false) !== undefined,
  settingsFor: (username, variable) =>
    decodeSettings(username === undefined ? {} : { username, password: { env: variable } }),
  probe: (target, tell) =>
    probeDevice({ ...targetOf(target), now: Date.now, tell }).pipe(
      Effect.map((probed) => probed && { firmware: probed.information?.firmwareVersion })
    ),
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
