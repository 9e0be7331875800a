import { Effect, Result, Schema } from "effect"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { openAnswerKey } from "../../gateway/notify/answer-key.ts"
import type { DeviceEnded } from "../../gateway/notify/channel.ts"
import { PushSettings, pushChannel } from "../../gateway/notify/push/push-channel.ts"
import { deviceIdOf, openPushDevices } from "../../gateway/notify/push/push-devices.ts"
import { usualServices, wrongEndpoint } from "../../gateway/notify/push/push-service.ts"
import { openVapid, wrongSubject } from "../../gateway/notify/push/vapid.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { messageOf, noon, openChannel } from "./channel-stage.ts"
import { type Browser, makeBrowser, startPushService, vapidClaims } from "./push-service-peer.ts"

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

const written = {
  subject: "mailto:security@campus.edu",
  console: "https://gatehouse.campus.edu",
  services: ["127.0.0.1"]
}

/** A channel, a push service on a real socket, and a person whose browsers are registered. */
const stage = async (
  browsers: Readonly<Record<string, Browser>>,
  answer?: (path: string) => readonly [number, Readonly<Record<string, string>>?]
) => {
  const { path: dataDir, dispose } = temporaryDirectory("push")
  const service = await startPushService(answer)
  const ended: Array<DeviceEnded> = []
  const channel = await openChannel(pushChannel, written, {
    dataDir,
    deviceEnded: (one) => Effect.sync(() => void ended.push(one))
  })
  cleanups.push(dispose, service.close, channel.close)
  const devices = openPushDevices(dataDir)
  for (const [name, { p256dh, auth }] of Object.entries(browsers)) {
    devices.keep("r-alvarez", { endpoint: service.endpoint(name), p256dh, auth, name }, noon)
  }
  return { channel, service, dataDir, devices, ended }
}

describe("web push", () => {
  test("hands a message to the push service of each device, sealed so that only that device reads it", async () => {
    const [phone, desk] = [makeBrowser(), makeBrowser()]
    const { channel, service, dataDir } = await stage({ phone, desk })
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "HandedOver" })
    const [first, second] = service.requests.toSorted((a, b) => a.path.localeCompare(b.path))
    expect([first?.path, second?.path]).toEqual(["/push/desk", "/push/phone"])
    expect(second?.headers).toMatchObject({
      "content-encoding": "aes128gcm",
      ttl: "600",
      urgency: "high",
      topic: "A-4821"
    })
    expect(second?.body.length).toBeLessThan(4096)
    const read = JSON.parse(phone.read(second!.body)) as { web_push: number; notification: Record<string, unknown> }
    expect(read.web_push).toBe(8030)
    expect(read.notification).toMatchObject({
      title: "Critical: door forced open at East exit",
      navigate: "https://gatehouse.campus.edu/#/alerts/A-4821",
      tag: "A-4821",
      renotify: true,
      silent: false,
      requireInteraction: true,
      actions: [{ action: "acknowledge" }],
      data: { key: "A-4821:1:r-alvarez:phone", alert: "A-4821", kind: "alert" }
    })
    const { proof } = read.notification["data"] as { proof: string }
    expect(openAnswerKey(dataDir).isProof("A-4821:1:r-alvarez:phone", proof)).toBe(true)
    expect(() => desk.read(second!.body)).toThrow("unable to authenticate data")
  })

  test("proves by VAPID who sends, to the push service that is written to and for half a day", async () => {
    const { channel, service, dataDir } = await stage({ phone: makeBrowser() })
    await channel.send(messageOf())
    const { claims, key } = vapidClaims(service.requests[0]?.headers["authorization"] ?? "")
    expect(claims).toEqual({ aud: service.origin, sub: "mailto:security@campus.edu", exp: noon / 1000 + 12 * 3600 })
    expect(key).toBe(openVapid(dataDir).publicKey)
  })

  test("does not carry a card holder's name, for it stands on locked screens", async () => {
    const phone = makeBrowser()
    const { channel, service } = await stage({ phone })
    const message = messageOf()
    await channel.send({ ...message, alert: { ...message.alert!, title: "Terminated credential of Jo Doe" } })
    expect(phone.read(service.requests[0]!.body)).not.toContain("Jo Doe")
  })

  test.each([404, 410])("forgets a device whose push service answers %i, and says so", async (status) => {
    const { channel, devices, ended, service } = await stage({ old: makeBrowser(), phone: makeBrowser() }, (path) => [
      path === "/push/old" ? status : 201
    ])
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "HandedOver" })
    const id = deviceIdOf(service.endpoint("old"))
    expect(ended).toEqual([{ person: "r-alvarez", device: id, reason: `127.0.0.1 answers ${status}` }])
    expect(devices.of("r-alvarez").map(({ name }) => name)).toEqual(["phone"])
  })

  test("refuses a person whose last device is gone, so that the next channel is used", async () => {
    const { channel } = await stage({ old: makeBrowser() }, () => [410])
    expect(await channel.send(messageOf())).toEqual({
      _tag: "Refused",
      scope: "recipient",
      reason: "no device of theirs is registered any more"
    })
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "Refused", scope: "unregistered" })
  })

  test("waits as long as a push service asks for", async () => {
    const { channel } = await stage({ phone: makeBrowser() }, () => [429, { "retry-after": "7" }])
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "TryLater", afterMs: 7000 })
  })

  test("tells a refusal of the whole channel, such as Apple's of a VAPID subject, from a device's", async () => {
    const { channel } = await stage({ phone: makeBrowser() }, () => [403])
    expect(await channel.send(messageOf())).toEqual({
      _tag: "Refused",
      scope: "channel",
      reason: "127.0.0.1 answers 403"
    })
  })

  test("is tried later when the push service is away", async () => {
    const { channel, service } = await stage({ phone: makeBrowser() })
    await service.close()
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "TryLater" })
  })

  test("knows who has registered a device, and no longer once the last one is gone", async () => {
    expect((await stage({})).channel.registered()).toEqual(new Set())
    const { channel } = await stage({ phone: makeBrowser() }, () => [410])
    expect(channel.registered()).toEqual(new Set(["r-alvarez"]))
    expect(await channel.selfTest()).toEqual({ _tag: "HandedOver", detail: "people with a device: 1" })
    await channel.send(messageOf())
    expect(channel.registered()).toEqual(new Set())
  })

  test("keeps keys and devices where only the gateway reads them", async () => {
    const { dataDir, channel } = await stage({ phone: makeBrowser() })
    await channel.send(messageOf())
    for (const file of ["vapid.json", "answers.key", "push/r-alvarez.json"]) {
      expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600)
    }
  })

  test("keeps its keys over a restart: subscriptions are bound to them", async () => {
    const { dataDir } = await stage({})
    const before = readFileSync(join(dataDir, "vapid.json"), "utf8")
    expect(openVapid(dataDir).publicKey).toBe((JSON.parse(before) as { publicKey: string }).publicKey)
    expect(readFileSync(join(dataDir, "vapid.json"), "utf8")).toBe(before)
  })
})

describe("a device that is registered", () => {
  test("is one person's: who registers it next takes it over", async () => {
    const { devices, service } = await stage({ phone: makeBrowser() })
    const { p256dh, auth } = makeBrowser()
    devices.keep("b-chen", { endpoint: service.endpoint("phone"), p256dh, auth, name: "phone" }, noon)
    expect(devices.of("r-alvarez")).toEqual([])
    expect(devices.of("b-chen")).toHaveLength(1)
  })

  test("makes room for a newer one once there are ten", async () => {
    const { devices, service } = await stage({})
    const { p256dh, auth } = makeBrowser()
    for (let nth = 0; nth < 12; nth++) {
      devices.keep(
        "r-alvarez",
        { endpoint: service.endpoint(String(nth)), p256dh, auth, name: String(nth) },
        noon + nth
      )
    }
    expect(devices.of("r-alvarez").map(({ name }) => name)).toEqual([
      "11",
      "10",
      "9",
      "8",
      "7",
      "6",
      "5",
      "4",
      "3",
      "2"
    ])
  })

  test.each([
    ["https://fcm.googleapis.com/fcm/send/x", "taken"],
    ["https://updates.push.services.mozilla.com/wpush/v2/x", "taken"],
    ["https://web.push.apple.com/x", "taken"],
    ["https://db5p.notify.windows.com/w/?token=x", "taken"],
    ["http://fcm.googleapis.com/x", "the endpoint is not HTTPS"],
    ["https://169.254.169.254/latest", "is none of the push services"],
    ["https://push.apple.com.evil.example/x", "is none of the push services"],
    ["not an address", "is no address"]
  ])("at %s is written to only where that is a push service", (endpoint, why) => {
    expect(wrongEndpoint(endpoint, usualServices) ?? "taken").toContain(why)
  })
})

test.each([
  ["mailto:security@campus.edu", true],
  ["https://campus.edu/contact", true],
  ["mailto:security@localhost", false],
  ["mailto:security@gatehouse.local", false],
  ["https://10.0.0.1", false],
  ["http://campus.edu", false],
  ["security@campus.edu", false]
])("%s as the VAPID subject is taken or refused before Apple does", (subject, good) => {
  expect(wrongSubject(subject) === undefined).toBe(good)
  expect(Result.isSuccess(Schema.decodeUnknownResult(PushSettings)({ ...written, subject }))).toBe(good)
})
