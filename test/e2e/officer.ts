import type { Locator, Page } from "playwright-core"
import type { GatewayUnderTest } from "./real-gateway.ts"

/** The row of a forced door, by its words. */
export const forcedRow = (page: Page): Locator => page.locator(".row button", { hasText: /forced/i }).first()

/** Opens the console with the token in the fragment and waits until it is live. Needs only the gateway's URL and token. */
export const signsIn = async (page: Page, gateway: Pick<GatewayUnderTest, "url" | "token">): Promise<void> => {
  await page.goto(`${gateway.url}/#token=${gateway.token}`)
  await page.getByText("● Live").waitFor()
}

/** Has a door forced, and waits until the officer sees it and a screen reader is told. */
export const seesForcedDoor = async (page: Page, gateway: Pick<GatewayUnderTest, "forceDoor">): Promise<void> => {
  await gateway.forceDoor()
  await forcedRow(page).waitFor()
  await page.getByText(/^(Critical|New) alert: .*forced/i).waitFor({ state: "attached" })
}

/** Acknowledges the forced door with the one key, and waits until the gateway has said so. */
export const acknowledgesByKey = async (page: Page): Promise<void> => {
  await forcedRow(page).focus()
  await page.keyboard.press("Enter")
  await page.getByRole("button", { name: "Acknowledge", exact: true }).and(page.locator(":enabled")).waitFor()
  await page.keyboard.press("a")
  await forcedRow(page)
    .getByText(/^Acknowledged by/)
    .waitFor()
}

/** Closes the selected alert as real, by keyboard alone, and waits until it has left the list. */
export const closesByKeyboard = async (page: Page, reason: string, look: () => Promise<void>): Promise<void> => {
  await page.getByRole("button", { name: "Close…" }).and(page.locator(":enabled")).waitFor()
  await page.keyboard.press("c")
  await page.getByRole("dialog").waitFor()
  await page.keyboard.press("Space")
  await page.keyboard.press("Tab")
  await page.keyboard.type(reason)
  await look()
  await page.keyboard.press("Tab")
  await page.keyboard.press("Enter")
  await page.getByRole("dialog").waitFor({ state: "detached" })
  await forcedRow(page).waitFor({ state: "detached" })
}
