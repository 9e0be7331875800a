import { Effect } from "effect"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type CommandApi, startCommandApi } from "../api/commandable-api.ts"
import { violations } from "../e2e/accessible.ts"
import { launchBrowser, hasChromium, shoot } from "../e2e/browser.ts"
import { refuses, silent } from "./commandable-door.ts"

const desk = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

describe.skipIf(!hasChromium())("commands in the console, in a real browser", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  const withConsole = async (
    look: { readonly size: typeof desk; readonly scheme: "light" | "dark" },
    use: (page: Page, api: CommandApi) => Promise<void>
  ): Promise<void> => {
    const api = await startCommandApi()
    const context = await browser.newContext({ viewport: look.size, colorScheme: look.scheme, reducedMotion: "reduce" })
    try {
      await api.gateway.shows("Locked")
      await api.gateway.stands("closed")
      const page = await context.newPage()
      await page.goto(`${api.origin}/#token=${api.token}`)
      await page.getByText("● Live").waitFor()
      await row(page, "east door").waitFor()
      await use(page, api)
    } finally {
      await context.close()
      await api.stop()
    }
  }

  const row = (page: Page, name: string) => page.locator("button.door-row", { hasText: name })
  const item = (page: Page, name: string) => page.locator("li.door", { hasText: name })

  /** The element that has the focus, and what stands in it. */
  const focused = (page: Page): Promise<string> =>
    page.evaluate<string>("`${document.activeElement.tagName} ${document.activeElement.textContent}`")

  it("locks a door down by keyboard alone: menu, confirmation, and the proof as it comes", async () => {
    await withConsole({ size: desk, scheme: "dark" }, async (page, api) => {
      await row(page, "east door").focus()
      await page.keyboard.press("Enter")
      const menu = page.getByRole("menu", { name: "Commands for east door" })
      await menu.waitFor()
      expect(await menu.getByRole("menuitem").allTextContents()).toEqual([
        "Let one person in",
        "Lock…",
        "Unlock…",
        "Block…",
        "Lock down…",
        "Hold unlocked…",
        "Double-lock…"
      ])
      expect(await violations(page)).toEqual([])
      await shoot(page, "menu-desk-dark")
      for (let nth = 0; nth < 4; nth++) await page.keyboard.press("ArrowDown")
      await page.keyboard.press("Enter")
      const dialog = page.getByRole("dialog", { name: "Lock down: east door?" })
      await dialog.getByText("No card opens it, and it obeys nothing but the release.").waitFor()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press("Shift+Tab")
      await page.keyboard.press("Shift+Tab")
      await page.keyboard.type("Lockdown drill")
      await shoot(page, "confirm-desk-dark")
      await page.keyboard.press("Tab")
      await page.keyboard.press("Enter")
      await item(page, "east door").getByText("Lock down: accepted, waiting for proof…").waitFor()
      await shoot(page, "accepted-desk-dark")
      await api.gateway.shows("LockedDown")
      await item(page, "east door").getByText("Lock down: proved, the door is locked down").waitFor()
      await page.locator("[role=status]", { hasText: "east door: Lock down: proved" }).waitFor({ state: "attached" })
      expect(await focused(page)).toMatch(/^BUTTON .*east door/)
      expect(await violations(page)).toEqual([])
      await shoot(page, "proved-desk-dark")
      await page.keyboard.press("Enter")
      await menu.getByRole("menuitem", { name: "Release lockdown…" }).waitFor()
      expect(await menu.getByRole("menuitem").count()).toBe(1)
      expect(await api.get("/doors/east/commands")).toMatchObject({
        items: [{ reason: "Lockdown drill", by: "Demo officer" }]
      })
    })
  })

  it("sends nothing when the officer cancels, and leaves them where they were", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, api) => {
      await row(page, "east door").click()
      await page.getByRole("menuitem", { name: "Unlock…" }).click()
      await page.getByRole("dialog").waitFor()
      await page.keyboard.press("Enter")
      await page.getByRole("dialog").waitFor({ state: "detached" })
      expect(await focused(page)).toBe("BUTTON Unlock…")
      await page.keyboard.press("Escape")
      await page.getByRole("menu").waitFor({ state: "detached" })
      expect(await focused(page)).toMatch(/^BUTTON .*east door/)
      expect(api.gateway.sent).toEqual([])
    })
  })

  it("lets one person in at once, without asking", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, api) => {
      await row(page, "east door").click()
      await page.keyboard.press("Enter")
      await item(page, "east door").getByText("Let one person in: accepted").waitFor()
      await api.gateway.shows("Accessed")
      await item(page, "east door").getByText("Let one person in: proved").waitFor()
      expect(api.gateway.sent).toEqual(["Access east.mode"])
    })
  })

  it("says so when the door refuses, when nothing proves it, and when it stood open", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, api) => {
      const gives = async (door: string, command: string): Promise<void> => {
        await row(page, door).click()
        await page.getByRole("menuitem", { name: command, exact: true }).click()
        await page.getByRole("dialog").locator(".primary").click()
        await page.getByRole("dialog").waitFor({ state: "detached" })
      }
      api.gateway.does(refuses("the bolt is jammed"))
      await gives("north door", "Lock…")
      await item(page, "north door").getByText("Lock: REFUSED: the bolt is jammed").waitFor()
      api.gateway.does(() => Effect.void)
      await gives("hasty door", "Lock…")
      await item(page, "hasty door").getByText("Lock: NOT PROVED").waitFor()
      await page.getByRole("button", { name: /Lock not proved: hasty door/ }).waitFor()
      await api.gateway.stands("open")
      await gives("east door", "Lock down…")
      await api.gateway.shows("LockedDown")
      await item(page, "east door").getByText("Lock down: proved, the door is locked down, but it STOOD OPEN").waitFor()
      expect(await violations(page)).toEqual([])
      await shoot(page, "results-desk-light")
    })
  })

  it("warns before a door that stands open is locked, and tells in the dialog when it cannot be sent", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page, api) => {
      await api.gateway.stands("open")
      await row(page, "east door").click()
      await page.getByRole("menuitem", { name: "Lock down…" }).click()
      const dialog = page.getByRole("dialog")
      await dialog.getByText("The door stands open: it is not secured until it is closed.").waitFor()
      api.gateway.does(silent)
      await api.command("east", { command: "Access" })
      await dialog.getByRole("button", { name: "Lock down" }).click()
      await dialog.getByText(/has not answered the command before/).waitFor()
      expect(await violations(page)).toEqual([])
      await shoot(page, "busy-desk-light")
    })
  })

  it("says why a door can be told nothing", async () => {
    await withConsole({ size: desk, scheme: "light" }, async (page) => {
      await row(page, "shed door").click()
      await item(page, "shed door")
        .getByText("It can be told nothing now: its device sensor takes no commands")
        .waitFor()
      expect(await row(page, "gate door").count()).toBe(0)
      expect(await violations(page)).toEqual([])
    })
  })

  it("works on a phone: large targets, nothing beside the screen", async () => {
    await withConsole({ size: phone, scheme: "light" }, async (page, api) => {
      await row(page, "east door").click()
      const target = await page.getByRole("menuitem", { name: "Lock down…" }).boundingBox()
      expect(target?.height).toBeGreaterThanOrEqual(44)
      expect((await row(page, "east door").boundingBox())?.height).toBeGreaterThanOrEqual(44)
      await shoot(page, "menu-phone-light")
      await page.getByRole("menuitem", { name: "Lock down…" }).click()
      await page.getByRole("dialog").waitFor()
      await shoot(page, "confirm-phone-light")
      await page.getByRole("button", { name: "Lock down" }).click()
      await api.gateway.fact("DoorCommandAnswered")
      await api.gateway.shows("LockedDown")
      await item(page, "east door").getByText("Lock down: proved").waitFor()
      expect(await violations(page)).toEqual([])
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(phone.width)
      await shoot(page, "proved-phone-light")
    })
  })
})
