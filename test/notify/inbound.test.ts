import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openAnswerKey } from "../../gateway/notify/answer-key.ts"
import { signedHeaders } from "../../gateway/notify/signature.ts"
import { startCallingGateway } from "./calling-gateway.ts"

type Gateway = Awaited<ReturnType<typeof startCallingGateway>>
let gateway: Gateway

beforeAll(async () => {
  gateway = await startCallingGateway()
})
afterAll(() => gateway.stop())

const call = (changes: object = {}) => ({
  id: crypto.randomUUID(),
  kind: "panic",
  caller: crypto.randomUUID(),
  ...changes
})

const status = async (answer: Promise<Response>): Promise<number> => (await answer).status

describe("a call for help from outside", () => {
  test("raises the panic alert where the caller is, and is answered once it is on disk", async () => {
    const place = "Room 214, under the stairs"
    const answer = await gateway.signed("phone-app", call({ place, area: "hall" }))
    expect([answer.status, await answer.json()]).toEqual([200, { accepted: true }])
    const [alert] = await gateway.alerts()
    expect(alert).toMatchObject({
      condition: "PanicPressed",
      priority: 1,
      area: "hall",
      title: `Panic pressed: ${place}`,
      active: true
    })
  })

  test("sent again is the same call: it counts once", async () => {
    const one = call()
    const panics = async () => (await gateway.alerts()).filter(({ condition }) => condition === "PanicPressed")
    const before = (await panics()).length
    expect(await status(gateway.signed("phone-app", one))).toBe(200)
    expect(await status(gateway.signed("phone-app", one))).toBe(200)
    const after = await panics()
    expect(after).toHaveLength(before + 1)
    expect(after[0]).toMatchObject({ count: 1 })
  })

  test("of two people within a minute tells the rule of several panics, as two buttons on a wall do", async () => {
    const conditions = (await gateway.alerts()).map(({ condition }) => condition)
    expect(conditions).toContain("SeveralPanics")
  })

  test("for a lockdown asks a person for it", async () => {
    expect(await status(gateway.signed("phone-app", call({ kind: "lockdown" })))).toBe(200)
    expect((await gateway.alerts()).map(({ condition }) => condition)).toContain("LockdownButtonPressed")
  })

  test("never holds the caller's own name", async () => {
    await gateway.signed("phone-app", call({ caller: "student-4711@campus.edu" }))
    expect(JSON.stringify(await gateway.get("/log?limit=500"))).not.toContain("4711")
  })

  test("that is a test is kept, and calls nobody", async () => {
    const before = (await gateway.alerts()).length
    expect(await status(gateway.signed("phone-app", call({ test: true })))).toBe(200)
    expect(await gateway.alerts()).toHaveLength(before)
  })

  test.each([
    ["unsigned", 401, (body: string) => gateway.post("/inbound/phone-app", body)],
    [
      "signed with another secret",
      401,
      (body: string) => gateway.post("/inbound/phone-app", body, signedHeaders("guessed", body, Date.now()))
    ],
    [
      "recorded ten minutes ago",
      401,
      (body: string) => gateway.signed("phone-app", JSON.parse(body) as object, Date.now() - 600_000)
    ],
    ["to a source that is not there", 404, (body: string) => gateway.signed("nowhere", JSON.parse(body) as object)],
    ["for what the source may not ask for", 403, () => gateway.signed("phone-app", call({ kind: "duress" }))],
    ["that is none", 400, () => gateway.signed("phone-app", { id: "x" })]
  ])("%s is turned away with %i, and raises nothing", async (_, wanted, send) => {
    const before = (await gateway.alerts()).length
    expect(await status(send(JSON.stringify(call())))).toBe(wanted)
    expect(await gateway.alerts()).toHaveLength(before)
  })

  test("that was not believed stands in the log", async () => {
    const facts = await gateway.facts("AccessRefused")
    expect(facts).toContainEqual(
      expect.objectContaining({ who: "phone-app", what: "a request is not believed: its signature is wrong" })
    )
  })
})

/** Raises an alert to answer to; its id. */
const raised = async (): Promise<string> => {
  await gateway.signed("phone-app", call())
  const alert = (await gateway.alerts()).find(({ condition }) => condition === "PanicPressed")
  return String(alert?.["id"])
}

const codeOf = (alert: string, person: string): string => openAnswerKey(gateway.dataDir).codeOf(alert, person)

const answered = (From: string, Body: string) => gateway.signed("sms", { From, Body })

describe("an answer by text message", () => {
  test("acknowledges the alert in the name of whose number it is", async () => {
    const id = await raised()
    const answer = await answered("+15550100100", `${id.slice(2)} ${codeOf(id, "r-alvarez")}`)
    expect([answer.status, await answer.json()]).toEqual([200, { accepted: true, alert: id }])
    expect(await gateway.get(`/alerts/${id}`)).toMatchObject({ acknowledged: true, acknowledgedBy: "R. Alvarez" })
    expect(await gateway.facts("AlertAcknowledged")).toContainEqual(
      expect.objectContaining({ alert: id, by: "R. Alvarez", note: "answered by sms" })
    )
  })

  test("sent again is said to be so, and stands once in the log", async () => {
    const id = await raised()
    const text = `${id}: ${codeOf(id, "r-alvarez").toLowerCase()} on my way`
    await answered("15550100100", text)
    expect(await (await answered("15550100100", text)).json()).toEqual({ accepted: true, alert: id, again: true })
    const acts = (await gateway.facts("AlertAcknowledged")).filter(({ alert }) => alert === id)
    expect(acts).toHaveLength(1)
  })

  test("comes as a form with the token in the address, from a provider that cannot sign", async () => {
    const id = await raised()
    const form = new URLSearchParams({ From: "+15550100101", Body: `${id.slice(2)} ${codeOf(id, "b-chen")}` })
    const headers = { "content-type": "application/x-www-form-urlencoded" }
    expect(await status(gateway.post("/inbound/sms?token=wrong", form.toString(), headers))).toBe(401)
    expect(await status(gateway.post("/inbound/sms?token=a-token", form.toString(), headers))).toBe(200)
    expect(await gateway.get(`/alerts/${id}`)).toMatchObject({ acknowledgedBy: "B. Chen" })
  })

  test("with a wrong code, or another's, acknowledges nothing and stands in the log", async () => {
    const id = await raised()
    expect(await status(answered("+15550100100", `${id} ${codeOf(id, "b-chen")}`))).toBe(403)
    expect(await gateway.get(`/alerts/${id}`)).toMatchObject({ acknowledged: false })
    expect(await gateway.facts("AccessRefused")).toContainEqual(
      expect.objectContaining({
        who: "sms, a number that ends with 100",
        what: `an answer with a wrong code, to ${id}`
      })
    )
  })

  test("of a number that nobody has, or of somebody who may not acknowledge, is turned away", async () => {
    const id = await raised()
    expect(await status(answered("+15550109999", `${id} ${codeOf(id, "r-alvarez")}`))).toBe(403)
    expect(await status(answered("+15550100102", `${id} ${codeOf(id, "v-ito")}`))).toBe(403)
    expect(await gateway.get(`/alerts/${id}`)).toMatchObject({ acknowledged: false })
  })

  test("to an alert that is closed is too late, and stands in the log", async () => {
    const id = await raised()
    const headers = { authorization: `Bearer ${gateway.token}`, "content-type": "application/json" }
    await gateway.post(`/alerts/${id}/close`, JSON.stringify({ outcome: "test-drill", reason: "over" }), headers)
    expect(await status(answered("+15550100101", `${id} ${codeOf(id, "b-chen")}`))).toBe(410)
  })

  test("is not guessed: after ten wrong ones nothing of this number is heard for a while", async () => {
    const id = await raised()
    const codes = Array.from({ length: 12 }, (_, nth) => `${id} XX${String(nth).padStart(2, "7")}`)
    const statuses: Array<number> = []
    for (const text of codes) statuses.push(await status(answered("+15550100101", text)))
    expect(statuses.at(-1)).toBe(429)
    expect(await status(answered("+15550100101", `${id} ${codeOf(id, "b-chen")}`))).toBe(429)
  })
})

describe("a receipt of a device", () => {
  test("is believed with the proof that came with the message, and not without", async () => {
    const notification = "A-1:1:r-alvarez:sms"
    const proof = openAnswerKey(gateway.dataDir).proofOf(notification)
    const json = { "content-type": "application/json" }
    expect(await status(gateway.post("/inbound/receipts", JSON.stringify({ notification, proof }), json))).toBe(200)
    const other = "A-2:1:r-alvarez:sms"
    expect(await status(gateway.post("/inbound/receipts", JSON.stringify({ notification: other, proof }), json))).toBe(
      403
    )
    const query = new URLSearchParams({ notification, proof })
    expect((await fetch(`${gateway.url}/api/v1/inbound/receipts?${query.toString()}`)).status).toBe(200)
    expect(await gateway.facts("NotificationReceived")).toContainEqual(
      expect.objectContaining({ notification, channel: "sms" })
    )
  })
})

test("a call for help is believed by its signature, however often others at its address were wrong", async () => {
  for (let nth = 0; nth < 12; nth++) await gateway.post("/inbound/phone-app", "{}")
  expect(await status(gateway.post("/inbound/phone-app", "{}"))).toBe(429)
  expect(await status(gateway.signed("phone-app", call()))).toBe(200)
})
