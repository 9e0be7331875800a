import { lookup } from "node:dns/promises"
import { isIP } from "node:net"
import { Effect } from "effect"
import type { Device } from "../../../gateway/domain/campus.ts"
import { deviceServiceUrl } from "../wire/address.ts"
import type { Answered } from "./discover-answers.ts"
import type { OnvifSettings } from "../settings.ts"
import { type DeviceKind, kindsOf, plainUuid, readScopes, type Scopes } from "./ws-discovery.ts"

/** A device that answered, as an operator wants to know it. Nothing of it is proved. */
export interface FoundDevice extends Scopes {
  readonly endpoint: string
  readonly kinds: ReadonlyArray<DeviceKind>
  /** As it would stand in the configuration; undefined where no address can be reached from another network link. */
  readonly address: string | undefined
  readonly xaddrs: ReadonlyArray<string>
  /** Where its answers came from. */
  readonly from: ReadonlyArray<string>
}

/** A configured device, and what it can be recognised by. */
export interface KnownDevice {
  readonly id: string
  readonly endpoint: string | undefined
  /** `host:port` of each of its addresses. */
  readonly places: ReadonlySet<string>
}

const portOf = ({ protocol, port }: URL): string => (port !== "" ? port : protocol === "https:" ? "443" : "80")

/** `10.0.0.7:80`; an IPv6 address without its brackets and zone. */
const placeOf = (hostname: string, port: string): string =>
  `${hostname
    .replace(/^\[|\]$/g, "")
    .replace(/%.*$/, "")
    .toLowerCase()}:${port}`

const parsed = (xaddr: string): URL | null => URL.parse(xaddr.replace(/%25[^\]/]+(?=\])/, ""))

/** How good an address is for a configuration: 0 is best. RFC 3927 and RFC 4291, 2.5.6: link-local ones need a zone. */
const rankOf = ({ hostname }: URL, from: ReadonlyArray<string>): number => {
  const host = hostname.replace(/^\[|\]$/g, "")
  const family = isIP(host)
  if (family === 6) return /^fe[89ab]/i.test(host) ? Number.POSITIVE_INFINITY : 3
  if (host.startsWith("169.254.")) return 4
  return from.includes(host) ? 0 : family === 4 ? 1 : 2
}

/** The path is left out where it is the usual one. */
const written = (url: URL): string => {
  const usual = deviceServiceUrl(url.host, url.protocol === "https:")
  if (usual?.href !== url.href) return url.href
  return url.protocol === "https:" ? url.origin : url.host
}

const addressOf = ({ xaddrs, from }: Answered): string | undefined => {
  const ranked = xaddrs
    .flatMap((xaddr) => parsed(xaddr) ?? [])
    .map((url) => ({ url, rank: rankOf(url, from) }))
    .filter(({ rank }) => Number.isFinite(rank))
    .sort((a, b) => a.rank - b.rank)
  const [best] = ranked
  return best === undefined ? undefined : written(best.url)
}

/** What an answer says of a device. */
export const describe = (answered: Answered): FoundDevice => {
  const scopes = readScopes(answered.scopes)
  const { endpoint, xaddrs, from } = answered
  return {
    ...scopes,
    endpoint,
    kinds: kindsOf(answered.types, scopes.profiles),
    address: addressOf(answered),
    xaddrs,
    from
  }
}

/** Every place that a found device may be known by: where it says it is, and where it answered from. */
const placesOf = ({ xaddrs, from }: FoundDevice): ReadonlyArray<string> =>
  xaddrs
    .flatMap((xaddr) => parsed(xaddr) ?? [])
    .flatMap((url) => [placeOf(url.hostname, portOf(url)), ...from.map((host) => placeOf(host, portOf(url)))])

/** The configured device that a found one is: by its endpoint, where the configuration has it, or by an address. */
export const configuredAs = (found: FoundDevice, known: ReadonlyArray<KnownDevice>): string | undefined => {
  const places = placesOf(found)
  const at = known.find((device) => places.some((place) => device.places.has(place)))
  if (at !== undefined) return at.id
  const endpoint = plainUuid(found.endpoint)
  return known.find((device) => device.endpoint !== undefined && plainUuid(device.endpoint) === endpoint)?.id
}

/** Names that are not found by then are not found in time. */
const lookupMs = 2000

const addressesOf = (hostname: string): Effect.Effect<ReadonlyArray<string>> =>
  isIP(hostname) !== 0
    ? Effect.succeed([hostname])
    : Effect.tryPromise(() => lookup(hostname, { all: true })).pipe(
        Effect.timeout(lookupMs),
        Effect.map((found) => found.map(({ address }) => address)),
        Effect.catch(() => Effect.succeed<ReadonlyArray<string>>([]))
      )

/** What a configured device can be recognised by; its name is looked up. */
export const recognisable = (settings: OnvifSettings, device: Device): Effect.Effect<KnownDevice> => {
  const parameters = device.parameters ?? {}
  const secure = parameters["fingerprint"] !== undefined || settings.tls !== undefined
  const url = deviceServiceUrl(device.address, secure)
  const known = { id: device.id, endpoint: parameters["endpoint"] }
  if (url === undefined) return Effect.succeed({ ...known, places: new Set<string>() })
  const host = url.hostname.replace(/^\[|\]$/g, "")
  return Effect.map(addressesOf(host), (addresses) => ({
    ...known,
    places: new Set([host, ...addresses].map((one) => placeOf(one, portOf(url))))
  }))
}
