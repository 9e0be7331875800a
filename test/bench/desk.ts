/**
 * What an officer waits for, in Chromium: `node test/bench/desk.ts [seconds]`. First the round trip of an acknowledgement,
 * from the key to the row that says so, against a real gateway; then 1,000 alerts in a minute (or so many seconds), while
 * somebody goes through the list: how long each key took until the next picture, and the longest task.
 */
import { resolve } from "node:path"
import type { Page } from "playwright-core"
import { Alert } from "../../gateway/domain/alert.ts"
import { Entry } from "../../gateway/log/entry.ts"
import { Schema } from "effect"
import { alertRaisedBy, noon, startApi } from "../api/memory-gateway.ts"
import { launchBrowser } from "../e2e/browser.ts"
import { forcedRow, signsIn } from "../e2e/officer.ts"
import { startRealGateway } from "../e2e/real-gateway.ts"

const rounds = 25
const floodAlerts = 1_000
const seconds = Number(process.argv[2] ?? 60)

const told = (name: string, times: ReadonlyArray<number>): void => {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): string => `${(sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0)} ms`
  console.log(`${name}: p50 ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)} (${times.length})`)
}

const browser = await launchBrowser()
const newPage = async (): Promise<Page> =>
  (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()

const acknowledging = async (): Promise<void> => {
  const gateway = await startRealGateway()
  const page = await newPage()
  await signsIn(page, gateway)
  await gateway.forceDoor()
  await forcedRow(page).focus()
  await page.keyboard.press("Enter")
  const ready = page.getByRole("button", { name: "Acknowledge", exact: true }).and(page.locator(":enabled"))
  const times: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    await ready.waitFor()
    const pressed = performance.now()
    await page.keyboard.press("a")
    await forcedRow(page)
      .getByText(/^Acknowledged by/)
      .waitFor()
    times.push(performance.now() - pressed)
    await page.keyboard.press("z")
    await forcedRow(page)
      .getByText(/^Unacknowledged/)
      .waitFor()
  }
  told("acknowledgement, key to row", times)
  await page.context().close()
  await gateway.stop()
}

const decodeEntry = Schema.decodeUnknownSync(Entry)

const raised = (seq: number): Entry => {
  const alert = { ...alertRaisedBy(seq), priority: ((seq % 4) + 1) as Alert["priority"], key: `door:d${seq}` }
  const change = { transition: "raised", at: noon, by: "bench", why: alert.why, alert }
  return decodeEntry({ _tag: "Alert", seq, site: "north", recordedAt: noon, alert: alert.id, cause: seq, change })
}

const flood = async (): Promise<void> => {
  const api = await startApi({ consoleDir: resolve(import.meta.dirname, "../../gateway/console/dist") })
  const page = await newPage()
  await signsIn(page, { url: api.origin, token: api.token })
  await page.evaluate(`
    window.keys = []; window.tasks = [0]
    new PerformanceObserver((list) => { for (const e of list.getEntries()) if (e.name === "keydown") window.keys.push(e.duration) })
      .observe({ type: "event", durationThreshold: 16 })
    new PerformanceObserver((list) => { for (const e of list.getEntries()) window.tasks.push(e.duration) })
      .observe({ type: "longtask" })
  `)
  const everyMs = (seconds * 1_000) / floodAlerts
  let sent = 0
  const timer = setInterval(() => {
    if (sent >= floodAlerts) return clearInterval(timer)
    const entry = raised(++sent)
    api.gateway.entries.push(entry)
    for (const listener of api.gateway.listeners) listener([entry], [JSON.stringify(entry)])
  }, everyMs)
  let pressed = 0
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    await page.keyboard.press(pressed++ % 5 === 4 ? "k" : "j")
    await page.waitForTimeout(200)
  }
  await page.waitForTimeout(1_000)
  const drawn = await page.locator(".alerts .row").count()
  const open = await page.locator(".alerts .tally").innerText()
  told(`${sent} alerts in ${seconds} s (${open}; ${drawn} rows drawn), key to next picture of ${pressed} keys`, [
    ...(await page.evaluate<ReadonlyArray<number>>("window.keys")),
    0
  ])
  told("tasks over 50 ms", await page.evaluate<ReadonlyArray<number>>("window.tasks"))
  await page.context().close()
  await api.stop()
}

await acknowledging()
await flood()
await browser.close()
process.exit()
