import type { Proof } from "./authentication.ts"
import { sentBy } from "./authentication.ts"
import { type Answer, CallFailed, type Fetched, type SoapFault } from "./connection.ts"
import type { ExchangeFailed, HttpReply } from "./http-exchange.ts"
import type { Redact } from "./redact.ts"
import { type Envelope, isRefusal, NoSoap, readEnvelope } from "./soap.ts"
import { XmlRefused, xmlText } from "./xml-text.ts"

/** How much of an answer is kept as evidence of a failure. */
const rawMaxChars = 4096

/** More than that, so that nothing of ours is cut in two before it is removed. */
const rawLookedAtBytes = 4 * rawMaxChars

/** A SOAP answer, or why it is none. */
export type Reading = Envelope | { readonly problem: string }

/** An answer, what the request told of us, and the way to keep that out of every text. */
export interface Reply {
  readonly http: HttpReply
  readonly proof: Proof
  readonly redact: Redact
}

const charsetOf = (http: HttpReply): string | undefined =>
  /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(http.headers("content-type")[0] ?? "")?.[1]

const evidenceOf = (bytes: Uint8Array, proof: Proof, redact: Redact): { readonly raw?: string } => {
  if (bytes.length === 0) return {}
  const text = new TextDecoder().decode(bytes.subarray(0, rawLookedAtBytes))
  return { raw: redact(text, sentBy(proof)).slice(0, rawMaxChars) }
}

/** The failure of a request that brought no answer. */
export const unanswered = (failure: ExchangeFailed, proof: Proof, redact: Redact): CallFailed =>
  new CallFailed({
    kind: failure.kind,
    reason: failure.reason,
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(failure.closedAfterMs === undefined ? {} : { closedAfterMs: failure.closedAfterMs }),
    ...(failure.unsent === undefined ? {} : { unsent: failure.unsent }),
    ...(failure.partial === undefined ? {} : evidenceOf(failure.partial, proof, redact))
  })

/** The failure that an answer is. */
export const answered = (
  kind: CallFailed["kind"],
  reason: string,
  { http, proof, redact }: Reply,
  fault?: SoapFault
): CallFailed =>
  new CallFailed({
    kind,
    reason: redact(reason, sentBy(proof)),
    status: http.status,
    ...(fault === undefined ? {} : { fault: { ...fault, reason: redact(fault.reason, sentBy(proof)) } }),
    ...evidenceOf(http.bytes, proof, redact)
  })

/** What an answer that should have been SOAP is instead. */
const insteadOf = (bytes: Uint8Array, problem: string): string => {
  if (bytes.length === 0) return "the device's answer is empty where a SOAP message was expected"
  const start = Buffer.from(bytes.subarray(0, 512)).toString("latin1").trimStart()
  if (/^(<!doctype html|<html|<head|<body)/i.test(start))
    return "the device answers with a web page where a SOAP message was expected: check its address and path"
  return `the device's answer cannot be read: ${problem}`
}

/** How an answer is packed, though it was asked for as it is. */
const packing = (http: HttpReply): string | undefined => {
  const named = http.headers("content-encoding").join(", ").trim().toLowerCase()
  return named === "" || named === "identity" ? undefined : `the device packs its answer (Content-Encoding: ${named})`
}

const packedWords = (http: HttpReply): string => {
  const packed = http.bytes.length === 0 ? undefined : packing(http)
  return packed === undefined ? "" : `, and ${packed}`
}

/** Reads what should be SOAP. */
export const readReply = (http: HttpReply): Reading => {
  const packed = http.bytes.length === 0 ? undefined : packing(http)
  if (packed !== undefined) return { problem: `${packed}, which was not asked for and is not read` }
  try {
    return readEnvelope(http.bytes, charsetOf(http))
  } catch (error) {
    if (error instanceof XmlRefused || error instanceof NoSoap) return { problem: insteadOf(http.bytes, error.message) }
    throw error
  }
}

/** The fault by which an answer refuses who we are. */
export const refusalIn = (reading: Reading | undefined): SoapFault | undefined =>
  reading !== undefined && "fault" in reading && isRefusal(reading.fault) ? reading.fault : undefined

/** The failure of an answer whose HTTP status says that nothing in it is for us. */
const statusFailure = (reply: Reply): CallFailed | undefined => {
  const { status } = reply.http
  if (status >= 200 && status < 300) return undefined
  if (status >= 300 && status < 400) {
    const location = reply.http.headers("location")[0] ?? "elsewhere"
    return answered("http", `the device sends us to ${location}, which is not followed (HTTP ${status})`, reply)
  }
  switch (status) {
    case 403:
      return answered("unauthorized", "the device forbids it (HTTP 403): give the user a higher level there", reply)
    case 404:
      return answered("http", "the device has nothing at this path (HTTP 404)", reply)
    default:
      return answered("http", `the device answers with HTTP ${status}${packedWords(reply.http)}`, reply)
  }
}

/** A call's outcome, of what was read. */
export const answerOf = (reply: Reply, reading: Reading): Answer | CallFailed => {
  if ("fault" in reading) {
    const { code, subcodes, reason } = reading.fault
    return answered("fault", reason === "" ? [code, ...subcodes].join("/") : reason, reply, reading.fault)
  }
  const failure = statusFailure(reply)
  if (failure !== undefined) return failure
  if ("problem" in reading) return answered("unreadable", reading.problem, reply)
  const { http, proof, redact } = reply
  let raw: string | undefined
  return {
    body: reading.body,
    /** Made when it is asked for: few answers are kept as evidence. */
    get raw() {
      return (raw ??= redact(xmlText(http.bytes, charsetOf(http)), sentBy(proof)))
    },
    receivedAt: http.receivedAt,
    tookMs: http.tookMs
  }
}

/** A fetched file, or why it is none. */
export const fetchedOf = (reply: Reply): Fetched | CallFailed => {
  const failure = statusFailure(reply)
  if (failure !== undefined) return failure
  const { bytes, headers, receivedAt } = reply.http
  if (bytes.length === 0) return answered("unreadable", "the device's answer is empty", reply)
  const packed = packing(reply.http)
  if (packed !== undefined) return answered("unreadable", packed, reply)
  return { bytes, contentType: headers("content-type")[0] ?? "", receivedAt }
}
