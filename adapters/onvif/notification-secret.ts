import type { XmlElement } from "./xml-element.ts"
import { writeXml } from "./xml-write.ts"

/** How much of a message is kept. */
const rawMaxBytes = 16 * 1024

const mask = "***"

/** What somebody typed at a keypad. It is nobody's business: neither kept nor passed on. */
const secretNames: ReadonlySet<string> = new Set(["pin", "pincode", "pinvalue", "duresspin", "password", "passcode"])

/** What a card, a finger or a face reads as, before anybody knows whose it is. */
const identifierNames: ReadonlySet<string> = new Set([
  "identifiervalue",
  "card",
  "cardnumber",
  "cardno",
  "cardid",
  "cardraw",
  "carddata",
  "credentialcardnumber",
  "iddata",
  "rawdata"
])

/** What a message about a typed number may say beside it. */
const besideSecret = /token|reason|external|holder|^id$|type$/i

const local = (name: string): string => name.slice(name.indexOf(":") + 1)

/** Whether an item holds what somebody typed. */
export const isSecret = (name: string): boolean => secretNames.has(local(name).toLowerCase())

/** Whether an item holds a raw identifier: a card's number, a template of a finger. */
export const isIdentifier = (name: string): boolean => identifierNames.has(local(name).toLowerCase())

/** Whether every value of the message may be what somebody typed: Axis sends the typed number in `Card`. */
const isAboutSecret = (topic: string): boolean => isSecret(topic.slice(topic.lastIndexOf("/") + 1))

/**
 * What of a message must not be passed on: what was typed at a keypad, by its name, by the topic, or by its type
 * (ONVIF Access Control Service Specification, `IdentifierType` pt:PIN).
 */
export const makeIsWithheld = (topic: string, identifierType: string | undefined) => {
  const typed = identifierType !== undefined && isSecret(identifierType)
  const about = isAboutSecret(topic)
  return (name: string): boolean =>
    isSecret(name) || (typed && isIdentifier(name)) || (about && !besideSecret.test(local(name)))
}

const masked = (element: XmlElement, isHidden: (name: string) => boolean): XmlElement => {
  const name = element.attributes.find((attribute) => attribute.name === "Name")?.value ?? element.name
  const hides = isHidden(name)
  const attributes = hides
    ? element.attributes.map((attribute) => (attribute.name === "Name" ? attribute : { ...attribute, value: mask }))
    : element.attributes.map((attribute) => (isHidden(attribute.name) ? { ...attribute, value: mask } : attribute))
  const children = hides ? [] : element.children.map((child) => masked(child, isHidden))
  return { ...element, attributes, children, text: hides && element.text.trim() !== "" ? mask : element.text }
}

const cut = (text: string): string =>
  text.length <= rawMaxBytes / 4 || Buffer.byteLength(text) <= rawMaxBytes
    ? text
    : Buffer.from(text).subarray(0, rawMaxBytes).toString().replace(/�+$/, "")

/** The element as XML, with what is withheld and what is a raw identifier masked. */
export const rawOf = (element: XmlElement, isWithheld: (name: string) => boolean): string =>
  cut(writeXml(masked(element, (name) => isWithheld(name) || isIdentifier(name))))

const itemTag = /<[\w.:-]*Item\b[^<>]*/g

/** A message's XML with the values of further items masked: `names` in lower case. */
export const withoutItems = (raw: string, names: ReadonlySet<string>): string =>
  names.size === 0
    ? raw
    : raw.replace(itemTag, (tag) => {
        const name = / Name="([^"]*)"/.exec(tag)?.[1]?.toLowerCase()
        // An item that the end of the text cut off may be any.
        const hides = name === undefined || names.has(name) || names.has(local(name))
        return hides ? tag.replace(/ Value="[^"]*("|$)/, ` Value="${mask}"`) : tag
      })
