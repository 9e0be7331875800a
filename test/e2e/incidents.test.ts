import { readFileSync } from "node:fs"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { canReadPdf, pagesOf } from "../alerts/case/pdf-words.ts"
import { startReloading } from "../settings/reloading-gateway.ts"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { forcedRow, signsIn } from "./officer.ts"

const campus = `devices:
  - { id: east-contact, name: East contact, link: mqtt, profile: zigbee2mqtt, address: east-contact }
doors:
  - { id: east, name: East exit, area: hall, position: east-contact/contact }
procedures:
  - id: forced-door
    name: Forced door
    version: "1"
    for: { conditions: [DoorForcedOpen] }
    steps:
      - { id: look, kind: look, text: Look at the pictures of the door }
      - id: seen
        kind: question
        text: Is somebody to be seen?
        answers: [{ answer: "Yes", next: police }, { answer: "No", next: send }]
      - { id: police, kind: call, text: Call the police with the validation level, next: end }
      - { id: send, text: Send the nearest officer }
`

describe.skipIf(!hasChromium())("from a forced door to the report of its case", () => {
  let browser: Browser
  let context: BrowserContext
  let gateway: Awaited<ReturnType<typeof startReloading>>
  let page: Page
  let pdf: Buffer

  beforeAll(async () => {
    gateway = await startReloading(campus)
    await gateway.say("east-contact", { contact: true })
    browser = await launchBrowser()
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })
    page = await context.newPage()
    await signsIn(page, gateway)
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  const incident = async () => {
    const { items } = (await gateway.call("/incidents")).body as unknown as {
      readonly items: ReadonlyArray<{ readonly id: string; readonly revision: number; readonly narrative: string }>
    }
    const [first] = items
    if (first === undefined) throw new Error("there is no incident")
    return first
  }

  it("takes the steps of the procedure by keyboard, with who did what and why one was left out", async () => {
    await gateway.say("east-contact", { contact: false })
    await forcedRow(page).waitFor()
    await forcedRow(page).focus()
    await page.keyboard.press("Enter")
    const procedure = page.getByRole("region", { name: /^Procedure: Forced door/ })
    await procedure.getByText("2 steps are open").waitFor()
    await page.keyboard.press("x")
    await procedure.getByText(/^Done · Demo officer/).waitFor()
    await page.keyboard.press("x")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await procedure.getByText(/^“No” · Demo officer/).waitFor()
    await procedure.getByRole("button", { name: /^Leave out.*Send the nearest/ }).press("Enter")
    await page.keyboard.type("I am there myself")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await procedure.getByText(/^Left out: I am there myself/).waitFor()
    await procedure.getByText("✓ All steps are seen to").waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "procedure-desk")
  }, 60_000)

  it("opens a case of the alert with one key, and keeps what is written by itself", async () => {
    await page.keyboard.press("i")
    await page.getByRole("dialog").waitFor()
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: /^I-\d+ REAL/ }).waitFor()
    await page.getByLabel("Narrative").fill("The door stood open. Nobody was there. شاهد: محمد")
    await page.getByText("✓ Kept").waitFor()
    expect((await incident()).narrative).toContain("Nobody was there")
    await page.getByLabel("Nature").fill("Burglary")
    await page.getByLabel("General location").fill("Hall")
    await page.getByLabel("Clery log").selectOption("belongs")
    await page.getByText("Clery entry made").waitFor()
    await page.getByLabel("Name").fill("محمد العربي")
    await page.getByRole("button", { name: "Add person" }).press("Enter")
    await page.getByRole("listitem").filter({ hasText: "محمد العربي · witness" }).waitFor()
    await page.getByText("Case opened by Demo officer").waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "incident-desk")
  }, 60_000)

  it("tells an officer whose words somebody else has overtaken, and keeps what the officer decides", async () => {
    const { id, revision } = await incident()
    await page.getByText("✓ Kept").waitFor()
    // The officer is about to write: the change of another one comes while the network is away.
    await context.setOffline(true)
    await page.getByLabel("Narrative").fill("What I have seen myself.")
    await gateway.call(`/incidents/${id}/fields`, {
      method: "POST",
      body: JSON.stringify({ revision, fields: { narrative: "What the control room saw." } })
    })
    await context.setOffline(false)
    await page.getByText("Somebody else changed narrative meanwhile.").waitFor()
    await page.getByText("What the control room saw.").waitFor()
    await page.getByRole("button", { name: "Keep mine" }).press("Enter")
    await page.getByText("✓ Kept").waitFor()
    expect((await incident()).narrative).toBe("What I have seen myself.")
  }, 60_000)

  it("is closed by keyboard and printed as PDF", async () => {
    await page.getByRole("button", { name: "Close…" }).press("Enter")
    await page.getByRole("dialog").waitFor()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type("the police have it")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.getByText(/^Closed by Demo officer: real/).waitFor()
    const download = page.waitForEvent("download")
    await page.getByRole("link", { name: "PDF" }).press("Enter")
    pdf = readFileSync(await (await download).path())
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-")
  }, 60_000)

  it.skipIf(!canReadPdf)("is printed with all that was said and done", () => {
    const words = pagesOf(pdf).join("\n")
    for (const said of ["What I have seen myself.", "I am there myself", "the police have it"])
      expect(words).toContain(said)
  })

  it("stands in the list, on the phone too", async () => {
    await page.keyboard.press("3")
    await page.getByLabel("State").selectOption("closed")
    await page.getByRole("link", { name: /Door forced open: East exit/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "incidents-desk")
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await violations(page)).toEqual([])
    await shoot(page, "incidents-phone")
    await page.getByRole("link", { name: /Door forced open: East exit/ }).press("Enter")
    await page.getByRole("heading", { name: /^I-\d+ REAL/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, "incident-phone", { fullPage: true })
    await page.emulateMedia({ colorScheme: "dark" })
    expect(await violations(page)).toEqual([])
    await page.setViewportSize({ width: 1280, height: 900 })
    expect(await violations(page)).toEqual([])
    await shoot(page, "incident-dark")
  }, 60_000)
})
