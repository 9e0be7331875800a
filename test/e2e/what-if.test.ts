import { resolve } from "node:path"
import { Effect, Exit, Scope } from "effect"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runGateway } from "../../gateway/app.ts"
import { siteTimeOf } from "../../gateway/console/src/site-clock.ts"
import { installed } from "../../gateway/installed.ts"
import { loadSettings, type Settings } from "../../gateway/settings/load-settings.ts"
import { dawn, Recording } from "../replay/recording.ts"
import { freePort } from "../road/peers.ts"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { signsIn } from "./officer.ts"

const dock = "panel/door-1"

/** A day at the loading dock: people who stand in the door for a while, once a thief. */
const recordDay = (settings: Settings): Recording => {
  const recording = new Recording(settings.campus)
  recording.contact(`${dock}.position`, "closed")
  for (let nth = 0; nth < 14; nth++) {
    const second = nth * 1800
    recording.at(second).grants(`${dock}.reader`).contact(`${dock}.position`, "open")
    recording.at(second + (nth % 5 === 4 ? 200 : 40)).contact(`${dock}.position`, "closed")
    const outcome = nth === 6 ? "real" : "nuisance-user"
    recording.at(second + 220).closes("DoorOpenTooLong", "door:L-D", outcome)
  }
  return recording.at(14 * 1800).close()
}

describe.skipIf(!hasChromium())("the page that tries a change over the recorded log", () => {
  const scope = Scope.makeUnsafe()
  let browser: Browser
  let recording: Recording
  let gateway: { readonly url: string; readonly token: string }

  beforeAll(async () => {
    const written = loadSettings([resolve(import.meta.dirname, "campus.yaml")], installed)
    recording = recordDay(written)
    const broker = await freePort()
    const links = written.links.map((link) => ({ ...link, settings: { ...(link.settings as object), port: broker } }))
    const api = { host: "127.0.0.1", port: await freePort() }
    const settings = { ...written, links, dataDir: recording.directory, api }
    const running = await Effect.runPromise(runGateway(settings).pipe(Scope.provide(scope)))
    gateway = { url: running.url, token: running.firstToken ?? "" }
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    recording.dispose()
  })

  /** As the clocks of the site show it: the officer's computer has others. */
  const local = (second: number): string =>
    siteTimeOf(new Date(dawn + second * 1000).toISOString(), "Europe/Berlin").slice(0, "2026-03-02T10:02".length)

  /** Goes there by one key, gives the dock a minute, and waits for what would have happened. */
  const triesAMinute = async (page: Page): Promise<void> => {
    await page.getByText("● Live").waitFor()
    await page.keyboard.press("w")
    await page.getByLabel("From").fill(local(-3600))
    await page.getByLabel("Until").fill(local(15 * 1800))
    await page.getByRole("combobox", { name: /^Door/ }).selectOption("L-D")
    await page.getByLabel(/Held open after/).fill("60")
    await page.getByRole("button", { name: "See what would have happened" }).click()
    await page.getByText("Real incidents: 1 missed").waitFor()
  }

  /** The first look at a running replay does not reach the gateway. */
  const losesTheGatewayOnce = async (page: Page): Promise<void> => {
    await page.route("**/api/v1/replays/*", (route) => route.abort(), { times: 1 })
  }

  it("shows an officer both timelines, what is saved, and first of all what is missed", async () => {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: "light",
      timezoneId: "America/New_York",
      reducedMotion: "reduce"
    })
    const page = await context.newPage()
    await signsIn(page, gateway)
    await losesTheGatewayOnce(page)
    await triesAMinute(page)
    expect(await page.getByText(/^The gateway cannot be reached/).count()).toBe(0)
    await page.getByText("Times by the clocks of Europe/Berlin.").waitFor()
    await page.getByRole("img", { name: /12 called no more, 0 called anew, 2 moved, 0 as they were/ }).waitFor()
    await page.getByRole("row", { name: /Loading dock 12 0 2 0/ }).waitFor()
    expect(await page.locator(".what-if-sums").innerText()).toMatch(/NUISANCE SAVED\s*11|Nuisance saved\s*11/)
    expect(await violations(page)).toEqual([])
    await shoot(page, "what-if-desk", { fullPage: true })
    await page.keyboard.press("d")
    await page.getByRole("heading", { name: "Doors" }).waitFor()
    await page.goBack()
    await page.getByText("Real incidents: 1 missed").waitFor()
    await page.getByLabel(/Held open after/).fill("3")
    await page.getByRole("button", { name: "See what would have happened" }).click()
    await page.getByText(/change:1:\d+: /).waitFor()
    expect(await page.getByText("Real incidents: 1 missed").count()).toBe(0)
    await context.close()
  })

  it("tells on a phone, in the dark, which line of a change is wrong", async () => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      colorScheme: "dark",
      timezoneId: "America/New_York",
      reducedMotion: "reduce"
    })
    const page = await context.newPage()
    await signsIn(page, gateway)
    await page.getByRole("button", { name: /^Menu: Desk/ }).click()
    await page.getByRole("link", { name: "What if" }).click()
    await page.getByLabel(/Configuration text/).check()
    await page.getByRole("combobox", { name: /^Begin with/ }).selectOption({ label: "Door Loading dock" })
    expect(await page.getByLabel("Sections of a configuration").inputValue()).toContain('"id": "L-D"')
    await page.getByLabel("Sections of a configuration").fill("doors:\n  - { id: L-D, times: { heldOpenSeconds: 3 } }")
    await page.getByRole("button", { name: "See what would have happened" }).click()
    await page.getByText(/change:2:\d+: /).waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "what-if-wrong", { fullPage: true })
    await page.getByLabel(/Times of a door/).check()
    await triesAMinute(page)
    await shoot(page, "what-if-phone", { fullPage: true })
    await context.close()
  })
})
