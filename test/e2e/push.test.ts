import type { Browser, BrowserContext, CDPSession, Page, Worker } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openAnswerKey } from "../../gateway/notify/answer-key.ts"
import { openPushDevices } from "../../gateway/notify/push/push-devices.ts"
import { startCallingGateway } from "../notify/calling-gateway.ts"
import { makeBrowser } from "../notify/push-service-peer.ts"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { signsIn } from "./officer.ts"

const panic = "Critical: panic pressed"

/** What a service worker's global scope has, of what is used here. */
interface Scope {
  displayed: Array<string>
  readonly registration: {
    showNotification: (title: string, options: object) => Promise<void>
    readonly getNotifications: (by: object) => Promise<ReadonlyArray<unknown>>
  }
  readonly dispatchEvent: (event: unknown) => void
  readonly NotificationEvent: new (type: string, init: object) => unknown
}

/**
 * Has a worker note the title of each notification once it stands there. Whoever asks the browser for its notifications
 * between the moment one is kept and the moment it is displayed makes it forget that one: so ask afterwards, and once.
 */
const noteDisplayed = (worker: Worker) =>
  worker.evaluate(() => {
    const scope = globalThis as unknown as Scope
    const show = scope.registration.showNotification.bind(scope.registration)
    scope.displayed = []
    scope.registration.showNotification = async (title, options) => {
      await show(title, options)
      scope.displayed.push(title)
    }
  })

/** The titles noted since they were last asked for. */
const displayed = (worker: Worker) => worker.evaluate(() => (globalThis as unknown as Scope).displayed.splice(0))

type Gateway = Awaited<ReturnType<typeof startCallingGateway>>

describe.skipIf(!hasChromium())("the console's service worker", { timeout: 60_000 }, () => {
  let gateway: Gateway
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let workers: CDPSession
  let registration = ""

  beforeAll(async () => {
    gateway = await startCallingGateway()
    browser = await launchBrowser("notifications")
    context = await browser.newContext({ permissions: ["notifications"] })
    page = await context.newPage()
    await signsIn(page, { url: gateway.url, token: gateway.tokenOf("r-alvarez") })
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    workers = await context.newCDPSession(page)
    const told = new Promise<string>((done) =>
      workers.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
        const [first] = registrations
        if (first !== undefined) done(first.registrationId)
      })
    )
    await workers.send("ServiceWorker.enable")
    registration = await told
    await noteDisplayed(context.serviceWorkers()[0]!)
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await gateway?.stop()
  })

  /** Delivers a push as a push service would, by the browser's own debugging interface. */
  const deliver = (data: string) =>
    workers.send("ServiceWorker.deliverPushMessage", { origin: gateway.url, registrationId: registration, data })

  /** The notification that stands there under a tag, once the worker has shown one so entitled. */
  const shown = async (tag: string, title: string): Promise<unknown> => {
    await expect.poll(() => displayed(context.serviceWorkers()[0]!)).toContain(title)
    return page.evaluate(
      `navigator.serviceWorker.ready.then(async (registration) =>
        (await registration.getNotifications({ tag: ${JSON.stringify(tag)} })).map(({ title, body, requireInteraction, actions }) =>
          ({ title, body, requireInteraction, actions: (actions ?? []).map(({ action }) => action) })))`
    )
  }

  const payload = (notification: string, alert: string) =>
    JSON.stringify({
      web_push: 8030,
      notification: {
        title: panic,
        body: "Science Hall, 12:00",
        navigate: `${gateway.url}/#desk/${alert}`,
        tag: alert,
        requireInteraction: true,
        actions: [{ action: "acknowledge", title: "Acknowledge" }],
        data: { key: notification, kind: "alert", alert, proof: openAnswerKey(gateway.dataDir).proofOf(notification) }
      }
    })

  test("shows a push although the console is open and looked at, and tells the gateway that it has come", async () => {
    const notification = "A-1:1:r-alvarez:push"
    await deliver(payload(notification, "A-1"))
    expect(await shown("A-1", panic)).toMatchObject([
      {
        title: panic,
        body: "Science Hall, 12:00",
        requireInteraction: true,
        actions: ["acknowledge"]
      }
    ])
    await expect
      .poll(() => gateway.facts("NotificationReceived"))
      .toContainEqual(expect.objectContaining({ notification, channel: "push" }))
  })

  test("shows a push that it cannot read, for a silent one would cost the permission", async () => {
    await deliver("not JSON")
    const title = "Gatehouse: open the console"
    expect(await shown("gatehouse", title)).toMatchObject([{ title }])
  })

  /** Presses a notification's button: the event that the browser makes of it. */
  const press = (tag: string, action: string) =>
    context.serviceWorkers()[0]!.evaluate(
      async ({ tag: wanted, action: pressed }) => {
        const scope = globalThis as unknown as Scope
        const [notification] = await scope.registration.getNotifications({ tag: wanted })
        scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification, action: pressed }))
      },
      { tag, action }
    )

  test("acknowledges through the API in the officer's name, and says so only then", async () => {
    await gateway.signed("phone-app", { id: "call-1", kind: "panic" })
    const id = String((await gateway.alerts())[0]?.["id"])
    await deliver(payload(`${id}:1:r-alvarez:push`, id))
    await shown(id, panic)
    await press(id, "acknowledge")
    await expect
      .poll(() => gateway.get(`/alerts/${id}`))
      .toMatchObject({ acknowledged: true, acknowledgedBy: "R. Alvarez" })
    expect(await shown(id, `${id}: acknowledged`)).toMatchObject([{ title: `${id}: acknowledged`, actions: [] }])
  })

  test("never says acknowledged when the gateway has not", async () => {
    await deliver(payload("A-999:1:r-alvarez:push", "A-999"))
    await shown("A-999", panic)
    await press("A-999", "acknowledge")
    const title = "A-999: NOT acknowledged"
    expect(await shown("A-999", title)).toMatchObject([{ title, requireInteraction: true }])
  })

  test.each([
    ["a desk, dark", 1280, 800, "dark"],
    ["a phone, light", 390, 844, "light"]
  ] as const)("the page of one's own devices is accessible on %s", async (_, width, height, colorScheme) => {
    const devices = openPushDevices(gateway.dataDir)
    const { p256dh, auth } = makeBrowser()
    devices.keep(
      "r-alvarez",
      { endpoint: "http://127.0.0.1:9/push/a", p256dh, auth, name: "Chrome on Android" },
      Date.now()
    )
    const looking = await browser.newContext({ viewport: { width, height }, colorScheme })
    const own = await looking.newPage()
    await signsIn(own, { url: gateway.url, token: gateway.tokenOf("r-alvarez") })
    await own.goto(`${gateway.url}/#phone`)
    await own.getByRole("heading", { name: "Chrome on Android" }).waitFor()
    expect(await violations(own)).toEqual([])
    await shoot(own, `devices-${width}`)
    await looking.close()
  })
})
