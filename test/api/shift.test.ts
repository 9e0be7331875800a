import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Browser } from "./peopled-gateway.ts"
import { startPeopled } from "./peopled-gateway.ts"

let gateway: Awaited<ReturnType<typeof startPeopled>>
let rosa: Browser
let sam: Browser
beforeAll(async () => {
  gateway = await startPeopled()
  rosa = await gateway.enrolled("rosa")
  sam = await gateway.enrolled("sam")
})
afterAll(() => gateway.stop())

const rosaName = "Rosa Alvarez"
const samName = "Sam Okafor"

/** The door is forced; answers its alert's id. */
const forced = async (): Promise<string> => {
  await gateway.say("east-contact", { contact: true })
  const before = gateway.mark()
  await gateway.say("east-contact", { contact: false })
  return (await gateway.alert(({ condition }) => condition === "DoorForcedOpen", before)).id
}

const signedHandOver = async (browser: Browser, body: object) =>
  (await browser.told("POST", "/shift/hand-over", body)) as {
    handOver: { id: string; by: string; signed: ReadonlyArray<unknown> }
    report: Record<string, unknown>
  }

describe("a shift, from sign-on to the next one's signature", () => {
  test("begins with a sound test, keeps a note, and is handed over with what is open, out of service and faulty", async () => {
    expect(await rosa.told("POST", "/shift/begin", { sound: "heard" })).toMatchObject({
      on: [{ name: rosaName, person: "rosa", sound: "heard", inHand: 0 }]
    })
    const { items } = (await sam.told("GET", "/people")) as { items: ReadonlyArray<Record<string, unknown>> }
    expect(items.find(({ id }) => id === "rosa")).toMatchObject({ onShift: "signed-on" })
    const alert = await forced()
    expect(await rosa.status("POST", `/alerts/${alert}/acknowledge`, {})).toBe(200)
    await sam.ask("POST", "/maintenance", { door: "east", minutes: 30, reason: "closer <replaced>" })
    await rosa.ask("POST", "/shift/notes", { note: "Plumber in the cellar until eight" })
    const { handOver, report } = await signedHandOver(rosa, { note: "Quiet otherwise" })
    expect(handOver).toMatchObject({ by: rosaName, signed: [] })
    expect(report).toMatchObject({
      onShift: [{ name: rosaName, sound: "heard" }],
      turns: [{ name: rosaName, turn: "on" }],
      raised: [1, 0, 0, 0],
      open: { total: 1, items: [{ id: alert, owner: rosaName, priority: 1 }] },
      outOfService: { items: [{ owner: samName, reason: "closer <replaced>", until: expect.any(String) }] },
      notes: [
        { by: rosaName, note: "Plumber in the cellar until eight" },
        { by: rosaName, note: "Quiet otherwise" }
      ]
    })
    const page = await rosa.ask("GET", `/shift/hand-overs/${handOver.id}/page`)
    const html = await page.text()
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(html).toContain("closer &lt;replaced&gt;")
    expect(html).toContain("Handed over by Rosa Alvarez")
    expect(html).toContain("Not taken over yet")

    // Who comes signs it, once; who goes cannot sign for them.
    expect(await rosa.told("POST", `/shift/hand-overs/${handOver.id}/sign`)).toMatchObject({ status: 409 })
    expect(await sam.told("POST", `/shift/hand-overs/${handOver.id}/sign`)).toMatchObject({
      handOver: { signed: [{ by: samName }] }
    })
    expect(await sam.told("POST", `/shift/hand-overs/${handOver.id}/sign`)).toMatchObject({ status: 409 })
    expect(await sam.status("GET", "/shift/hand-overs/H-1")).toBe(404)

    // And takes over what is open.
    const taken = await sam.told("POST", "/shift/begin", { sound: "no-sound", relieves: [rosaName] })
    expect(taken).toMatchObject({ on: [{ name: samName, inHand: 1 }] })
    expect(await sam.told("GET", `/alerts/${alert}`)).toMatchObject({ claimed: { by: samName } })
    expect(await rosa.told("POST", "/shift/end", {})).toMatchObject({ status: 409 })
    expect(await sam.told("POST", "/shift/begin", { sound: "heard", relieves: ["Nobody"] })).toMatchObject({
      status: 409
    })
  })

  test("is ended for somebody else by a supervisor only, with a reason; a machine works none", async () => {
    await rosa.ask("POST", "/shift/begin", { sound: "heard" })
    const words = { name: rosaName, reason: "went home" }
    expect(await rosa.told("POST", "/shift/end-other", words)).toMatchObject({ status: 403, right: "lead-shift" })
    expect(await sam.told("POST", "/shift/end-other", words)).not.toHaveProperty("status")
    expect(gateway.facts("ShiftEnded")).toMatchObject([{ by: samName, whose: rosaName, reason: "went home" }])
    const machine = await gateway.call("/shift/begin", { method: "POST", body: JSON.stringify({ sound: "heard" }) })
    expect(machine).toMatchObject({ status: 409, body: { type: "urn:gatehouse:problem:not-a-person" } })
  })
})
