import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startReloading } from "../settings/reloading-gateway.ts"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { signsIn } from "./officer.ts"

const campus = (heldOpenSeconds: number): string => `devices:
  - { id: east-contact, name: East contact, link: mqtt, profile: zigbee2mqtt, address: east-contact }
  - { id: west-contact, name: West contact, link: mqtt, profile: zigbee2mqtt, address: west-contact }
doors:
  - { id: east, name: East exit, area: hall, position: east-contact/contact }
  - { id: west, name: West exit, area: hall, position: west-contact/contact, times: { heldOpenSeconds: ${heldOpenSeconds} } }
`

describe.skipIf(!hasChromium())("the page of what is not protected", () => {
  let browser: Browser
  let gateway: Awaited<ReturnType<typeof startReloading>>
  let page: Page

  beforeAll(async () => {
    gateway = await startReloading(campus(60))
    await gateway.say("east-contact", { contact: true })
    browser = await launchBrowser()
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
    await signsIn(page, gateway)
  })
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  const gap = (words: string | RegExp) => page.getByRole("listitem").filter({ hasText: words })

  it("counts gaps wherever the officer is, and takes a door out of service by keyboard; its alert stands apart", async () => {
    // The west contact was never heard: its device and its door. And nobody is told but who looks here.
    await page.getByRole("link", { name: /^Gaps 3 not protected/ }).waitFor()
    await page.keyboard.press("g")
    await gap("West exit cannot be seen").getByText("its contact was never heard").waitFor()
    await page.getByRole("button", { name: "Begin maintenance…" }).press("Enter")
    await page.getByLabel("What").selectOption({ label: "East exit" })
    await page.getByLabel("Minutes").fill("30")
    await page.getByLabel("Reason (required)").fill("the closer is replaced")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    const maintenance = gap("East exit is in maintenance")
    await maintenance.getByText("(30 min left)").waitFor()
    await maintenance.getByText("the closer is replaced").waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "gaps-desk")

    await gateway.say("east-contact", { contact: false })
    await page.keyboard.press("d")
    const apart = page.getByRole("list", { name: "Out of service" })
    await apart.getByText("Door forced open: East exit").waitFor()
    await page.getByText("0 unacknowledged · 0 open · 1 out of service").waitFor()

    await page.keyboard.press("g")
    await maintenance.getByRole("button", { name: /^End now/ }).press("Enter")
    await page.getByRole("link", { name: /1 unacknowledged/ }).waitFor()
    await maintenance.waitFor({ state: "detached" })
  })

  it("leaves nothing on the page whose time is over, though nothing else happens", async () => {
    const until = new Date(Date.now() + 5_000).toISOString()
    const silenced = {
      id: "console-silenced:wall",
      kind: "console-silenced",
      severity: 2,
      title: "The wall's alarm is silenced",
      owner: "R. Alvarez",
      reason: "somebody is at the door",
      until,
      todo: "Wait."
    }
    // As the gateway answers: it is there until its time has come.
    await page.route("**/api/v1/gaps*", async (route) => {
      const response = await route.fetch()
      const { items, total, ...rest } = await response.json()
      const added = Date.now() < Date.parse(until) ? [silenced] : []
      await route.fulfill({ response, json: { ...rest, items: [...added, ...items], total: total + added.length } })
    })
    await page.reload()
    const badge = page.getByRole("link", { name: /^Gaps \d+ not protected/ })
    const counted = async () => Number.parseInt((await badge.innerText()).replace(/\D+/, ""), 10)
    await gap("The wall's alarm is silenced").waitFor()
    const before = await counted()
    await gap("The wall's alarm is silenced").waitFor({ state: "detached", timeout: 30_000 })
    expect(await counted()).toBe(before - 1)
    await page.unroute("**/api/v1/gaps*")
  })

  it("says on every page that the configuration is wrong, with its line, until it is mended", async () => {
    gateway.write("doors.yaml", campus(5))
    const banner = page.getByText(
      /^What was written is not in force, the one before it is: .*doors\.yaml:6:\d+ heldOpenSeconds must/
    )
    await banner.waitFor()
    await gap("What is written in the configuration is not in force").waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await violations(page)).toEqual([])
    await shoot(page, "gaps-phone")
    gateway.write("doors.yaml", campus(90))
    await banner.waitFor({ state: "detached" })
  })
})
