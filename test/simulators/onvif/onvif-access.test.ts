import { randomBytes } from "node:crypto"
import { afterEach, describe, expect, test } from "vitest"
import type { OnvifDevice } from "../../../simulators/onvif/device.ts"
import { Bench } from "./bench.ts"
import { challenges, digest, type Reply, send, soap, usernameToken } from "./client.ts"

const bench = new Bench()
afterEach(() => bench.clear())

const guard = { name: "gärtner", password: "grün & <blau>" }
const users = [guard]
const target = "/onvif/device_service"

const ask = (
  device: OnvifDevice,
  options: { authorization?: string; header?: string; body?: string } = {}
): Promise<Reply> =>
  soap({
    url: device.url,
    body: options.body ?? "<tds:GetDeviceInformation/>",
    ...(options.header === undefined ? {} : { header: options.header }),
    ...(options.authorization === undefined ? {} : { headers: { authorization: options.authorization } })
  })

const challengeOf = async (device: OnvifDevice, algorithm: string): Promise<string> =>
  challenges(await ask(device)).get(algorithm) ?? ""

describe("HTTP digest", () => {
  test("is asked for with the strongest algorithm first, and taken with either", async () => {
    const device = await bench.camera({ users, authentication: "digest-both" })
    const refused = await ask(device)
    expect(refused.status).toBe(401)
    const offered = challenges(refused)
    expect([...offered.keys()]).toEqual(["SHA-256", "MD5"])
    // One nonce for both: the second use of it counts on.
    let count = 0
    for (const challenge of offered.values()) {
      const reply = await ask(device, { authorization: digest(challenge, guard, { target, count: ++count }) })
      expect(reply.status).toBe(200)
      expect(reply.text).toContain("SIM-CAM-1")
    }
  })

  test.each([
    ["a wrong password", { ...guard, password: "grau" }],
    ["an unknown name", { ...guard, name: "nobody" }]
  ])("refuses %s", async (_, login) => {
    const device = await bench.camera({ users, authentication: "digest-md5" })
    const authorization = digest(await challengeOf(device, "MD5"), login, { target })
    expect((await ask(device, { authorization })).status).toBe(401)
  })

  test("refuses a proof that was made for another address", async () => {
    const device = await bench.camera({ users, authentication: "digest-md5" })
    const authorization = digest(await challengeOf(device, "MD5"), guard, { target: "/onvif/media_service" })
    expect((await ask(device, { authorization })).status).toBe(401)
  })

  test("takes a nonce many times with a count that rises, and refuses a count that was used", async () => {
    const device = await bench.camera({ users, authentication: "digest-sha256" })
    const challenge = await challengeOf(device, "SHA-256")
    const withCount = (count: number): Promise<Reply> =>
      ask(device, { authorization: digest(challenge, guard, { target, count }) })
    expect((await withCount(1)).status).toBe(200)
    expect((await withCount(2)).status).toBe(200)
    expect((await withCount(2)).status).toBe(401)
  })

  test("calls a nonce that is too old stale, so that nobody need be asked again", async () => {
    const device = await bench.camera({ users, authentication: "digest-md5" }, { nonceLifeMs: -1 })
    const authorization = digest(await challengeOf(device, "MD5"), guard, { target })
    const reply = await ask(device, { authorization })
    expect(reply.status).toBe(401)
    expect(reply.headers["www-authenticate"]).toContain("stale=true")
    const wrong = digest(await challengeOf(device, "MD5"), { ...guard, password: "grau" }, { target })
    expect((await ask(device, { authorization: wrong })).headers["www-authenticate"]).not.toContain("stale")
  })

  test("goes on with the nonce that came along, where the device gives one", async () => {
    const device = await bench.camera({ users, authentication: "digest-md5" }, { nextNonce: true })
    const challenge = await challengeOf(device, "MD5")
    const first = await ask(device, { authorization: digest(challenge, guard, { target }) })
    const nonce = /nextnonce="([^"]+)"/.exec(String(first.headers["authentication-info"]))?.[1] ?? ""
    const second = await ask(device, { authorization: digest(challenge, guard, { target, nonce }) })
    expect(second.status).toBe(200)
    const old = await ask(device, { authorization: digest(challenge, guard, { target, count: 2 }) })
    expect(old.headers["www-authenticate"]).toContain("stale=true")
  })

  test("does not take a UsernameToken in its place", async () => {
    const device = await bench.camera({ users, authentication: "digest-both" })
    expect((await ask(device, { header: usernameToken(guard) })).status).toBe(401)
  })
})

describe("WS-UsernameToken", () => {
  test("is taken once, and never again with the same nonce", async () => {
    const device = await bench.camera({ users, authentication: "username-token" })
    const header = usernameToken(guard, { nonce: randomBytes(16) })
    expect((await ask(device, { header })).status).toBe(200)
    const again = await ask(device, { header })
    expect([again.status, again.text.includes("ter:NotAuthorized")]).toEqual([400, true])
  })

  test("is missed with HTTP 400 and a fault, not 401: there is nothing to answer a challenge with", async () => {
    const device = await bench.camera({ users, authentication: "username-token" })
    const reply = await ask(device)
    expect(reply.status).toBe(400)
    expect(reply.text).toContain("<env:Value>ter:NotAuthorized</env:Value>")
    expect(reply.headers["www-authenticate"]).toBeUndefined()
  })

  test.each([
    [-299, 200],
    [299, 200],
    [-301, 400],
    [301, 400]
  ])("made %i seconds from the device's clock is answered %i", async (seconds, status) => {
    const at = Date.parse("2026-03-02T14:00:00Z")
    const device = await bench.camera({ users, authentication: "username-token", clock: () => at })
    const created = new Date(at + seconds * 1000).toISOString()
    expect((await ask(device, { header: usernameToken(guard, { created }) })).status).toBe(status)
  })

  test("follows the device's clock when that jumps", async () => {
    const device = await bench.camera({ users, authentication: "username-token" })
    device.setFaults({ clockSkewMs: 3_600_000 })
    expect((await ask(device, { header: usernameToken(guard) })).status).toBe(400)
    const created = new Date(Date.now() + 3_600_000).toISOString()
    expect((await ask(device, { header: usernameToken(guard, { created }) })).status).toBe(200)
  })

  test("or a digest will do, where the device takes any", async () => {
    const device = await bench.camera({ users, authentication: "any" })
    expect((await ask(device, { header: usernameToken(guard) })).status).toBe(200)
    const authorization = digest(await challengeOf(device, "SHA-256"), guard, { target })
    expect((await ask(device, { authorization })).status).toBe(200)
  })
})

describe("without credentials", () => {
  test.each(["GetSystemDateAndTime", "GetServices", "GetServiceCapabilities", "GetCapabilities", "GetHostname"])(
    "%s is answered",
    async (operation) => {
      const device = await bench.camera({ users })
      const inside = operation === "GetServices" ? "<tds:IncludeCapability>true</tds:IncludeCapability>" : ""
      const reply = await ask(device, { body: `<tds:${operation}>${inside}</tds:${operation}>` })
      expect(reply.status).toBe(200)
      expect(reply.text).toContain(`${operation}Response`)
    }
  )

  test("the clock is not told by a device that guards it", async () => {
    const device = await bench.camera({ users }, { clockNeedsAuth: true })
    expect((await ask(device, { body: "<tds:GetSystemDateAndTime/>" })).status).toBe(401)
  })

  test("nothing is answered by a device that has locked everybody out", async () => {
    const device = await bench.camera({ users, authentication: "digest-md5" })
    const authorization = digest(await challengeOf(device, "MD5"), guard, { target })
    device.setFaults({ refuseEveryone: true })
    expect((await ask(device, { authorization })).status).toBe(401)
    expect((await ask(device, { body: "<tds:GetSystemDateAndTime/>" })).status).toBe(401)
    expect(device.counters.unauthorized).toBe(3)
  })

  test("no picture is given", async () => {
    for (const authentication of ["digest-both", "username-token"] as const) {
      const device = await bench.camera({ users, authentication })
      const url = `http://127.0.0.1:${device.port}/onvif/snapshot/source-1`
      const refused = await send(url, { method: "GET" })
      expect(refused.status).toBe(401)
      const authorization = digest(challenges(refused).get("MD5") ?? "", guard, {
        method: "GET",
        target: "/onvif/snapshot/source-1"
      })
      const reply = await send(url, { method: "GET", headers: { authorization } })
      expect([reply.status, reply.headers["content-type"]]).toEqual([200, "image/jpeg"])
    }
  })
})
