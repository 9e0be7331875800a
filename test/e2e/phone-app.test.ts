import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { forcedRow, signsIn } from "./officer.ts"
import { type GatewayUnderTest, startRealGateway } from "./real-gateway.ts"

const phone = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  reducedMotion: "reduce"
} as const

/** Longer than the console takes to keep what it sees. */
const keptWithinMs = 20_000

describe.skipIf(!hasChromium())("the console as an app on a phone", () => {
  let browser: Browser
  let gateway: GatewayUnderTest

  beforeAll(async () => {
    gateway = await startRealGateway()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  it("can be installed: a manifest with icons, and a service worker that keeps the shell", async () => {
    const page = await (await browser.newContext(phone)).newPage()
    await signsIn(page, gateway)
    const manifest = await (await page.request.get(`${gateway.url}/manifest.webmanifest`)).json()
    expect(manifest).toMatchObject({ display: "standalone", start_url: "/#desk" })
    for (const { src, type } of (manifest as { icons: ReadonlyArray<{ src: string; type: string }> }).icons) {
      const icon = await page.request.get(`${gateway.url}${src}`)
      expect([icon.status(), icon.headers()["content-type"]?.split(";")[0]]).toEqual([200, type])
    }
    const worker = await page.evaluate<string>("navigator.serviceWorker.ready.then((it) => it.active.scriptURL)")
    expect(worker).toBe(`${gateway.url}/service-worker.js`)
    await page.context().close()
  })

  it("opens without the gateway, with what was seen last and how old it is, and never acknowledges by itself", async () => {
    const context = await browser.newContext(phone)
    const page = await context.newPage()
    await signsIn(page, gateway)
    await gateway.forceDoor()
    await forcedRow(page).waitFor()
    await page.evaluate("navigator.serviceWorker.ready")
    const seen = () => page.evaluate<string | null>("localStorage.getItem('gatehouse.last-seen')")
    await expect.poll(seen, { timeout: keptWithinMs }).toContain("DoorForcedOpen")
    gateway.cutStream()
    await page.reload()
    await page.getByText("NOT LIVE", { exact: true }).waitFor()
    await page.getByText(/last heard \d+ s ago/).waitFor()
    await forcedRow(page).waitFor()
    await page.getByRole("button", { name: "Acknowledge", exact: true }).and(page.locator(":enabled")).tap()
    await page.getByText("The gateway cannot be reached").waitFor()
    await forcedRow(page).getByText("Unacknowledged").waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "phone-offline")
    gateway.restoreStream()
    await page.getByText("● Live").waitFor()
    await page.getByRole("button", { name: "Acknowledge", exact: true }).and(page.locator(":enabled")).tap()
    await forcedRow(page)
      .getByText(/^Acknowledged by/)
      .waitFor()
    await context.close()
  })
})
