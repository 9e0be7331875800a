import { existsSync } from "node:fs"
import { join } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"

/** Where Debian's packages put it. */
const whole = "/usr/bin/chromium"

/** The same without windows of its own: it starts and draws for less, and shows no notifications. */
const shell = "/usr/bin/chromium-headless-shell"

/** Whether the real browser is here; `.ci/run` requires it, a machine without it skips with a plain message. */
export const hasChromium = (): boolean => {
  if (existsSync(whole)) return true
  if (process.env["GATEHOUSE_REQUIRE_PEERS"] === "1") {
    throw new Error(`a browser is required here (GATEHOUSE_REQUIRE_PEERS=1): apt-get install chromium (${whole})`)
  }
  console.warn(`skipped: no browser at ${whole} (apt-get install chromium)`)
  return false
}

/** The real browser. As root it has no sandbox, and in a container little shared memory. */
export const launchBrowser = (needs?: "notifications"): Promise<Browser> =>
  chromium.launch({
    executablePath: needs === undefined && existsSync(shell) ? shell : whole,
    args: ["--no-sandbox", "--disable-dev-shm-usage"]
  })

/** Takes a picture of a page for people to look at, where GATEHOUSE_SHOTS names a directory for them. */
export const shoot = async (page: Page, name: string, how: { readonly fullPage?: boolean } = {}): Promise<void> => {
  const directory = process.env["GATEHOUSE_SHOTS"]
  if (directory !== undefined) await page.screenshot({ path: join(directory, `${name}.png`), ...how })
}
