import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startReloading } from "../settings/reloading-gateway.ts"

const doors = ["east", "west", "north"] as const
const campus = `devices:
${[...doors, "desk"].map((id) => `  - { id: ${id}, link: mqtt, profile: zigbee2mqtt, address: ${id} }`).join("\n")}
doors:
${doors.map((id) => `  - { id: ${id}, name: ${id}, area: hall, position: ${id}/contact, tamper: [${id}/tamper] }`).join("\n")}
`

describe("officers' answers over HTTP, through the real log", () => {
  let gateway: Awaited<ReturnType<typeof startReloading>>
  const tampered: Record<string, string> = {}
  let panic = ""

  beforeAll(async () => {
    gateway = await startReloading(campus)
    for (const id of doors) {
      await gateway.say(id, { contact: true, tamper: false })
      await gateway.say(id, { contact: true, tamper: true })
      tampered[id] = (await gateway.alert(({ condition, door }) => condition === "DoorTampered" && door === id)).id
    }
    await gateway.say("desk", { action: "emergency" })
    panic = (await gateway.alert(({ condition }) => condition === "PanicPressed")).id
  })
  afterAll(() => gateway.stop())

  const post = (path: string, body: object = {}) => gateway.call(path, { method: "POST", body: JSON.stringify(body) })

  it("an alert is claimed once, and released by who has it", async () => {
    const alert = `/alerts/${tampered["east"]}`
    expect(await post(`${alert}/release`)).toMatchObject({
      status: 409,
      body: { title: "Nobody has the alert in hand" }
    })
    expect((await post(`${alert}/claim`, { note: "on my way" })).body).toMatchObject({ claimed: { by: "first-token" } })
    expect((await post(`${alert}/release`)).body).not.toHaveProperty("claimed")
    expect((await post(`${alert}/take-over`, { from: "somebody", reason: "they left" })).body).toMatchObject({
      claimed: { by: "first-token" }
    })
    expect((await post(`${alert}/take-over`, { from: "somebody" })).status).toBe(400)
    expect((await post(`${alert}/release-forced`, { reason: "shift is over" })).status).toBe(200)
  })

  it("an acknowledgement is undone once, and both are in the alert's course", async () => {
    const alert = `/alerts/${tampered["east"]}`
    expect(await post(`${alert}/undo-acknowledgement`)).toMatchObject({
      status: 409,
      body: { title: "The acknowledgement stands" }
    })
    expect((await post(`${alert}/acknowledge`)).body).toMatchObject({ acknowledgedBy: "first-token" })
    expect((await post(`${alert}/undo-acknowledgement`)).body).toMatchObject({ acknowledged: false })
    const { timeline } = (await gateway.call(`${alert}/timeline`)).body as {
      readonly timeline: ReadonlyArray<{ readonly change?: { readonly transition: string } }>
    }
    const steps = timeline.flatMap(({ change }) => change?.transition ?? [])
    expect(steps.filter((step) => step.startsWith("acknowledge"))).toEqual(["acknowledged", "acknowledgement-undone"])
  })

  it("the log's size on disk counts what stands in its write-ahead log alone", async () => {
    const { store } = (await gateway.call("/health")).body as { readonly store: { readonly logBytes: number } }
    // No new log is nearly so small: its schema alone takes more pages.
    expect(store.logBytes).toBeGreaterThan(16_384)
  })

  it("several are acknowledged for one reason, but none that is critical, closed or unknown", async () => {
    await post(`/alerts/${tampered["north"]}/close`, { outcome: "test-drill", reason: "a test" })
    const ids = [tampered["east"], tampered["west"], tampered["north"], panic, "A-9999"]
    expect((await post("/alerts/acknowledge", { ids })).status).toBe(400)
    const { body } = await post("/alerts/acknowledge", { ids, reason: "the electrician is there" })
    expect(body).toMatchObject({
      acknowledged: [{ id: tampered["east"] }, { id: tampered["west"] }],
      refused: [
        { id: tampered["north"], why: expect.stringContaining("was closed by first-token") },
        { id: panic, why: `alert ${panic} is critical: it is acknowledged by itself` },
        { id: "A-9999", why: "there is no alert A-9999" }
      ]
    })
    expect((await gateway.call(`/alerts/${panic}`)).body).toMatchObject({ acknowledged: false })
  })

  it("of two closings at once the first stands, and both are in the log", async () => {
    const close = (reason: string) => post(`/alerts/${tampered["west"]}/close`, { outcome: "real", reason })
    const answers = await Promise.all([close("seen by one"), close("seen by the other")])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    const { body } = answers.find(({ status }) => status === 409) ?? {}
    expect(body).toMatchObject({ detail: expect.stringContaining("was closed by first-token") })
    const closed = gateway.facts("AlertClosed").filter((fact) => "alert" in fact && fact.alert === tampered["west"])
    expect(closed).toHaveLength(2)
  })

  it("say how a flood stands, and how the open alerts group", async () => {
    expect((await gateway.call("/flood")).body).toMatchObject({
      flood: null,
      limits: { beginWith: 10, endBelow: 5, minutes: 10 },
      critical: 1,
      groups: [],
      single: expect.arrayContaining([panic])
    })
  })
})
