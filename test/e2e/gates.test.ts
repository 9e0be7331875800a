import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pageIds } from "../../gateway/console/src/place.ts"
import { violations, violationsInThemes } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { forcedRow, signsIn } from "./officer.ts"
import { type GatewayUnderTest, startRealGateway } from "./real-gateway.ts"

const sizes = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const

describe.skipIf(!hasChromium())("every page of the console", () => {
  let browser: Browser
  let gateway: GatewayUnderTest

  beforeAll(async () => {
    gateway = await startRealGateway()
    browser = await launchBrowser()
    await gateway.forceDoor()
  })
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  const signedIn = async (look: BrowserContextOptions): Promise<Page> => {
    const page = await (await browser.newContext({ reducedMotion: "reduce", ...look })).newPage()
    await signsIn(page, gateway)
    return page
  }

  /** Goes to a page, and waits until nothing of it says that it loads or is worked out. */
  const opens = async (page: Page, id: string): Promise<void> => {
    await page.evaluate(`location.hash = "#${id}"`)
    await page.locator("main:visible").waitFor()
    const loading = page.locator("main:visible").getByText(/Loading…|Being worked out…/)
    // Some read a log through on a thread that has to start first.
    await expect.poll(() => loading.count()).toBe(0)
  }

  /** How wide the page is, with what is out of sight. */
  const widthOf = (page: Page) => page.evaluate<number>("document.documentElement.scrollWidth")

  it.each(Object.entries(sizes))(
    "fits its screen, and has no axe violation in either theme: %s",
    async (name, size) => {
      const page = await signedIn({ viewport: size })
      for (const id of pageIds) {
        await opens(page, id)
        expect([id, await widthOf(page)]).toEqual([id, size.width])
        const shown = (theme: string): Promise<unknown> => shoot(page, `page-${id}-${name}-${theme}`)
        expect([id, await violationsInThemes(page, shown)]).toEqual([id, []])
      }
      await page.context().close()
    },
    300_000
  )

  it.each([
    ["at a zoom of 200 %", { width: 640, height: 400 }, 2],
    ["in 320 px", { width: 320, height: 640 }, 1]
  ] as const)("reflows %s without scrolling sideways", async (_, viewport, deviceScaleFactor) => {
    const page = await signedIn({ viewport, deviceScaleFactor })
    for (const id of pageIds) {
      await opens(page, id)
      expect([id, await widthOf(page)]).toEqual([id, viewport.width])
    }
    await page.context().close()
  })

  it("can be read with the colours of the system, and nothing of it moves where motion is not wanted", async () => {
    const page = await signedIn({ viewport: sizes.desk, forcedColors: "active" })
    await forcedRow(page).waitFor()
    expect(await violations(page)).toEqual([])
    const moving = await page.evaluate<number>("document.getAnimations().length")
    expect(moving).toBe(0)
    await shoot(page, "desk-forced-colors")
    await opens(page, "plan")
    await shoot(page, "plan-forced-colors")
    await page.context().close()
  })

  it("ranks alerts without any colour: each priority has a shape and a number of its own", async () => {
    const page = await signedIn({ viewport: sizes.desk })
    await forcedRow(page).waitFor()
    const cdp = await page.context().newCDPSession(page)
    await cdp.send("Emulation.setEmulatedVisionDeficiency", { type: "achromatopsia" })
    await shoot(page, "desk-grayscale")
    const badges = page.locator(".rows .badge")
    const numbers = await badges.locator(".number").allTextContents()
    expect(numbers).toEqual(numbers.toSorted())
    const shapes = await badges.evaluateAll((all) =>
      all.map((badge) => badge.querySelector(".shape")?.getAttribute("d"))
    )
    const byNumber = new Map(numbers.map((number, nth) => [number, shapes[nth]]))
    expect(byNumber.size).toBeGreaterThanOrEqual(3)
    expect(new Set(byNumber.values()).size).toBe(byNumber.size)
    await page.context().close()
  })
})

describe.skipIf(!hasChromium())("a console that is cut off and comes back", () => {
  it("announces a new critical alert once, and misses nothing of what came meanwhile", async () => {
    const gateway = await startRealGateway()
    const browser = await launchBrowser()
    const page = await (await browser.newContext({ viewport: sizes.desk })).newPage()
    await signsIn(page, gateway)
    await page.getByRole("button", { name: /Door held open/ }).waitFor()
    await page.evaluate(`
      window.announced = []
      new MutationObserver(() => {
        const said = document.querySelector('[aria-live="assertive"]').textContent
        if (said !== "" && said !== window.announced.at(-1)) window.announced.push(said)
      }).observe(document.querySelector('[aria-live="assertive"]'), { childList: true, subtree: true, characterData: true })
    `)
    gateway.cutStream()
    await page.getByText("NOT LIVE", { exact: true }).waitFor({ timeout: 5_000 })
    await gateway.forceDoor()
    gateway.restoreStream()
    await page.getByText("● Live").waitFor()
    await forcedRow(page).waitFor()
    const announced = () => page.evaluate<ReadonlyArray<string>>("window.announced")
    await expect.poll(announced).toEqual([expect.stringMatching(/^Critical alert: Door forced open/)])
    await browser.close()
    await gateway.stop()
  })
})
