import { readFileSync } from "node:fs"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { signsIn } from "./officer.ts"
import { type GatewayUnderTest, startRealGateway } from "./real-gateway.ts"

describe.skipIf(!hasChromium())("the journal", () => {
  let browser: Browser
  let gateway: GatewayUnderTest
  let page: Page

  beforeAll(async () => {
    gateway = await startRealGateway()
    browser = await launchBrowser()
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })).newPage()
    await signsIn(page, gateway)
    await page.keyboard.press("4")
    await page.getByRole("heading", { name: "Journal" }).waitFor()
  })
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  const rows = () => page.getByRole("list", { name: "Entries" }).getByRole("button")

  it("tells what was, and shows by itself what comes", async () => {
    await rows().filter({ hasText: "Tamper: Chemistry lab: Alert raised" }).waitFor()
    await gateway.forceDoor()
    await rows().filter({ hasText: "Door forced open: East exit: Alert raised" }).waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "journal-desk")
  })

  it("finds by words, one key away, in what was said and in the name of the door", async () => {
    await page.keyboard.press("/")
    await page.keyboard.type("east raised")
    await expect.poll(() => rows().allInnerTexts()).toHaveLength(1)
    expect(await rows().first().innerText()).toContain("Door forced open: East exit: Alert raised")
  })

  it("opens an entry whole, by keyboard, and looks up from it all of its alert", async () => {
    await rows().first().press("Enter")
    await page.getByRole("heading", { name: /^Entry #\d+/ }).waitFor()
    await page.getByLabel("The entry as it is recorded").getByText('"transition": "raised"').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole("button", { name: "All of this alert" }).press("Enter")
    await page.getByText(/^Only alert A-\d+/).waitFor()
    await expect.poll(() => rows().allInnerTexts()).toHaveLength(1)
  })

  it("is exported as it is looked for, as CSV and as JSON", async () => {
    const saved = async (name: string): Promise<string> => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()])
      return readFileSync(await download.path(), "utf8")
    }
    const lines = (await saved("CSV")).trimEnd().split("\r\n")
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain("Door forced open: East exit: raised")
    expect(JSON.parse(await saved("JSON"))).toMatchObject([{ _tag: "Alert", change: { transition: "raised" } }])
  })

  it("fits a phone in the dark, without an axe violation", async () => {
    const context = await browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme: "dark" })
    const phone = await context.newPage()
    await signsIn(phone, gateway)
    await phone.goto(`${gateway.url}/#journal/text=tamper`)
    await phone.getByRole("list", { name: "Entries" }).getByRole("button").first().waitFor()
    expect(await phone.evaluate<number>("document.documentElement.scrollWidth")).toBe(320)
    expect(await violations(phone)).toEqual([])
    await shoot(phone, "journal-phone")
    await context.close()
  })
})
