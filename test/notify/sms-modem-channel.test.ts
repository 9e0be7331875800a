import { existsSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { smsModemChannel } from "../../gateway/notify/sms/sms-modem-channel.ts"
import { parseSpoolFile, spoolName } from "../../gateway/notify/sms/smstools-spool.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { messageOf, openChannel } from "./channel-stage.ts"
import { startFakeModem } from "./fake-modem.ts"
import { hasSmsd, makeSpool, startSmsd } from "./smsd.ts"

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

const stage = async (more: object = {}) => {
  const { path, dispose } = temporaryDirectory("modem")
  const spool = makeSpool(path)
  const channel = await openChannel(smsModemChannel, { spool, ...more }, { dataDir: path, channel: "modem" })
  cleanups.push(dispose, channel.close)
  return { channel, spool, path }
}

const name = spoolName(messageOf().key)

/** What smsd does with the next text that is put there. */
const whenPut = (spool: string, then: (file: string) => void): void => {
  const watcher = watch(join(spool, "outgoing"), () => {
    for (const file of readdirSync(join(spool, "outgoing"))) if (!file.startsWith(".")) then(file)
  })
  cleanups.push(() => watcher.close())
}

describe("text messages by a modem's spool", () => {
  test("are handed over once the modem has sent them, with the id that the network gave", async () => {
    const { channel, spool } = await stage()
    let seen = ""
    whenPut(spool, (file) => {
      seen = readFileSync(join(spool, "outgoing", file), "utf8")
      writeFileSync(join(spool, "sent", file), `${seen.split("\n\n")[0]}\nMessage_id: 117\n\ntext`)
      rmSync(join(spool, "outgoing", file))
    })
    expect(await channel.send(messageOf())).toEqual({ _tag: "HandedOver", detail: "the network's id is 117" })
    const { headers, text } = parseSpoolFile(seen)
    expect(headers.get("To")).toBe("15550100100")
    expect(headers.get("Report")).toBe("yes")
    expect(text).toMatch(/^A-4821 Critical: door forced open.* Reply 4821 [3-9C-Y]{4} to acknowledge$/)
  })

  test("are not left to go out late: what no modem has begun with is taken back", async () => {
    const { channel, spool } = await stage({ sendWithinSeconds: 1 })
    expect(await channel.send(messageOf())).toEqual({ _tag: "TryLater", reason: "the modem has not begun with it" })
    expect(readdirSync(join(spool, "outgoing"))).toEqual([])
  })

  test("are not sent twice: a copy finds the first one, and what the modem has begun with is waited for", async () => {
    const { channel, spool } = await stage({ sendWithinSeconds: 1 })
    writeFileSync(join(spool, "checked", name), "To: 1\n\nx")
    writeFileSync(join(spool, "checked", `${name}.LOCK`), "")
    expect(await channel.send(messageOf())).toEqual({ _tag: "TryLater", reason: "the modem is still at it" })
    expect(existsSync(join(spool, "checked", name))).toBe(true)
    renameSync(join(spool, "checked", name), join(spool, "sent", name))
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "HandedOver" })
    expect(readdirSync(join(spool, "outgoing"))).toEqual([])
  })

  test("that failed say why, and are put there anew the next time", async () => {
    const { channel, spool } = await stage()
    whenPut(spool, (file) => {
      rmSync(join(spool, "outgoing", file))
      writeFileSync(join(spool, "failed", file), "To: 1\nFail_reason: Network out of order\n\nx")
    })
    expect(await channel.send(messageOf())).toEqual({ _tag: "TryLater", reason: "Network out of order" })
    expect(await channel.send(messageOf())).toEqual({ _tag: "TryLater", reason: "Network out of order" })
    expect(readdirSync(join(spool, "failed"))).toEqual([])
  })

  test("say in their self-test that the spool is missing, and in a message too", async () => {
    const { channel, spool } = await stage()
    expect(await channel.selfTest()).toMatchObject({ _tag: "HandedOver" })
    rmSync(spool, { recursive: true })
    expect(await channel.selfTest()).toMatchObject({ _tag: "Refused", scope: "channel" })
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "TryLater" })
  })
})

describe.skipIf(!hasSmsd())("the real smsd, with a modem at a socket,", { timeout: 60_000 }, () => {
  const whole = async (more: object = {}) => {
    const { channel, spool, path } = await stage({ sendWithinSeconds: 9, ...more })
    const modem = await startFakeModem()
    const smsd = startSmsd(path, spool, modem.device)
    cleanups.push(modem.close, smsd.stop)
    return { channel, spool, modem, path }
  }

  test("sends a text to its number, whole and in its alphabet", async () => {
    const { channel, modem } = await whole()
    const sent = await channel.send(messageOf({ short: "A-4821 Critical: Ostentür, größer als 10 €, “forced”" }))
    expect(sent).toMatchObject({ _tag: "HandedOver", detail: "the network's id is 101" })
    expect(modem.sent).toHaveLength(1)
    expect(modem.sent[0]?.to).toBe("15550100100")
    expect(modem.sent[0]?.text.replace("\u001be", "€")).toMatch(
      /^A-4821 Critical: Ostentür, größer als 10 €, "forced" Reply 4821 \w{4} to acknowledge$/
    )
  })

  test("sends a long one in UCS-2, in as many parts as were reckoned", async () => {
    const { channel, modem } = await whole()
    await channel.send(messageOf({ short: `A-4821 ${"взлом двери ".repeat(20)}` }))
    expect(modem.sent.map(({ part }) => part)).toEqual([
      [1, 2],
      [2, 2]
    ])
    const text = modem.sent.map((one) => one.text).join("")
    expect(text).toMatch(/^A-4821 взлом двери .*\.\.\. Reply 4821 \w{4} to acknowledge$/)
  })

  test("that cannot send says so, and sends when it can", async () => {
    const { channel, modem } = await whole()
    modem.refuse("refuse")
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "TryLater" })
    modem.refuse("send")
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "HandedOver" })
    expect(modem.sent.map(({ text }) => text.slice(0, 16))).toEqual(["A-4821 (repeat) "])
  })
})
