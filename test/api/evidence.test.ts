import { createHash } from "node:crypto"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { AlertItem } from "../../gateway/api/shapes.ts"
import { jpegOf, png } from "../evidence/pictures.ts"
import { alertRaisedBy, noon, type RunningApi, startApi } from "./memory-gateway.ts"

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

let api: RunningApi
beforeAll(async () => {
  api = await startApi()
})
afterAll(async () => {
  await api.stop()
})

describe("a picture", () => {
  test("is answered by its hash, as what it is, to be kept for ever by this browser alone", async () => {
    for (const [bytes, mediaType] of [
      [jpegOf(1), "image/jpeg"],
      [png, "image/png"]
    ] as const) {
      api.gateway.pictures.set(sha256(bytes), { bytes, mediaType })
      const answer = await api.get(`/evidence/${sha256(bytes)}`)
      expect(answer.status).toBe(200)
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "content-type": mediaType,
        "content-length": String(bytes.byteLength),
        "x-content-type-options": "nosniff",
        "cache-control": "private, max-age=31536000, immutable",
        "content-security-policy": "default-src 'none'; sandbox"
      })
    }
  })

  test("that is not there, or whose name is no hash, is 404 in words", async () => {
    const traversal = encodeURIComponent("../../tokens.json")
    for (const name of ["0".repeat(64), "A".repeat(64), "abc", traversal]) {
      const answer = await api.get(`/evidence/${name}`)
      expect(answer.status, name).toBe(404)
      expect(answer.headers.get("content-type")).toContain("application/problem+json")
      expect(await answer.json()).toMatchObject({ type: "urn:gatehouse:problem:unknown-evidence" })
    }
  })

  test("is for those who may see alerts: nobody without a token", async () => {
    api.gateway.pictures.set(sha256(png), { bytes: png, mediaType: "image/png" })
    const answer = await fetch(`${api.origin}/api/v1/evidence/${sha256(png)}`)
    expect(answer.status).toBe(401)
    expect((await answer.arrayBuffer()).byteLength).toBeLessThan(500)
  })
})

describe("an alert with frames", () => {
  test("carries them with their times in ISO 8601, as its schema says", async () => {
    const of = { camera: "cam", occurredAt: noon }
    const evidence = [
      { ...of, offsetSeconds: -5, missing: "camera offline: refused" },
      { ...of, offsetSeconds: 0, takenAt: noon + 800, hash: sha256(png), mediaType: "image/png" },
      { ...of, offsetSeconds: 5, dueAt: noon + 5000 }
    ]
    const item = { ...alertRaisedBy(7), where: "Hall", evidence }
    expect(Schema.decodeUnknownSync(AlertItem)(item)).toEqual(item)
    api.gateway.raise({ ...alertRaisedBy(7), evidence } as never)
    expect(await (await api.get("/alerts/A-7")).json()).toMatchObject({
      evidence: [
        {
          camera: "cam",
          offsetSeconds: -5,
          missing: "camera offline: refused",
          occurredAt: "2026-01-05T12:00:00.000Z"
        },
        { offsetSeconds: 0, takenAt: "2026-01-05T12:00:00.800Z", hash: sha256(png), mediaType: "image/png" },
        { offsetSeconds: 5, dueAt: "2026-01-05T12:00:05.000Z" }
      ]
    })
  })
})

test("what the pictures in memory take, and may take, is told in the metrics", async () => {
  const text = await (await api.call("/metrics")).text()
  for (const line of [
    "gatehouse_camera_still_bytes 900",
    "gatehouse_camera_still_bytes_max 1000",
    "gatehouse_camera_stills_evicted_total 1",
    'gatehouse_evidence_frames_total{outcome="missing"} 1'
  ]) {
    expect(text.split("\n")).toContain(line)
  }
})
