import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { objects, run } from "../cli/run.ts"
import { startReloading } from "../settings/reloading-gateway.ts"

const campus = `devices:
  - { id: east-contact, name: East contact, link: mqtt, profile: zigbee2mqtt, address: east-contact }
doors:
  - { id: east, name: East exit, area: hall, position: east-contact/contact, tamper: [east-contact/tamper] }
`

let gateway: Awaited<ReturnType<typeof startReloading>>
beforeAll(async () => {
  gateway = await startReloading(campus, ["maintenance: { maxMinutes: 60, bypassMaxMinutes: 30 }"])
  await gateway.say("east-contact", { contact: true, tamper: false })
})
afterAll(() => gateway.stop())

const post = (path: string, body: object) => gateway.call(path, { method: "POST", body: JSON.stringify(body) })
const command = (...args: ReadonlyArray<string>) =>
  run([...args, "--url", gateway.url], { env: { GATEHOUSE_TOKEN: gateway.token, NO_COLOR: "1" } })

describe("maintenance at a running gateway", () => {
  it("is begun and ended by the command line; its alert is silent meanwhile, and asks at its end", async () => {
    const begun = await command("maintenance", "begin", "east", "--for", "20m", "--reason", "the closer is replaced")
    expect(begun.out).toMatch(/^! door east is in maintenance until 20\d\d-.*Z: the closer is replaced\n$/)
    expect(begun).toMatchObject({ code: 0, last: "next: npm run gatehouse -- maintenance end east" })
    await gateway.say("east-contact", { contact: false })
    const silent = await gateway.alert(({ condition }) => condition === "DoorForcedOpen")
    expect(silent.outOfService).toMatchObject({ key: "door:east", reason: "the closer is replaced" })

    const gaps = await command("gaps")
    expect(gaps.out).toMatch(
      /^! medium +East exit is in maintenance: its alerts make no sound +for \d+ s, ends in 19 min +\S.* +the closer is replaced\n! medium +Critical alerts are on the console only .*\n2 gaps: 2 medium\n$/
    )
    expect(gaps.code).toBe(0)

    const mark = gateway.mark()
    const ended = await command("maintenance", "end", "east", "--json")
    expect(objects(ended.out)).toEqual([{ ended: "door east" }])
    const asks = await gateway.alert(({ id }) => id === silent.id, mark)
    expect(asks).toMatchObject({ active: true, acknowledged: false })
    expect(asks).not.toHaveProperty("outOfService")
    const again = await command("maintenance", "end", "door:east")
    expect(again.err).toContain("door east is not in maintenance, or no longer: it may have ended by itself")
    expect(again.code).toBe(1)
  })

  it("is refused by the API for longer than the configuration allows, and for what is not there", async () => {
    const reason = "painting"
    expect(await post("/maintenance", { door: "east", minutes: 61, reason })).toMatchObject({
      status: 422,
      body: { detail: "60 minutes is the longest (maintenance.maxMinutes of the configuration)" }
    })
    expect(await post("/maintenance", { area: "attic", reason })).toMatchObject({
      status: 404,
      body: { detail: "there is no area attic in the configuration; gatehouse status lists doors and devices" }
    })
    expect((await post("/maintenance", { door: "east", area: "hall", reason })).status).toBe(400)
    expect((await post("/maintenance", { door: "east" })).status).toBe(400)
  })

  it("bypasses a contact and no tamper switch; the door is out of service until it is believed again", async () => {
    expect(await post("/bypasses", { point: "east-contact/tamper", reason: "it chatters" })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining("east-contact/tamper is a tamper of East exit, which must be believed") }
    })
    const bypass = await post("/bypasses", { point: "east-contact/contact", reason: "it chatters" })
    expect(bypass).toMatchObject({ status: 200, body: { door: "east", reason: "it chatters" } })
    expect(Date.parse(String(bypass.body["until"])) - Date.parse(String(bypass.body["at"]))).toBe(30 * 60_000)
    const standing = async () => (await gateway.call("/doors")).body["items"]
    expect(await standing()).toMatchObject([{ id: "east", standing: "OutOfService" }])
    const listed = await gateway.call("/gaps")
    expect(listed.body["items"]).toMatchObject([
      { id: "bypass:east-contact/contact", severity: 2 },
      { id: "nobody-told", severity: 3 }
    ])
    expect((await gateway.call("/bypasses/east-contact/contact", { method: "DELETE" })).status).toBe(204)
    expect((await gateway.call("/bypasses/east-contact/contact", { method: "DELETE" })).status).toBe(404)
    expect(await standing()).toMatchObject([{ id: "east", standing: "Forced" }])
  })

  it("says of which days it has a report", async () => {
    const told = await command("gaps", "--report", "2026-01-01")
    expect(told.err).toContain(
      "there is no report of 2026-01-01; GET /api/v1/gaps/reports lists the days that have one"
    )
    expect((await gateway.call("/gaps/reports")).body).toEqual({ items: [] })
  })
})
