import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openAnswerKey } from "../../gateway/notify/answer-key.ts"
import { signedHeaders } from "../../gateway/notify/signature.ts"
import { openPhones, type Phones } from "../../simulators/phones/phones.ts"
import { secret, startCallingGateway } from "../notify/calling-gateway.ts"

const [alvarez, stranger] = ["+15550100100", "+15550109999"]

describe("the simulated phones", () => {
  const scope = Scope.makeUnsafe()
  const told: Array<string> = []
  let gateway: Awaited<ReturnType<typeof startCallingGateway>>
  let phones: Phones

  beforeAll(async () => {
    gateway = await startCallingGateway(
      "  - { id: phones, accepts: replies, channel: sms, secret: { env: TEST_INBOUND_SECRET } }\n"
    )
    phones = await Effect.runPromise(
      openPhones({
        port: 0,
        owners: new Map([
          [alvarez, "R. <Alvarez>"],
          [stranger, "Nobody's"]
        ]),
        answersTo: `${gateway.url}/api/v1/inbound/phones`,
        secret,
        onTold: (line) => void told.push(line)
      }).pipe(Scope.provide(scope))
    )
  })
  afterAll(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    await gateway.stop()
  })

  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(new URL(path, phones.url), { method: "POST", body, headers, redirect: "manual" })
  const page = async () => (await fetch(phones.url)).text()

  test("ring for a text to a number that they have, and for no other", async () => {
    expect((await post("/texts", JSON.stringify({ to: alvarez, text: "A-1 <b>now</b>" }))).status).toBe(202)
    expect((await post("/texts", JSON.stringify({ to: "+15550100777", text: "A-1" }))).status).toBe(422)
    expect((await post("/texts", "{")).status).toBe(400)
    expect(told).toEqual(["Text to R. <Alvarez>: A-1 <b>now</b>"])
    expect(await page()).toContain("A-1 &#60;b&#62;now&#60;/b&#62;")
  })

  test("take into the room what is signed with the secret alone", async () => {
    const body = JSON.stringify({ subject: "CRITICAL: Panic pressed" })
    expect((await post("/room", body, signedHeaders("another", body, Date.now()))).status).toBe(401)
    expect((await post("/room", body, signedHeaders(secret, body, Date.now()))).status).toBe(204)
    expect(told.at(-1)).toBe("Chat room of the security desk: CRITICAL: Panic pressed")
  })

  test("answer the gateway in the name of whose number it is", async () => {
    await gateway.signed("phone-app", { id: "call-1", kind: "panic" })
    const id = String((await gateway.alerts())[0]?.["id"])
    const code = openAnswerKey(gateway.dataDir).codeOf(id, "r-alvarez")
    await post("/texts", JSON.stringify({ to: alvarez, text: `${id} Reply ${id.slice(2)} ${code} to acknowledge` }))
    const [, nth = "", answer = ""] = /name="nth" value="(\d+)"[\s\S]*?value="(\S+ \S+)"/.exec(await page()) ?? []
    await post("/answers", new URLSearchParams({ nth, text: answer }).toString())
    expect(phones.texts()[0]?.answers).toEqual([{ text: answer, outcome: "taken by the gateway" }])
    expect(await gateway.get(`/alerts/${id}`)).toMatchObject({ acknowledgedBy: "R. Alvarez" })
  })

  test("show what the gateway says to an answer that it refuses", async () => {
    await post("/texts", JSON.stringify({ to: stranger, text: "A-9 CRITICAL Reply 9 ABCD to acknowledge" }))
    const nth = phones.texts()[0]?.nth
    expect(await page()).toContain('value="9 ABCD"')
    expect((await post("/answers", `nth=${nth}&text=9+ABCD`)).headers.get("location")).toBe("/")
    expect(phones.texts()[0]?.answers).toEqual([
      { text: "9 ABCD", outcome: "refused: an answer of nobody who is known by this number" }
    ])
    expect(await gateway.facts("AccessRefused")).toMatchObject([{ who: "phones, a number that ends with 999" }])
    expect((await post("/answers", "nth=77&text=hello")).status).toBe(303)
  })
})
