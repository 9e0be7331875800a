import { join } from "node:path"
import { Effect, Exit, Scope } from "effect"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { timeFields } from "../../gateway/domain/wire.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import { openExplanations } from "../../gateway/explain/explanations.ts"
import { startApi } from "../api/memory-gateway.ts"
import { campusOf, dawn, Stage } from "../correlation/door-stage.ts"
import { logOf, removeLogs } from "../explain/log-of.ts"
import { violations } from "./accessible.ts"
import { launchBrowser, hasChromium, shoot } from "./browser.ts"

const built = join(import.meta.dirname, "../../gateway/console/dist")
const hour = 3600
const boxes = Array.from({ length: 16 }, (_, nth) => `box-${nth}`)

const tampers = (stage: Stage, second: number, closed: "nuisance-hardware" | "nuisance-user" | "real"): void => {
  stage.at(second).reads("contact/tamper", { kind: "tamper", value: "on" })
  const alert = stage.idOf("DoorTampered")
  stage.at(second + 20 + (second % 240)).acknowledges("DoorTampered", "ada")
  stage.at(second + 400).reads("contact/tamper", { kind: "tamper", value: "off" })
  stage.at(second + 900).enter({ _tag: "AlertClosed", alert, by: "ada", outcome: closed, reason: "looked at" })
}

/** A week with a nuisance door that is worst at noon, an opening at night, and one flood. */
const week = (): ReadonlyArray<Fact> => {
  const devices = boxes.map((id) => ({
    id: DeviceId.make(id),
    link: LinkId.make("mqtt"),
    profile: "generic",
    address: id
  }))
  const stage = new Stage(campusOf({}, devices))
  stage.at(0).closes().reads("contact/tamper", { kind: "tamper", value: "off" })
  for (let day = 0; day < 7; day++) {
    for (let nth = 0; nth < 1 + (day % 4); nth++) {
      const outcome = (["nuisance-hardware", "nuisance-user", "real"] as const)[(day + nth) % 3] ?? "real"
      tampers(stage, day * 24 * hour + (2 + nth) * hour, outcome)
    }
    stage.at(day * 24 * hour + 13 * hour).opens()
    stage.at(day * 24 * hour + 13 * hour + 120).closes()
    if (day === 3)
      for (let nth = 0; nth < 16; nth++)
        stage.at(day * 24 * hour + 14 * hour + nth * 5).happens(`box-${nth}/button`, { _tag: "PanicPressed" })
  }
  return stage.at(7 * 24 * hour - 1).facts
}

/** The same course, so much later. */
const later = <T>(value: T, ms: number): T =>
  JSON.parse(JSON.stringify(value), (name, one: unknown) =>
    typeof one === "number" && timeFields.has(name) ? one + ms : one
  ) as T

describe.skipIf(!hasChromium())("the page of alarm health", () => {
  const scope = Scope.makeUnsafe()
  let browser: Browser
  let api: Awaited<ReturnType<typeof startApi>>

  beforeAll(async () => {
    const { dataDir } = logOf(later(week(), Date.now() - dawn - 7 * 24 * hour * 1000))
    const explanations = await Effect.runPromise(openExplanations(dataDir).pipe(Scope.provide(scope)))
    api = await startApi({ consoleDir: built }, { explanations })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await api.stop()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    removeLogs()
  })

  const looks = [
    { name: "desk", scheme: "light", width: 1280, height: 800 },
    { name: "desk", scheme: "dark", width: 1280, height: 800 },
    { name: "phone", scheme: "light", width: 390, height: 844 },
    { name: "phone", scheme: "dark", width: 390, height: 844 }
  ] as const

  const open = async (page: Page): Promise<void> => {
    await page.goto(`${api.origin}/#token=${api.token}`)
    await page.getByText("● Live").waitFor()
    await page.goto(`${api.origin}/#alarm-health`)
    await page.getByRole("row", { name: /^East door / }).waitFor()
  }

  it.each(looks)("is read by everybody, on a $name, $scheme", async ({ name, scheme, width, height }) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme })
    try {
      const page = await context.newPage()
      await open(page)
      expect(await violations(page)).toEqual([])
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth")
      expect(wide).toBeLessThanOrEqual(width)
      await shoot(page, `alarm-health-${name}-${scheme}`)
      await page.locator("figure").last().scrollIntoViewIfNeeded()
      await shoot(page, `alarm-health-${name}-${scheme}-2`)
      await page.getByRole("heading", { name: "Targets" }).scrollIntoViewIfNeeded()
      await shoot(page, `alarm-health-${name}-${scheme}-3`)
    } finally {
      await context.close()
    }
  })

  it("is gone through by keyboard, and every picture has its table", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await open(page)
    await page.getByRole("combobox", { name: "Time" }).selectOption({ label: "24 hours" })
    await page.getByRole("figure", { name: /^Alerts in each 1 h/ }).waitFor()
    await page.getByText("As a table").press("Enter")
    const numbers = page.getByRole("region", { name: "Alerts by time, as a table" })
    await numbers.getByRole("columnheader", { name: "Critical" }).waitFor()
    const week = page.getByRole("region", { name: /^Alerts by weekday and hour/ })
    expect(await week.getByRole("row").count()).toBe(8)
    await page.close()
  })
})
