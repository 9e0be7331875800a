import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { codeIn, passwords, peopledConfig } from "../api/peopled-gateway.ts"
import { startReloading } from "../settings/reloading-gateway.ts"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"
import { forcedRow } from "./officer.ts"

const desk = { width: 1280, height: 800 }
const phone = { width: 390, height: 844 }

/** What axe finds in both themes, each with its picture. */
const looks = async (page: Page, name: string): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme })
    found.push(...(await violations(page)))
    await shoot(page, `${name}-${colorScheme}`)
  }
  return found
}

describe.skipIf(!hasChromium())("people at the console", () => {
  let browser: Browser
  let gateway: Awaited<ReturnType<typeof startReloading>>
  let dana: Page
  let rosa: Page

  beforeAll(async () => {
    gateway = await startReloading(peopledConfig())
    await gateway.say("east-contact", { contact: true })
    browser = await launchBrowser()
    dana = await (await browser.newContext({ viewport: desk })).newPage()
    rosa = await (await browser.newContext({ viewport: desk })).newPage()
  })
  afterAll(async () => {
    await browser.close()
    await gateway.stop()
  })

  const enrols = async (page: Page, name: string, password: string): Promise<void> => {
    await page.getByRole("heading", { name: `Welcome, ${name}` }).waitFor()
    await page.getByLabel("Password").fill(password)
    await page.getByLabel("Once more").fill(password)
    await page.keyboard.press("Enter")
    await page.getByText("● Live").waitFor()
  }

  it("come in by the link that the first start printed, invite others, and the link is good once", async () => {
    const link = gateway.url + (gateway.invitations[0]?.path ?? "")
    await dana.goto(link)
    await dana.getByLabel("Password").waitFor()
    expect(await looks(dana, "enrol")).toEqual([])
    await dana.getByLabel("Password").fill(passwords.dana)
    await dana.getByLabel("Once more").fill("something else entirely")
    await dana.keyboard.press("Enter")
    await dana.getByText("The two are not the same.").waitFor()
    await enrols(dana, "Dana Whitfield", passwords.dana)
    expect(dana.url()).not.toContain("enrol")
    await dana.keyboard.press("9")
    await dana.getByRole("button", { name: "Enrolment link for Rosa Alvarez" }).click()
    const given = await dana.getByRole("textbox", { name: "Link" }).inputValue()
    expect(codeIn(given)).not.toBe("")
    await dana.keyboard.press("Escape")
    await rosa.goto(given)
    await enrols(rosa, "Rosa Alvarez", passwords.rosa)
    const again = await (await browser.newContext({ viewport: phone })).newPage()
    await again.goto(given)
    await again.getByText(/used, has expired/).waitFor()
    expect(await looks(again, "sign-in-phone")).toEqual([])
    await again.getByLabel("Your name").fill("rosa alvarez")
    await again.getByLabel("Password").fill(passwords.rosa)
    await again.keyboard.press("Enter")
    await again.getByText("● Live").waitFor()
    await again.close()
    expect(await looks(dana, "people")).toEqual([])
  })

  it("see when the tokens of machines were last used, and revoke one", async () => {
    const name = "library-wall-display-of-the-front-desk-of-the-science-hall"
    const made = await gateway.call("/tokens", {
      method: "POST",
      body: JSON.stringify({ name, role: "viewer", only: ["see"], days: 30 })
    })
    const asks = async () => {
      const headers = { authorization: `Bearer ${String(made.body["token"])}` }
      return (await fetch(`${gateway.url}/api/v1/campus`, { headers })).status
    }
    const row = dana.getByRole("list", { name: "Tokens of machines" }).getByRole("listitem").filter({ hasText: name })
    await row.getByText("Not used yet").waitFor()
    expect(await asks()).toBe(200)
    await dana.reload()
    await row.getByText(/^Used \d+ s ago$/).waitFor()
    await row.getByText(/^Made 20\d\d-\d\d-\d\d$/).waitFor()
    await row.getByText(/^Good until 20\d\d-\d\d-\d\d$/).waitFor()
    await row.scrollIntoViewIfNeeded()
    expect(await looks(dana, "tokens")).toEqual([])
    await dana.setViewportSize(phone)
    await row.scrollIntoViewIfNeeded()
    expect(await dana.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width)
    expect(await looks(dana, "tokens-phone")).toEqual([])
    await dana.setViewportSize(desk)
    await row.getByRole("button", { name: /^Revoke/ }).press("Enter")
    await dana
      .getByRole("dialog")
      .getByText(/is turned away from then on/)
      .waitFor()
    expect(await looks(dana, "token-revoke")).toEqual([])
    await dana.locator("button:focus", { hasText: "Cancel" }).waitFor()
    await dana.getByRole("button", { name: "Revoke", exact: true }).press("Enter")
    await row.waitFor({ state: "detached" })
    expect(await asks()).toBe(401)
  })

  it("sign on with a sound test, hand over what is open, and the next one signs and takes over", async () => {
    await rosa.getByRole("link", { name: "Start your shift" }).click()
    await rosa.getByLabel("I heard it").waitFor()
    expect(await looks(rosa, "shift-start")).toEqual([])
    await rosa.getByRole("button", { name: "Play the test alarm" }).click()
    await rosa.getByLabel("I heard it").check()
    await rosa.getByRole("button", { name: "Start shift" }).press("Enter")
    await rosa.getByRole("heading", { name: "Your shift" }).waitFor()
    await gateway.say("east-contact", { contact: false })
    await rosa.getByRole("link", { name: /^Desk 1 unacknowledged/ }).click()
    await forcedRow(rosa).waitFor()
    await rosa.keyboard.press("5")
    await rosa.getByLabel("Note for whoever comes next").fill("Plumber in the cellar until eight")
    await rosa.getByRole("button", { name: "Add the note" }).press("Enter")
    await rosa.getByRole("list").getByText("Plumber in the cellar until eight").waitFor()
    expect(await looks(rosa, "shift")).toEqual([])
    await rosa.setViewportSize(phone)
    expect(await looks(rosa, "shift-phone")).toEqual([])
    await rosa.setViewportSize(desk)
    await rosa.getByRole("button", { name: "Sign and stay on shift" }).press("Enter")
    await rosa.getByText("Not taken over yet").waitFor()

    await dana.goto(`${gateway.url}/#shift`)
    await dana.getByRole("button", { name: /^I have read it and take over/ }).press("Enter")
    await dana.getByText(/Taken over by Dana Whitfield/).waitFor()
    const print = await dana.getByRole("link", { name: /^Read and print H-/ }).getAttribute("href")
    const page = await dana.context().newPage()
    await page.goto(gateway.url + (print ?? ""))
    await page.getByText("Handed over by Rosa Alvarez").waitFor()
    await page.getByRole("cell", { name: "Door forced open: East exit" }).waitFor()
    expect(await looks(page, "hand-over-print")).toEqual([])
    await page.close()
    await dana.getByLabel("Rosa Alvarez").check()
    await dana.getByLabel("Nothing sounds where I sit").check()
    await dana.getByRole("button", { name: "Start shift" }).press("Enter")
    await dana.getByRole("heading", { name: "Your shift" }).waitFor()
    await rosa.getByRole("heading", { name: "Start your shift" }).waitFor()
  })

  it("see what they may do and nothing else, and are out at once when they are put out", async () => {
    await rosa.keyboard.press("9")
    await rosa.getByText("Sam Okafor").waitFor()
    expect(await rosa.getByRole("button", { name: /^Enrolment link/ }).count()).toBe(0)
    expect(await rosa.getByRole("heading", { name: "Tokens of machines" }).count()).toBe(0)
    expect(await rosa.getByRole("link", { name: "What if" }).count()).toBe(0)
    await rosa.keyboard.press("w")
    await rosa.keyboard.press("0")
    await rosa.keyboard.press("?")
    await rosa.getByText("This sheet", { exact: true }).waitFor()
    expect(await rosa.getByText(/^What if/).count()).toBe(0)
    await rosa.keyboard.press("Escape")
    expect(rosa.url()).toMatch(/#people$/)
    await rosa.goto(`${gateway.url}/#what-if`)
    await rosa.getByRole("heading", { name: "Alerts" }).waitFor()
    await rosa.keyboard.press("9")
    await rosa.getByText("Sam Okafor").waitFor()
    await rosa.setViewportSize(phone)
    expect(await looks(rosa, "people-phone")).toEqual([])
    await dana.keyboard.press("9")
    await dana.getByRole("button", { name: /^Sign out everywhere.*Rosa Alvarez$/ }).press("Enter")
    await rosa.getByText("Your session has ended. Sign in again.").waitFor()
  })
})
