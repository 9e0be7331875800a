import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { wrongSignature } from "../../gateway/notify/signature.ts"
import { webhookChannel } from "../../gateway/notify/webhook/webhook-channel.ts"
import { makeCertificates } from "../deploy/certificates.ts"
import { temporaryDirectory } from "../road/peers.ts"
import type { Serving } from "../road/serving.ts"
import { messageOf, noon, openChannel } from "./channel-stage.ts"
import { type HookAnswer, startHook } from "./receivers.ts"

const secret = "a secret of both sides"
process.env["HOOK_SECRET"] = secret
const directory = temporaryDirectory("webhook")
afterAll(directory.dispose)
const open = (url: string, more: object = {}) =>
  openChannel(webhookChannel, { url, secret: { env: "HOOK_SECRET" }, ...more }, { dataDir: directory.path })

const closing: Array<() => unknown> = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const answering = async (answer: HookAnswer): Promise<Serving> => {
  const hook = await startHook(() => Promise.resolve(answer))
  closing.push(hook.close)
  return hook
}

describe("a webhook", () => {
  it("is posted with its key, and signed over time and body; no address of anybody is in it", async () => {
    let heard: { readonly key: string; readonly text: string; readonly headers: Record<string, unknown> } | undefined
    const hook = await startHook((post) => {
      heard = post
      return Promise.resolve({ status: 204 })
    })
    const channel = await open(`http://127.0.0.1:${hook.port}/alerts`)
    closing.push(hook.close, channel.close)
    expect(await channel.send(messageOf())).toEqual({ _tag: "HandedOver", detail: "HTTP 204" })
    expect(heard?.key).toBe("A-4821:1:r-alvarez:phone")
    const [timestamp, signature] = ["timestamp", "signature"].map((name) =>
      String(heard?.headers[`x-gatehouse-${name}`])
    )
    const signed = { timestamp, signature }
    expect(wrongSignature(secret, Buffer.from(heard!.text), signed, noon)).toBeUndefined()
    expect(wrongSignature(secret, Buffer.from(heard!.text.replace("north", "south")), signed, noon)).toBeDefined()
    expect(JSON.parse(heard!.text)).toMatchObject({
      version: 1,
      type: "alert.notification",
      key: "A-4821:1:r-alvarez:phone",
      alert: { id: "A-4821", raisedAt: new Date(noon - 2000).toISOString() },
      person: { name: "R. Alvarez" }
    })
    expect(heard!.text).not.toContain("555 010")
  })

  it.each<[string, HookAnswer, object]>([
    ["400 is of no use to be asked again", { status: 400 }, { _tag: "Refused", scope: "channel", reason: "HTTP 400" }],
    ["401 neither", { status: 401 }, { _tag: "Refused", scope: "channel" }],
    [
      "302 leads elsewhere, and nothing of ours goes there",
      { status: 302, headers: { location: "http://other.example/" } },
      { _tag: "Refused", reason: expect.stringContaining("points elsewhere") }
    ],
    [
      "429 is for later, after so long",
      { status: 429, headers: { "retry-after": "120" } },
      { _tag: "TryLater", reason: "HTTP 429", afterMs: 120_000 }
    ],
    ["503 is for later", { status: 503 }, { _tag: "TryLater", reason: "HTTP 503" }]
  ])("that is answered with %s", async (_, answer, sent) => {
    const hook = await answering(answer)
    const channel = await open(`http://127.0.0.1:${hook.port}/`)
    closing.push(channel.close)
    expect(await channel.send(messageOf())).toMatchObject(sent)
  })

  it("to nobody is for later", async () => {
    const hook = await startHook(() => Promise.resolve({ status: 204 }))
    await hook.close()
    const channel = await open(`http://127.0.0.1:${hook.port}/`)
    closing.push(channel.close)
    expect(await channel.send(messageOf())).toMatchObject({
      _tag: "TryLater",
      reason: expect.stringContaining("ECONNREFUSED")
    })
  })

  it("without its secret says where that should be, and sends nothing", async () => {
    const channel = await open("http://127.0.0.1:9/", { secret: { env: "HOOK_NO_SECRET" } })
    closing.push(channel.close)
    expect(await channel.send(messageOf())).toMatchObject({
      _tag: "Refused",
      reason: expect.stringContaining("HOOK_NO_SECRET")
    })
  })

  it("proves itself with a test that says so", async () => {
    let text = ""
    const hook = await startHook((post) => {
      text = post.text
      return Promise.resolve({ status: 200 })
    })
    const channel = await open(`http://127.0.0.1:${hook.port}/`)
    closing.push(hook.close, channel.close)
    expect(await channel.selfTest()).toMatchObject({ _tag: "HandedOver" })
    expect(JSON.parse(text)).toMatchObject({ type: "test" })
  })
})

describe("a webhook over TLS", () => {
  const path = (name: string): string => `${directory.path}/${name}`
  beforeAll(() => {
    makeCertificates(directory.path, ["good"])
    // One whose time is over, of the same authority.
    const times = ["-days", "-1"]
    const from = ["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-extfile", path("san")]
    execFileSync("openssl", ["x509", "-req", "-in", path("good.csr"), ...from, ...times, "-out", path("expired.pem")], {
      stdio: "ignore"
    })
  })

  it.each([
    ["is sent to a certificate of the authority it is told of", "good", "ca.pem", { _tag: "HandedOver" }],
    ["is not sent to one of an authority it does not know", "good", undefined, { _tag: "TryLater" }],
    [
      "is not sent to one that has expired",
      "expired",
      "ca.pem",
      { _tag: "TryLater", reason: expect.stringContaining("CERT_HAS_EXPIRED") }
    ]
  ])("%s", async (_, certificate, ca, sent) => {
    const tls = { cert: readFileSync(path(`${certificate}.pem`)), key: readFileSync(path("good.key")) }
    let received = 0
    const hook = await startHook(() => {
      received++
      return Promise.resolve({ status: 204 })
    }, tls)
    const channel = await open(`https://localhost:${hook.port}/`, ca === undefined ? {} : { caFile: path(ca) })
    closing.push(hook.close, channel.close)
    expect(await channel.send(messageOf())).toMatchObject(sent)
    expect(received).toBe(sent._tag === "HandedOver" ? 1 : 0)
  })
})
