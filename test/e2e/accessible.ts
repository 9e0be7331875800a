import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "playwright-core"

/** Looks in the page itself, and opens no second one to put the findings of frames together: the console has none. */
const axeOf = (page: Page): AxeBuilder => new AxeBuilder({ page }).setLegacyMode(true)

const told = async (axe: AxeBuilder): Promise<ReadonlyArray<string>> => {
  const found = await axe.analyze()
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.target.join(" ")).join("; ")}`)
}

/**
 * What axe finds against WCAG 2.2 AA and its best practice, each rule with where it is broken; `within` one part of the
 * page, where the rest may wait.
 */
export const violations = (page: Page, within?: string): Promise<ReadonlyArray<string>> => {
  const axe = axeOf(page)
  if (within !== undefined) axe.include(within)
  return told(axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]))
}

/** The rules that look at colours: the other theme of a page differs in nothing else. */
const ofColours = ["color-contrast", "link-in-text-block"]

/**
 * What axe finds in the light theme, and in the dark one, each told with its theme. `each` is called while the page
 * shows a theme. The page stays dark.
 */
export const violationsInThemes = async (
  page: Page,
  each: (theme: "light" | "dark") => Promise<unknown>
): Promise<ReadonlyArray<string>> => {
  await page.emulateMedia({ colorScheme: "light" })
  const light = await violations(page)
  await each("light")
  await page.emulateMedia({ colorScheme: "dark" })
  const dark = await told(axeOf(page).withRules(ofColours))
  await each("dark")
  return [...light.map((one) => `light: ${one}`), ...dark.map((one) => `dark: ${one}`)]
}
