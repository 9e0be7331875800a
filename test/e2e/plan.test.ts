import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { forcedRow, seesForcedDoor, signsIn } from "./officer.ts"
import { type GatewayUnderTest, startRealGateway } from "./real-gateway.ts"

describe.skipIf(!hasChromium())("the floor plan", () => {
  let browser: Browser
  let gateway: GatewayUnderTest
  let page: Page

  beforeAll(async () => {
    gateway = await startRealGateway()
    browser = await launchBrowser()
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
    await signsIn(page, gateway)
    await page.getByRole("button", { name: /Door held open/ }).waitFor()
  })
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  const mark = (name: RegExp) => page.locator(".plan-mark").and(page.getByRole("button", { name }))

  it("shows one key after the alert where its door is, ringed, and the alert one link away", async () => {
    await seesForcedDoor(page, gateway)
    await forcedRow(page).focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("m")
    await page.getByRole("heading", { name: "Science Hall, 1st floor" }).waitFor()
    const east = mark(/^East exit: forced open; critical alert/)
    await east.waitFor()
    expect(await east.getAttribute("aria-pressed")).toBe("true")
    expect(await east.locator(".ringed").count()).toBe(1)
    expect(await violations(page)).toEqual([])
    await shoot(page, "plan-desk")
    await page
      .getByRole("link", { name: /^Alert A-\d+/ })
      .first()
      .press("Enter")
    await page.getByRole("heading", { name: /^Door forced open: East exit/ }).waitFor()
  })

  it("has every thing as a button on the drawing and in the list, chosen by keyboard in either", async () => {
    await page.keyboard.press("2")
    await mark(/^Chemistry lab/).press("Enter")
    const row = page.getByRole("listitem").getByRole("button", { name: /Chemistry lab/ })
    expect(await row.getAttribute("aria-pressed")).toBe("true")
    await page
      .getByRole("listitem")
      .getByRole("button", { name: /1st floor/ })
      .press("Enter")
    expect(await mark(/^1st floor: disarmed/).getAttribute("aria-pressed")).toBe("true")
    expect(await mark(/^Chemistry lab/).getAttribute("aria-pressed")).toBe("false")
  })

  it("hides a layer on the drawing and in the list alike", async () => {
    expect(await mark(/^1st floor/).count()).toBe(1)
    await mark(/^East exit/).press("Enter")
    await page.getByLabel(/^Closed, in order/).uncheck()
    await mark(/^1st floor/).waitFor({ state: "detached" })
    expect(
      await page
        .getByRole("listitem")
        .getByRole("button", { name: /1st floor/ })
        .count()
    ).toBe(0)
    await page.getByLabel(/^Closed, in order/).check()
    await mark(/^1st floor/).waitFor()
  })

  it("goes to another building, which says how many alerts wait there", async () => {
    await page.getByRole("group", { name: "Library" }).getByRole("button", { name: "Library 2 unacknowledged" }).click()
    await mark(/^Loading dock: unknown; high alert: Door held open/).waitFor()
    await mark(/^Dock sensor: offline/).waitFor()
    expect(await mark(/./).count()).toBe(2)
  })

  it("never runs what a drawing holds: it is a picture under a policy of its own", async () => {
    const answer = await page.request.get(`${gateway.url}/api/v1/plans/hall/drawing`)
    expect(answer.headers()["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    )
  })

  it.each([
    ["phone-dark", { width: 390, height: 844 }],
    ["narrow", { width: 320, height: 640 }]
  ] as const)("fits a phone, without an axe violation (%s)", async (name, viewport) => {
    const context = await browser.newContext({ viewport, colorScheme: "dark", reducedMotion: "reduce" })
    const phone = await context.newPage()
    await signsIn(phone, gateway)
    await phone.getByRole("button", { name: /^Menu: Desk/ }).click()
    await phone.getByRole("link", { name: "Plan", exact: true }).click()
    await phone.locator(".plan-mark").first().waitFor()
    expect(await phone.evaluate<number>("document.documentElement.scrollWidth")).toBe(viewport.width)
    expect(await violations(phone)).toEqual([])
    await shoot(phone, `plan-${name}`)
    await context.close()
  })
})
