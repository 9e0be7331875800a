import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { checkSheets } from "../../gateway/settings/conformance-rules.ts"
import { type ConformanceSheet, readSheets, sheetFile, writeSheet } from "../../gateway/settings/conformance-sheet.ts"
import { checkSettings } from "../../gateway/settings/load-settings.ts"
import { DeviceId } from "../../gateway/domain/ids.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { installed } from "./installed.ts"

const sheet = (more: Partial<ConformanceSheet> = {}): ConformanceSheet => ({
  format: "gatehouse-conformance",
  version: 1,
  device: DeviceId.make("dc"),
  profile: "onvif",
  observedAt: "2026-05-04T10:00:00.000Z",
  observedSeconds: 120,
  observedBy: "ann@desk",
  product: { manufacturer: "Acme", model: "D2", firmware: "1.10", serialNumber: "7" },
  reports: {
    opening: true,
    closing: true,
    locking: true,
    unlocking: true,
    forced: true,
    held: true,
    mode: true
  },
  topics: [],
  points: [],
  occurrences: [],
  subscription: {
    initialState: "Initialized",
    repeatsState: true,
    answersEmptyEarly: null,
    leaseAskedMs: 60_000,
    leaseGrantedMs: null,
    pullExtendsLease: null,
    renew: "works",
    lostSubscriptions: 0,
    unreadable: 0
  },
  subscribers: null,
  clock: null,
  reconnectMs: null,
  picture: { failed: "there is no picture" },
  ...more
})

type Counts = Readonly<Record<string, number>>

const point = (name: string, kind: string, changes: Counts, more: { missed?: Counts; states?: Counts } = {}) => ({
  point: name,
  kind,
  states: {},
  missed: {},
  ...more,
  changes
})

const odd = (
  door: Readonly<Record<string, unknown>>,
  points: ConformanceSheet["points"],
  more: Partial<ConformanceSheet> = {},
  profile = "onvif"
) =>
  checkSheets({ devices: [{ id: "dc", profile }], doors: [door] }, new Map([["dc", sheet({ points, ...more })]])).map(
    ({ severity, path, message }) => [severity, path.join("."), message] as const
  )

const again = "observe it again: npm run gatehouse -- probe dc --conformance --write"

describe("a door whose device was observed", () => {
  test("is in order when its contact was seen to open and to close", () => {
    expect(odd({ position: "dc/p" }, [point("p", "position", { open: 1, closed: 1 })])).toEqual([])
  })

  test("takes a plain input that goes on and off for a contact", () => {
    expect(odd({ position: "dc/p" }, [point("p", "input", { on: 2, off: 1 })])).toEqual([])
  })

  test.each([
    [{ heldOpenSeconds: 45 }, "doors.0.times.heldOpenSeconds"],
    [{ heldPreAlarmSeconds: 10 }, "doors.0.times.heldPreAlarmSeconds"],
    [{ grantSeconds: 5 }, "doors.0.position"],
    [undefined, "doors.0.position"]
  ])("cannot have a time to be held open where no closing was seen (times %j)", (times, path) => {
    const door = { position: "dc/p", ...(times === undefined ? {} : { times }) }
    expect(odd(door, [point("p", "position", { open: 1 }, { missed: { closed: 1 } })])).toEqual([
      [
        "error",
        path,
        `"dc/p" was closed and did not tell when "dc" was observed on 2026-05-04: the door would be held open for ever. Take its position from a contact of its own, or ${again}`
      ]
    ])
  })

  test("cannot be held open either where each opening is told, and in no way a closing", () => {
    const [problem] = odd({ position: "dc/p" }, [point("p", "input", { on: 1 }, { states: { on: 2 } })])
    expect(problem).toMatchObject(["error", "doors.0.position", expect.stringMatching(/told its openings and never/)])
  })

  test("cannot be known to be forced where no opening was seen", () => {
    const [problem] = odd({ position: "dc/p" }, [point("p", "position", { closed: 1 }, { missed: { open: 1 } })])
    expect(problem).toMatchObject([
      "error",
      "doors.0.position",
      expect.stringMatching(/could not be known to be forced/)
    ])
  })

  test.each<[string, ConformanceSheet["points"], RegExp]>([
    ["was not heard of", [], /not seen to open or close/],
    ["nobody moved", [point("p", "position", {}, { states: { closed: 2 } })], /not seen to open or close/],
    ["was open at the end", [point("p", "position", { open: 1 }, { states: { closed: 2 } })], /not seen to close/],
    ["was open at the beginning", [point("p", "position", { closed: 1 }, { states: { open: 2 } })], /not seen to open/],
    ["missed one of many", [point("p", "position", { open: 3, closed: 2 }, { missed: { closed: 1 } })], /once changed/]
  ])("is not condemned, but warned of, by a contact that %s", (_, points, said) => {
    const [problem, ...rest] = odd({ position: "dc/p" }, points)
    expect(problem).toMatchObject(["warning", "doors.0.position", expect.stringMatching(said)])
    expect(rest).toEqual([])
  })

  test.each(["mode", "lock", "alarm"])("is warned when its %s was never reported", (role) => {
    const [problem] = odd({ [role]: "dc/x" }, [])
    expect(problem).toMatchObject(["warning", `doors.0.${role}`, expect.stringMatching(/was never reported/)])
    expect(odd({ [role]: "dc/x" }, [{ ...point("x", role, {}), states: { a: 1 } }])).toEqual([])
  })

  test("is warned only, where the device has other firmware since", () => {
    const since = { firmware: "2.0", at: "2026-06-01T00:00:00.000Z" }
    expect(odd({ position: "dc/p" }, [point("p", "position", {}, { missed: { closed: 1 } })], { since })).toMatchObject(
      [
        [
          "warning",
          "devices.0.id",
          `"dc" was observed with firmware 1.10 and has 2.0 since 2026-06-01: what was seen of it may no longer hold; ${again}`
        ],
        ["warning", "doors.0.position", expect.stringMatching(/was closed and did not tell/)]
      ]
    )
  })

  test("is left alone where the device has another profile now: its points have other names", () => {
    expect(odd({ position: "dc/p" }, [], {}, "onvif-axis")).toEqual([
      ["warning", "devices.0.profile", expect.stringMatching(/^"dc" was observed with the profile "onvif"/)]
    ])
  })

  test("is left alone where its device was not observed", () => {
    expect(odd({ position: "other/p", mode: "other/m" }, [])).toEqual([])
  })
})

describe("the sheets of a data directory", () => {
  const directory = temporaryDirectory("sheets")
  afterAll(directory.dispose)

  test("are none before the first is written", () => {
    expect(readSheets(join(directory.path, "nowhere"))).toEqual({ byDevice: new Map(), unusable: [] })
  })

  test("are read as they were written, and what cannot be used is told by file", () => {
    const file = writeSheet(directory.path, sheet())
    expect(file).toBe(sheetFile(directory.path, "dc"))
    const other = (name: string, text: string) => writeFileSync(join(directory.path, "conformance", name), text)
    other("later.json", JSON.stringify({ ...sheet(), version: 2 }))
    other("torn.json", '{"format":')
    other("moved.json", JSON.stringify(sheet()))
    const { byDevice, unusable } = readSheets(directory.path)
    expect([...byDevice.entries()]).toEqual([["dc", sheet()]])
    expect(unusable.map(({ file: at, why }) => [at.split("/").at(-1), why])).toEqual([
      ["later.json", "it is of version 2, and this gateway reads version 1: observe the device again"],
      ["moved.json", 'it is the sheet of "dc"'],
      ["torn.json", expect.any(String)]
    ])
  })
})

describe("a configuration and what was observed", () => {
  const directory = temporaryDirectory("observed")
  afterAll(directory.dispose)
  const dataDir = join(directory.path, "var")
  const file = join(directory.path, "gatehouse.yaml")
  mkdirSync(dataDir)
  writeFileSync(
    file,
    [
      "site: { id: north, name: North, timeZone: UTC }",
      `dataDir: ${dataDir}`,
      'links: { mqtt: { adapter: mqtt, settings: { broker: { url: "mqtt://b", clientId: c } } } }',
      "areas: [{ id: hall, name: Hall, kind: building }]",
      "devices: [{ id: dc, link: mqtt, profile: generic, address: dc }]",
      "doors:",
      "  - { id: a, name: A, area: hall, position: dc/p, times: { heldOpenSeconds: 45 } }",
      ""
    ].join("\n")
  )

  test("are held against each other, at the line that asks too much", () => {
    writeSheet(dataDir, sheet({ profile: "generic", points: [point("p", "position", {}, { missed: { closed: 1 } })] }))
    const { settings, problems } = checkSettings([file], { ...installed, sheets: readSheets })
    expect(problems.map(({ severity, place }) => [severity, place.line, place.column])).toEqual([["error", 7, 77]])
    expect(settings).toBeUndefined()
    expect(checkSettings([file], installed).problems).toEqual([])
  })

  test("a warning starts all the same", () => {
    writeSheet(dataDir, sheet({ profile: "generic" }))
    writeFileSync(join(dataDir, "conformance", "torn.json"), "{")
    const { settings, problems } = checkSettings([file], { ...installed, sheets: readSheets })
    expect(problems.map(({ severity, place }) => [severity, place.line])).toEqual([
      ["warning", 2],
      ["warning", 7]
    ])
    expect(settings?.campus.doors).toHaveLength(1)
  })
})
