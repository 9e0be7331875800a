import { createHash } from "node:crypto"
import type { Addressing, SoapFault } from "./connection.ts"
import { childOf, childrenOf, descendantOf, escapeXml, parseXml, qnameOf, textAt, writeXml } from "./xml.ts"
import type { XmlElement } from "./xml-element.ts"

/** SOAP 1.2, W3C 27 April 2007. */
export const soap12 = "http://www.w3.org/2003/05/soap-envelope"

/** SOAP 1.1, W3C note of 8 May 2000; some devices fault in it. */
export const soap11 = "http://schemas.xmlsoap.org/soap/envelope/"

/** WS-Addressing 1.0, W3C 9 May 2006. */
export const addressingNamespace = "http://www.w3.org/2005/08/addressing"

const wss = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"

/** A WS-UsernameToken of one request (OASIS, Username Token Profile 1.0, section 3.1). */
export interface UsernameToken {
  readonly username: string
  readonly password: string
  /** Fresh for each request, 16 bytes: devices refuse one they have seen. */
  readonly nonce: Uint8Array
  /** By the device's clock, ISO 8601 with Z. */
  readonly created: string
}

/** Password_Digest = Base64(SHA-1(nonce + created + password)), the password in UTF-8. */
export const passwordDigest = ({ nonce, created, password }: UsernameToken): string =>
  createHash("sha1").update(nonce).update(created, "utf8").update(password, "utf8").digest("base64")

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

const security = (token: UsernameToken): string =>
  `<wsse:Security s:mustUnderstand="1" xmlns:wsse="${wss}-wssecurity-secext-1.0.xsd"` +
  ` xmlns:wsu="${wss}-wssecurity-utility-1.0.xsd"><wsse:UsernameToken>` +
  `<wsse:Username>${escapeXml(token.username)}</wsse:Username>` +
  `<wsse:Password Type="${wss}-username-token-profile-1.0#PasswordDigest">${passwordDigest(token)}</wsse:Password>` +
  `<wsse:Nonce EncodingType="${wss}-soap-message-security-1.0#Base64Binary">${base64(token.nonce)}</wsse:Nonce>` +
  `<wsu:Created>${token.created}</wsu:Created></wsse:UsernameToken></wsse:Security>`

const isReferenceParameter = {
  namespace: addressingNamespace,
  name: "IsReferenceParameter",
  value: "true"
}

/** WS-Addressing 1.0 SOAP binding, section 3.4: what the device wants echoed goes back as headers, marked. */
const addressed = (action: string, messageId: string, { to, referenceParameters }: Addressing): string =>
  `<wsa:Action s:mustUnderstand="1">${escapeXml(action)}</wsa:Action><wsa:MessageID>${messageId}</wsa:MessageID>` +
  `<wsa:ReplyTo><wsa:Address>${addressingNamespace}/anonymous</wsa:Address></wsa:ReplyTo>` +
  `<wsa:To>${escapeXml(to)}</wsa:To>` +
  referenceParameters.map((parameter) => writeXml(parameter, [isReferenceParameter])).join("")

/** A device that knows no WS-Addressing may pass over these. */
const unaddressed = (action: string, messageId: string): string =>
  `<wsa:Action>${escapeXml(action)}</wsa:Action><wsa:MessageID>${messageId}</wsa:MessageID>`

export interface Message {
  readonly action: string
  /** `urn:uuid:…` */
  readonly messageId: string
  /** XML. */
  readonly body: string
  readonly addressing?: Addressing
  readonly token?: UsernameToken
}

/** The SOAP 1.2 envelope of a call. */
export const envelopeOf = ({ action, messageId, body, addressing, token }: Message): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${soap12}" xmlns:wsa="${addressingNamespace}"><s:Header>` +
  (addressing === undefined ? unaddressed(action, messageId) : addressed(action, messageId, addressing)) +
  (token === undefined ? "" : security(token)) +
  `</s:Header><s:Body>${body}</s:Body></s:Envelope>`

/** What an answer holds: the body's first element, or the fault that stands there. */
export type Envelope = { readonly body: XmlElement } | { readonly fault: SoapFault }

/** Why an answer is no SOAP message. */
export class NoSoap extends Error {}

const subcodesOf = (code: XmlElement, namespace: string): ReadonlyArray<string> => {
  const subcodes: Array<string> = []
  for (let at = childOf(code, namespace, "Subcode"); at !== undefined; at = childOf(at, namespace, "Subcode")) {
    const value = childOf(at, namespace, "Value")
    if (value !== undefined) subcodes.push(qnameOf(value, value.text).name)
  }
  return subcodes
}

const namesIn = (element: XmlElement | undefined): ReadonlyArray<string> =>
  element?.children.flatMap((child) => [child.name, ...namesIn(child)]) ?? []

const fault12 = (fault: XmlElement): SoapFault | undefined => {
  const code = childOf(fault, fault.namespace, "Code")
  const value = code === undefined ? undefined : childOf(code, fault.namespace, "Value")
  if (code === undefined || value === undefined) return undefined
  return {
    code: qnameOf(value, value.text).name,
    subcodes: subcodesOf(code, fault.namespace),
    reason: textAt(fault, fault.namespace, "Reason", "Text") ?? "",
    detail: namesIn(childOf(fault, fault.namespace, "Detail"))
  }
}

/** SOAP 1.1, section 4.4.1, by the names of SOAP 1.2. */
const codes11: Readonly<Record<string, string>> = { Client: "Sender", Server: "Receiver" }

/** SOAP 1.1, section 4.4: its children have no namespace; a dot parts a code from a finer one. */
const fault11 = (fault: XmlElement): SoapFault => {
  const code = descendantOf(fault, "faultcode")
  const [first = "", ...rest] = (code === undefined ? "" : qnameOf(code, code.text).name).split(".")
  const known = Object.hasOwn(codes11, first)
  return {
    code: known ? (codes11[first] ?? "") : first,
    subcodes: rest,
    reason: descendantOf(fault, "faultstring")?.text.trim() ?? "",
    detail: namesIn(descendantOf(fault, "detail"))
  }
}

const isSoap = (namespace: string): boolean => namespace === soap12 || namespace === soap11

/** The fault an element is; undefined where it is none. */
export const faultOf = (element: XmlElement): SoapFault | undefined =>
  element.name === "Fault" && isSoap(element.namespace) ? (fault12(element) ?? fault11(element)) : undefined

/** Reads an answer. Throws `XmlRefused` for what is no readable XML, `NoSoap` for XML that is no SOAP message. */
export const readEnvelope = (bytes: Uint8Array, charset?: string): Envelope => {
  const root = parseXml(bytes, charset)
  if (root.name !== "Envelope" || !isSoap(root.namespace)) throw new NoSoap(`it is ${root.name}, not a SOAP envelope`)
  const body = childrenOf(root, root.namespace, "Body")[0]?.children[0]
  if (body === undefined) throw new NoSoap("its SOAP body is empty")
  const fault = faultOf(body)
  return fault === undefined ? { body } : { fault }
}

/** What devices call it: ONVIF Core ("ter:NotAuthorized"), WSS SOAP Message Security 1.0, section 12, and gSOAP. */
const refusals: ReadonlySet<string> = new Set([
  "NotAuthorized",
  "SenderNotAuthorized",
  "Unauthorized",
  "FailedAuthentication",
  "FailedCheck",
  "InvalidSecurity",
  "InvalidSecurityToken",
  "SecurityTokenUnavailable",
  "UnsupportedSecurityToken",
  "MessageExpired"
])

/** Whether a fault refuses who we are; some devices say it in the reason alone. */
export const isRefusal = ({ code, subcodes, reason }: SoapFault): boolean =>
  [code, ...subcodes].some((name) => refusals.has(name)) ||
  (subcodes.length === 0 && /\bnot\s+authori[sz]ed\b|\bunauthori[sz]ed\b|\bauthentication failed\b/i.test(reason))
