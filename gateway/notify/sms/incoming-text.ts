import { telephoneNumber } from "./sms-text.ts"
import { parseSpoolFile } from "./smstools-spool.ts"

/** What became of a text by the network's own word (3GPP TS 23.040, TP-Status). */
export type ReportedFate = "received" | "lost" | "open"

/** A file that smsd has received. */
export type IncomingText =
  | { readonly is: "text"; readonly from: string; readonly text: string }
  | {
      readonly is: "report"
      /** Whom the text was for. */
      readonly from: string
      readonly messageId: string
      readonly fate: ReportedFate
      readonly detail: string
    }
  /** It is no file of smsd, or not one for people. */
  | { readonly is: "unreadable"; readonly why: string }

/** A number as smsd writes it, with its country and without its +, as the addresses of people are compared. */
const numberOf = (from: string): string => {
  const digits = from.replaceAll(/[\s().-]/g, "")
  return telephoneNumber(/^(?:\+|00)/.test(digits) ? digits : `+${digits}`) ?? from
}

/** The bytes of the text behind its headers; `undefined`: no empty line ends them, so it may still be being written. */
const split = (bytes: Buffer): { readonly head: string; readonly body: Buffer } | undefined => {
  const ends = ["\n\n", "\r\n\r\n"].flatMap((end) => {
    const at = bytes.indexOf(end)
    return at < 0 ? [] : [{ at, length: end.length }]
  })
  const [end] = ends.toSorted((a, b) => a.at - b.at)
  if (end === undefined) return undefined
  return { head: bytes.subarray(0, end.at).toString("latin1"), body: bytes.subarray(end.at + end.length) }
}

/** UTF-16, the high byte first. An odd last byte is none of a sign. */
const ucs2 = (body: Buffer): string =>
  Buffer.from(body.subarray(0, body.length - (body.length % 2)))
    .swap16()
    .toString("utf16le")

/** A text by its `Alphabet:`; `undefined`: it is none. smsd writes ISO-8859-15 where it says ISO, or nothing. */
const decoded = (body: Buffer, alphabet: string): string | undefined => {
  switch (alphabet.toUpperCase()) {
    case "":
    case "ISO":
    case "GSM":
    case "LATIN":
    case "ANSI":
      return new TextDecoder("iso-8859-15").decode(body)
    case "UTF-8":
    case "UTF":
      return body.toString("utf8")
    case "UCS2":
    case "UCS":
    case "CHINESE":
    case "UNICODE":
      return ucs2(body)
    default:
      return undefined
  }
}

/** 0 to 31: it was delivered, or at least nothing more can be known; 32 to 63: the network still tries; above: given up. */
const fateOf = (status: number): ReportedFate => (status === 0 ? "received" : status < 64 ? "open" : "lost")

const reportOf = (from: string, text: string): IncomingText => {
  const messageId = /^Message_id:\s*(\S+)/m.exec(text)?.[1]
  const [, status, detail = ""] = /^Status:\s*(\d+)\s*,?(.*)$/m.exec(text) ?? []
  if (messageId === undefined || status === undefined)
    return { is: "unreadable", why: "a status report without Message_id and Status" }
  return { is: "report", from, messageId, fate: fateOf(Number(status)), detail: `${status}, ${detail.trim()}` }
}

/** Reads a file that smsd has put among what it received ("SMS file format" of SMS Server Tools 3). */
export const readIncoming = (bytes: Buffer): IncomingText => {
  const parts = split(bytes)
  if (parts === undefined) return { is: "unreadable", why: "no empty line ends its headers" }
  const { headers } = parseSpoolFile(parts.head)
  const from = headers.get("From")
  if (from === undefined || from === "") return { is: "unreadable", why: "it has no header From" }
  const alphabet = headers.get("Alphabet") ?? ""
  const text = decoded(parts.body, alphabet)
  if (text === undefined) return { is: "unreadable", why: `its alphabet is "${alphabet}"` }
  const number = numberOf(from)
  return text.startsWith("SMS STATUS REPORT") ? reportOf(number, text) : { is: "text", from: number, text }
}
