import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type RunningApi, startApi } from "./memory-gateway.ts"

let api: RunningApi
beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

interface Frame {
  readonly event: string
  readonly id: number | undefined
  readonly data: string
}

const frameOf = (text: string): Frame => {
  const fields = new Map(
    text.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)])
  )
  const id = fields.get("id")
  return {
    event: fields.get("event") ?? "",
    id: id === undefined ? undefined : Number(id),
    data: fields.get("data") ?? ""
  }
}

const open = async (query = "", headers: Record<string, string> = {}) => {
  const response = await api.call(`/api/v1/stream${query}`, { headers })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) throw new Error("the stream has no body")
  let rest = ""
  const next = async (): Promise<Frame | undefined> => {
    while (!rest.includes("\n\n")) {
      const { value, done } = await reader.read()
      if (done) return undefined
      rest += value
    }
    const end = rest.indexOf("\n\n")
    const frame = frameOf(rest.slice(0, end))
    rest = rest.slice(end + 2)
    return frame
  }
  const entries = async (count: number): Promise<ReadonlyArray<number | undefined>> => {
    const ids: Array<number | undefined> = []
    while (ids.length < count) {
      const frame = await next()
      if (frame === undefined) throw new Error(`the stream ended after ${ids.length} entries`)
      if (frame.event === "entry") ids.push(frame.id)
    }
    return ids
  }
  return { response, next, entries, leave: () => reader.cancel() }
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

describe("the entry stream", () => {
  test("greets with a heartbeat and then sends what is committed from now on", async () => {
    api.gateway.commit(3)
    const stream = await open()
    const greeting = await stream.next()
    expect(greeting?.event).toBe("heartbeat")
    expect(JSON.parse(greeting?.data ?? "")).toMatchObject({ head: 3, accepting: true, at: /Z$/ as never })
  })

  test("sends each entry with its seq as id and its instants in ISO 8601", async () => {
    const stream = await open("?after=0")
    api.gateway.commit(1)
    await stream.next()
    const frame = await stream.next()
    expect(frame).toMatchObject({ event: "entry", id: 1 })
    expect(JSON.parse(frame?.data ?? "")).toMatchObject({ seq: 1, recordedAt: "2026-01-05T12:00:00.000Z" })
  })

  test("resumes behind the last id without gap or duplicate while entries keep coming", async () => {
    api.gateway.commit(1700)
    const first = await open("?after=0")
    expect(await first.entries(600)).toEqual(upTo(1, 600))
    await first.leave()
    api.gateway.commit(5)
    const pending = open("?after=3", { "last-event-id": "600" })
    for (let n = 0; n < 40; n++) {
      api.gateway.commit(7)
      await new Promise((resume) => setImmediate(resume))
    }
    const second = await pending
    api.gateway.commit(10)
    expect(await second.entries(1995 - 600)).toEqual(upTo(601, 1995))
    await second.leave()
  })

  test("never cuts a client that reads, however large what it has missed or what comes at once", async () => {
    const large = { _tag: "AccessRefused", who: "a stranger", what: "x".repeat(4000) }
    api.gateway.commit(1200, large)
    const stream = await open("?after=0")
    expect(await stream.entries(1200)).toEqual(upTo(1, 1200))
    api.gateway.commit(600, large)
    expect(await stream.entries(600)).toEqual(upTo(1201, 1800))
    await stream.leave()
  })

  test("refuses a Last-Event-ID that is no position", async () => {
    const response = await api.call("/api/v1/stream", { headers: { "last-event-id": "soon" } })
    expect(response.status).toBe(400)
  })

  test("cuts a client that does not read, and the client resumes where it was", async () => {
    const lazy = await open()
    for (let n = 0; n < 100 && !(await wasCut()); n++) api.gateway.commit(2000)
    expect(await wasCut()).toBe(true)
    let last = 0
    try {
      for (;;) last = (await lazy.entries(1))[0] ?? 0
    } catch {
      // The connection ends where it was cut.
    }
    const again = await open(`?after=${last}`)
    expect(await again.entries(3)).toEqual([last + 1, last + 2, last + 3])
    await again.leave()
  })

  test("ends with the gateway", async () => {
    const other = await startApi()
    const response = await other.call("/api/v1/stream")
    await other.stop()
    await expect(response.text()).rejects.toThrow("terminated")
    expect(other.gateway.listeners.size).toBe(0)
  })
})

const wasCut = async (): Promise<boolean> =>
  (await (await api.call("/metrics")).text()).includes("gatehouse_stream_cut_total 1\n")
