import { createECDH, randomBytes } from "node:crypto"
import { whyNoAnswer } from "../http-exchange.ts"
import { KeysUnusable, sealed, topicOf } from "./push-cipher.ts"
import type { PushDevice } from "./push-devices.ts"
import { type VapidKeys, vapidAuthorization } from "./vapid.ts"

/** What a push service made of one message to one device. `gone`: the device has ended its subscription. */
export type Pushed =
  | { readonly is: "taken" }
  | { readonly is: "gone"; readonly why: string }
  | { readonly is: "refused"; readonly why: string }
  | { readonly is: "later"; readonly why: string; readonly afterMs?: number }

/** What goes with one message. */
export interface PushOptions {
  readonly keys: VapidKeys
  readonly subject: string
  /** So long the push service keeps it for a device that is away, seconds. */
  readonly ttlSeconds: number
  readonly urgency: "high" | "normal"
  /** Messages of one topic take one another's place while they wait. */
  readonly topic: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** Chance for one message, from the machine. */
const chance = () => {
  const pair = createECDH("prime256v1")
  pair.generateKeys()
  const privateKey = Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()]).subarray(-32)
  return { privateKey, salt: randomBytes(16) }
}

const retryAfterMs = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}

const outcomeOf = async (response: Response, now: number): Promise<Pushed> => {
  const { status } = response
  const body = (await response.text()).trim().slice(0, 200)
  const why = `${new URL(response.url).hostname} answers ${status}${body === "" ? "" : `: ${body}`}`
  if (status >= 200 && status < 300) return { is: "taken" }
  if (status === 404 || status === 410) return { is: "gone", why }
  if (status === 429 || status >= 500) {
    const afterMs = retryAfterMs(response.headers.get("retry-after"), now)
    return { is: "later", why, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  return { is: "refused", why }
}

/** Sends one message to one device over its push service (RFC 8030). Rejects only when interrupted. */
export const push = async (
  { endpoint, p256dh, auth }: PushDevice,
  payload: Buffer,
  { keys, subject, ttlSeconds, urgency, topic, now }: PushOptions,
  signal: AbortSignal
): Promise<Pushed> => {
  try {
    const body = sealed({ p256dh, auth }, payload, chance())
    const response = await fetch(endpoint, {
      method: "POST",
      signal,
      redirect: "error",
      headers: {
        authorization: vapidAuthorization(keys, endpoint, subject, now),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        ttl: String(ttlSeconds),
        urgency,
        topic: topicOf(topic)
      },
      body: new Uint8Array(body)
    })
    return await outcomeOf(response, now)
  } catch (error) {
    if (signal.aborted) throw error
    // A device whose keys are none was never one: it cannot be written to.
    if (error instanceof KeysUnusable) return { is: "gone", why: error.message }
    return { is: "later", why: `${new URL(endpoint).hostname}: ${whyNoAnswer(error)}` }
  }
}

/** The push services that browsers register with: Google's, Mozilla's, Apple's, Microsoft's. */
export const usualServices: ReadonlyArray<string> = [
  "fcm.googleapis.com",
  "*.push.services.mozilla.com",
  "*.push.apple.com",
  "*.notify.windows.com"
]

/**
 * Why an endpoint is not written to; `undefined`: it is. Whoever registers a device says where the gateway sends to: only
 * push services, and only by HTTPS, so that nobody has it knock at doors of the campus's own network.
 */
export const wrongEndpoint = (endpoint: string, services: ReadonlyArray<string>): string | undefined => {
  if (!URL.canParse(endpoint)) return "the endpoint is no address"
  const { protocol, hostname, username } = new URL(endpoint)
  const known = services.some((service) =>
    service.startsWith("*.") ? hostname.endsWith(service.slice(1)) : hostname === service
  )
  if (!known) return `${hostname} is none of the push services that are allowed (services of the channel)`
  const isLoopback = hostname === "127.0.0.1" || hostname === "localhost"
  if (protocol !== "https:" && !isLoopback) return "the endpoint is not HTTPS"
  return username === "" ? undefined : "the endpoint carries a user"
}
