import type { XmlElement } from "../wire/xml-element.ts"
import { writeXml } from "../wire/xml-write.ts"

/** How much of a message is kept. */
const rawMaxBytes = 16 * 1024

const mask = "***"

/** What somebody typed at a keypad, by whatever maker's name. It is nobody's business: neither kept nor passed on. */
const secretName = /pin(?:code|value)?$|keypad|^password$|^passcode$/i

/** What a card, a finger or a face reads as, before anybody knows whose it is. */
const identifierNames: ReadonlySet<string> = new Set([
  "identifiervalue",
  "facilitycode",
  "credentialcardnumber",
  "iddata",
  "rawdata"
])

/** Card, CardNo, CardNr, CardNrHex and so on, but not what sort of card it is, or the reader of it. */
const cardName = /^card(?!.*(?:type|format|count|token)$)/i

/** What a message about a typed number may say beside it. */
const besideSecret = /token|reason|external|holder|^id$|type$/i

const local = (name: string): string => name.slice(name.indexOf(":") + 1)

/** Whether an item holds what somebody typed. */
export const isSecret = (name: string): boolean => secretName.test(local(name))

/** Whether an item holds a raw identifier: a card's number, a template of a finger. */
export const isIdentifier = (name: string): boolean =>
  cardName.test(local(name)) || identifierNames.has(local(name).toLowerCase())

/** One part of an identifier that is made of several. */
const part = /(^|[|;,&\s])([^|;,&\s=]*)=[^|;,&]*/g

/** An identifier without what was typed: Axis sends a card and its PIN as one, `CardNr=20467|PIN=1234`. */
export const withoutSecrets = (identifier: string): string =>
  identifier.replace(part, (whole, _: string, name: string) => (isSecret(name) ? "" : whole))

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

/** What every message is made of says nothing, whatever the message is about. */
const structure: ReadonlySet<string> = new Set(["NotificationMessage", "Topic", "Message", "Source", "Key", "Data"])

const masked = (element: XmlElement, isHiddenItem: (name: string) => boolean): XmlElement => {
  const called = element.attributes.find((attribute) => attribute.name === "Name")?.value
  const isHidden = called === undefined && structure.has(element.name) ? isSecret : isHiddenItem
  const name = called ?? element.name
  const hides = isHidden(name)
  // An item's name stands in its Name, and says what is in its Value.
  const isHiddenAttribute = (attribute: string): boolean => {
    if (called === undefined) return hides || isHidden(attribute)
    return attribute !== "Name" && (hides || (attribute !== "Value" && isHidden(attribute)))
  }
  const attributes = element.attributes.map((attribute) =>
    isHiddenAttribute(attribute.name) ? { ...attribute, value: mask } : attribute
  )
  const children = hides ? [] : element.children.map((child) => masked(child, isHiddenItem))
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
