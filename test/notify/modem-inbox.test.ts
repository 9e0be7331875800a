import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit, Schema, Scope } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { readInbox } from "../../gateway/notify/sms/modem-inbox.ts"
import { SmsModemSettings } from "../../gateway/notify/sms/sms-modem-channel.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { airDeliver, airReport } from "./air-pdu.ts"
import { startFakeModem } from "./fake-modem.ts"
import { ModemGateway, received, reported } from "./modem-gateway.ts"
import { hasSmsd, makeSpool, startSmsd } from "./smsd.ts"

const within = { timeout: 15_000 }
const [alvarez, chen] = ["15550100100", "15550100101"]

describe("an answer that the modem has received", { timeout: 40_000 }, () => {
  let stage: ModemGateway
  beforeAll(async () => {
    stage = await ModemGateway.start()
  })
  afterAll(() => stage.stop())

  const taken = async (file: string) => {
    await expect.poll(() => existsSync(file), within).toBe(false)
  }
  const acts = async (alert: string) =>
    (await stage.gateway.facts("AlertAcknowledged")).filter((fact) => fact["alert"] === alert)

  test("acknowledges in the name of whose number it is, and goes once that is on disk", async () => {
    const id = await stage.raised()
    await taken(stage.receives("GSM1.a", received(alvarez, `${id.slice(2)} ${stage.codeOf(id)}`)))
    expect(await acts(id)).toMatchObject([{ by: "R. Alvarez", note: "answered by modem" }])
  })

  test("left behind by a crash and read again acknowledges nothing twice", async () => {
    const id = await stage.raised()
    const text = received(alvarez, `${id} ${stage.codeOf(id)} on my way`)
    await taken(stage.receives("GSM1.b", text))
    await taken(stage.receives("GSM1.b", text))
    expect(await acts(id)).toHaveLength(1)
  })

  test("is read in the alphabet that it came in", async () => {
    const id = await stage.raised()
    const text = Buffer.from(`${id.slice(2)} ${stage.codeOf(id)} иду`, "utf16le").swap16()
    const head = Buffer.from(received(alvarez, "", "Alphabet: UCS2"))
    await taken(stage.receives("GSM1.c", Buffer.concat([head, text])))
    expect(await acts(id)).toHaveLength(1)
  })

  test("with a wrong code, of a stranger's number, or to what is closed, acknowledges nothing and is a fact", async () => {
    const id = await stage.raised()
    await taken(stage.receives("GSM1.d", received(alvarez, `${id} ${stage.codeOf(id, "b-chen")}`)))
    await taken(stage.receives("GSM1.e", received("15550109999", `${id} ${stage.codeOf(id)}`)))
    await taken(stage.receives("GSM1.f", received(chen, `${id} ${stage.codeOf(id)}`)))
    const closes = { authorization: `Bearer ${stage.gateway.token}`, "content-type": "application/json" }
    await stage.gateway.post(`/alerts/${id}/close`, JSON.stringify({ outcome: "test-drill", reason: "over" }), closes)
    await taken(stage.receives("GSM1.g", received(alvarez, `${id} ${stage.codeOf(id)}`)))
    expect(await acts(id)).toEqual([])
    expect((await stage.gateway.facts("AccessRefused")).toReversed()).toMatchObject([
      { who: "modem, a number that ends with 100", what: `an answer with a wrong code, to ${id}` },
      { who: "modem, a number that ends with 999", what: "an answer of nobody who is known by this number" },
      { who: "modem, a number that ends with 101", what: `an answer with a wrong code, to ${id}` },
      { who: "modem, a number that ends with 100", what: `an answer to ${id}, which is closed` }
    ])
  })

  test("is not held up by what is for others or cannot be read, which stay where they are", async () => {
    const id = await stage.raised()
    const before = (await stage.gateway.facts("AccessRefused")).length
    const others = [
      stage.receives("GSM1.h", received("Provider", "Your balance is 12 euro")),
      stage.receives("GSM1.i", "no headers, and no end of them"),
      stage.receives("GSM1.j", received(alvarez, "\u0001", "Alphabet: binary"))
    ]
    await taken(stage.receives("GSM1.k", received(alvarez, `${id} ${stage.codeOf(id)}`)))
    expect(others.map((file) => existsSync(file))).toEqual([true, true, true])
    expect(await stage.gateway.facts("AccessRefused")).toHaveLength(before)
  })
})

describe("a status report of the network", { timeout: 40_000 }, () => {
  let stage: ModemGateway
  afterEach(() => stage.stop())

  const handedOver = async (messageId: number) => {
    const id = await stage.raised()
    await expect.poll(() => stage.sendsAs(messageId), within).toHaveLength(1)
    const notification = `${id}:1:r-alvarez:modem`
    const answers = async () => stage.gateway.facts("NotificationAnswered")
    await expect.poll(answers, within).toContainEqual(expect.objectContaining({ notification, outcome: "handed-over" }))
    return { id, notification }
  }

  test("that a text has come makes its notification received, after a restart as well", async () => {
    stage = await ModemGateway.start()
    const { notification } = await handedOver(117)
    await stage.gateway.stop()
    await stage.begin()
    stage.receives("GSM1.r", reported(alvarez, 117, "0,Ok,short message received by the SME"))
    const facts = async () => stage.gateway.facts("NotificationReceived")
    await expect.poll(facts, within).toMatchObject([{ notification, channel: "modem" }])
  })

  test("that a text is lost has the next channel used, and one of somebody else's text changes nothing", async () => {
    stage = await ModemGateway.start(
      ", partsMax: 2",
      "Science Hall, the long corridor on the second floor behind the library"
    )
    const { id, notification } = await handedOver(118)
    const strange = stage.receives("GSM1.s", reported(chen, 118, "70,Error,no rights"))
    // The text went in two parts, and each has its report; smsd tells the id of the last one only.
    const first = stage.receives("GSM1.p", reported(alvarez, 117, "0,Ok,short message received by the SME"))
    await expect.poll(() => existsSync(first), within).toBe(false)
    expect(await stage.gateway.facts("NotificationReceived")).toEqual([])
    const trying = stage.receives("GSM1.t", reported(alvarez, 118, "48,Still trying,congestion"), "report")
    await expect.poll(() => existsSync(trying), within).toBe(false)
    stage.receives("GSM1.u", reported(alvarez, 118, "70,Error,SM does not exist"), "report")
    const sends = async () => (await stage.gateway.facts("NotificationSent")).map((fact) => fact["notification"])
    await expect.poll(sends, within).toContain(`${id}:1:r-alvarez:sms`)
    expect(await stage.gateway.facts("NotificationAnswered")).toContainEqual(
      expect.objectContaining({
        notification,
        outcome: "refused",
        scope: "recipient",
        detail: "the network reports that it is lost: 70, Error,SM does not exist"
      })
    )
    expect(existsSync(strange)).toBe(true)
  })
})

describe("an inbox", { timeout: 40_000 }, () => {
  const cleanups: Array<() => unknown> = []
  afterEach(async () => {
    for (const clean of cleanups.splice(0).toReversed()) await clean()
  })

  const opened = async (more: object = {}) => {
    const { path, dispose } = temporaryDirectory("inbox")
    cleanups.push(dispose)
    const spool = makeSpool(path)
    const heard: Array<string> = []
    const scope = Scope.makeUnsafe()
    const running = Effect.runFork(
      readInbox({
        channel: "modem",
        settings: Schema.decodeUnknownSync(SmsModemSettings)({ spool, ...more }),
        dataDir: path,
        heard: (_channel, { text }) => Effect.sync(() => void heard.push(text)).pipe(Effect.as({ accepted: true })),
        enter: () => Effect.void,
        isKnown: (number) => number === `+${alvarez}`,
        addressOf: () => undefined,
        now: Date.now,
        lookEveryMs: 300
      }).pipe(Scope.provide(scope))
    )
    const close = async () => {
      running.interruptUnsafe()
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
    cleanups.push(close)
    return { path, spool, heard, close }
  }

  test("goes on when its folder goes and comes again", async () => {
    const { spool, heard } = await opened()
    const incoming = join(spool, "incoming")
    for (const text of ["one", "two", "three"]) {
      writeFileSync(join(incoming, text), received(alvarez, text))
      await expect.poll(() => heard.at(-1), within).toBe(text)
      rmSync(incoming, { recursive: true })
      mkdirSync(incoming)
    }
  })

  test("passes over a file that is not whole, and reads it once it is", async () => {
    const { spool, heard } = await opened()
    const file = join(spool, "incoming", "a")
    const whole = received(alvarez, "4821 K7QX")
    writeFileSync(file, whole.slice(0, 40))
    writeFileSync(join(spool, "incoming", "b"), received(alvarez, "behind it"))
    await expect.poll(() => heard, within).toEqual(["behind it"])
    writeFileSync(file, whole)
    await expect.poll(() => heard, within).toEqual(["behind it", "4821 K7QX"])
  })

  test("puts what it has read, and what is for others, where it is told to", async () => {
    const { path, dispose } = temporaryDirectory("inbox-kept")
    cleanups.push(dispose)
    const [readTo, othersTo] = [join(path, "read"), join(path, "others")]
    const { spool } = await opened({ readTo, othersTo })
    writeFileSync(join(spool, "incoming", "ours"), received(alvarez, "yes"))
    writeFileSync(join(spool, "incoming", "theirs"), received("Provider", "no"))
    await expect.poll(() => readdirSync(join(spool, "incoming")), within).toEqual([])
    expect(readFileSync(join(readTo, "ours"), "utf8")).toMatch(/yes$/)
    expect(readFileSync(join(othersTo, "theirs"), "utf8")).toMatch(/no$/)
  })

  test("leaves no watcher when it ends", async () => {
    const watchers = () => process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap").length
    const before = watchers()
    const { close, spool, heard } = await opened()
    writeFileSync(join(spool, "incoming", "x"), received(alvarez, "x"))
    await expect.poll(() => heard, within).toEqual(["x"])
    await close()
    await expect.poll(watchers, within).toBe(before)
  })
})

describe.skipIf(!hasSmsd())("the real smsd, with a modem at a socket,", { timeout: 90_000 }, () => {
  test("brings reports and answers: the text is received, and then acknowledged", async () => {
    const stage = await ModemGateway.start()
    const modem = await startFakeModem()
    const smsd = startSmsd(stage.path, stage.spool, modem.device)
    try {
      const id = await stage.raised()
      const answers = () => stage.gateway.facts("NotificationAnswered")
      const notification = `${id}:1:r-alvarez:modem`
      const slow = { timeout: 30_000 }
      await expect.poll(answers, slow).toContainEqual(expect.objectContaining({ notification, outcome: "handed-over" }))
      modem.deliver(airReport(alvarez, 100 + modem.sent.length, 0))
      await expect.poll(() => stage.gateway.facts("NotificationReceived"), slow).toMatchObject([{ notification }])
      modem.deliver(airDeliver(alvarez, `${id.slice(2)} ${stage.codeOf(id)}`))
      await expect
        .poll(() => stage.gateway.facts("AlertAcknowledged"), slow)
        .toMatchObject([{ alert: id, by: "R. Alvarez", note: "answered by modem" }])
    } finally {
      await smsd.stop()
      await modem.close()
      await stage.stop()
    }
  })
})
