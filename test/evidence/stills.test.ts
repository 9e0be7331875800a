import { describe, expect, it } from "vitest"
import type { AwaitedFrame, FrameOffset } from "../../gateway/domain/evidence.ts"
import { CameraId } from "../../gateway/domain/ids.ts"
import { chooseStill } from "../../gateway/evidence/choose-still.ts"
import { pictureTypeOf } from "../../gateway/evidence/picture-type.ts"
import { makeRings, type Still } from "../../gateway/evidence/ring.ts"
import { watchUnchanged } from "../../gateway/evidence/unchanged.ts"
import { jpegOf, loginPage, png } from "./pictures.ts"

const still = (takenAt: number, bytes: Uint8Array = jpegOf(1)): Still => ({ takenAt, bytes, mediaType: "image/jpeg" })

/** A happening at 100 s. */
const frame = (offsetSeconds: FrameOffset): AwaitedFrame => ({
  camera: CameraId.make("cam"),
  offsetSeconds,
  occurredAt: 100_000,
  dueAt: 100_000 + offsetSeconds * 1000
})

describe("where a frame comes from", () => {
  const polled = [87_400, 92_400, 97_400, 101_000].map((at) => still(at))
  const choose = (offset: FrameOffset, now: number, stills: ReadonlyArray<Still> = polled) => {
    const choice = chooseStill(frame(offset), stills, 5000, now)
    return choice._tag === "Ring"
      ? choice.still.takenAt
      : choice._tag === "Anew"
        ? `anew at ${choice.at}`
        : choice.reason
  }

  it("what led to it is the nearest picture in memory, never one of after it", () => {
    expect(choose(-10, 101_500)).toBe(92_400)
    expect(choose(-5, 101_500)).toBe(97_400)
    expect(choose(-5, 101_500, [still(100_500)])).toBe("no frame of that time is in memory")
    expect(choose(-10, 101_500, [still(96_000)])).toBe("the nearest frame is 6 s off")
  })

  it("the moment itself and what comes of it are fetched anew at their time", () => {
    expect(choose(0, 100_400, [])).toBe("anew at 100000")
    expect(choose(5, 100_400)).toBe("anew at 105000")
    expect(choose(10, 100_400)).toBe("anew at 110000")
  })

  it("of what we heard late the nearer one is taken: from memory, or anew, or none", () => {
    expect(choose(0, 107_000)).toBe(101_000)
    expect(choose(0, 109_000, [])).toBe("anew at 100000")
    expect(choose(5, 109_000)).toBe(101_000)
    expect(choose(0, 160_000, [])).toBe("we heard of it 60 s after it happened")
    expect(choose(10, 160_000)).toBe("we heard of it 60 s after it happened")
    expect(choose(0, 160_000)).toBe(101_000)
  })
})

describe("what a camera sends", () => {
  it.each([
    ["a JPEG", jpegOf(1), "image/jpeg"],
    ["a PNG", png, "image/png"],
    ["a page", loginPage, { refused: "it is no picture: the camera sent a web page" }],
    ["a page behind blanks", Buffer.from(" \n<HTML>"), { refused: "it is no picture: the camera sent a web page" }],
    ["a fault", Buffer.from("<?xml version='1.0'?>"), { refused: "it is no picture: the camera sent XML" }],
    ["JSON", Buffer.from('{"error":1}'), { refused: "it is no picture: the camera sent JSON" }],
    ["nothing", new Uint8Array(), { refused: "it is no picture: the camera sent nothing" }],
    [
      "a GIF",
      Buffer.from("GIF89a"),
      { refused: "it is no picture: the camera sent bytes that are neither JPEG nor PNG" }
    ],
    [
      "too much",
      Buffer.concat([jpegOf(1), Buffer.alloc(4 * 1024 * 1024)]),
      { refused: "the picture has 4.0 MB; at most 4 MB are kept" }
    ]
  ])("is told by its own bytes: %s", (_, bytes, expected) => {
    expect(pictureTypeOf(bytes)).toEqual(expected)
  })
})

describe("pictures in memory", () => {
  it("are those of as long as the ring reaches, without a copy", () => {
    const ring = makeRings().open(20_000)
    const taken = Array.from({ length: 10 }, (_, n) => still(n * 5000, jpegOf(n)))
    for (const one of taken) ring.take(one)
    expect(ring.stills().map(({ takenAt }) => takenAt)).toEqual([25_000, 30_000, 35_000, 40_000, 45_000])
    expect(ring.stills()[0]?.bytes).toBe(taken[5]?.bytes)
    ring.forget(66_000)
    expect(ring.stills()).toEqual([])
  })

  it("of one camera are 16 MB at most, of all as much as they may, the oldest of any leaving first", () => {
    const large = () => new Uint8Array(4 * 1024 * 1024)
    const rings = makeRings(40 * 1024 * 1024)
    const [a, b, c] = [rings.open(60_000), rings.open(60_000), rings.open(60_000)]
    for (let n = 0; n < 6; n++) a.take(still(n, large()))
    expect(a.stills().map(({ takenAt }) => takenAt)).toEqual([2, 3, 4, 5])
    for (let n = 10; n < 14; n++) b.take(still(n, large()))
    for (let n = 20; n < 23; n++) c.take(still(n, large()))
    expect([a, b, c].map((ring) => ring.stills().length)).toEqual([3, 4, 3])
    expect(rings.held()).toEqual({
      stills: 10,
      bytes: 40 * 1024 * 1024,
      bytesMax: 40 * 1024 * 1024,
      evicted: 1
    })
  })

  it("of a camera that no door names are none", () => {
    const rings = makeRings()
    rings.open(0).take(still(1))
    expect(rings.held()).toMatchObject({ stills: 0, bytes: 0 })
  })
})

describe("a camera's pictures", () => {
  it("are told to be the same once, and to change once", () => {
    const watch = watchUnchanged(10_000, false)
    const same = [0, 5000, 10_000, 15_000, 20_000].map((at) => watch.seen(still(at, Buffer.from(jpegOf(1)))))
    expect(same).toEqual([
      undefined,
      undefined,
      { _tag: "PictureUnchanged", since: 0, frames: 3 },
      undefined,
      undefined
    ])
    expect(watch.seen(still(25_000, jpegOf(2)))).toEqual({ _tag: "PictureChanged" })
    expect(watch.seen(still(30_000, jpegOf(3)))).toBeUndefined()
  })

  it("are not the same for being twice the same in a long time, nor across a time out of sight", () => {
    const watch = watchUnchanged(10_000, false)
    expect([0, 60_000].map((at) => watch.seen(still(at)))).toEqual([undefined, undefined])
    watch.lost()
    expect([61_000, 62_000, 63_000].map((at) => watch.seen(still(at)))).toEqual([undefined, undefined, undefined])
  })

  it("that were told to be the same by the process before are told to change", () => {
    const watch = watchUnchanged(10_000, true)
    expect(watch.seen(still(0))).toBeUndefined()
    expect(watch.seen(still(5000, jpegOf(2)))).toEqual({ _tag: "PictureChanged" })
  })
})
