import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { forcedRow, signsIn } from "./officer.ts"
import { type GatewayUnderTest, startRealGateway } from "./real-gateway.ts"

const desk = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

interface Look {
  readonly size: typeof desk
  readonly scheme: "light" | "dark"
}

describe.skipIf(!hasChromium())("notes and shelving in a real browser", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  const withConsole = async (
    { size, scheme }: Look,
    use: (page: Page, gateway: GatewayUnderTest) => Promise<void>
  ): Promise<void> => {
    const gateway = await startRealGateway()
    const context = await browser.newContext({ viewport: size, colorScheme: scheme, reducedMotion: "reduce" })
    try {
      const page = await context.newPage()
      await signsIn(page, gateway)
      await row(page, /Door held open/).waitFor()
      await use(page, gateway)
    } finally {
      await context.close()
      await gateway.stop()
    }
  }

  const row = (page: Page, title: RegExp) => page.locator(".row button", { hasText: title }).first()
  const onShelf = (page: Page, title: RegExp) => page.locator(".shelf .row button", { hasText: title })
  const detail = (page: Page) => page.locator(".detail")

  /** Opens an alert's detail, and waits until something can be done there. */
  const opens = async (page: Page, title: RegExp): Promise<void> => {
    await row(page, title).click()
    await detail(page).getByRole("heading", { name: title }).waitFor()
    await page.getByRole("button", { name: "Close…" }).and(page.locator(":enabled")).waitFor()
  }

  it("takes a note by one key, shows it in the timeline once, and stays on the alert that is being written about", async () => {
    await withConsole({ size: desk, scheme: "dark" }, async (page, gateway) => {
      await page.getByRole("button", { name: "Close…" }).and(page.locator(":enabled")).waitFor()
      const title = (await detail(page).getByRole("heading").first().textContent()) ?? ""
      await page.locator("body").press("e")
      await page.keyboard.type("Caretaker is on the way, s a c")
      // A more urgent alert must not take the place of the one that the words are for.
      await gateway.forceDoor()
      await page.getByText(/^(Critical|New) alert: .*forced/i).waitFor({ state: "attached" })
      await page.keyboard.press("Enter")
      const line = page.locator(".timeline li", { hasText: "Caretaker is on the way, s a c" })
      await line.waitFor()
      expect(await line.count()).toBe(1)
      expect(await detail(page).getByRole("heading").first().textContent()).toBe(title)
      expect(await page.getByLabel("Note").inputValue()).toBe("")
      expect(await violations(page)).toEqual([])
      await shoot(page, "note-dark")
    })
  })

  it("keeps the words of a note that the gateway has not kept", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, gateway) => {
      await opens(page, /Door held open/)
      gateway.cutStream()
      await page.getByText("NOT LIVE", { exact: true }).waitFor()
      await page.getByLabel("Note").fill("Guard sent")
      await page.keyboard.press("Enter")
      await page.getByText("The gateway cannot be reached").waitFor()
      expect(await page.getByLabel("Note").inputValue()).toBe("Guard sent")
    })
  })

  it.each([
    ["shelved-desk-light", { size: desk, scheme: "light" }],
    ["shelved-desk-dark", { size: desk, scheme: "dark" }],
    ["shelved-phone-light", { size: phone, scheme: "light" }],
    ["shelved-phone-dark", { size: phone, scheme: "dark" }]
  ] as const)("puts a shelved alert apart, with its end, and counts it no more (%s)", async (name, look) => {
    await withConsole(look, async (page) => {
      const open = async (): Promise<number> =>
        Number(/(\d+) open/.exec(await page.locator(".alerts .tally").innerText())?.[1])
      const before = await open()
      await opens(page, /Door held open/)
      await page.getByRole("button", { name: "Shelve…" }).click()
      await page.getByRole("dialog").waitFor()
      await page.getByLabel("Minutes").fill("20")
      await page.getByLabel(/^Reason/).fill("The closer is being repaired")
      expect(await violations(page)).toEqual([])
      await shoot(page, `${name}-dialog`)
      await page.getByRole("button", { name: "Shelve alert" }).click()
      await page.getByRole("dialog").waitFor({ state: "detached" })
      await onShelf(page, /Door held open/).waitFor()
      expect(await onShelf(page, /Door held open/).textContent()).toMatch(
        /Shelved by .+ until \d\d:\d\d \((20|19) min left\)/
      )
      expect(await open()).toBe(before - 1)
      expect(await page.locator(".alerts .tally").innerText()).toContain("1 shelved")
      await detail(page)
        .getByText(/min left\): The closer is being repaired/)
        .waitFor()
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth")
      expect(wide).toBeLessThanOrEqual(look.size.width)
      expect(await violations(page)).toEqual([])
      await shoot(page, name)
    })
  })

  it("shelves and takes back by keyboard alone, and an active alert is news then", async () => {
    await withConsole({ size: desk, scheme: "dark" }, async (page) => {
      await opens(page, /Door held open/)
      await page.locator("body").press("h")
      await page.getByRole("dialog").waitFor()
      await page.keyboard.press("Tab")
      await page.keyboard.press("Space")
      await page.keyboard.press("Tab")
      await page.keyboard.type("The closer is being repaired")
      await page.keyboard.press("Tab")
      await page.keyboard.press("Enter")
      await onShelf(page, /Door held open/)
        .getByText(/until normal, or \d\d:\d\d/)
        .waitFor()
      await page.locator("body").press("h")
      await page.getByRole("dialog", { name: /^Unshelve/ }).waitFor()
      await page.keyboard.type("It is repaired")
      await page.keyboard.press("Tab")
      await page.keyboard.press("Enter")
      await onShelf(page, /Door held open/).waitFor({ state: "detached" })
      await page.getByText(/^New alert: Door held open/).waitFor({ state: "attached" })
      const line = page.locator(".timeline li", { hasText: /Alert unshelved by .+: It is repaired/ })
      await line.waitFor()
      expect(await line.count()).toBe(1)
    })
  })

  it("says in the dialog why the gateway does not shelve it", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page) => {
      await opens(page, /Door held open/)
      await page.getByRole("button", { name: "Shelve…" }).click()
      await page.getByLabel("Minutes").fill("600")
      await page.getByLabel(/^Reason/).fill("Until tomorrow")
      await page.getByRole("button", { name: "Shelve alert" }).click()
      await page.getByRole("alert").filter({ hasText: "60 minutes is the longest" }).waitFor()
      await page.keyboard.press("Escape")
      await page.getByRole("dialog").waitFor({ state: "detached" })
      // The next dialog does not begin with the last one's refusal.
      await page.getByRole("button", { name: "Shelve…" }).click()
      await page.getByRole("dialog").waitFor()
      expect(await page.getByText("60 minutes is the longest").count()).toBe(0)
    })
  })

  it("offers no shelving of a critical alert", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, gateway) => {
      await gateway.forceDoor()
      await forcedRow(page).click()
      await detail(page)
        .getByRole("heading", { name: /forced/i })
        .waitFor()
      await page.getByRole("button", { name: "Close…" }).and(page.locator(":enabled")).waitFor()
      expect(await page.getByRole("button", { name: "Shelve…" }).count()).toBe(0)
      await page.locator("body").press("h")
      expect(await page.getByRole("dialog").count()).toBe(0)
    })
  })
})
