import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openVapid } from "../../gateway/notify/push/vapid.ts"
import { startCallingGateway } from "./calling-gateway.ts"
import { makeBrowser } from "./push-service-peer.ts"

type Gateway = Awaited<ReturnType<typeof startCallingGateway>>
let gateway: Gateway

beforeAll(async () => {
  gateway = await startCallingGateway()
})
afterAll(() => gateway.stop())

const endpoint = "http://127.0.0.1:9/push/phone-of-alvarez"

const as = (token: string) => async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${gateway.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" })
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const text = await answer.text()
  return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>> }
}

const told = (changes: object = {}) => {
  const { p256dh, auth } = makeBrowser()
  return { endpoint, p256dh, auth, name: "Chrome on Android", ...changes }
}

describe("a channel that nobody has registered a device for", () => {
  test("is not tested, and no alert: that is said to who asks", async () => {
    const path = "/channels/push/test"
    const { status, body } = await as(gateway.token)("POST", path, {})
    expect([status, body["detail"]]).toEqual([422, expect.stringContaining("nobody has registered a device")])
    expect(await as(gateway.token)("POST", path, { person: "b-chen" })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining("they have registered no device") }
    })
    expect(await gateway.facts("ChannelTested")).toEqual([])
  })
})

describe("a device that somebody registers", () => {
  test("is one's own, is a fact, and its address is told to nobody", async () => {
    const alvarez = as(gateway.tokenOf("r-alvarez"))
    const key = await alvarez("GET", "/push/key")
    expect(key.body).toEqual({ publicKey: openVapid(gateway.dataDir).publicKey, channel: "push" })
    const { status, body } = await alvarez("POST", "/push/devices", told())
    expect([status, body["name"]]).toEqual([200, "Chrome on Android"])
    expect((await alvarez("GET", "/push/devices")).body).toMatchObject({ items: [{ id: body["id"] }] })
    const chen = as(gateway.tokenOf("b-chen"))
    expect((await chen("GET", "/push/devices")).body).toEqual({ items: [] })
    const proved = await as(gateway.token)("POST", "/channels/push/test", {})
    expect(proved.body).toEqual({ outcome: "handed-over", detail: "people with a device: 1" })
    expect(await gateway.facts("DeviceRegistered")).toMatchObject([
      { person: "r-alvarez", channel: "push", device: body["id"], name: "Chrome on Android" }
    ])
    const log = JSON.stringify(await gateway.get("/log?limit=500"))
    expect(log).not.toContain("phone-of-alvarez")
    expect(JSON.stringify((await alvarez("GET", "/push/devices")).body)).not.toContain("phone-of-alvarez")
  })

  test("is renewed at each opening of the console, and no fact for that", async () => {
    const alvarez = as(gateway.tokenOf("r-alvarez"))
    await alvarez("POST", "/push/devices", told())
    await alvarez("POST", "/push/devices", told())
    expect((await alvarez("GET", "/push/devices")).body["items"]).toHaveLength(1)
    expect(await gateway.facts("DeviceRegistered")).toHaveLength(1)
  })

  test("can be taken back by its person alone, which is a fact", async () => {
    const alvarez = as(gateway.tokenOf("r-alvarez"))
    const [device] = (await alvarez("GET", "/push/devices")).body["items"] as ReadonlyArray<{ readonly id: string }>
    const path = `/push/devices/${device?.id ?? ""}`
    expect((await as(gateway.tokenOf("b-chen"))("DELETE", path)).status).toBe(404)
    expect((await alvarez("DELETE", path)).status).toBe(204)
    expect((await alvarez("GET", "/push/devices")).body).toEqual({ items: [] })
    expect(await gateway.facts("DeviceUnregistered")).toMatchObject([{ person: "r-alvarez", device: device?.id }])
  })

  test.each([
    ["at an address of the campus's own network", { endpoint: "https://10.0.0.7/admin" }],
    ["with keys that are none", { p256dh: "AAAA" }]
  ])("is refused %s", async (_, changes) => {
    const { status } = await as(gateway.tokenOf("r-alvarez"))("POST", "/push/devices", told(changes))
    expect(status).toBe(422)
  })

  test("is nobody's where a machine's token asks: machines have no phone", async () => {
    expect((await as(gateway.token)("POST", "/push/devices", told())).status).toBe(422)
  })
})
