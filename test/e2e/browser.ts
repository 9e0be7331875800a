import { existsSync } from "node:fs"

/** Where Debian's package puts it. */
export const chromiumPath = "/usr/bin/chromium"

/** Whether the real browser is here; `.ci/run` requires it, a machine without it skips with a plain message. */
export const hasChromium = (): boolean => {
  const found = existsSync(chromiumPath)
  if (!found && process.env["GATEHOUSE_REQUIRE_PEERS"] === "1") {
    throw new Error(
      `a browser is required here (GATEHOUSE_REQUIRE_PEERS=1): apt-get install chromium (${chromiumPath})`
    )
  }
  if (!found) console.warn(`skipped: no browser at ${chromiumPath} (apt-get install chromium)`)
  return found
}
