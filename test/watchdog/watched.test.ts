import { describe, expect, test } from "vitest"
import {
  alarmedSigns,
  type Look,
  nothingSeen,
  type Notice,
  type Patience,
  type Seen,
  signs,
  stepWatched
} from "../../gateway/watchdog/watched.ts"

const patience: Patience = { alarmAfterMs: 45_000, repeatMs: 900_000, gapMaxMs: 60_000 }
const well: Seen = { is: "well" }
const fails = (why: string): Seen => ({ is: "failing", why })
const hidden: Seen = { is: "not seen" }

const all = (seen: Seen): Look => ({ gateway: seen, store: seen, stream: seen, outbox: seen, "test alert": seen })
const allWell = all(well)
const gone: Look = { ...all(hidden), gateway: fails("ECONNREFUSED") }

/** Looks every ten seconds, as long as there is something to see; what people were told, each with its second. */
const course = (looks: ReadonlyArray<Look | "asleep">): ReadonlyArray<string> => {
  let watched = nothingSeen
  const told: Array<string> = []
  for (const [nth, look] of looks.entries()) {
    if (look === "asleep") continue
    const step = stepWatched(watched, look, nth * 10_000, patience)
    watched = step.watched
    told.push(...step.notices.map(({ kind, sign }: Notice) => `${nth * 10} s: ${kind}, ${sign}`))
  }
  return told
}

const times = (count: number, look: Look): ReadonlyArray<Look> => Array.from({ length: count }, () => look)

describe("a watchdog", () => {
  test("is silent while all is well", () => {
    expect(course(times(100, allWell))).toEqual([])
  })

  test("alarms once something has failed for so long, and says when it is well again, and after how long", () => {
    const told = course([allWell, ...times(8, gone), ...times(3, allWell)])
    expect(told).toEqual(["60 s: alarm, gateway", "90 s: well again, gateway"])
  })

  test("is not alarmed by what passes before its patience ends", () => {
    expect(course([allWell, ...times(4, gone), allWell, ...times(4, gone), allWell])).toEqual([])
  })

  test("alarms of a gateway that it has never seen well", () => {
    expect(course(times(6, gone))).toEqual(["50 s: alarm, gateway"])
  })

  test("tells of a gateway that is gone once, and not of its store, stream and outbox besides", () => {
    expect(course([allWell, ...times(20, gone)])).toEqual(["60 s: alarm, gateway"])
  })

  test("repeats an alarm that lasts", () => {
    expect(course(times(100, gone))).toEqual(["50 s: alarm, gateway", "950 s: still, gateway"])
  })

  test("goes on with the alarm of a store after the gateway was gone for a while", () => {
    const full: Look = { ...allWell, store: fails("the disk is full") }
    const told = course([...times(6, full), ...times(2, gone), ...times(2, full), allWell])
    expect(told).toEqual(["50 s: alarm, store", "100 s: well again, store"])
  })

  test("that stood still itself does not take its own sleep for the gateway's", () => {
    const asleep = Array.from({ length: 30 }, () => "asleep" as const)
    expect(course([allWell, ...times(2, gone), ...asleep, ...times(3, gone), allWell])).toEqual([])
    expect(course([allWell, ...asleep, ...times(6, gone)])).toEqual(["360 s: alarm, gateway"])
  })

  test("knows what it has told of and is not over", () => {
    let watched = nothingSeen
    for (const at of [0, 50_000]) watched = stepWatched(watched, all(fails("broken")), at, patience).watched
    expect(alarmedSigns(watched)).toEqual(signs)
  })
})
