import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startReloading } from "../settings/reloading-gateway.ts"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { signsIn } from "./officer.ts"

const many = Array.from({ length: 12 }, (_, nth) => `door-${nth}`)

const campus = `devices:
${["east", "desk", ...many].map((id) => `  - { id: ${id}, name: ${id}, link: mqtt, profile: zigbee2mqtt, address: ${id} }`).join("\n")}
doors:
  - { id: east, name: East exit, area: hall, position: east/contact, tamper: [east/tamper] }
${many.map((id, nth) => `  - { id: ${id}, name: Gate ${nth + 1}, area: hall, position: ${id}/contact, tamper: [${id}/tamper] }`).join("\n")}
`

/** The name that acts of the first token's bearer stand under. */
const other = "first-token"

describe.skipIf(!hasChromium())("several officers and a flood, in a real browser", () => {
  let browser: Browser
  let gateway: Awaited<ReturnType<typeof startReloading>>
  let page: Page

  beforeAll(async () => {
    gateway = await startReloading(campus)
    await gateway.say("east", { contact: true, tamper: false })
    for (const id of many) await gateway.say(id, { contact: true, tamper: false })
    browser = await launchBrowser()
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" })
    page = await context.newPage()
    await signsIn(page, gateway)
  })
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  const row = (words: string | RegExp) => page.locator(".row button", { hasText: words }).first()
  const act = (id: string, verb: string, body: object) =>
    gateway.call(`/alerts/${id}/${verb}`, { method: "POST", body: JSON.stringify(body) })
  const enabled = () => page.getByRole("button", { name: "Close…" }).and(page.locator(":enabled")).waitFor()

  it("shows who has an alert in hand, and answers in another's place only with a reason", async () => {
    await gateway.say("east", { contact: true, tamper: true })
    const { id } = await gateway.alert(({ condition, active }) => condition === "DoorTampered" && active)
    await row(/Tamper/).click()
    await enabled()
    await page.keyboard.press("l")
    await row(/Tamper/)
      .getByText("In your hands")
      .waitFor()
    expect((await act(id, "claim", {})).status).toBe(409)
    expect((await act(id, "acknowledge", {})).status).toBe(409)
    await enabled()
    await page.keyboard.press("l")
    await row(/Tamper/)
      .getByText("In your hands")
      .waitFor({ state: "detached" })
    expect((await act(id, "claim", {})).body).toMatchObject({ claimed: { by: other } })
    await row(/Tamper/)
      .getByText(`In the hands of ${other}`)
      .waitFor()
    await enabled()
    await page.keyboard.press("a")
    await page.getByRole("dialog").getByText(`${other} has it in hand.`).waitFor()
    await page.keyboard.type("they do not answer the radio")
    await page.keyboard.press("Tab")
    expect(await violations(page)).toEqual([])
    await shoot(page, "alert-force")
    await page.keyboard.press("Enter")
    await row(/Tamper/)
      .getByText(/^Acknowledged by/)
      .waitFor()
    await page
      .locator(".timeline", { hasText: `forced: ${other} has it in hand; they do not answer the radio` })
      .waitFor()
  })

  it("takes an acknowledgement back by one key, and both are in the timeline", async () => {
    await page.getByRole("button", { name: /^Undo/ }).waitFor()
    // It is there for ten seconds: a look at the whole page may take longer, and follows with the flood.
    expect(await violations(page, ".undo")).toEqual([])
    await page.keyboard.press("z")
    await row(/Tamper/)
      .getByText("Unacknowledged")
      .waitFor()
    await page.getByRole("button", { name: /^Undo/ }).waitFor({ state: "detached" })
    await page.locator(".timeline", { hasText: "acknowledgement undone" }).waitFor()
  })

  it("puts a flood into groups, keeps what is critical by itself, and acknowledges a group for one reason", async () => {
    await Promise.all(many.map((id) => gateway.say(id, { contact: true, tamper: true })))
    await gateway.say("desk", { action: "emergency" })
    const banner = page.getByText(/^\d+ alerts, 1 group, \d critical$/)
    await banner.waitFor()
    const group = page.getByRole("button", { name: "High priority 13 alike: Tamper" })
    await group.waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "flood-desk-dark")
    await group.press("Enter")
    expect(await page.locator(".row.in-group").count()).toBeGreaterThan(4)
    await page.getByRole("button", { name: /^Acknowledge 12… of 13 alike/ }).click()
    await page.keyboard.type("the electrician tests the circuit")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    // The one that somebody else has in hand is theirs to answer.
    await group.getByText("1 unacknowledged · 13 open").waitFor()
    // By the page's clock the undo is there for as long as somebody looks.
    await page.clock.setFixedTime(Date.now())
    await page.getByRole("button", { name: /^Undo/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "alert-undo")
    await page.clock.resume()
    await page.emulateMedia({ colorScheme: "light" })
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await violations(page)).toEqual([])
    await page.locator(".flood").scrollIntoViewIfNeeded()
    await shoot(page, "flood-phone-light")
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  it("shows how the alerts served those who answered them, as pictures and as tables", async () => {
    await page.keyboard.press("6")
    await page.getByRole("heading", { name: "Alarm health" }).waitFor()
    await page.getByRole("combobox", { name: "Time" }).selectOption({ label: "24 hours" })
    await page.getByText("Time to acknowledge").waitFor()
    await page.getByRole("row", { name: /^Gate 1 / }).waitFor()
    await page.getByRole("row", { name: /^Time in floods/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByText("As a table").click()
    await page.getByRole("region", { name: "Alerts by time, as a table" }).getByRole("row").nth(1).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "CSV" }).click()
    ])
    expect(download.suggestedFilename()).toMatch(/^alarm-health-.*\.csv$/)
  })
})
