import { createHash } from "node:crypto"
import type { Items, Notification } from "../messages/notification.ts"
import { isIdentifier, withoutSecrets } from "../messages/notification-secret.ts"

const digits = 16

/**
 * What stands for a raw identifier (a card's number, a template): the same for the same one at the same device, and not
 * the number itself. Card numbers are few enough to be tried one by one: it hides them from eyes and exports, not from
 * somebody who sets out to find one.
 */
export const pseudonym = (device: string, identifier: string): string =>
  `sha256:${createHash("sha256").update(`${device}\0${identifier}`).digest("hex").slice(0, digits)}`

/** What a message says, with pseudonyms in place of raw identifiers. */
export type Said = Pick<
  Notification,
  "topic" | "operation" | "utcTime" | "source" | "key" | "data" | "sourceNames" | "elements"
>

/** The items with pseudonyms in place of raw identifiers; an empty one is left out. */
const withPseudonyms = (device: string, items: Items): Items => {
  if (!Object.keys(items).some(isIdentifier)) return items
  const made = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(items)) {
    const identifier = isIdentifier(name) ? withoutSecrets(value) : undefined
    if (identifier === undefined) made[name] = value
    else if (identifier !== "") made[name] = pseudonym(device, identifier)
  }
  return made
}

/** A message as it may be looked at, for a device. */
export const saidBy = (device: string, message: Notification): Said => ({
  topic: message.topic,
  operation: message.operation,
  utcTime: message.utcTime,
  source: withPseudonyms(device, message.source),
  key: withPseudonyms(device, message.key),
  data: withPseudonyms(device, message.data),
  sourceNames: message.sourceNames,
  elements: message.elements
})
