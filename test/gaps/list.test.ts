import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { AreaId, CameraId, DeviceId, DoorId, LinkId } from "../../gateway/domain/ids.ts"
import { CalendarId, LocalDate, ScheduleId } from "../../gateway/domain/schedule.ts"
import { type GapSources, gapsOf } from "../../gateway/gaps/list.ts"
import { course } from "../correlation/course.ts"
import { campusOf, dawn, eastDoor, Stage } from "../correlation/door-stage.ts"
import { play } from "../correlation/play-course.ts"

const sourcesOf = (situation: Situation, more: Partial<GapSources> = {}): GapSources => ({
  at: situation.at,
  situation,
  links: [],
  warnings: [],
  registered: new Set(),
  store: { accepting: true },
  ...more
})

/** What is not protected at a stage, but for the devices that its tests never let speak, and that it has no channels. */
const gapsAt = ({ situation }: Stage, more: Partial<GapSources> = {}) =>
  gapsOf(sourcesOf(situation, more)).filter(
    ({ kind, reason }) => kind !== "nobody-told" && !reason.startsWith("not heard since the log began")
  )

const idsAt = (stage: Stage, more: Partial<GapSources> = {}) => gapsAt(stage, more).map(({ id }) => id)

/** A campus of which only the east door is watched. */
const eastOnly = (door: Partial<typeof eastDoor> = {}) => {
  const campus = campusOf(door)
  return { ...campus, doors: campus.doors.filter(({ id }) => id === "east") }
}

describe("what is not protected", () => {
  it("is a camera whose picture is frozen, also when somebody has closed its alert, until it changes", () => {
    const device = { id: DeviceId.make("cam"), link: LinkId.make("mqtt"), profile: "generic", address: "cam" }
    const camera = { id: CameraId.make("cam"), name: "East camera", area: AreaId.make("hall"), device: device.id }
    const campus = eastOnly()
    const stage = Stage.closedDoor({ ...campus, devices: [...campus.devices, device], cameras: [camera] })
    stage.available("cam", "online").at(400)
    stage.enter({ _tag: "PictureUnchanged", camera: camera.id, since: dawn, frames: 99 })
    const frozen = { id: "picture-frozen:cam", owner: "camera cam", since: dawn + 400_000 }
    expect(gapsAt(stage)).toMatchObject([{ ...frozen, alert: stage.alert("PictureFrozen")?.id }])
    stage.closesAlert("PictureFrozen").killedUntil(500)
    expect(gapsAt(stage).filter(({ kind }) => kind === "picture-frozen")).toMatchObject([frozen])
    stage.enter({ _tag: "PictureChanged", camera: camera.id })
    expect(gapsAt(stage).filter(({ kind }) => kind === "picture-frozen")).toEqual([])
  })

  it("is nothing that is watched, and each thing once it is not", () => {
    const stage = Stage.closedDoor().configured(eastOnly())
    expect(idsAt(stage)).toEqual([])
    stage.available("lock", "offline")
    expect(gapsAt(stage)).toMatchObject([
      { id: "device-away:lock", severity: 3, owner: "device lock", reason: "it said offline; a door depends on it" }
    ])
    stage.available("contact", "offline")
    expect(gapsAt(stage).map(({ id, severity }) => [id, severity])).toEqual([
      ["device-away:contact", 2],
      ["door-blind:east", 2],
      ["device-away:lock", 3]
    ])
  })

  it("tells a device that is there and says no longer how a point of it stands, and not the bypassed or the lost ones", () => {
    const stage = Stage.closedDoor().configured(eastOnly()).at(10)
    for (const id of ["contact", "pir", "panel"]) stage.available(id, "online")
    stage.reads("contact/tamper", { kind: "tamper", value: "off" }).at(20).motion("unknown")
    stage.reads("contact/tamper", { kind: "tamper", value: "unknown" }).mode("Unknown").at(30)
    const of = (id: string) => ({ id: `points-unknown:${id}`, severity: 3, since: dawn + 20_000 })
    expect(gapsAt(stage)).toMatchObject([
      { ...of("contact"), reason: "contact/tamper is unknown" },
      { ...of("panel"), title: "panel is there, and does not say how a point of it stands" },
      of("pir")
    ])
    stage.bypasses("pir/motion", 5).available("contact", "offline").mode("Locked")
    expect(idsAt(stage).filter((id) => id.startsWith("points-unknown"))).toEqual([])
  })

  it("tells a bridge with how many are behind it, and not each of them", () => {
    const stage = Stage.closedDoor().configured(eastOnly())
    stage
      .available("north-contact", "online")
      .available("bridge", "offline")
      .at(100)
      .acknowledges("DeviceOffline", "Ada")
    expect(gapsAt(stage)).toMatchObject([
      { id: "device-away:bridge", severity: 2, title: "bridge is offline, and 2 behind it", owner: "Ada", since: dawn }
    ])
  })

  it("tells maintenance, bypass and what officers shelved with owner, reason and end", () => {
    const stage = Stage.closedDoor().configured(eastOnly()).available("lock", "offline").available("lock", "online")
    stage.works({ door: DoorId.make("east") }, 60).bypasses("contact/contact", 30)
    stage.available("pir", "offline").at(100)
    stage.enter({
      _tag: "AlertShelved",
      alert: stage.idOf("DeviceOffline"),
      by: "Ada",
      minutes: 10,
      reason: "the detector is being moved"
    })
    const [until, since] = [dawn + 3_600_000, dawn]
    expect(gapsAt(stage)).toMatchObject([
      {
        id: "bypass:contact/contact",
        severity: 2,
        owner: "technician",
        reason: "it chatters",
        until: dawn + 1_800_000
      },
      { id: "device-away:pir", severity: 3 },
      { id: "maintenance:door:east", severity: 3, owner: "technician", reason: "the closer is replaced", since, until },
      { kind: "alert-shelved", severity: 3, owner: "Ada", reason: "the detector is being moved", until: dawn + 700_000 }
    ])
  })

  it("tells a door that nobody can force, and one that nobody can see", () => {
    const open = Stage.closedDoor().configured(eastOnly()).mode("Unlocked")
    expect(gapsAt(open)).toMatchObject([{ id: "door-open-to-all:east", severity: 3, owner: "its controller" }])
    const passage = Stage.closedDoor().configured(eastOnly()).mode("Accessed").at(10)
    expect(idsAt(passage)).toEqual([])
    expect(idsAt(passage, { at: dawn + 21_000 })).toEqual(["door-open-to-all:east"])
    const { position: _position, ...blind } = eastDoor
    const campus = { ...eastOnly(), doors: [blind] }
    expect(idsAt(Stage.closedDoor().configured(campus))).toEqual(["door-blind:east"])
  })

  it("tells an area that an officer has disarmed, and not one that its schedule has", () => {
    const area = AreaId.make("hall")
    const campus = {
      ...eastOnly(),
      areas: [{ ...campusOf().areas[0]!, id: area, arming: { always: "armed" as const } }]
    }
    const stage = Stage.closedDoor().configured(campus)
    expect(idsAt(stage)).toEqual([])
    stage.enter({
      _tag: "AreaArmingOverridden",
      area,
      state: "disarmed",
      by: "Ada",
      reason: "a concert",
      until: dawn + 60_000
    })
    expect(gapsAt(stage)).toMatchObject([{ id: "area-disarmed:hall", owner: "Ada", reason: "a concert" }])
  })

  it("tells a link that is away or weak, a store that refuses, and a configuration that is not in force", () => {
    const stage = Stage.closedDoor().configured(eastOnly()).link({ _tag: "Rejected", reason: "wrong password" })
    stage.enter({
      _tag: "ConfigRefused",
      by: "configuration file",
      problems: [{ file: "doors.yaml", line: 3, column: 5, message: "there is no area" }]
    })
    const more = {
      links: [{ id: "mqtt", weaknesses: ["it has no TLS"] }],
      warnings: [
        { file: "doors.yaml", line: 9, column: 1, message: "the controller never tells that a door is closed" }
      ],
      store: { accepting: false, refusal: "the disk is full", refusedSince: dawn }
    }
    expect(gapsAt(stage, more).map(({ id, severity }) => [severity, id])).toEqual([
      [1, "store-refuses"],
      [2, "configuration-refused"],
      [2, "link-away:mqtt"],
      [3, "configuration-weak:doors.yaml:9:1"],
      [4, "link-weak:mqtt:1"]
    ])
  })

  it("tells a disabled device, and a clock that is off", () => {
    const campus = eastOnly()
    const disabled = {
      ...campus,
      devices: campus.devices.map((one) => (one.id === "pir" ? { ...one, disabled: true } : one))
    }
    const stage = Stage.closedDoor().configured(disabled)
    expect(idsAt(stage)).toEqual(["device-disabled:pir"])
    stage.enter({
      _tag: "Observed",
      link: LinkId.make("mqtt"),
      observation: {
        _tag: "Reading",
        device: DeviceId.make("contact"),
        point: "contact",
        origin: "change",
        source: "test",
        deviceTime: dawn + 90_000,
        reading: { kind: "position", value: "closed" }
      },
      receivedAt: dawn,
      occurredAt: dawn,
      clock: { trusted: true, offsetMs: 90_000, uncertaintyMs: 10 }
    })
    expect(gapsAt(stage)[1]).toMatchObject({ id: "clock-skewed:contact", reason: "it is 90 s ahead of ours" })
  })

  it("tells a certificate from a month before its end on, the worse the nearer that is", () => {
    const stage = Stage.closedDoor().configured(eastOnly())
    const shows = (validUntil: number) =>
      stage.enter({
        _tag: "Observed",
        link: LinkId.make("mqtt"),
        observation: {
          _tag: "Certificate",
          device: DeviceId.make("lock"),
          holder: "peer",
          fingerprint: String(validUntil),
          subject: "CN=lock",
          validUntil,
          source: "test"
        },
        receivedAt: stage.now,
        occurredAt: stage.now
      })
    const day = 86_400_000
    shows(dawn + 40 * day)
    expect(idsAt(stage)).toEqual([])
    const seen = [20, 37, 41].map((days) => {
      stage.at(days * 86_400)
      return gapsAt(stage, { at: stage.now }).map(({ severity, title }) => [severity, title])
    })
    expect(seen).toEqual([
      [[4, "The certificate of lock ends in 20 days"]],
      [[3, "The certificate of lock ends in 3 days"]],
      [[2, "The certificate of lock has ended"]]
    ])
    expect(gapsAt(stage)[0]).toMatchObject({
      id: "certificate-ends:peer:lock",
      owner: "device lock",
      reason: "CN=lock is valid until 2026-04-11"
    })
    shows(dawn + 400 * day)
    expect(idsAt(stage)).toEqual([])
  })

  it("tells a calendar whose last day is over, by the site's wall clock, as long as a schedule goes by it", () => {
    const days = [
      { name: "Winter break", from: LocalDate.make("2025-12-22"), to: LocalDate.make("2026-01-02") },
      { name: "Founders' day", from: LocalDate.make("2026-03-02") }
    ]
    const calendars = [{ id: CalendarId.make("school-year"), days }]
    const schedule = { id: ScheduleId.make("school"), periods: [{ from: "07:30", to: "16:00" }] }
    const campus = (calendar: object) => ({
      ...eastOnly(),
      site: { ...eastOnly().site, timeZone: "Europe/Berlin" },
      calendars,
      schedules: [{ ...schedule, ...calendar }]
    })
    const stage = Stage.closedDoor().configured(campus({ calendar: CalendarId.make("school-year") }))
    // Berlin is an hour ahead: its day ends at 23:00 UTC.
    expect(idsAt(stage, { at: Date.parse("2026-03-02T22:59:59Z") })).toEqual([])
    expect(gapsAt(stage, { at: Date.parse("2026-03-02T23:00:00Z") })).toMatchObject([
      {
        id: "calendar-over:school-year",
        owner: "configuration",
        reason: "its last entry was 2026-03-02: school knows no holidays any more"
      }
    ])
    expect(idsAt(stage.configured(campus({})), { at: Date.parse("2027-01-01T00:00:00Z") })).toEqual([])
  })

  it("tells a case whose entry of the Clery log is overdue, with its author and what is lacking", () => {
    const stage = Stage.closedDoor().configured(eastOnly())
    stage.enter({
      _tag: "IncidentOpened",
      by: "R. Alvarez",
      alerts: [],
      fields: { title: "A theft", clery: "belongs" }
    })
    expect(idsAt(stage)).toEqual([])
    stage.at(4 * 86_400)
    expect(gapsAt(stage)).toMatchObject([
      {
        kind: "clery-overdue",
        severity: 2,
        owner: "R. Alvarez",
        since: Date.parse("2026-03-05T00:00Z"),
        reason: "it lacks the nature, the general location"
      }
    ])
  })

  it("is one list, in one order, of distinct things that say what to do, whatever has happened", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const { after } = play(steps, "prompt").at(-1)!
        const gaps = gapsOf(sourcesOf(after))
        expect(gapsOf(sourcesOf(after))).toEqual(gaps)
        expect(new Set(gaps.map(({ id }) => id)).size).toBe(gaps.length)
        expect(gaps.map(({ severity }) => severity)).toEqual(gaps.map(({ severity }) => severity).sort((a, b) => a - b))
        for (const { owner, reason, todo, title } of gaps) expect([owner, reason, todo, title]).not.toContain("")
      }),
      { seed: 20_261_127, numRuns: 100 }
    )
  })
})
