import type { Browser, BrowserContext, Locator, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violations, violationsInThemes } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { acknowledgesByKey, closesByKeyboard, forcedRow, seesForcedDoor, signsIn } from "./officer.ts"
import { canMount, type GatewayUnderTest, startRealGateway } from "./real-gateway.ts"

const desk = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

describe.skipIf(!hasChromium())("the console in a real browser", () => {
  let browser: Browser
  const contexts: Array<BrowserContext> = []

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })

  const withConsole = async (
    look: { readonly size: typeof desk; readonly scheme: "light" | "dark"; readonly smallDisk?: boolean },
    use: (page: Page, gateway: GatewayUnderTest) => Promise<void>
  ): Promise<void> => {
    const gateway = await startRealGateway(look)
    const context = await browser.newContext({ viewport: look.size, colorScheme: look.scheme, reducedMotion: "reduce" })
    contexts.push(context)
    try {
      const page = await context.newPage()
      await signsIn(page, gateway)
      await page.getByRole("button", { name: /Door held open/ }).waitFor()
      await use(page, gateway)
    } finally {
      await context.close()
      await gateway.stop()
    }
  }

  /** The gateway is away for one question; the same one is answered when it is asked again. */
  const asksAgain = async (page: Page, dialog: Locator): Promise<void> => {
    const explain = dialog.getByRole("button", { name: "Explain" })
    await page.route("**/explanation?*", (route) => route.abort())
    await explain.click()
    await dialog.getByText(/^The gateway cannot be reached/).waitFor()
    await page.unroute("**/explanation?*")
    await explain.click()
    await dialog.getByText("no configuration of that time has a door").waitFor()
  }

  /** An officer opens why the door alarmed, at the alert and at the door, and goes back to the alert. */
  const tellsWhy = async (page: Page): Promise<void> => {
    await page.getByText("Why? What came near").click()
    await page.getByText("A grant in this span would have made it an entry").waitFor()
    await page.getByRole("button", { name: "Why? East exit" }).click()
    const dialog = page.getByRole("dialog", { name: "Why? East exit" })
    await dialog.getByText(/^door\.forced fired as A-\d+.*\(\d\d:\d\d:\d\d #\d+\)$/).waitFor()
    await dialog.getByText(/^Forced since \d\d:\d\d:\d\d\./).waitFor()
    await dialog.getByText("1 in 30 days").waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "why-door-dark")
    await dialog.getByLabel(/Around/).fill("2100-01-01T10:00:00")
    await dialog.getByRole("button", { name: "Explain" }).click()
    await dialog.getByText(/^Forced since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\./).waitFor()
    await dialog.getByLabel(/Around/).fill("2026-01-01T10:00:00")
    await dialog.getByRole("button", { name: "Explain" }).click()
    await dialog.getByText("no configuration of that time has a door").waitFor()
    await asksAgain(page, dialog)
    await page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
    expect(await page.evaluate<string>("document.activeElement.ariaLabel")).toBe("Why? East exit")
  }

  it("asks for the token and the officer's name, and refuses a wrong token in words", async () => {
    const gateway = await startRealGateway()
    const context = await browser.newContext({ viewport: desk })
    const page = await context.newPage()
    await page.goto(gateway.url)
    await page.getByLabel("Token").fill("wrong")
    await page.getByLabel("Your name").fill("T. Okafor")
    await page.keyboard.press("Enter")
    await page.getByText("The token is not known").waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "sign-in")
    await page.getByLabel("Token").fill(gateway.token)
    await page.keyboard.press("Enter")
    await page.getByText("● Live").waitFor()
    await page.getByText("T. Okafor").first().waitFor()
    await context.close()
    await gateway.stop()
  })

  it("takes a token from the fragment and removes it from the address bar", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, gateway) => {
      expect(page.url()).not.toContain(gateway.token)
      expect(await page.getByText("Demo officer").count()).toBe(1)
    })
  })

  it("has an officer arm an area for a time and set the threat level, by keyboard alone", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page) => {
      const dialog = page.getByRole("dialog")
      await page.keyboard.press("o")
      await dialog.waitFor()
      await page.keyboard.type("Library")
      await page.keyboard.press("Tab")
      await page.keyboard.press("Tab")
      await page.keyboard.type("a key was lost")
      expect(await violations(page)).toEqual([])
      await page.keyboard.press("Tab")
      await page.keyboard.press("Enter")
      await dialog.waitFor({ state: "detached" })
      await page.getByRole("button", { name: "Library: armed" }).waitFor()
      await page.getByText(/^Overridden: Demo officer: a key was lost, until/).waitFor()
      await page.keyboard.press("t")
      await dialog.waitFor()
      await page.keyboard.press("ArrowDown")
      await page.keyboard.press("Tab")
      await page.getByLabel("For").selectOption("1 hour")
      await page.keyboard.press("Tab")
      await page.keyboard.type("a call to the office")
      await page.keyboard.press("Tab")
      await page.keyboard.press("Enter")
      await page.getByRole("button", { name: /Threat: elevated, until \d\d:\d\d$/ }).waitFor()
      await page.keyboard.press("t")
      await dialog.getByText(/^Set by Demo officer: a call to the office, until \d\d:\d\d$/).waitFor()
      await shoot(page, "threat-until")
      await page.setViewportSize({ width: 390, height: 844 })
      await page.keyboard.press("Escape")
      const row = await page.getByRole("button", { name: "Library: armed" }).boundingBox()
      expect(row?.height).toBeGreaterThanOrEqual(44)
      await page.getByRole("button", { name: "Library: armed" }).scrollIntoViewIfNeeded()
      await shoot(page, "areas-phone")
    })
  })

  it("shows a forced door live, is acknowledged with one key and closed with an outcome, by keyboard alone", async () => {
    await withConsole({ size: desk, scheme: "dark" }, async (page, gateway) => {
      await seesForcedDoor(page, gateway)
      await page.locator(".door.bad", { hasText: "East exit" }).waitFor()
      await shoot(page, "desk-dark-forced")
      await tellsWhy(page)
      await acknowledgesByKey(page)
      await closesByKeyboard(page, "A cleaner wedged it, j k a c ?", async () => {
        expect(await violations(page)).toEqual([])
        await shoot(page, "close-dialog-dark")
      })
    })
  })

  it("never moves the row an officer is on: new alerts wait behind a chip", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, gateway) => {
      await page.keyboard.press("j")
      const before = await page.locator(".row button[aria-current]").boundingBox()
      await gateway.forceDoor()
      const chip = page.getByRole("button", { name: "1 new ↑ (1 critical)" })
      await chip.waitFor()
      expect(await page.locator(".row button[aria-current]").boundingBox()).toEqual(before)
      expect(await violations(page)).toEqual([])
      await shoot(page, "desk-light-chip")
      await chip.click()
      await forcedRow(page).waitFor()
    })
  })

  it("leaves single keys alone once they are switched off", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page) => {
      await page.keyboard.press("?")
      await page.getByRole("dialog").waitFor()
      await shoot(page, "key-sheet")
      expect(await violations(page)).toEqual([])
      await page.getByLabel(/Single-key shortcuts/).uncheck()
      await page.keyboard.press("Escape")
      await page.getByRole("button", { name: "Close…" }).and(page.locator(":enabled")).waitFor()
      await page.keyboard.press("c")
      expect(await page.getByRole("dialog").count()).toBe(0)
    })
  })

  it("says NOT LIVE within five seconds of a cut, and is live again by itself", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, gateway) => {
      gateway.cutStream()
      await page.getByText("NOT LIVE", { exact: true }).waitFor({ timeout: 5_000 })
      expect(await violations(page)).toEqual([])
      await shoot(page, "desk-light-not-live")
      gateway.restoreStream()
      await page.getByText("● Live").waitFor()
    })
  })

  it.skipIf(!canMount)("says so when the disk is full, and when there is room again", async () => {
    await withConsole({ size: desk, scheme: "dark", smallDisk: true }, async (page, gateway) => {
      await gateway.fillDisk()
      await page.getByText("STORE REFUSES").waitFor()
      expect(await violations(page)).toEqual([])
      await shoot(page, "desk-dark-store-refuses")
      await page.keyboard.press("g")
      const gap = page.getByRole("heading", { name: "The security log keeps nothing" })
      await gap.waitFor()
      gateway.freeDisk()
      await page.getByText("STORE REFUSES").waitFor({ state: "detached" })
      await gap.waitFor({ state: "detached" })
    })
  })

  it.each([
    ["desk", desk],
    ["phone", phone]
  ] as const)("has no axe violation at the %s, in either theme", async (name, size) => {
    await withConsole({ size, scheme: "light" }, async (page, gateway) => {
      await gateway.forceDoor()
      await forcedRow(page).waitFor()
      await page.getByText("Why this alert").waitFor()
      expect(await violationsInThemes(page, (theme) => shoot(page, `${name}-${theme}`))).toEqual([])
    })
  })

  it("fits 320 px without scrolling sideways, and pins a 56 px Acknowledge on the phone", async () => {
    await withConsole({ size: { width: 320, height: 640 }, scheme: "light" }, async (page) => {
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth")
      expect(wide).toBeLessThanOrEqual(320)
      const bar = await page.getByRole("button", { name: "Acknowledge", exact: true }).boundingBox()
      expect(bar?.height).toBeGreaterThanOrEqual(56)
      expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual(640)
      await shoot(page, "phone-320")
    })
  })
})
