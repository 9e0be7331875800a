import { spawn } from "node:child_process"
import { readdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { ended, freePort, temporaryDirectory } from "../road/peers.ts"
import { launchBrowser, hasChromium } from "./browser.ts"
import { type Demo, startDemo } from "./demonstration.ts"
import { acknowledgesByKey, forcedRow, signsIn } from "./officer.ts"

const root = resolve(import.meta.dirname, "../..")

/** The command promises the alert within a minute of its start. */
const promisedMs = 60_000

/** The README shows what this test saw: `README_PICTURE=1` has it take that picture anew. */
const isForReadme = process.env["README_PICTURE"] !== undefined

/** Runs in the page: whether each picture has come, and is one. */
const areLoaded = (images: ReadonlyArray<unknown>): boolean =>
  images.every((image) => {
    const { complete, naturalWidth } = image as { readonly complete: boolean; readonly naturalWidth: number }
    return complete && naturalWidth > 0
  })

interface Told {
  readonly items: ReadonlyArray<Readonly<Record<string, unknown>> & { readonly id: string }>
}

/** How far each notification of an alert has come, by its channel. */
const toldOf = async ({ url, token }: Awaited<Demo["console"]>, alert: string) => {
  const headers = { authorization: `Bearer ${token}` }
  const { items } = (await (await fetch(`${url}/api/v1/alerts/${alert}/notifications`, { headers })).json()) as Told
  return items.map(({ channel, state }) => [channel, state])
}

describe.skipIf(!hasChromium())("a stranger tries the demonstration", () => {
  it("sees a door forced within a minute, its officer told by telephone and five pictures of it, acknowledges it, kills the process, and finds everything as it was", async () => {
    const directory = temporaryDirectory("demo")
    const port = await freePort()
    const browser = await launchBrowser()
    let demo = startDemo(directory.path, port)
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await signsIn(page, await demo.console)
      await page.getByText("● Live").waitFor()
      await forcedRow(page).waitFor({ timeout: promisedMs })
      expect(performance.now() - demo.startedAt).toBeLessThan(promisedMs)
      expect(demo.printed()).toContain("Door forced open: Science Hall roof hatch")
      await page.getByText("Why this alert").waitFor()
      await expect.poll(demo.printed).toMatch(/Text to Rosa Alvarez: A-\d+ CRITICAL/)
      const [, alert = ""] = /Text to Rosa Alvarez: (A-\d+)/.exec(demo.printed()) ?? []
      const entry = await demo.console
      await expect.poll(() => toldOf(entry, alert)).toContainEqual(["texts", "received"])
      const [, phones = ""] = /Phones +(http:\S+)/.exec(demo.printed()) ?? []
      expect(await (await fetch(phones)).text()).toContain(`value="${alert.slice(2)} `)
      const frames = page.getByRole("list", { name: "Frames of Science Hall roof camera" }).getByRole("img")
      await expect.poll(() => frames.count()).toBe(5)
      await expect.poll(() => frames.evaluateAll(areLoaded)).toBe(true)
      if (isForReadme) await page.screenshot({ path: join(import.meta.dirname, "console.png") })
      await acknowledgesByKey(page)
      demo.child.kill("SIGKILL")
      await ended(demo.child)
      await page.getByText("NOT LIVE", { exact: true }).waitFor()
      demo = startDemo(directory.path, port)
      const again = await browser.newPage()
      await signsIn(again, await demo.console)
      await forcedRow(again)
        .getByText(/^Acknowledged by/)
        .waitFor()
    } finally {
      await browser.close()
      demo.child.kill("SIGKILL")
      await ended(demo.child)
      directory.dispose()
    }
  }, 120_000)
})

it.concurrent("the demonstration trusts its own panel, says so once, and hears the Science Hall's doors through it", async () => {
  const directory = temporaryDirectory("demo-panel")
  const port = await freePort()
  let demo = startDemo(directory.path, port)
  const ask = async (path: string): Promise<Told["items"]> => {
    const { url, token } = await demo.console
    const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
    return ((await response.json()) as Told).items
  }
  const heard = async () => (await ask("/doors")).find(({ id }) => id === "science-entrance")
  const doors = { position: "Closed", lock: "Locked", mode: "Locked" }
  try {
    await expect.poll(heard, { timeout: promisedMs }).toMatchObject(doors)
    const link = async () => (await ask("/links")).find(({ id }) => id === "science-hall")
    await expect.poll(link).toMatchObject({ state: { _tag: "Online" }, granted: { event_queue: 5000 } })
    // Signed, encrypted and with a user: nothing is left unprotected.
    expect(await link()).not.toHaveProperty("weaknesses")
    const [, thumbprint] = /gatehouse certs trust ([0-9a-f]{40})/.exec(demo.printed()) ?? []
    expect(readdirSync(join(directory.path, "pki/trusted/certs")).join()).toContain(thumbprint)
    demo.child.kill("SIGKILL")
    await ended(demo.child)
    demo = startDemo(directory.path, port)
    await expect.poll(heard, { timeout: promisedMs }).toMatchObject(doors)
    expect(demo.printed()).not.toContain("certs trust")
  } finally {
    demo.child.kill("SIGKILL")
    await ended(demo.child)
    directory.dispose()
  }
}, 150_000)

it.concurrent("the demonstration ends by itself, in machine-readable lines, once the forced door is in the log", async () => {
  const args = [join(root, "gateway/gatehouse.mjs"), "demo", "--until", "alert", "--json"]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "ignore"] })
  let out = ""
  child.stdout.on("data", (chunk: Buffer) => void (out += chunk.toString()))
  await ended(child)
  expect(child.exitCode).toBe(0)
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly event: string; readonly condition?: string })
  expect(lines[0]).toMatchObject({ event: "started" })
  expect(lines.at(-1)).toMatchObject({ event: "alert", condition: "DoorForcedOpen", priority: 1 })
}, 90_000)
