import type { Effect, Scope } from "effect"
import type { LinkLost } from "../../adapters/adapter.ts"
import type { Device } from "../domain/campus.ts"
import type { LinkSettings, Settings } from "../settings/load-settings.ts"
import { paint, printable, several } from "./output.ts"
import { type Existing, idFor, type Stub } from "./stubs.ts"
import { columns } from "./table.ts"

/** A device that answered, by its own account. */
export interface FoundOnvif {
  readonly endpoint: string
  /** `camera`, `door controller`, both, or neither. */
  readonly kinds: ReadonlyArray<string>
  readonly profiles: ReadonlyArray<string>
  readonly name: string | undefined
  readonly hardware: string | undefined
  readonly location: string | undefined
  /** As it would stand in the configuration; undefined where none of its addresses can. */
  readonly address: string | undefined
  readonly xaddrs: ReadonlyArray<string>
  readonly from: ReadonlyArray<string>
  /** The id of the configured device that it is. */
  readonly configured: string | undefined
}

/** What came until now. */
export interface FoundOnvifs {
  readonly devices: ReadonlyArray<FoundOnvif>
  readonly malformed: number
  readonly stray: number
  readonly dropped: number
}

/** A question that is out, being listened to for answers. */
export interface Asking {
  readonly asked: ReadonlyArray<string>
  readonly unasked: ReadonlyArray<string>
  readonly count: () => number
  readonly found: () => FoundOnvifs
}

export interface Place {
  readonly host: string
  readonly port: number
}

/** What `discover onvif` needs of the gateway. */
export interface DiscoverOnvifParts {
  /** Throws `SettingsRefused`. */
  readonly settings: (paths: ReadonlyArray<string>) => Settings
  readonly isOnvif: (link: LinkSettings) => boolean
  /** WS-Discovery's port, where an address names none. */
  readonly port: number
  /** Asks, and listens until the scope closes. */
  readonly ask: (
    places: ReadonlyArray<Place>,
    settings: Settings | undefined
  ) => Effect.Effect<Asking, LinkLost, Scope.Scope>
}

const dash = "–"

/** `camera (S, T)`, `door controller (A, C)`, `other`. */
export const kindText = ({ kinds, profiles }: FoundOnvif): string => {
  const kind = kinds.length === 0 ? "other" : kinds.join(" and ")
  return profiles.length === 0 ? kind : `${kind} (${profiles.join(", ")})`
}

const textOf = (text: string | undefined): string => (text === undefined ? dash : printable(text).slice(0, 60))

const configuredText = ({ configured }: FoundOnvif, known: ReadonlyArray<Device>): string => {
  if (configured === undefined) return paint("yellow", "no")
  return `${configured}${known.find(({ id }) => id === configured)?.disabled === true ? ", disabled" : ""}`
}

/** It answers from elsewhere than it says it is: address translation, or a second interface. */
const fromText = ({ xaddrs, from }: FoundOnvif): string =>
  xaddrs.some((xaddr) => from.some((host) => xaddr.includes(host.replace(/%.*$/, ""))))
    ? ""
    : `; ${paint("yellow", `answers from ${from.join(", ")}`)}`

const addressText = (found: FoundOnvif): string =>
  printable(found.address ?? `${found.xaddrs[0] ?? dash}`) +
  (found.address === undefined ? paint("yellow", " (link-local)") : "")

/** What was found, as a person reads it. */
export const foundOnvifLines = ({ devices }: FoundOnvifs, known: ReadonlyArray<Device>): ReadonlyArray<string> => {
  if (devices.length === 0) return ["no device answered"]
  const head = ["ADDRESS", "KIND", "NAME", "HARDWARE", "CONFIGURED", "LOCATION"].map((text) => paint("bold", text))
  const rows = devices.map((found) => [
    addressText(found),
    kindText(found),
    textOf(found.name),
    textOf(found.hardware),
    configuredText(found, known),
    textOf(found.location) + fromText(found)
  ])
  return columns([head, ...rows])
}

/** What came that is no answer; nothing where all was in order. */
export const oddities = ({ malformed, dropped }: FoundOnvifs): string =>
  [
    ...(malformed > 0 ? [`${several(malformed, "answer")} that nobody can read`] : []),
    ...(dropped > 0 ? [`${several(dropped, "answer")} too many`] : [])
  ].join(", ")

const seenOf = (found: FoundOnvif): string => {
  const { name, hardware, location, from } = found
  const words = [kindText(found), ...[name, hardware, location].filter((word) => word !== undefined)]
  return printable(`answered from ${from.join(", ")}; ${words.join("; ")}`).slice(0, 300)
}

/** The devices that are not configured yet, each disabled. One that has no address to be written is left out. */
export const onvifStubs = (
  devices: ReadonlyArray<FoundOnvif>,
  { link, existing }: { readonly link: string; readonly existing: Existing }
): ReadonlyArray<Stub> => {
  const taken = new Set<string>(existing.map(({ id }) => id))
  const there = new Set<string>(existing.filter((one) => one.link === link).map(({ address }) => address))
  return devices.flatMap((found): ReadonlyArray<Stub> => {
    const { address, configured, endpoint } = found
    if (configured !== undefined || address === undefined || there.has(address)) return []
    const id = idFor("onvif", found.name ?? address.replace(/^https?:\/\//, ""), taken)
    taken.add(id)
    there.add(address)
    const parameters = { endpoint }
    return [{ device: { id, link, profile: "onvif", address, parameters, disabled: true }, seen: seenOf(found) }]
  })
}
