import type { CapMessage, CapSender } from "./cap-alert.ts"

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

/** The media type of a CAP message. */
export const capMedia = "application/cap+xml"

/**
 * An Atom feed (RFC 4287) of CAP messages, newest first, each with the address at which it stands. `base`: of the feed
 * itself, without a slash at its end.
 */
export const atomFeed = (messages: ReadonlyArray<CapMessage>, sender: CapSender, base: string): string => {
  const newest = messages[0]?.sent ?? 0
  const entries = messages.map(({ identifier, sent, msgType, headline }) => {
    const address = escaped(`${base}/${encodeURIComponent(identifier)}`)
    return [
      "<entry>",
      `<id>urn:gatehouse:cap:${escaped(identifier)}</id>`,
      `<title>${escaped(`${msgType === "Alert" ? "" : `${msgType}: `}${headline}`)}</title>`,
      `<updated>${new Date(sent).toISOString()}</updated>`,
      `<link rel="alternate" type="${capMedia}" href="${address}"/>`,
      `<category term="${sender.status}"/><category term="${msgType}"/>`,
      `<content type="${capMedia}" src="${address}"/>`,
      "</entry>"
    ].join("")
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>urn:gatehouse:cap:${escaped(sender.site)}</id>`,
    `<title>${escaped(`${sender.senderName}: alerts`)}</title>`,
    `<author><name>${escaped(sender.senderName)}</name></author>`,
    `<updated>${new Date(newest).toISOString()}</updated>`,
    `<link rel="self" type="application/atom+xml" href="${escaped(base)}"/>`,
    ...entries,
    "</feed>\n"
  ].join("")
}
