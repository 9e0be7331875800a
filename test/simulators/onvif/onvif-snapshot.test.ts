import { Effect } from "effect"
import jpeg from "jpeg-js"
import { afterEach, describe, expect, test } from "vitest"
import type { OnvifDevice } from "../../../simulators/onvif/device.ts"
import { extentOf } from "../../../simulators/onvif/canvas.ts"
import { labelOf, pictureSize } from "../../../simulators/onvif/scene.ts"
import { Bench } from "./bench.ts"
import { type Reply, send, soap, text } from "./client.ts"
import { serviceOf } from "./events-client.ts"

const bench = new Bench()
afterEach(() => bench.clear())

let at = Date.parse("2026-03-02T14:00:00Z")
const clock = (): number => at

const camera = (): Promise<OnvifDevice> => bench.camera({ clock, videoSources: [{ token: "lobby", name: "Lobby" }] })

const pictureOf = async (device: OnvifDevice): Promise<Reply> => {
  const media = serviceOf(device.url, "media_service")
  const uri = await soap({
    url: media,
    body: "<trt:GetSnapshotUri><trt:ProfileToken>profile-lobby</trt:ProfileToken></trt:GetSnapshotUri>"
  })
  return send(text(uri.text, "Uri") ?? "", { method: "GET" })
}

/** The average colour of a part of the picture. */
const colourAt = ({ bytes }: Reply, x: number, y: number): ReadonlyArray<number> => {
  const { width, data } = jpeg.decode(bytes)
  const pixel = (y * width + x) * 4
  return [...data.subarray(pixel, pixel + 3)]
}

const dark = (colour: ReadonlyArray<number>): boolean => colour.every((part) => part < 90)

describe("the picture of a camera", () => {
  test("is a JPEG of 640 by 360 that shows time going on", async () => {
    const device = await camera()
    const first = await pictureOf(device)
    expect([first.status, first.headers["content-type"]]).toEqual([200, "image/jpeg"])
    expect(jpeg.decode(first.bytes)).toMatchObject({ width: 640, height: 360 })
    expect((await pictureOf(device)).bytes.equals(first.bytes)).toBe(true)
    at += 1000
    expect((await pictureOf(device)).bytes.equals(first.bytes)).toBe(false)
  })

  test("shows a door open or closed", async () => {
    const device = await camera()
    device.show("lobby", { doors: [{ name: "Main entrance", open: false }] })
    expect(dark(colourAt(await pictureOf(device), 330, 240))).toBe(false)
    device.show("lobby", { doors: [{ name: "Main entrance", open: true }] })
    expect(dark(colourAt(await pictureOf(device), 330, 240))).toBe(true)
  })

  test("says over each door its name, cut at the end where it does not fit, and how it stands", () => {
    const hatch = { name: "SCIENCE HALL ROOF HATCH", open: true }
    expect(labelOf(hatch, pictureSize.width / 2)).toBe("SCIENCE HALL ROOF HATCH OPEN")
    expect(labelOf(hatch, pictureSize.width / 5)).toBe("SCIENCE HALL.. OPEN")
    expect(labelOf({ ...hatch, open: false }, pictureSize.width / 5)).toBe("SCIENCE HA.. CLOSED")
    for (const doors of [1, 2, 3, 4]) {
      const room = pictureSize.width / (doors + 1)
      for (const name of ["A", hatch.name, hatch.name.repeat(5)])
        expect(extentOf(labelOf({ name, open: false }, room), 1).w).toBeLessThanOrEqual(room)
    }
  })

  test("shows somebody walking through it", async () => {
    const device = await camera()
    const empty = await pictureOf(device)
    device.show("lobby", { figure: true })
    at += 4000
    const seen = await pictureOf(device)
    at += 1000
    const further = await pictureOf(device)
    const changed = (a: Reply, b: Reply): number => {
      const [one, other] = [jpeg.decode(a.bytes).data, jpeg.decode(b.bytes).data]
      let pixels = 0
      // Below the caption.
      for (let index = 640 * 30 * 4; index < one.length; index += 4)
        if (Math.abs((one[index] ?? 0) - (other[index] ?? 0)) > 60) pixels++
      return pixels
    }
    expect(changed(empty, seen)).toBeGreaterThan(1000)
    expect(changed(seen, further)).toBeGreaterThan(1000)
  })

  test("is dark behind a covered lens", async () => {
    const device = await camera()
    device.show("lobby", { blind: "covered" })
    expect(dark(colourAt(await pictureOf(device), 320, 100))).toBe(true)
  })

  test("can freeze, whatever happens before the camera", async () => {
    const device = await camera()
    device.setFaults({ snapshot: "frozen" })
    const first = await pictureOf(device)
    at += 60_000
    device.show("lobby", { figure: true })
    expect((await pictureOf(device)).bytes.equals(first.bytes)).toBe(true)
    device.setFaults({ snapshot: "good" })
    expect((await pictureOf(device)).bytes.equals(first.bytes)).toBe(false)
  })

  test("can be anything but a picture", async () => {
    const device = await camera()
    const good = await pictureOf(device)
    device.setFaults({ snapshot: "html" })
    expect((await pictureOf(device)).headers["content-type"]).toBe("text/html")
    device.setFaults({ snapshot: "truncated" })
    const half = await pictureOf(device)
    expect(half.bytes.equals(good.bytes.subarray(0, good.bytes.length >> 1))).toBe(true)
    device.setFaults({ snapshot: "huge" })
    expect((await pictureOf(device)).bytes.length).toBeGreaterThan(20_000_000)
    device.setFaults({ snapshot: "redirect" })
    expect(await pictureOf(device)).toMatchObject({
      status: 302,
      headers: { location: "http://192.0.2.1/snapshot.jpg" }
    })
    device.setFaults({ snapshot: "unavailable" })
    expect((await pictureOf(device)).status).toBe(503)
    device.setFaults({ snapshot: "wrong-type" })
    expect((await pictureOf(device)).headers["content-type"]).toBe("text/plain")
    device.setFaults({ snapshot: "empty" })
    expect((await pictureOf(device)).bytes).toHaveLength(0)
  })

  test("is at another address after a restart, where the device says so", async () => {
    const device = await camera()
    device.setFaults({ snapshotMoves: true })
    const ask = (): Promise<Reply> =>
      soap({
        url: serviceOf(device.url, "media_service"),
        body: "<trt:GetSnapshotUri><trt:ProfileToken>profile-lobby</trt:ProfileToken></trt:GetSnapshotUri>"
      })
    const told = (await ask()).text
    expect(text(told, "InvalidAfterReboot")).toBe("true")
    const old = text(told, "Uri") ?? ""
    expect((await send(old, { method: "GET" })).status).toBe(200)
    await Effect.runPromise(device.restart)
    expect((await send(old, { method: "GET" })).status).toBe(404)
    expect((await send(text((await ask()).text, "Uri") ?? "", { method: "GET" })).status).toBe(200)
  })

  test("is not there for a video source that is not", async () => {
    const device = await camera()
    const url = `http://127.0.0.1:${device.port}/onvif/snapshot/attic`
    expect((await send(url, { method: "GET" })).status).toBe(404)
  })
})
