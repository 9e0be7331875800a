import { Effect } from "effect"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { CredentialsRejected, LinkLost } from "../../adapter.ts"
import { reachableUrl } from "../wire/address.ts"
import { type Clocks, makeClocks } from "../clock/clocks.ts"
import type { Connection } from "../wire/connection.ts"
import type { DeviceSettings } from "../device-settings.ts"
import { askTime } from "../clock/device-time.ts"
import { type EventCaller, type EventCapabilities, eventCapabilities, noneSaid } from "./event-service.ts"
import { linkErrorOf } from "../wire/failures.ts"
import { type DeviceInformation, type Library, makeLibrary } from "./library.ts"
import { makeNames, type Names } from "./names.ts"

/** One device that has let us in. */
export interface Session {
  readonly caller: EventCaller
  readonly clocks: Clocks
  readonly library: Library
  readonly information: DeviceInformation
  readonly eventsUrl: string
  readonly events: EventCapabilities
  readonly doorsUrl: string | undefined
  /** It has a media service, and so pictures. */
  readonly hasMedia: boolean
  readonly names: () => Names
  /** Asks for the names again: its configuration changed. A device that does not answer keeps the ones it had. */
  readonly readNames: Effect.Effect<void>
  /** To be run beside the rest: asks again for names that the device did not tell. */
  readonly keepNames: Effect.Effect<never>
  /** Compares our clocks. */
  readonly measure: Effect.Effect<void, LinkLost | CredentialsRejected>
}

export interface SessionOptions {
  readonly connection: Connection
  readonly settings: DeviceSettings
  readonly advertisedHosts: ReadonlyArray<string>
  readonly now: () => EpochMs
  /** Runs whenever names were read. */
  readonly namesRead?: (names: Names) => Effect.Effect<void>
}

/** For one request to the device or media service. */
const callMs = 10_000

/** A device that does not answer who made it. */
const untold: DeviceInformation = { manufacturer: "", model: "", firmwareVersion: "", serialNumber: "" }

/**
 * Gets to know a device: its time, its services, whether it lets us in, what its event service can do, and what it calls
 * its doors. Fails as a link does.
 */
export const connect = Effect.fn("onvif.connect")(function* (
  options: SessionOptions
): Effect.fn.Return<Session, LinkLost | CredentialsRejected> {
  const { connection, settings, advertisedHosts, now } = options
  const reachable = (advertised: string) => reachableUrl(advertised, settings.url, advertisedHosts)
  const clocks = makeClocks(connection, now)
  const measure = Effect.suspend(() => {
    clocks.asking()
    return askTime(connection, settings.url.href, now)
  }).pipe(
    Effect.tap((told) => Effect.sync(() => clocks.asked(told))),
    Effect.asVoid,
    // A device that does not tell its time is heard all the same: it tells it along with its events.
    Effect.catchIf(
      ({ kind }) => kind === "fault" || kind === "unreadable",
      () => Effect.void
    ),
    Effect.mapError(linkErrorOf)
  )
  yield* measure
  const library = yield* makeLibrary({ connection, deviceUrl: settings.url, reachable, timeoutMs: callMs })
  const services = yield* Effect.mapError(library.services, linkErrorOf)
  // Services and times are told to anybody; this is the first call that shows whether we are let in.
  const information = yield* library.information.pipe(
    Effect.catchIf(
      ({ kind }) => kind === "fault",
      () => Effect.succeed(untold)
    ),
    Effect.mapError(linkErrorOf)
  )
  const advertised = services.get("events")
  const eventsUrl = advertised === undefined ? undefined : reachable(advertised)
  if (eventsUrl === undefined) return yield* new LinkLost({ reason: "the device has no event service" })
  const caller = { connection, now, reachable }
  const events = yield* eventCapabilities(connection, eventsUrl).pipe(
    // Old devices do not have the question; those that let nobody in say so at the next call.
    Effect.catch(() => Effect.succeed(noneSaid))
  )
  const urlOf = (service: string): string | undefined => {
    const told = services.get(service)
    return told === undefined ? undefined : reachable(told)
  }
  const doorsUrl = urlOf("doorcontrol")
  const accessUrl = urlOf("accesscontrol")
  const { names, read, keep } = yield* makeNames({
    connection,
    doorsUrl,
    accessUrl,
    wasRead: options.namesRead ?? (() => Effect.void)
  })
  yield* read
  const hasMedia = services.has("media") || services.has("media2")
  return {
    caller,
    clocks,
    library,
    information,
    eventsUrl,
    events,
    doorsUrl,
    hasMedia,
    names,
    readNames: read,
    keepNames: keep,
    measure
  }
})
