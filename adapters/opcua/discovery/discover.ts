import { Effect, type Scope } from "effect"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { CredentialsRejected, LinkLost } from "../../adapter.ts"
import { openCertificates } from "../session/certificates.ts"
import { openConnection } from "../session/connection.ts"
import { type Bounds, browse, makeSight, readSeen, type Sight, type Stopped } from "./discover-browse.ts"
import {
  type Judgement,
  judgementOf,
  readServerCertificate,
  replaces,
  type ServerCertificate
} from "./discover-certificate.ts"
import { type Stray, straysOf } from "./discover-doors.ts"
import { type SeenEventType, seeEventTypes } from "./discover-events.ts"
import { eventTypesOf, type Fit, type FoundPoint, fits, hasVariables, heardOf, placeKeyOf } from "./discover-fit.ts"
import { askOffers, type Offered } from "./discover-offers.ts"
import { pathKey, pathText, pathTo, type Seen, type Tree } from "./discover-tree.ts"
import { eventTypeNames, eventTypeNode } from "../nodes/event-types.ts"
import { failureOf, type Refused, refusedBy } from "../session/failures.ts"
import { loadLibrary } from "../session/library.ts"
import { noServer } from "../probe/probe-reach.ts"
import { serverObject } from "../nodes/node-names.ts"
import { notifierProblems } from "../nodes/nodes.ts"
import type { OpcuaProfile } from "../mapping/profile.ts"
import { type Live, openBriefly } from "../session/session.ts"
import type { OpcuaSettings } from "../settings.ts"
import { makeTypeChains } from "../nodes/type-chains.ts"

/** What a server shows to anybody: what it offers, and its certificate with what is thought of it. */
export interface Shown extends Offered {
  readonly shown: ServerCertificate | undefined
  /** `undefined` where it shows no certificate. */
  readonly judgement: Judgement | undefined
  /** Another certificate of the same application is trusted. */
  readonly replaces: boolean
  /** SHA-1 of our own certificate, hexadecimal. */
  readonly ourThumbprint: string
}

const folderFailed = (pki: string) => (error: Error) =>
  new CredentialsRejected({ reason: `the folder ${pki} is not usable: ${error.message}` })

/** Nothing was reached, or something that is no OPC UA server. */
const noOffers =
  (endpoint: string) =>
  (refused: Refused): LinkLost => {
    const isAway = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/.test(refused.text)
    const nobody = { endpoint, securityMode: "None", securityPolicy: "None", user: "anonymous", ourThumbprint: "" }
    if (isAway) return new LinkLost({ reason: failureOf(refused, nobody).reason })
    const { said, todo } = noServer(refused)
    return new LinkLost({ reason: `${endpoint}: ${said}; ${todo}` })
  }

/** Asks a server what it offers, and judges its certificate. Neither user nor password is sent. */
export const lookFromOutside = Effect.fn("opcua.lookFromOutside")(function* (
  endpoint: string,
  pki: string,
  now: EpochMs
): Effect.fn.Return<Shown, LinkLost | CredentialsRejected, Scope.Scope> {
  const library = yield* loadLibrary
  const certificates = yield* openCertificates(library, pki).pipe(Effect.mapError(folderFailed(pki)))
  const offered = yield* askOffers(library, certificates, endpoint).pipe(Effect.mapError(noOffers(endpoint)))
  const { certificate } = offered
  const shown = certificate === undefined ? undefined : readServerCertificate(certificate)
  const judgement =
    certificate === undefined
      ? undefined
      : yield* judgementOf(certificates, certificate, now).pipe(Effect.mapError(folderFailed(pki)))
  return {
    ...offered,
    shown,
    judgement,
    replaces: shown !== undefined && judgement?._tag === "Untrusted" && replaces(pki, shown),
    ourThumbprint: certificates.thumbprint
  }
})

/** A place where a profile fits: a device as it could stand in the configuration. */
export interface FoundDevice {
  readonly address: string
  /** Its browse path, for people. */
  readonly path: string
  readonly profile: string
  /** Other profiles that fit there. */
  readonly others: ReadonlyArray<string>
  readonly parameters: Readonly<Record<string, string>>
  readonly variables: { readonly there: number; readonly wanted: number }
  readonly eventTypes: { readonly there: number; readonly wanted: number }
  readonly points: ReadonlyArray<FoundPoint>
  readonly missing: ReadonlyArray<string>
  /** The id of the configured device that it is. */
  readonly configured: string | undefined
}

/** Conditions of one name and type. */
export interface SeenConditions {
  readonly name: string
  readonly type: string
  readonly count: number
}

/** What was found at a server until now. */
export interface Found {
  readonly devices: ReadonlyArray<FoundDevice>
  readonly strays: ReadonlyArray<Stray>
  readonly eventTypes: ReadonlyArray<SeenEventType>
  /** Objects that tell events: their browse paths. */
  readonly notifiers: ReadonlyArray<string>
  readonly conditions: ReadonlyArray<SeenConditions>
  /** Configured devices whose address leads to nothing here. */
  readonly silent: ReadonlyArray<string>
  /** Profiles that have events alone, of which browsing cannot tell whether they fit. */
  readonly untold: ReadonlyArray<string>
  readonly namespaces: ReadonlyArray<string>
  readonly nodes: number
  readonly stopped: ReadonlyArray<Stopped>
}

export interface LookingOptions {
  readonly settings: OpcuaSettings
  readonly profiles: ReadonlyArray<OpcuaProfile>
  /** The devices that are configured at this server. */
  readonly devices: ReadonlyArray<Device>
  readonly timeZone: string
  readonly bounds: Bounds
  readonly now: () => EpochMs
}

/** A server that is being looked at. */
export interface Looking {
  readonly count: () => number
  readonly found: () => Found
  /** Completes when all was looked at, or the bounds were reached. */
  readonly done: Effect.Effect<void, LinkLost | CredentialsRejected>
}

/** The name of an event type, where it is known. */
const typeName = (type: string, own: ReadonlyArray<SeenEventType>): string =>
  eventTypeNames.find((name) => eventTypeNode(name) === type) ??
  own.find(({ name }) => name === type)?.browseName ??
  type

const conditionsIn = (tree: Tree, own: ReadonlyArray<SeenEventType>): ReadonlyArray<SeenConditions> => {
  const counted = new Map<string, SeenConditions>()
  for (const seen of tree.nodes.values()) {
    if (!seen.isCondition) continue
    const name = seen.browseName
    const type = typeName(seen.type ?? "", own)
    const key = `${name} ${type}`
    counted.set(key, { name, type, count: (counted.get(key)?.count ?? 0) + 1 })
  }
  return [...counted.values()].toSorted((a, b) => b.count - a.count)
}

interface Known {
  readonly eventTypes: ReadonlySet<string>
  readonly own: ReadonlyArray<SeenEventType>
  readonly serverNotifies: boolean
}

const deviceOf = (
  { base, points, missing, profile, address, parameters, there, wanted }: Fit,
  others: ReadonlyArray<string>,
  types: FoundDevice["eventTypes"],
  configured: string | undefined
): FoundDevice => ({
  address,
  path: pathText(base),
  profile,
  others,
  parameters,
  variables: { there, wanted },
  eventTypes: types,
  points,
  missing,
  configured
})

const foundIn = (
  sight: Sight,
  known: Known,
  namespaces: ReadonlyArray<string>,
  { profiles, devices, settings, timeZone, now }: LookingOptions
): Found => {
  const reading = { timeZone, severity: settings.severity, now: now() }
  const configured = devices.flatMap((device) => {
    const profile = profiles.find(({ name }) => name === device.profile)
    return profile === undefined ? [] : [{ device, profile, heard: heardOf(sight, profile, device, reading) }]
  })
  const all = fits(sight, profiles, namespaces.slice(1), reading)
  const byBase = Map.groupBy(all, ({ base }) => base)
  const read = new Set<Seen>([...all, ...configured.map(({ heard }) => heard)].flatMap(({ nodes }) => [...nodes]))
  const found = [...byBase.values()].map((here): FoundDevice => {
    const [best] = here as [Fit, ...Array<Fit>]
    const place = pathKey(pathTo(best.base))
    const same = configured.find(({ profile, device }) => placeKeyOf(profile, device) === place)?.device
    const profile = profiles.find(({ name }) => name === best.profile)
    const wanted = profile === undefined ? [] : eventTypesOf(profile, best)
    const types = { there: wanted.filter((name) => known.eventTypes.has(name)).length, wanted: wanted.length }
    const others = [...new Set(here.slice(1).map((fit) => fit.profile))].filter((name) => name !== best.profile)
    return deviceOf(best, others, types, same?.id)
  })
  return {
    devices: found.toSorted((a, b) => a.path.localeCompare(b.path)),
    strays: straysOf(sight, read),
    eventTypes: known.own,
    notifiers: [
      ...(known.serverNotifies ? ["/Server"] : []),
      ...[...sight.nodes.values()].filter(({ notifies, isCondition }) => notifies && !isCondition).map(pathText)
    ],
    conditions: conditionsIn(sight, known.own),
    silent: configured.filter(({ heard }) => heard.wanted > 0 && heard.there === 0).map(({ device }) => device.id),
    untold: profiles.filter((profile) => !hasVariables(profile)).map(({ name }) => name),
    namespaces,
    nodes: sight.nodes.size,
    stopped: [...sight.stopped]
  }
}

const openSession = Effect.fnUntraced(function* (
  settings: OpcuaSettings
): Effect.fn.Return<Live, LinkLost | CredentialsRejected, Scope.Scope> {
  const library = yield* loadLibrary
  const connection = yield* openConnection(library, settings, { certificate: undefined })
  return yield* openBriefly(connection, settings)
})

/**
 * Looks at what a server has, from the Objects folder on, in a session of its own that ends with the scope. Nothing is
 * written, called or subscribed to. What was found can be asked for at any time.
 */
export const lookInside = Effect.fn("opcua.lookInside")(function* (
  options: LookingOptions
): Effect.fn.Return<Looking, LinkLost | CredentialsRejected, Scope.Scope> {
  const { bounds, settings } = options
  const live = yield* openSession(settings)
  const chains = makeTypeChains(live)
  const sight = makeSight(live)
  let known: Known = { eventTypes: new Set(), own: [], serverNotifies: false }
  const looking = Effect.gen(function* () {
    const began = performance.now()
    const [serverProblem] = yield* notifierProblems(live, [live.library.resolveNodeId(serverObject)])
    const types = yield* seeEventTypes(live)
    known = { eventTypes: types.known, own: types.own, serverNotifies: serverProblem === undefined }
    yield* browse(live, chains, sight, { ...bounds, withinMs: bounds.withinMs - (performance.now() - began) })
    yield* readSeen(live, sight, Math.max(bounds.withinMs - (performance.now() - began), 2000))
  })
  const { attempted, ended } = live.connection
  const lost = Effect.mapError(ended, ({ reason }) => refusedBy("the connection", reason))
  return {
    count: () => sight.nodes.size,
    found: () => foundIn(sight, known, live.namespaces, options),
    done: Effect.raceFirst(looking, lost).pipe(Effect.mapError((refused) => failureOf(refused, attempted)))
  }
})
