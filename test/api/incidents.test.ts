import { createHash } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Alert } from "../../gateway/domain/alert.ts"
import type { Incident } from "../../gateway/domain/incident.ts"
import { canonicalJson } from "../../gateway/settings/canonical-json.ts"
import { canReadPdf, pagesOf } from "../alerts/case/pdf-words.ts"
import { startReloading } from "../settings/reloading-gateway.ts"

const doors = `devices:
  - { id: east-contact, name: East contact, link: mqtt, profile: zigbee2mqtt, address: east-contact }
  - { id: west-contact, name: West contact, link: mqtt, profile: zigbee2mqtt, address: west-contact }
doors:
  - { id: east, name: East exit, area: hall, position: east-contact/contact }
  - { id: west, name: West exit, area: hall, position: west-contact/contact }
procedures:
  - id: forced
    name: Forced door
    version: "2"
    for: { conditions: [DoorForcedOpen] }
    steps:
      - { id: look, text: Look at the pictures }
      - { id: seen, kind: question, text: Is somebody there?, answers: [{ answer: "Yes" }, { answer: "No", next: end }] }
      - { id: call, text: Call the police }
`

type Case = Incident & { readonly hash: string }

let gateway: Awaited<ReturnType<typeof startReloading>>
const alerts: Record<string, Alert> = {}

beforeAll(async () => {
  gateway = await startReloading(doors)
  for (const side of ["east", "west"]) {
    const from = gateway.mark()
    await gateway.say(`${side}-contact`, { contact: true })
    await gateway.say(`${side}-contact`, { contact: false })
    alerts[side] = await gateway.alert(({ condition }) => condition === "DoorForcedOpen", from)
  }
}, 30_000)
afterAll(() => gateway.stop())

const post = async (path: string, body: unknown) => {
  const { status, body: answer } = await gateway.call(path, { method: "POST", body: JSON.stringify(body) })
  return { status, answer: answer as unknown as Case & { readonly type?: string; readonly detail?: string } }
}
const get = async <A>(path: string): Promise<A> => (await gateway.call(path)).body as A
const raw = (path: string) =>
  fetch(`${gateway.url}/api/v1${path}`, { headers: { authorization: `Bearer ${gateway.token}` } })
const idOf = (side: string): string => alerts[side]?.id ?? "none"

describe("the steps of a procedure", () => {
  const say = (step: string, body: object) => post(`/alerts/${idOf("east")}/steps/${step}`, body)

  it("are said over HTTP, and what cannot be said is refused with the reason", async () => {
    expect((await say("look", { done: true })).status).toBe(200)
    expect((await say("seen", { done: true })).answer).toMatchObject({
      status: 422,
      type: "urn:gatehouse:problem:step-refused",
      detail: expect.stringContaining("is a question: answer it")
    })
    expect((await say("call", { done: true })).status).toBe(422)
    expect((await say("seen", { answer: "Perhaps" })).answer.detail).toContain('expected one of "Yes", "No"')
    expect((await say("seen", { answer: "Yes" })).status).toBe(200)
    expect((await say("call", { skip: " " })).status).toBe(400)
    const { answer } = await say("call", { skip: "they are here already" })
    expect(answer).toMatchObject({
      checklist: {
        version: "2",
        marks: [
          { step: "look", how: "done" },
          { step: "seen", how: "answered", answer: "Yes" },
          { step: "call", how: "skipped", reason: "they are here already" }
        ]
      }
    })
    expect((await say("call", { undo: true })).status).toBe(200)
    expect((await post("/alerts/A-9999999/steps/look", { done: true })).status).toBe(404)
  })
})

describe("a case over HTTP", () => {
  let id = ""

  it("is opened from an alert, which then belongs to no other", async () => {
    const { status, answer } = await post("/incidents", { alerts: [idOf("east")] })
    expect(status).toBe(200)
    expect(answer).toMatchObject({ title: alerts["east"]?.title, closed: false, revision: 0, reality: "actual" })
    expect(answer.alerts[0]).toMatchObject({ door: "east", area: "hall" })
    expect(answer.cleryDue).toMatch(/^\d{4}-/)
    id = answer.id
    const again = await post("/incidents", { alerts: [idOf("east")] })
    expect([again.status, again.answer.detail]).toEqual([
      409,
      `alert ${idOf("east")} belongs to incident ${id} already`
    ])
    expect((await get<{ items: ReadonlyArray<Incident> }>(`/incidents?alert=${idOf("east")}`)).items[0]?.id).toBe(id)
    expect((await post("/incidents", { alerts: ["A-9999999"] })).status).toBe(404)
  })

  it("takes a second alert, people and notes", async () => {
    await post(`/incidents/${id}/alerts`, { alert: idOf("west") })
    await post(`/incidents/${id}/people`, { name: "محمد العربي", role: "witness", note: "saw them leave" })
    const { answer } = await post(`/incidents/${id}/notes`, { note: "=the glass\nis whole" })
    expect(answer.alerts.map((alert) => alert.id)).toEqual([idOf("east"), idOf("west")])
    expect(answer).toMatchObject({ people: [{ name: "محمد العربي", role: "witness" }], notes: [{ by: "first-token" }] })
    const gone = await post(`/incidents/${id}/people/77777/remove`, { reason: "mistaken" })
    expect([gone.status, gone.answer.type]).toEqual([404, "urn:gatehouse:problem:not-in-incident"])
  })

  it("is changed over the revision that was seen, and tells who wrote over an older one", async () => {
    const change = (revision: number, fields: object) => post(`/incidents/${id}/fields`, { revision, fields })
    expect((await change(0, { narrative: "The door was forced." })).answer.revision).toBe(1)
    const late = await change(0, { narrative: "Nothing happened." })
    expect([late.status, late.answer.type]).toEqual([409, "urn:gatehouse:problem:revision-conflict"])
    expect(late.answer.detail).toContain("is at revision 1 by now")
    const backwards = await change(1, { occurredAt: "2026-03-02T10:00:00Z", occurredUntil: "2026-03-02T09:00:00Z" })
    expect([backwards.status, backwards.answer.detail]).toEqual([422, expect.stringContaining("before it began")])
    expect((await change(1, { occurredAt: "yesterday" })).status).toBe(400)
  })

  it("is closed as real once its entry of the Clery log is whole, and as a nuisance only with a cause", async () => {
    const close = (disposition: object) => post(`/incidents/${id}/close`, { disposition, reason: "seen to" })
    expect((await close({ kind: "nuisance" })).answer.detail).toContain("a nuisance has a cause")
    expect((await close({ kind: "real" })).answer.detail).toContain("whether it belongs in the Clery log")
    await post(`/incidents/${id}/fields`, { revision: 1, fields: { clery: "belongs", nature: "Burglary" } })
    expect((await close({ kind: "real" })).answer.detail).toContain("the general location")
    await post(`/incidents/${id}/fields`, { revision: 2, fields: { generalLocation: "Hall" } })
    const { answer } = await close({ kind: "real" })
    expect(answer).toMatchObject({ closed: true, disposition: { kind: "real" }, closing: "seen to" })
    expect((await post(`/incidents/${id}/notes`, { note: "late" })).status).toBe(409)
  })

  it("is found by door, area, disposition and day, a page at a time", async () => {
    await post("/incidents", { alerts: [], fields: { title: "A lost bag", clery: "does-not-belong" } })
    const found = async (query: string) =>
      (await get<{ items: ReadonlyArray<Incident> }>(`/incidents?${query}`)).items.map(({ title }) => title)
    const forced = alerts["east"]?.title ?? ""
    expect(await found("door=west")).toEqual([forced])
    expect(await found("area=hall&disposition=real")).toEqual([forced])
    expect(await found("area=cellar")).toEqual([])
    expect(await found("state=open")).toEqual(["A lost bag"])
    expect(await found("to=2020-01-01")).toEqual([])
    expect(await found("from=2020-01-01")).toEqual(["A lost bag", forced])
    const first = await get<{ items: ReadonlyArray<Incident>; next: string }>("/incidents?limit=1")
    expect(
      (await get<{ items: ReadonlyArray<Incident> }>(`/incidents?limit=1&before=${first.next}`)).items[0]?.id
    ).toBe(id)
  })

  it("has its course put together from the log, and the hash of all of it", async () => {
    const { hash, ...file } = await get<{ hash: string; timeline: ReadonlyArray<{ kind: string; text: string }> }>(
      `/incidents/${id}/case`
    )
    expect(createHash("sha256").update(canonicalJson(file)).digest("hex")).toBe(hash)
    const said = file.timeline.map(({ kind, text }) => `${kind}: ${text}`)
    for (const line of [
      "door: Door opened: East exit",
      expect.stringMatching(/^door: East exit is forced open/),
      expect.stringMatching(/^alert: A-\d+ raised by door\.forced/),
      expect.stringContaining("officer: A-"),
      expect.stringContaining("case: Case opened by first-token"),
      expect.stringContaining("case: Case closed by first-token: real: seen to")
    ])
      expect(said).toContainEqual(line)
  })

  it("is printed as HTML and PDF, and exported as CSV and JSON", async () => {
    const html = await raw(`/incidents/${id}/report.html`)
    expect(html.headers.get("content-security-policy")).toContain("default-src 'none'")
    expect(await html.text()).toContain(`Incident report ${id}`)
    const pdf = await raw(`/incidents/${id}/report.pdf`)
    expect([pdf.status, pdf.headers.get("content-type")]).toEqual([200, "application/pdf"])
    expect(await pdf.text()).toMatch(/^%PDF-/)
    const csv = await (await raw("/incidents.csv?disposition=real")).text()
    expect(csv.split("\r\n")).toHaveLength(3)
    expect(csv).toContain(`${id},REAL,`)
    const course = await (await raw(`/incidents/${id}/timeline.csv`)).text()
    expect(course).toContain(`"Case noted by first-token: =the glass\nis whole"`)
    const clery = await (await raw("/clery-log.csv?from=2020-01-01")).text()
    expect(clery.split("\r\n")[1]).toMatch(new RegExp(`^${id},Burglary,.*,Hall,real,`))
    expect((await get<{ items: ReadonlyArray<Incident> }>("/incidents.json")).items).toHaveLength(2)
  }, 60_000)

  it.skipIf(!canReadPdf)("is printed with what was written of it", async () => {
    const pdf = await raw(`/incidents/${id}/report.pdf`)
    expect(pagesOf(new Uint8Array(await pdf.arrayBuffer())).join("")).toContain("The door was forced.")
  })

  it("is taken up again with a reason, and is whole", async () => {
    const { answer } = await post(`/incidents/${id}/reopen`, { reason: "a witness came" })
    expect(answer).toMatchObject({ closed: false, revision: 3, narrative: "The door was forced." })
    expect((await post(`/incidents/${id}/reopen`, { reason: "again" })).status).toBe(409)
    const removed = await post(`/incidents/${id}/alerts/${idOf("west")}/remove`, { reason: "another matter" })
    expect(removed.answer.alerts.map((alert) => alert.id)).toEqual([idOf("east")])
    expect((await post("/incidents", { alerts: [idOf("west")] })).status).toBe(200)
  })
})
