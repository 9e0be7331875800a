import { createServer } from "node:http"
import { Schema } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import { openAnswerKey } from "../../gateway/notify/answer-key.ts"
import { SmsHttpSettings, smsHttpChannel } from "../../gateway/notify/sms/sms-http-channel.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { serving } from "../road/serving.ts"
import { messageOf, openChannel } from "./channel-stage.ts"

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A provider over a real socket. */
const startProvider = async (answer: () => readonly [number, string, Readonly<Record<string, string>>?]) => {
  const asked: Array<Asked> = []
  const server = createServer((incoming, response) => {
    let body = ""
    incoming.on("data", (chunk: Buffer) => void (body += chunk.toString()))
    incoming.on("end", () => {
      asked.push({ method: incoming.method ?? "", url: incoming.url ?? "", headers: incoming.headers, body })
      const [status, text, headers = {}] = answer()
      response.writeHead(status, headers).end(text)
    })
  })
  const { port, close } = await serving(server)
  cleanups.push(close)
  return { url: `http://127.0.0.1:${port}`, asked, close }
}

const json = (url: string) => ({
  http: {
    url: `${url}/sms?account={{from}}`,
    headers: { authorization: "Bearer {{key1}}" },
    body: '{"to":"{{to}}","text":"{{text}}","ref":"{{key}}","status_url":"{{receipt}}"}'
  },
  secrets: { key1: { env: "TEST_SMS_KEY" } },
  from: "Campus Security",
  publicUrl: "https://gatehouse.campus.edu/",
  replies: true
})

const stage = async (settings: unknown) => {
  process.env["TEST_SMS_KEY"] = "k-1"
  const { path: dataDir, dispose } = temporaryDirectory("sms")
  const channel = await openChannel(smsHttpChannel, settings, { dataDir, channel: "sms" })
  cleanups.push(dispose, channel.close)
  return { channel, dataDir }
}

describe("text messages by a provider's HTTP interface", () => {
  test("go as its template says, each value escaped for its place", async () => {
    const provider = await startProvider(() => [202, "{}"])
    const { channel, dataDir } = await stage(json(provider.url))
    const short = 'A-4821 Critical: "Lab 3" \\ forced'
    expect(await channel.send(messageOf({ short }))).toEqual({ _tag: "HandedOver" })
    const [sent] = provider.asked
    expect(sent).toMatchObject({ method: "POST", url: "/sms?account=Campus%20Security" })
    expect(sent?.headers["authorization"]).toBe("Bearer k-1")
    const body = JSON.parse(sent?.body ?? "") as Record<string, string>
    const answers = openAnswerKey(dataDir)
    const code = answers.codeOf("A-4821", "r-alvarez")
    expect(body["to"]).toBe("+15550100100")
    expect(body["text"]).toBe(`A-4821 Critical: "Lab 3" \\ forced Reply 4821 ${code} to acknowledge`)
    expect(body["ref"]).toBe("A-4821:1:r-alvarez:phone")
    const receipt = new URL(body["status_url"] ?? "")
    expect(receipt.pathname).toBe("/api/v1/inbound/receipts")
    expect(
      answers.isProof(receipt.searchParams.get("notification") ?? "", receipt.searchParams.get("proof") ?? "")
    ).toBe(true)
  })

  test("go as a form where the template is one", async () => {
    const provider = await startProvider(() => [200, "OK 17"])
    const http = { url: provider.url, body: "to={{toDigits}}&msg={{text}}", takenWhen: { bodyMatches: "^OK" } }
    const { channel } = await stage({ http })
    await channel.send(messageOf({ short: "A & B = C" }))
    expect(provider.asked[0]?.headers["content-type"]).toBe("application/x-www-form-urlencoded")
    expect(new URLSearchParams(provider.asked[0]?.body).get("msg")).toBe("A-4821 A & B = C")
    expect(new URLSearchParams(provider.asked[0]?.body).get("to")).toBe("15550100100")
  })

  test("say that they are a repeat: in a later round, and when nobody knows what came of the first copy", async () => {
    let status = 503
    const provider = await startProvider(() => [status, ""])
    const { channel } = await stage({ ...json(provider.url), replies: false })
    const texts = () => provider.asked.map(({ body }) => (JSON.parse(body) as { text: string }).text.slice(0, 16))
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "TryLater" })
    status = 200
    await channel.send(messageOf())
    await channel.send(messageOf({ round: 2, key: "A-4821:1:r-alvarez:phone:2" }))
    expect(texts()).toEqual(["A-4821 Critical:", "A-4821 (repeat) ", "A-4821 (repeat) "])
  })

  test.each([
    [400, { _tag: "Refused", scope: "recipient" }],
    [401, { _tag: "Refused", scope: "channel" }],
    [402, { _tag: "Refused", scope: "channel" }],
    [429, { _tag: "TryLater", afterMs: 11_000 }],
    [500, { _tag: "TryLater" }]
  ])("a provider's %i is understood", async (status, came) => {
    const provider = await startProvider(() => [status, "no", { "retry-after": "11" }])
    const { channel } = await stage(json(provider.url))
    expect(await channel.send(messageOf())).toMatchObject(came)
  })

  test("a provider that answers 200 to everything is believed only when its body says so", async () => {
    const provider = await startProvider(() => [200, '{"error":"no credit"}'])
    const { channel } = await stage({
      http: { url: provider.url, body: "{{text}}", takenWhen: { bodyMatches: '"id"' } }
    })
    expect(await channel.send(messageOf())).toMatchObject({
      _tag: "TryLater",
      reason: expect.stringContaining("no credit")
    })
  })

  test("are refused for who has no telephone number, and the key that is missing is named", async () => {
    const provider = await startProvider(() => [200, ""])
    const { channel } = await stage(json(provider.url))
    expect(await channel.send(messageOf({ recipient: { address: "555" } }))).toMatchObject({ scope: "recipient" })
    delete process.env["TEST_SMS_KEY"]
    const refused = await channel.send(messageOf())
    expect(refused).toMatchObject({
      _tag: "Refused",
      scope: "channel",
      reason: expect.stringContaining("TEST_SMS_KEY")
    })
    expect(provider.asked).toEqual([])
  })

  test("are tested without a text to anybody", async () => {
    const provider = await startProvider(() => [404, ""])
    const { channel } = await stage(json(provider.url))
    expect(await channel.selfTest()).toMatchObject({ _tag: "HandedOver" })
    expect(provider.asked.map(({ method }) => method)).toEqual(["HEAD"])
    await provider.close()
    expect(await channel.selfTest()).toMatchObject({ _tag: "TryLater" })
  })

  test.each([
    [{ http: { url: "https://sms.example/", body: "{{nonsense}}" } }, "{{nonsense}} stands for nothing"],
    [{ http: { url: "https://sms.example/", body: "{{receipt}}" } }, "there is no publicUrl"],
    [{ http: { url: "https://sms.example/{{text}}", method: "GET", body: "x" } }, "a GET carries no body"],
    [{ http: { url: "https://sms.example/", takenWhen: { bodyMatches: "(" } } }, "no regular expression"],
    [{ http: { url: "ftp://sms.example/" } }, "an http: or https: address"]
  ])("a template that cannot work is refused before anybody needs it: %#", (settings, why) => {
    expect(() => Schema.decodeUnknownSync(SmsHttpSettings)(settings)).toThrow(why)
  })
})
