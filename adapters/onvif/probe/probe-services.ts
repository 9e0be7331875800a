import { type EventCapabilities, eventCapabilities, noneSaid } from "../device/event-service.ts"
import { Effect, Result } from "effect"
import { type AccessPointInfo, listAccessPoints } from "../device/access-points.ts"
import type { CallFailed, Connection } from "../wire/connection.ts"
import { type DoorInfo, listDoors } from "../device/doors.ts"
import type { Library, Services } from "../device/library.ts"
import { tds } from "../wire/namespaces.ts"
import { callFailed } from "./probe-failure.ts"
import { type Found, StepFailed } from "../../probing/steps.ts"
import { readScopes, scopesIn } from "../discovery/ws-discovery.ts"

const callMs = 10_000

/** What a device offers. */
export interface Offered {
  readonly services: Services
  readonly eventsUrl: string
  readonly events: EventCapabilities
  readonly hasMedia: boolean
  /** Letters of the profiles it claims. */
  readonly profiles: ReadonlyArray<string>
  readonly doors: ReadonlyArray<DoorInfo>
  readonly accessPoints: ReadonlyArray<AccessPointInfo>
}

const claimedProfiles = (connection: Connection, url: string): Effect.Effect<ReadonlyArray<string>, CallFailed> =>
  connection
    .call({ url, action: `${tds}/GetScopes`, body: `<tds:GetScopes xmlns:tds="${tds}"/>`, timeoutMs: callMs })
    .pipe(Effect.map(({ body }) => readScopes(scopesIn(body)).profiles))

const noEvents = (services: Services): StepFailed =>
  new StepFailed({
    said: `the device has no event service; it has ${[...services.keys()].sort().join(", ") || "none at all"}`,
    todo: "switch its events or its ONVIF profile (S, T, A, C, D, M) on at the device, or look for newer firmware: without events the gateway hears nothing of it",
    facts: { services: Object.fromEntries(services) }
  })

const several = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

const eventWords = ({ pullPoints, producersMax, pullPointsMax }: EventCapabilities): string => {
  const pull = pullPoints === false ? "events by push alone" : "events by PullPoint"
  const most = pullPointsMax ?? producersMax
  return most === undefined || most === 0 ? pull : `${pull}, ${most} subscribers by its own account`
}

const said = (offered: Offered): string => {
  const { services, events, profiles, doors, accessPoints } = offered
  const claims = profiles.length === 0 ? "no profile claimed" : `profile ${profiles.join(", ")}`
  return [
    claims,
    eventWords(events),
    ...(services.has("doorcontrol") ? [`door control: ${several(doors.length, "door", "doors")}`] : []),
    ...(services.has("accesscontrol")
      ? [`access control: ${several(accessPoints.length, "access point", "access points")}`]
      : []),
    offered.hasMedia ? "media" : "no media"
  ].join("; ")
}

const capabilitiesOf = ({ token, name, capabilities }: DoorInfo) => ({ token, name, can: [...capabilities].sort() })

export interface Asking {
  readonly connection: Connection
  readonly deviceUrl: URL
  readonly library: Pick<Library, "services">
  readonly reachable: (advertised: string) => string | undefined
}

/** Asks what the device can do: its services, how events come, its profiles, doors and access points. */
export const askServices = Effect.fnUntraced(function* (asking: Asking): Effect.fn.Return<Found<Offered>, StepFailed> {
  const { connection, deviceUrl, library, reachable } = asking
  const services = yield* library.services.pipe(
    Effect.mapError((failure) => callFailed("the device does not tell its services", failure))
  )
  const urlOf = (name: string): string | undefined => {
    const advertised = services.get(name)
    return advertised === undefined ? undefined : reachable(advertised)
  }
  const eventsUrl = urlOf("events")
  if (eventsUrl === undefined) return yield* noEvents(services)
  // Each of these some devices do not have; what they say is for people.
  const orElse = <A>(asked: Effect.Effect<A, CallFailed>, otherwise: A): Effect.Effect<A> =>
    Effect.map(Effect.result(asked), (result) => (Result.isSuccess(result) ? result.success : otherwise))
  const events = yield* orElse(eventCapabilities(connection, eventsUrl), noneSaid)
  const profiles = yield* orElse(claimedProfiles(connection, deviceUrl.href), [])
  const [doorsUrl, accessUrl] = [urlOf("doorcontrol"), urlOf("accesscontrol")]
  const doors = doorsUrl === undefined ? [] : yield* orElse(listDoors(connection, doorsUrl), [])
  const accessPoints = accessUrl === undefined ? [] : yield* orElse(listAccessPoints(connection, accessUrl), [])
  const hasMedia = services.has("media") || services.has("media2")
  const offered: Offered = { services, eventsUrl, events, hasMedia, profiles, doors, accessPoints }
  const facts = {
    services: Object.fromEntries(services),
    profiles,
    events,
    doors: doors.map(capabilitiesOf),
    accessPoints: accessPoints.map(({ token, name, door }) => ({ token, name, door: door ?? null }))
  }
  return { value: offered, said: said(offered), facts }
})
