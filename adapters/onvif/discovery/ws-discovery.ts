import { childOf, childrenOf, descendantOf, escapeXml, parseXml, qnameOf, XmlRefused } from "../wire/xml.ts"
import type { XmlElement } from "../wire/xml-element.ts"
import { tds } from "../wire/namespaces.ts"
import { soap11, soap12 } from "../wire/soap.ts"

/** WS-Discovery of April 2005 and WS-Addressing of August 2004, on which ONVIF Core (7, "Device discovery") builds. */
const wsd = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
const wsa = "http://schemas.xmlsoap.org/ws/2004/08/addressing"

/** ONVIF's types of network devices (ONVIF Core, 7.3.2.1). */
const dn = "http://www.onvif.org/ver10/network/wsdl"

/**
 * What is asked for. Every device is a `tds:Device`; a door controller need be nothing else. Cameras of the first years
 * answer for `dn:NetworkVideoTransmitter` alone.
 */
export const probedTypes = ["tds:Device", "dn:NetworkVideoTransmitter"] as const
export type ProbedType = (typeof probedTypes)[number]

/** One question. It says who asks by nothing but its own id, and holds no credentials. */
export const probeText = (messageId: string, type: ProbedType): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${soap12}" xmlns:a="${wsa}"><s:Header>` +
  `<a:MessageID>${escapeXml(messageId)}</a:MessageID>` +
  `<a:ReplyTo><a:Address>${wsa}/role/anonymous</a:Address></a:ReplyTo>` +
  `<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To><a:Action>${wsd}/Probe</a:Action></s:Header>` +
  `<s:Body><d:Probe xmlns:d="${wsd}" xmlns:tds="${tds}" xmlns:dn="${dn}"><d:Types>${type}</d:Types></d:Probe>` +
  `</s:Body></s:Envelope>`

/** A device as it tells of itself; nothing of it is proved. */
export interface ProbeMatch {
  /** Its endpoint reference: meant to stay the same for ever, and seen to be shared by two devices. */
  readonly endpoint: string
  /** Local names of its types. */
  readonly types: ReadonlyArray<string>
  readonly scopes: ReadonlyArray<string>
  /** The addresses of its device service, each an http(s) address as it was written. */
  readonly xaddrs: ReadonlyArray<string>
}

/** What a datagram is: an answer to us, somebody else's business, or nothing that can be read. */
export type Heard =
  | { readonly _tag: "Matches"; readonly matches: ReadonlyArray<ProbeMatch> }
  | { readonly _tag: "Stray" }
  | { readonly _tag: "Malformed" }

/** An answer of one device has 1 to 4 kB; a discovery proxy's holds several. */
const datagramMaxBytes = 32 * 1024

/** Devices in one answer: a proxy of a whole site would have that many. */
const matchesMax = 64

/** Addresses, and scopes, that one device has; Axis' name twenty scopes. */
const xaddrsMax = 16
const scopesMax = 128
const wordMaxChars = 512

const malformed: Heard = { _tag: "Malformed" }
const stray: Heard = { _tag: "Stray" }

/** `uuid:`, `urn:uuid:` and either case of the digits are one id: devices write back ours in a form of their own. */
export const plainUuid = (id: string): string =>
  id
    .trim()
    .toLowerCase()
    .replace(/^(urn:)?uuid:/, "")

const words = (text: string | undefined, most: number): ReadonlyArray<string> =>
  (text ?? "")
    .split(/\s+/)
    .filter((word) => word !== "" && word.length <= wordMaxChars)
    .slice(0, most)

/** RFC 6874 writes a zone behind a link-local address, which Node's URL does not take; such an address is left as it is. */
const isAddress = (text: string): boolean =>
  /^https?:\/\/[^/\s]+/i.test(text) && URL.canParse(text.replace(/%25[^\]/]+(?=\])/, ""))

const matchOf = (element: XmlElement): ProbeMatch | undefined => {
  const endpoint = descendantOf(element, "EndpointReference", "Address")?.text.trim()
  if (endpoint === undefined || endpoint === "" || endpoint.length > wordMaxChars) return undefined
  const types = childOf(element, wsd, "Types")
  return {
    endpoint,
    types: words(types?.text, scopesMax).map((type) => (types === undefined ? type : qnameOf(types, type).name)),
    scopes: words(childOf(element, wsd, "Scopes")?.text, scopesMax),
    xaddrs: words(childOf(element, wsd, "XAddrs")?.text, xaddrsMax).filter(isAddress)
  }
}

const readEnvelope = (datagram: Uint8Array): XmlElement | undefined => {
  try {
    const root = parseXml(datagram)
    return root.name === "Envelope" && (root.namespace === soap12 || root.namespace === soap11) ? root : undefined
  } catch (error) {
    if (error instanceof XmlRefused) return undefined
    throw error
  }
}

/**
 * Reads what came to the socket that asked. `isOurs` knows the ids of our questions, as `plainUuid` has them. A match
 * without an address is no use and left out; the others of its answer stand. Never throws for what a stranger sent.
 */
export const readDatagram = (datagram: Uint8Array, isOurs: (id: string) => boolean): Heard => {
  if (datagram.length > datagramMaxBytes) return malformed
  const envelope = readEnvelope(datagram)
  if (envelope === undefined) return malformed
  const header = childOf(envelope, envelope.namespace, "Header")
  const body = childOf(envelope, envelope.namespace, "Body")
  const answers = body === undefined ? undefined : childOf(body, wsd, "ProbeMatches")
  if (answers === undefined) return body === undefined ? malformed : stray
  // Some write the header of another WS-Addressing than the one they were asked in.
  const relatesTo = descendantOf(header, "RelatesTo")?.text ?? ""
  if (!isOurs(plainUuid(relatesTo))) return stray
  const found = childrenOf(answers, wsd, "ProbeMatch").slice(0, matchesMax)
  const matches = found.flatMap((element) => matchOf(element) ?? []).filter(({ xaddrs }) => xaddrs.length > 0)
  return matches.length === 0 && found.length > 0 ? malformed : { _tag: "Matches", matches }
}

const scopePattern = /^onvif:\/\/(?:www\.)?onvif\.org\/([A-Za-z]+)\/(.*)$/i

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What the scopes say of a device (ONVIF Core, 7.3.3), for people: the texts are as the device has them. */
export interface Scopes {
  readonly name: string | undefined
  readonly hardware: string | undefined
  readonly location: string | undefined
  /** Letters of the ONVIF profiles it claims: `S`, `T`, `C` … in the order of the alphabet. */
  readonly profiles: ReadonlyArray<string>
}

/** Profile S is called by its scope of before there were profiles. */
const profileLetter = (rest: string): ReadonlyArray<string> => {
  const name = rest.split("/")[0] ?? ""
  if (/^streaming$/i.test(name)) return ["S"]
  return /^[A-Za-z]$/.test(name) ? [name.toUpperCase()] : []
}

/** Reads the scopes that a device lists, when it is probed or when it is asked for them. */
export const readScopes = (scopes: ReadonlyArray<string>): Scopes => {
  const under = (category: string): ReadonlyArray<string> =>
    scopes.flatMap((scope) => {
      const [, named = "", rest = ""] = scopePattern.exec(scope.trim()) ?? []
      return named.toLowerCase() === category && rest !== "" ? [decoded(rest).trim()] : []
    })
  const told = (category: string): string | undefined => {
    const texts = [...new Set(under(category))].filter((text) => text !== "")
    return texts.length === 0 ? undefined : texts.join(", ")
  }
  return {
    name: told("name"),
    hardware: told("hardware"),
    location: told("location"),
    profiles: [...new Set(under("profile").flatMap(profileLetter))].sort()
  }
}

/** What a device is, as its types and profiles have it; nothing where they say neither. */
export type DeviceKind = "camera" | "door controller"

/**
 * Profiles S and T are cameras' and M is analytics'; A and C are access controllers', D is their peripherals'. A door
 * station is both.
 */
export const kindsOf = (types: ReadonlyArray<string>, profiles: ReadonlyArray<string>): ReadonlyArray<DeviceKind> => {
  const camera = types.includes("NetworkVideoTransmitter") || profiles.some((letter) => /^[STM]$/.test(letter))
  const doors = profiles.some((letter) => /^[ACD]$/.test(letter))
  return [...(camera ? (["camera"] as const) : []), ...(doors ? (["door controller"] as const) : [])]
}

/** The text of a child of a GetScopesResponse's Scopes. */
export const scopesIn = (body: XmlElement): ReadonlyArray<string> =>
  body.children
    .filter(({ name }) => name === "Scopes")
    .flatMap((scope) => scope.children.filter(({ name }) => name === "ScopeItem").map(({ text }) => text.trim()))
