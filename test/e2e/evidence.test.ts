import { createHash } from "node:crypto"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { type EvidenceGateway, startEvidenceGateway } from "./evidence-gateway.ts"
import { signsIn } from "./officer.ts"

const desk = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }
const narrow = { width: 320, height: 640 }

describe.skipIf(!hasChromium())("the pictures of an alert in a real browser", () => {
  let browser: Browser
  let gateway: EvidenceGateway
  beforeAll(async () => {
    browser = await launchBrowser()
    gateway = await startEvidenceGateway()
    await gateway.quiet()
    // The yard is polled every second: its ring reaches over ten seconds back.
    await gateway.polled(13)
  })
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  const signIn = async (size: typeof desk, scheme: "light" | "dark"): Promise<Page> => {
    const context = await browser.newContext({ viewport: size, colorScheme: scheme, reducedMotion: "reduce" })
    const page = await context.newPage()
    await signsIn(page, gateway)
    return page
  }
  const open = async (size: typeof desk, scheme: "light" | "dark"): Promise<Page> => {
    const page = await signIn(size, scheme)
    await page.getByRole("heading", { name: "Pictures" }).waitFor()
    return page
  }
  const yard = (page: Page) => page.getByRole("list", { name: "Frames of East yard" })

  it("come one by one: those before it at once, one that is to come says when, one that is missing says why", async () => {
    const page = await signIn(desk, "light")
    await gateway.tamper()
    await yard(page)
      .getByRole("img", { name: /^East yard, taken \d+\.\d s before$/ })
      .first()
      .waitFor()
    await yard(page)
      .getByText(/^in \d+ s$/)
      .first()
      .waitFor()
    const hall = page.getByRole("list", { name: "Frames of East hall" })
    await hall.getByText("No picture: camera offline: connection refused").first().waitFor()
    await shoot(page, "evidence-desk-coming")
    await yard(page)
      .getByRole("img", { name: /^East yard, taken \d\d\.\d s after$/ })
      .waitFor()
    expect(await yard(page).getByRole("img").count()).toBe(5)
    expect(
      await yard(page)
        .getByText(/^in \d+ s$/)
        .count()
    ).toBe(0)
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it("are the bytes that the alert names, each under its own hash", async () => {
    const page = await open(desk, "light")
    const sources = await yard(page)
      .getByRole("img")
      .evaluateAll((images) => images.map((image) => String((image as unknown as { src: string }).src)))
    expect(sources).toHaveLength(5)
    for (const source of sources) {
      const answer = await page.context().request.get(source)
      expect(answer.headers()["content-type"]).toBe("image/jpeg")
      expect(
        createHash("sha256")
          .update(await answer.body())
          .digest("hex")
      ).toBe(source.split("/").at(-1))
    }
    await page.context().close()
  })

  it("open large, move with the arrow keys, close with Escape and leave the focus where it was", async () => {
    const page = await open(desk, "dark")
    // To the moment, to the frame before it, and back.
    for (const key of ["ArrowRight", "ArrowLeft", "ArrowRight", "Enter"]) await page.keyboard.press(key)
    const dialog = page.getByRole("dialog")
    await dialog.getByRole("heading", { name: "East yard 0 s" }).waitFor()
    const large = dialog.getByRole("img")
    await large.waitFor()
    await expect
      .poll(() => large.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
      .toBe(320)
    expect(await violations(page)).toEqual([])
    await shoot(page, "evidence-large-dark")
    for (const [key, title] of [
      ["ArrowRight", "East yard +5 s"],
      ["ArrowRight", "East yard +10 s"],
      ["ArrowRight", "East yard +10 s"],
      ["ArrowLeft", "East yard +5 s"]
    ] as const) {
      await page.keyboard.press(key)
      await dialog.getByRole("heading", { name: title }).waitFor()
    }
    await page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
    const focused = yard(page).getByRole("button").nth(3)
    expect(await focused.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true)
    await page.keyboard.press("?")
    await page.getByRole("heading", { name: "Keys" }).waitFor()
    await page.context().close()
  })

  it("open large on a phone too", async () => {
    const page = await open(phone, "light")
    await yard(page).getByRole("button").nth(4).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByRole("button", { name: "Earlier" }).click()
    await dialog.getByRole("heading", { name: "East yard +5 s" }).waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "evidence-large-phone")
    const box = await dialog.boundingBox()
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(phone.height)
    await dialog.getByRole("button", { name: "Close" }).click()
    await dialog.waitFor({ state: "detached" })
    await page.context().close()
  })

  it.each([
    ["evidence-desk-dark", desk, "dark"],
    ["evidence-phone-light", phone, "light"],
    ["evidence-narrow", narrow, "light"]
  ] as const)("have no axe violation and fit the screen in %s", async (name, size, scheme) => {
    const page = await open(size, scheme)
    await yard(page).scrollIntoViewIfNeeded()
    await expect
      .poll(() =>
        yard(page)
          .getByRole("img")
          .evaluateAll(
            (all) => all.filter((one) => (one as unknown as { naturalWidth: number }).naturalWidth > 0).length
          )
      )
      .toBe(5)
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(size.width)
    await shoot(page, name)
    await page.context().close()
  })
})
