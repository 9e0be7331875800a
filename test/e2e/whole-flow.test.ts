import { readFileSync } from "node:fs"
import type { Browser, Locator, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { canReadPdf, pagesOf } from "../alerts/case/pdf-words.ts"
import { ended, freePort, temporaryDirectory } from "../road/peers.ts"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { type Demo, startDemo } from "./demonstration.ts"
import { forcedRow, signsIn } from "./officer.ts"

/** The demonstration forces a door within a minute of its start; the machine may be busy. */
const forcedWithinMs = 90_000

/** Goes on with Tab until this has the focus, as somebody without a mouse does. */
const tabsTo = async (page: Page, wanted: Locator): Promise<void> => {
  for (let steps = 0; steps < 80; steps++) {
    if (await wanted.evaluate((element) => element === (element as unknown as Focusable).ownerDocument.activeElement))
      return
    await page.keyboard.press("Tab")
  }
  throw new Error("it cannot be reached by Tab")
}

interface Focusable {
  readonly ownerDocument: { readonly activeElement: unknown }
}

const enabled = (page: Page, name: string): Locator =>
  page.getByRole("button", { name, exact: true }).and(page.locator(":enabled"))

describe.skipIf(!hasChromium())("from a door that the simulator forces to the printed case", () => {
  const directory = temporaryDirectory("whole-flow")
  let browser: Browser
  let demo: Demo
  let page: Page
  let pdf: Buffer
  /** Who the demonstration signs in. */
  let officer: string

  beforeAll(async () => {
    demo = startDemo(directory.path, await freePort())
    browser = await launchBrowser()
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })
    page = await context.newPage()
    await signsIn(page, await demo.console)
    await forcedRow(page).waitFor({ timeout: forcedWithinMs })
    officer = await page.locator(".officer").innerText()
  }, 150_000)
  afterAll(async () => {
    await browser.close()
    demo.child.kill("SIGKILL")
    await ended(demo.child)
    directory.dispose()
  })

  it("shows on a phone what it is and what the camera saw, with the acknowledgement under the thumb", async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const phone = await context.newPage()
    await signsIn(phone, await demo.console)
    await forcedRow(phone).tap()
    await phone.getByRole("heading", { name: /^Door forced open: Science Hall roof hatch/ }).waitFor()
    await phone.getByRole("list", { name: "Frames of Science Hall roof camera" }).getByRole("img").first().waitFor()
    const bar = await enabled(phone, "Acknowledge").boundingBox()
    expect(bar?.height).toBeGreaterThanOrEqual(56)
    expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeGreaterThan(760)
    expect(await violations(phone)).toEqual([])
    await shoot(phone, "whole-flow-phone")
    await enabled(phone, "Acknowledge").tap()
    await forcedRow(phone)
      .getByText(/^Acknowledged by/)
      .waitFor()
    await context.close()
  }, 90_000)

  it("is seen on the desk at once: acknowledged, with its pictures and its procedure, by keyboard alone", async () => {
    await forcedRow(page)
      .getByText(/^Acknowledged by/)
      .waitFor()
    await tabsTo(page, forcedRow(page))
    await page.keyboard.press("Enter")
    const frames = page.getByRole("list", { name: "Frames of Science Hall roof camera" }).getByRole("button")
    await expect.poll(() => frames.count()).toBe(5)
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Enter")
    await page
      .getByRole("dialog")
      .getByRole("heading", { name: /Science Hall roof camera −5 s/ })
      .waitFor()
    await page.keyboard.press("Escape")
    const procedure = page.getByRole("region", { name: /^Procedure: Forced door/ })
    await page.keyboard.press("x")
    await procedure.getByText(`Done · ${officer}`).waitFor()
    await page.keyboard.press("l")
    await page
      .getByText(/in hand/i)
      .first()
      .waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "whole-flow-desk")
  }, 90_000)

  it("becomes a case with one key, is closed with what it was, and is printed", async () => {
    await page.keyboard.press("i")
    await page.getByRole("dialog").waitFor()
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: /^I-\d+ REAL/ }).waitFor()
    await tabsTo(page, page.getByLabel("Clery log"))
    await page.keyboard.press("End")
    await page.getByText("✓ Kept").waitFor()
    await tabsTo(page, page.getByLabel("Narrative"))
    await page.keyboard.type("The hatch stood open in the wind; nobody was on the roof.")
    await page.getByText("✓ Kept").waitFor()
    await page.getByRole("button", { name: "Close…" }).press("Enter")
    await page.getByRole("dialog").waitFor()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type("the latch is mended")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.getByText(new RegExp(`^Closed by ${officer}: real`)).waitFor()
    const download = page.waitForEvent("download")
    await page.getByRole("link", { name: "PDF" }).press("Enter")
    pdf = readFileSync(await (await download).path())
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-")
  }, 90_000)

  it.skipIf(!canReadPdf)("is printed with all of it", () => {
    const words = pagesOf(pdf).join(" ").replaceAll(/\s+/g, " ")
    for (const said of ["Science Hall roof hatch", "nobody was on the roof", "the latch is mended"])
      expect(words).toContain(said)
  })

  it("leaves the desk when it is closed there, and stands in the journal for good", async () => {
    await page.keyboard.press("1")
    await tabsTo(page, forcedRow(page))
    await page.keyboard.press("Enter")
    await enabled(page, "Close…").waitFor()
    await page.keyboard.press("c")
    await page.getByRole("dialog").waitFor()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type("the case has it")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    await page.keyboard.press("4")
    await page.keyboard.press("/")
    await page.keyboard.type("roof hatch closed")
    await page
      .getByRole("list", { name: "Entries" })
      .getByRole("button", { name: `Alert closed by ${officer}: the case has it` })
      .first()
      .waitFor()
    expect(await violations(page)).toEqual([])
  }, 90_000)
})
