import type { Message } from "../channel.ts"
import { payloadMaxBytes } from "./push-cipher.ts"

/** What the service worker and the browser need beside the words. */
export interface PushExtras {
  /** Proves to the gateway that who says "received" has read this message. */
  readonly proof: string
  /** Which device it is for, so that its receipt says so. */
  readonly device: string
  /** The address of the console; notifications open there. */
  readonly console: string
}

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`

/**
 * The declarative form (WebKit, "Declarative Web Push"): `web_push` 8030 says that a browser may show the notification by
 * itself, where no service worker does. It may stand on a locked screen: the words are the message's, which names no card
 * holder. `tag`: a later notification of the same alert takes the place of the earlier one and sounds again.
 */
export const pushPayload = (message: Message, { proof, device, console }: PushExtras): Buffer => {
  const { key, kind, thread, urgency, subject, short, alert, link } = message
  const address = link ?? console
  const acknowledge = alert === undefined ? [] : [{ action: "acknowledge", title: "Acknowledge", navigate: address }]
  const build = (body: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        web_push: 8030,
        notification: {
          title: cut(subject, 120),
          body,
          navigate: address,
          tag: thread,
          renotify: true,
          silent: false,
          requireInteraction: urgency === "life-safety",
          timestamp: alert?.occurredAt,
          actions: kind === "alert" ? acknowledge : [],
          data: { key, kind, proof, device, navigate: address, ...(alert === undefined ? {} : { alert: alert.id }) }
        }
      })
    )
  const whole = build(short)
  return whole.length <= payloadMaxBytes ? whole : build(cut(short, 200))
}
