import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { csvField } from "../../gateway/api/journal-csv.ts"
import { type RunningApi, startApi } from "./memory-gateway.ts"

let api: RunningApi
beforeAll(async () => {
  api = await startApi()
  api.gateway.commit(7)
})
afterAll(async () => {
  await api.stop()
})

describe("the journal over HTTP", () => {
  test("is paged, newest first", async () => {
    const first = (await (await api.get("/journal?limit=5")).json()) as { items: Array<{ seq: number }>; next: string }
    expect(first.items.map(({ seq }) => seq)).toEqual([7, 6, 5, 4, 3])
    const second = (await (await api.get(`/journal?limit=5&before=${first.next}`)).json()) as typeof first
    expect([second.items.map(({ seq }) => seq), second.next]).toEqual([[2, 1], null])
  })

  test.each([
    ["kinds=weather", "kinds with commas between"],
    ["from=yesterday", "an instant in ISO 8601"],
    ["from=2026-03-02T10:00:00Z&to=2026-03-02T09:00:00Z", "an instant after `from`"]
  ])("refuses what it cannot look for: %s", async (query, why) => {
    const answer = await api.get(`/journal?${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain(why)
  })

  test("is exported whole as a JSON array", async () => {
    const answer = await api.get("/journal/export?format=json")
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="journal.json"')
    expect(((await answer.json()) as Array<{ seq: number }>).map(({ seq }) => seq)).toEqual([7, 6, 5, 4, 3, 2, 1])
  })

  test("is exported whole as CSV, with the whole entry in the last field", async () => {
    const answer = await api.get("/journal/export?format=csv")
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8")
    const lines = (await answer.text()).trimEnd().split("\r\n")
    expect(lines[0]).toBe("seq,recordedAt,occurredAt,kind,what,where,device,alert,by,words,entry")
    expect(lines).toHaveLength(8)
    expect(lines[1]).toMatch(/^7,2026-01-05T12:00:00\.\d{3}Z,/)
  })

  test("hands a spreadsheet no formula that came from outside", () => {
    expect(csvField('=HYPERLINK("http://x")')).toBe('"\'=HYPERLINK(""http://x"")"')
    expect(csvField("Door, east")).toBe('"Door, east"')
    expect(csvField("plain")).toBe("plain")
  })
})
