import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { emailChannel } from "../../gateway/notify/email/email-channel.ts"
import { messageOf, openChannel } from "./channel-stage.ts"
import { headerOf, type Received, startMailServer } from "./receivers.ts"

process.env["MAIL_PASSWORD"] = "right"
const closing: Array<() => unknown> = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const mail = (changes = {}) =>
  messageOf({ recipient: { person: { id: "ada", name: "Ada" }, address: "ada@example.org" }, ...changes })

const open = async (port: number, more: object = {}) => {
  const written = { host: "127.0.0.1", port, tls: "none", from: "desk@example.org", ...more }
  const channel = await openChannel(emailChannel, written, { dataDir: "/nowhere" })
  closing.push(channel.close)
  return channel
}

/** A mail server that takes everything. */
const taking = async () => {
  const heard: Array<Received> = []
  const { port, close } = await startMailServer((one) => {
    heard.push(one)
    return Promise.resolve(undefined)
  })
  closing.push(close)
  return { heard, port }
}

const refusing = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode })

describe("a mail", () => {
  it("goes out with an id that every copy has, and mails of one alert hang together", async () => {
    const { heard, port } = await taking()
    const channel = await open(port)
    expect(await channel.send(mail())).toMatchObject({ _tag: "HandedOver", detail: expect.stringMatching(/^250 /) })
    await channel.send(mail())
    await channel.send(mail({ key: "A-4821:2:ada:mail" }))
    const [first, copy, other] = heard.map(({ text }) => headerOf(text, "Message-ID"))
    expect(first).toMatch(/^<A-4821_1_r-alvarez_phone@north\.gatehouse>$/)
    expect(copy).toBe(first)
    expect(other).not.toBe(first)
    expect(new Set(heard.map(({ text }) => headerOf(text, "References")))).toEqual(
      new Set(["<A-4821@north.gatehouse>"])
    )
    expect(headerOf(heard[0]!.text, "Auto-Submitted")).toBe("auto-generated")
    expect(heard[0]!.text).toContain("Door forced open at Science Hall")
  })

  it.each([
    ["a mailbox that is not there is that recipient's", 550, { _tag: "Refused", scope: "recipient" }],
    ["a server that is busy is for later", 451, { _tag: "TryLater" }]
  ])("to %s", async (_, code, sent) => {
    const server = await startMailServer(() => Promise.resolve(undefined), {
      onRcptTo: (_address, _session, done) => done(refusing(code, "not so"))
    })
    closing.push(server.close)
    expect(await (await open(server.port)).send(mail())).toMatchObject(sent)
  })

  it("that the server does not let us send is the channel's", async () => {
    const server = await startMailServer(() => Promise.resolve(undefined), {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(refusing(535, "authentication failed"))
    })
    closing.push(server.close)
    const channel = await open(server.port, { user: "desk", password: { env: "MAIL_PASSWORD" } })
    expect(await channel.send(mail())).toMatchObject({ _tag: "Refused", scope: "channel" })
    expect(await channel.selfTest()).toMatchObject({ _tag: "Refused", scope: "channel" })
  })

  it("to a server that has no TLS where we demand it is the channel's fault, and nothing is said in clear", async () => {
    const { heard, port } = await taking()
    expect(await (await open(port, { tls: "starttls" })).send(mail())).toMatchObject({
      _tag: "Refused",
      scope: "channel"
    })
    expect(heard).toEqual([])
  })

  it("to a server that is away, or is none, is for later", async () => {
    const silent = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
    await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening))
    const { port } = silent.address() as AddressInfo
    expect(await (await open(port)).send(mail())).toMatchObject({ _tag: "TryLater" })
    await new Promise((closed) => silent.close(closed))
    expect(await (await open(port)).send(mail())).toMatchObject({ _tag: "TryLater" })
  })

  it("proves its way without disturbing anybody", async () => {
    const { heard, port } = await taking()
    expect(await (await open(port)).selfTest()).toMatchObject({ _tag: "HandedOver" })
    expect(heard).toEqual([])
  })
})
