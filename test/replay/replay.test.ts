import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import type { Campus } from "../../gateway/domain/campus.ts"
import { installed } from "../../gateway/installed.ts"
import { openRecordedLog } from "../../gateway/log/recorded-log.ts"
import { AlertId } from "../../gateway/domain/ids.ts"
import { differenceOf } from "../../gateway/replay/difference.ts"
import { replay, type Replayed, shortened } from "../../gateway/replay/replay.ts"
import { checkChange } from "../../gateway/settings/changed-settings.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"
import { readText } from "../../gateway/settings/sources.ts"
import { ruleOf } from "../correlation/rule-stage.ts"
import { campusOf, door, heldLonger, passes, recordedBy } from "./campus.ts"
import { dawn, Recording } from "./recording.ts"

const asConfigured = campusOf(door("east"), door("west"))

let recording: Recording | undefined
const record = (): Recording => (recording = recordedBy(asConfigured))

afterEach(() => {
  recording?.dispose()
  recording = undefined
})

/** Runs a replay to its end. */
const replayed = ({ file }: Recording, campus: Campus, from = -3600, to = 1e6): Replayed => {
  const log = openRecordedLog(file)
  try {
    const steps = replay(log, { from: dawn + from * 1000, to: dawn + to * 1000 }, { campus, version: "changed" })
    for (let next = steps.next(); ; next = steps.next()) if (next.done === true) return next.value
  } finally {
    log.close()
  }
}

const sums = ({ difference: { added, removed, moved, unchanged } }: Replayed) => ({ added, removed, moved, unchanged })

/** `12.5 DoorForcedOpen door:east`. */
const told = (calls: Replayed["difference"]["addedCalls"]): ReadonlyArray<string> =>
  calls.map(({ at, condition, key }) => `${(at - dawn) / 1000} ${condition} ${key}`)

describe("a replay", () => {
  it("of the same configuration differs in nothing, and agrees with what the gateway did", () => {
    const course = passes(passes(record(), "east", 10, 40), "west", 100, 5)
      .at(200)
      .contact("east/contact", "open")
    course.at(230).contact("east/contact", "closed").at(300).close()
    const done = replayed(course, asConfigured)
    expect(sums(done)).toEqual({ added: 0, removed: 0, moved: 0, unchanged: 3 })
    expect(done.agreement).toEqual({ recorded: 3, agreeing: 3, onlyRecorded: [], onlyReplayed: [] })
  })

  it("tells the alerts that a longer time would have saved, and the officers' word for them", () => {
    const course = passes(record(), "east", 10, 40).at(60).closes("DoorOpenTooLong", "door:east", "nuisance-user")
    passes(course, "west", 100, 90).at(300).close()
    const done = replayed(course, heldLonger)
    expect(sums(done)).toEqual({ added: 0, removed: 1, moved: 0, unchanged: 1 })
    expect(told(done.difference.removedCalls)).toEqual(["41 DoorOpenTooLong door:east"])
    expect(done.difference.nuisanceSaved["nuisance-user"]).toBe(1)
    expect(done.difference.byDoor[0]).toEqual({ of: "east", added: 0, removed: 1, moved: 0, unchanged: 0 })
    expect(done.withoutAlert).toBe(1)
  })

  it("tells the alerts that a shorter time would have added, at the instant they would have been raised", () => {
    const course = passes(record(), "east", 10, 25).at(100).close()
    const done = replayed(
      course,
      campusOf(door("east", { heldOpenSeconds: 15, heldPreAlarmSeconds: 10 }), door("west"))
    )
    expect(told(done.difference.addedCalls)).toEqual(["26 DoorOpenTooLong door:east"])
  })

  it("draws every call of both courses at its time, also where the lists of calls are shortened", () => {
    const course = passes(passes(record(), "east", 10, 40), "east", 100, 40)
    passes(course, "west", 1000, 90).at(3000).close()
    const { timeline, difference } = shortened(replayed(course, heldLonger), 1)
    expect(difference.removedCalls).toHaveLength(1)
    expect(timeline.map(({ course: of, kind, at, calls }) => `${of} ${kind} ${(at - dawn) / 1000} ${calls}`)).toEqual([
      "recorded removed 41 1",
      "recorded removed 131 1",
      "recorded unchanged 1031 1",
      "changed unchanged 1031 1"
    ])
  })

  it("names what comes at another time as moved", () => {
    const course = passes(record(), "east", 10, 90).at(300).close()
    const done = replayed(course, campusOf(door("east", { heldOpenSeconds: 45 }), door("west")))
    expect(sums(done)).toEqual({ added: 0, removed: 0, moved: 1, unchanged: 0 })
    const [move] = done.difference.movedCalls
    expect([move?.differs, (move?.after.at ?? 0) - (move?.before.at ?? 0)]).toEqual([["time"], 15_000])
  })

  it("says first which real incidents nobody would be called for, and which later", () => {
    const course = passes(record(), "east", 10, 40).at(60).closes("DoorOpenTooLong", "door:east", "real")
    passes(course, "west", 100, 90).at(250).closes("DoorOpenTooLong", "door:west", "real").at(300).close()
    const times = { heldOpenSeconds: 50 }
    const done = replayed(course, campusOf(door("east", times), door("west", times)))
    const { realIncidents } = done.difference
    expect(
      realIncidents.map(({ title, at, calledAt }) => [title, calledAt === undefined ? "missed" : calledAt - at])
    ).toEqual([
      ["Door held open: east door", "missed"],
      ["Door held open: west door", 20_000]
    ])
  })

  it("has an officer's closing end the alert that stands in its place, though it has another id", () => {
    const course = passes(record(), "east", 10, 90).at(110).closes("DoorOpenTooLong", "door:east", "nuisance-user")
    passes(course, "east", 1000, 90).at(1200).close()
    const done = replayed(
      course,
      campusOf(door("east", { heldOpenSeconds: 20, heldPreAlarmSeconds: 15 }), door("west"))
    )
    expect(sums(done)).toEqual({ added: 0, removed: 0, moved: 2, unchanged: 0 })
    expect(done.withoutAlert).toBe(0)
    expect(done.difference.movedCalls.map(({ after }) => after.transition)).toEqual(["raised", "raised"])
  })

  it("knows at its beginning how the doors stood, from a snapshot where there is one", () => {
    const day = 86_400
    const course = passes(record(), "east", 10, 40).at(3 * day)
    course
      .grants("east/reader")
      .contact("east/contact", "open")
      .at(3 * day + 10)
    const facts = (): number => replayed(course, changed, 3 * day + 20).factsBefore
    const changed = campusOf(door("east", { heldOpenSeconds: 45 }), door("west"))
    course
      .at(3 * day + 200)
      .contact("east/contact", "closed")
      .at(3 * day + 300)
    const done = replayed(course, changed, 3 * day + 20)
    expect(told(done.difference.movedCalls.map(({ after }) => after))).toEqual([
      `${3 * day + 45} DoorOpenTooLong door:east`
    ])
    const whole = facts()
    expect(replayed(course.snapshotAt(50), changed, 3 * day + 20).difference).toEqual(done.difference)
    expect(facts()).toBeLessThan(whole)
  })

  it("tells where a rule that nobody had would have called", () => {
    const demo = loadSettings(["config/demo"], installed)
    const { settings } = checkChange(() => demo, readText({ file: "change", text: "packs: [access]" }), installed)
    const { rules: _rules, ...withoutRules } = demo.campus
    const course = (recording = new Recording(withoutRules)).at(10)
    for (const second of [10, 20, 30, 100]) {
      course.at(second).happens("panel-1/door-1.reader", { _tag: "AccessDenied", reason: "Unauthorized" })
    }
    const done = replayed(course.at(200).close(), settings!.campus)
    expect(told(done.difference.addedCalls)).toEqual(["30 DeniedBurst reader:panel-1/door-1.reader"])
    expect(done.difference.byRule).toEqual([
      { of: "access.denied-burst", added: 1, removed: 0, moved: 0, unchanged: 0 }
    ])
  })

  it("does not call missed what a rule finds in the same facts, counted by something else or called otherwise", () => {
    const burst = { count: { event: "AccessDenied", atLeast: 2, withinSeconds: 60 } } as const
    const withRule = (key: string, condition: string): Campus => ({
      ...asConfigured,
      rules: [ruleOf("burst", { key, ...burst }, condition)]
    })
    const course = (recording = recordedBy(withRule("reader", "Burst")))
    for (const second of [10, 20])
      course.at(second).happens("east/reader", { _tag: "AccessDenied", credential: "card", reason: "Unauthorized" })
    course.at(30).closes("Burst", "reader:east/reader", "real").at(100).close()
    for (const changed of [withRule("door", "Burst"), withRule("reader", "Denials")]) {
      const { difference } = replayed(course, changed)
      expect(difference).toMatchObject({ added: 0, removed: 0, moved: 1, realIncidents: [] })
      expect(difference.movedCalls[0]?.differs).toEqual(["name"])
    }
  })

  it("lets a changed rule hear as far back as it remembers", () => {
    const day = 86_400
    const course = passes(passes(record(), "east", 10, 5), "east", 2 * day, 5)
      .at(2 * day + 100)
      .close()
    const count = { event: "DoorOpened", atLeast: 2, withinSeconds: 3 * day }
    const done = replayed(
      course,
      { ...asConfigured, rules: [ruleOf("often", { key: "door", count }, "Often")] },
      2 * day - 60
    )
    expect(told(done.difference.addedCalls)).toEqual([`${2 * day + 1} Often door:east`])
  })

  it("does not call missed what another alert stands for", () => {
    const course = record().away("west").at(100)
    passes(course, "east", 110, 40).at(160).closes("DoorOpenTooLong", "door:east", "real").at(300).close()
    const inhibit = { cause: "DeviceOffline", consequences: "DoorOpenTooLong", by: "site" } as const
    const done = replayed(course, { ...asConfigured, rules: [ruleOf("calm", { inhibit })] })
    expect(sums(done)).toEqual({ added: 0, removed: 0, moved: 1, unchanged: 1 })
    expect(done.difference.movedCalls[0]?.differs).toEqual(["held-back"])
    expect(done.difference.realIncidents).toEqual([])
  })

  it("says which devices it lacks, and that other profiles and addresses show nothing in it", () => {
    const course = passes(record(), "east", 10, 40).at(300).close()
    const { devices, ...campus } = asConfigured
    const [east, west] = devices.map((device, nth) => (nth === 0 ? { ...device, address: "moved" } : device))
    const done = replayed(course, { ...campus, devices: [east!] })
    expect(done.lostDevices).toEqual([{ device: west!.id, facts: 1 }])
    expect(done.readOtherwise).toEqual(["east"])
    expect([done.alike, replayed(course, asConfigured).alike]).toEqual([undefined, true])
  })

  it("refuses a time of which the log holds nothing", () => {
    const course = record().at(10).close()
    expect(() => replayed(course, asConfigured, 1e6, 2e6)).toThrow("the log holds nothing of that time")
  })

  it("calls a real incident missed that no replay makes, not even as it was configured", () => {
    const call = {
      transition: "raised",
      condition: "DoorForcedOpen",
      priority: 1,
      rule: "door.forced",
      rests: []
    } as const
    const lost = {
      ...call,
      at: 5,
      own: AlertId.make("A-1"),
      alert: AlertId.make("A-1"),
      key: "door:east",
      title: "Forced"
    }
    const real = { ...lost, outcome: "real" } as const
    expect(differenceOf([], [], [real]).realIncidents).toEqual([{ alert: "A-1", title: "Forced", at: 5 }])
    expect(differenceOf([], [{ ...lost, own: AlertId.make("A-2") }], [real]).realIncidents).toEqual([])
    expect(differenceOf([], [], [lost]).realIncidents).toEqual([])
  })

  it("stands still while no gateway ran", () => {
    const course = record().at(10).grants("east/reader").at(11).contact("east/contact", "open").at(20).restarted(500)
    course.at(600).close()
    const done = replayed(course, campusOf(door("east", { heldOpenSeconds: 45 }), door("west")))
    expect(done.agreement.onlyRecorded).toEqual([])
    expect(done.agreement.onlyReplayed).toEqual([])
  })

  it("leaves the log and its directory as they were, at rest and while a gateway writes it", () => {
    const files = ({ directory }: Recording) =>
      readdirSync(directory).map((name) => [
        name,
        name.endsWith("-shm") ? "" : readFileSync(join(directory, name), "hex")
      ])
    const course = passes(record(), "east", 10, 40).at(300)
    const written = files(course)
    replayed(course, asConfigured)
    expect(files(course)).toEqual(written)
    course.close()
    const rests = files(course)
    replayed(course, asConfigured)
    expect(files(course)).toEqual(rests)
  })
})
