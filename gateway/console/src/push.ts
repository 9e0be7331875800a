/** How this device stands to web push. */
export type PushStanding =
  | { readonly is: "registered"; readonly device: string }
  | { readonly is: "off" }
  | { readonly is: "impossible"; readonly why: string }

/** One of the officer's own devices, as the gateway knows it. */
export interface OwnDevice {
  readonly id: string
  readonly name: string
  readonly since: string
  readonly seenAt: string
  readonly receivedAt?: string
}

const root = "/api/v1/push"

const asked = async <A>(path: string, init: RequestInit = {}): Promise<A> => {
  const response = await fetch(root + path, { credentials: "same-origin", ...init })
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as A
  const problem = (await response.json().catch(() => ({}))) as { readonly detail?: string }
  throw new Error(problem.detail ?? `the gateway answers ${response.status}`)
}

/** Why notifications cannot come to this device; `undefined`: they can. */
const whyImpossible = (): string | undefined => {
  if (!window.isSecureContext) return "notifications need HTTPS with a certificate that this device trusts"
  const isPhoneOfApple = /iPhone|iPad/.test(navigator.userAgent)
  if (!("PushManager" in window) && isPhoneOfApple)
    return "on an iPhone or iPad, add the console to the Home Screen and open it there"
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return "this browser cannot be notified"
  return Notification.permission === "denied"
    ? "notifications are blocked for this site in the browser's own settings"
    : undefined
}

/** "Chrome on Android": what an officer knows the device by in a list. */
const deviceName = (): string => {
  const { userAgent } = navigator
  const browser = [/Edg\//, /Firefox\//, /Chrome\//, /Safari\//].find((one) => one.test(userAgent))
  const names = new Map([
    [String(/Edg\//), "Edge"],
    [String(/Firefox\//), "Firefox"],
    [String(/Chrome\//), "Chrome"],
    [String(/Safari\//), "Safari"]
  ])
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux/.exec(userAgent)?.[0] ?? "an unknown system"
  return `${names.get(String(browser)) ?? "A browser"} on ${system.replace("Mac OS X", "Mac")}`
}

const text = (key: ArrayBuffer | null): string =>
  btoa(String.fromCharCode(...new Uint8Array(key ?? new ArrayBuffer(0))))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")

const bytes = (key: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0))

const worker = (): Promise<ServiceWorkerRegistration> => navigator.serviceWorker.register("/service-worker.js")

const tell = async (subscription: PushSubscription): Promise<PushStanding> => {
  const told = {
    endpoint: subscription.endpoint,
    p256dh: text(subscription.getKey("p256dh")),
    auth: text(subscription.getKey("auth")),
    name: deviceName()
  }
  const headers = { "content-type": "application/json" }
  const { id } = await asked<OwnDevice>("/devices", { method: "POST", headers, body: JSON.stringify(told) })
  return { is: "registered", device: id }
}

const subscribed = async (registration: ServiceWorkerRegistration): Promise<PushSubscription> => {
  const { publicKey } = await asked<{ readonly publicKey: string }>("/key")
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(publicKey) })
}

/** Whether a subscription is for the key that the gateway signs with now: one of another gateway, or of lost keys, is dead. */
const isCurrent = async (subscription: PushSubscription): Promise<boolean> => {
  const { publicKey } = await asked<{ readonly publicKey: string }>("/key")
  return text(subscription.options.applicationServerKey) === publicKey
}

/**
 * Registers this device again, where it was before: done at each opening of the console, for browsers lose subscriptions
 * without a word. Asks the officer for nothing.
 */
export const renewPush = async (): Promise<PushStanding> => {
  const why = whyImpossible()
  if (why !== undefined) return { is: "impossible", why }
  const registration = await worker()
  if (Notification.permission !== "granted") return { is: "off" }
  const subscription = await registration.pushManager.getSubscription()
  if (subscription === null) return { is: "off" }
  if (await isCurrent(subscription)) return tell(subscription)
  await subscription.unsubscribe()
  return tell(await subscribed(registration))
}

/** Registers this device; only at the officer's own gesture, for the browser asks them. */
export const registerPush = async (): Promise<PushStanding> => {
  const why = whyImpossible()
  if (why !== undefined) return { is: "impossible", why }
  if ((await Notification.requestPermission()) !== "granted") return { is: "off" }
  const registration = await worker()
  await navigator.serviceWorker.ready
  return tell(await subscribed(registration))
}

/** Has this device written to no more. */
export const unregisterPush = async (device: string): Promise<PushStanding> => {
  await asked(`/devices/${encodeURIComponent(device)}`, { method: "DELETE" })
  const registration = await navigator.serviceWorker.getRegistration()
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
  return { is: "off" }
}

/** The officer's own devices. */
export const ownDevices = async (): Promise<ReadonlyArray<OwnDevice>> =>
  (await asked<{ readonly items: ReadonlyArray<OwnDevice> }>("/devices")).items
