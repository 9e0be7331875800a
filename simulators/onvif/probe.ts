import { namespaces } from "./namespaces.ts"
import { childOf, NotXml, readXml, textOf, type XmlNode } from "./xml-node.ts"

/** A device as WS-Discovery tells of it. */
export interface Discoverable {
  /** Its stable endpoint address, a `urn:uuid:`. */
  readonly endpoint: string
  readonly kind: "camera" | "door-controller"
  /** Every address of its device service. */
  readonly xaddrs: ReadonlyArray<string>
  readonly scopes: ReadonlyArray<string>
}

/** Somebody asks who is there. */
export interface Probe {
  readonly messageId: string
  /** Types that a device must all have, each as `{namespace}name`. */
  readonly types: ReadonlyArray<string>
  readonly scopes: ReadonlyArray<string>
  readonly matchBy: string
}

const rfc3986 = `${namespaces.d}/rfc3986`
const strcmp0 = `${namespaces.d}/strcmp0`

const words = (text: string | undefined): ReadonlyArray<string> =>
  (text ?? "").split(/\s+/).filter((word) => word !== "")

const qualified = (name: string, scope: XmlNode["scope"]): string => {
  const colon = name.indexOf(":")
  return `{${scope[colon < 0 ? "" : name.slice(0, colon)] ?? ""}}${name.slice(colon + 1)}`
}

/** Reads a datagram; nothing when it is no Probe. */
export const readProbe = (datagram: string): Probe | undefined => {
  let envelope: XmlNode
  try {
    envelope = readXml(datagram)
  } catch (error) {
    if (error instanceof NotXml) return undefined
    throw error
  }
  const probe = childOf(childOf(envelope, "Body"), "Probe")
  const messageId = textOf(childOf(envelope, "Header"), "MessageID")
  if (probe === undefined || probe.namespace !== namespaces.d || messageId === undefined) return undefined
  const [types, scopes] = [childOf(probe, "Types"), childOf(probe, "Scopes")]
  return {
    messageId,
    types: words(types?.text).map((name) => qualified(name, types?.scope ?? {})),
    scopes: words(scopes?.text),
    matchBy: scopes?.attributes.find(({ name }) => name === "MatchBy")?.value ?? rfc3986
  }
}

/** ONVIF Core, Discovery: every device is a `tds:Device`; a camera is a `dn:NetworkVideoTransmitter` too. */
const typesOf = ({ kind }: Discoverable): ReadonlyArray<string> => [
  `{${namespaces.tds}}Device`,
  ...(kind === "camera" ? [`{${namespaces.dn}}NetworkVideoTransmitter`] : [])
]

/** WS-Discovery (April 2005), 5.1: the same scheme and authority in any case of letters, and a path that begins with it. */
const within = (scope: string, asked: string): boolean => {
  const split = (uri: string): readonly [string, ReadonlyArray<string>] => {
    const [, origin = "", path = ""] = /^([^:]+:\/\/[^/]*|[^:]+:)(.*)$/.exec(uri) ?? []
    return [origin.toLowerCase(), path.split("/").filter((segment) => segment !== "")]
  }
  const [[origin, path], [askedOrigin, askedPath]] = [split(scope), split(asked)]
  return origin === askedOrigin && askedPath.every((segment, index) => segment === path[index])
}

/** Whether a device answers a probe. */
export const matches = (device: Discoverable, probe: Probe): boolean => {
  const same = probe.matchBy === strcmp0 ? (scope: string, asked: string) => scope === asked : within
  return (
    (probe.matchBy === rfc3986 || probe.matchBy === strcmp0) &&
    probe.types.every((type) => typesOf(device).includes(type)) &&
    probe.scopes.every((asked) => device.scopes.some((scope) => same(scope, asked)))
  )
}
