import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { installed } from "../../gateway/installed.ts"
import { checkSettings } from "../../gateway/settings/load-settings.ts"
import type { OnvifDevice } from "../../simulators/onvif/device.ts"
import { makeCertificates } from "../deploy/certificates.ts"
import { type OnvifSite, onvifSite } from "./onvif-site.ts"
import { objects, run, type RunOptions } from "./run.ts"

let site: OnvifSite
let camera: OnvifDevice
let door: OnvifDevice
let secure: OnvifDevice
let full: OnvifDevice

const front = { token: "1", name: "Front door" }

beforeAll(async () => {
  site = onvifSite()
  const certificates = join(site.directory, "tls")
  mkdirSync(certificates)
  makeCertificates(certificates, ["camera"])
  const pem = (name: string): string => readFileSync(join(certificates, name), "utf8")
  camera = await site.start({ kind: "camera" })
  door = await site.start({
    kind: "door-controller",
    doors: [front],
    accessPoints: [{ token: "in", name: "Front door, in", door: "1" }]
  })
  secure = await site.start({ kind: "camera", tls: { key: pem("camera.key"), cert: pem("camera.pem") } })
  full = await site.start({ kind: "camera" }, { maxPullPoints: 0 })
})
afterAll(() => site.stop())

const at = ({ port }: OnvifDevice): string => `127.0.0.1:${port}`

const configure = (more: ReadonlyArray<string> = [], tls = ""): void => {
  site.configure(
    [
      `{ id: yard, link: field, profile: onvif, address: "${at(camera)}" }`,
      `{ id: panel, link: field, profile: onvif, address: "${at(door)}" }`,
      `{ id: vault, link: field, profile: onvif, address: "${at(secure)}"${tls} }`,
      `{ id: crowded, link: field, profile: onvif, address: "${at(full)}" }`,
      "{ id: plug, link: mqtt, profile: generic, address: plug-1 }"
    ],
    more
  )
}

/** A busy machine takes seconds to start each command. */
vi.setConfig({ testTimeout: 120_000 })

const probe = (args: ReadonlyArray<string>, options: RunOptions = {}) =>
  run(["probe", ...args, "--config", site.config], options)
const command = (args: string): string => `npm run gatehouse -- probe ${args}`

describe("gatehouse probe", () => {
  beforeAll(() => configure())

  test("prints each step with its sign and time, and ends with 0 when none failed", async () => {
    const { code, out, last } = await probe(["yard"])
    const lines = out.trimEnd().split("\n")
    expect(lines.map((line) => line.slice(0, 14).trimEnd())).toEqual([
      "– name",
      "✔ connection",
      "– certificate",
      "✔ clock",
      "✔ login",
      "✔ device",
      "✔ services",
      "✔ events",
      "✔ picture"
    ])
    expect(lines[4]).toMatch(/^✔ login {6,}\d+(\.\d)? m?s {2}HTTP digest \(SHA-256\), as officer$/)
    expect(last).toBe(
      `next: ${command(`yard --config ${site.config} --conformance --write`)}   # what it really reports`
    )
    expect(code).toBe(0)
    expect(camera.subscriptions.open()).toBe(0)
  })

  test("takes a device by the address it has in the configuration, and its user with it", async () => {
    const { code, out } = await probe([at(door)])
    expect(out).toContain("profile A, C; events by PullPoint")
    expect(code).toBe(0)
  })

  test("gives programs one object a step, then the outcome", async () => {
    const { code, out } = await probe(["crowded", "--json"])
    const lines = objects(out)
    expect(lines.map(({ event, step, result }) => [event, step, result].filter(Boolean).join(" "))).toEqual([
      "step name left-out",
      "step connection passed",
      "step certificate left-out",
      "step clock passed",
      "step login passed",
      "step device passed",
      "step services passed",
      "step events failed",
      "step picture passed",
      "probe"
    ])
    expect(lines.at(-1)).toEqual({ event: "probe", device: "crowded", address: at(full), ok: false })
    expect(code).toBe(1)
  })

  test("ends with 1 and says of the first step that failed what to do", async () => {
    const { code, err, last } = await probe(["crowded"])
    expect(err).toMatch(/^events: its places are taken by other programs/m)
    expect(last).toBe(`→ ${command(`crowded --config ${site.config}`)}`)
    expect(code).toBe(1)
  })

  test("looks at a device that no configuration has, whose password the environment holds", async () => {
    const bare = ["probe", `http://localhost:${camera.port}`]
    const anonymous = await run(bare)
    expect(anonymous.err).toMatch(/^login: name a user of the device, and give the password by the environment$/m)
    expect(anonymous.last).toBe(`→ GATEHOUSE_DEVICE_PASSWORD=<password> ${command(`${bare[1]} --username <user>`)}`)
    const user = [...bare, "--username", "officer"]
    const unset = await run(user)
    expect(unset.err).toMatch(/^settings: the password of "officer" is read from the environment$/m)
    const { code, out, last } = await run(user, { env: { GATEHOUSE_DEVICE_PASSWORD: "kreide" } })
    expect(out).toMatch(/^✔ name .*localhost is 127\.0\.0\.1/m)
    expect(last).toMatch(/^next: npm run gatehouse -- discover onvif --write/)
    expect(code).toBe(0)
  })

  test.each([
    [["plug"], '"plug" speaks mqtt: probe looks at devices of ONVIF and OPC UA, and at no others yet', "map plug"],
    [["yrad"], 'there is no device "yrad" — did you mean "yard"?', "probe --help"],
    [["yard", "--username", "me"], '"yard" is configured, its user too', "probe yard"],
    [["yard", "--write"], "--write belongs to --conformance", "probe --help"],
    [["yard", "--minutes", "3"], "--minutes belongs to --conformance", "probe --help"],
    [["yard", "--conformance", "--minutes", "0"], "--minutes must be between 0 and 1440", "probe --help"],
    [["yard", "--enrol", "--conformance"], "--enrol and --conformance are two errands", "probe --help"],
    [["10.0.0.1", "--conformance", "--write"], "--write saves the sheet of a configured device", "probe 10.0.0.1"]
  ])("refuses %j as bad usage", async (args, said, next) => {
    const { code, err, last } = await probe(args)
    expect(err).toContain(said)
    expect(last).toContain(`→ npm run gatehouse -- ${next}`)
    expect(code).toBe(2)
  })
})

describe("gatehouse probe --enrol", () => {
  test("prints the certificate and the line that makes it trusted", async () => {
    configure([], ', parameters: { mediaProfile: "profile-source-1" }')
    const before = await probe(["vault"])
    // Without a scheme, and without a fingerprint, it is called by http.
    expect(before.out).toMatch(/^✘ clock/m)
    const { code, out, err, last } = await probe(["vault", "--enrol"])
    const lines = out.trimEnd().split("\n")
    expect(lines.slice(0, 2)).toEqual(["subject      CN=camera", "issuer       CN=Campus"])
    expect(lines[3]).toMatch(/^SHA-256 {6}([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    const line = lines.at(-1)!
    expect(line).toMatch(/^parameters: \{ mediaProfile: profile-source-1, fingerprint: [0-9a-f]{64} \}$/)
    expect(err).toMatch(/^compare the fingerprint with the one on the device's own page/m)
    expect(last).toBe(`next: ${command(`vault --config ${site.config}`)}`)
    expect(code).toBe(0)
    configure([], `, ${line}`)
    const after = await probe(["vault"])
    expect(after.out).toMatch(/^✔ certificate .* pinned: CN=camera/m)
    expect(after.code).toBe(0)
    expect((await probe(["vault", "--enrol"])).last).toBe("this certificate is enrolled already")
    const programs = objects((await probe(["vault", "--enrol", "--json"])).out)
    expect(programs).toMatchObject([{ event: "certificate", device: "vault", subject: "CN=camera", enrolled: true }])
  })

  test("says what is the matter where there is none", async () => {
    const { code, out, err } = await probe(["yard", "--enrol"])
    expect(out).toMatch(/^✘ certificate .*what answers there is not TLS 1\.2 or newer$/m)
    expect(err).toMatch(/^certificate: check the port, and that HTTPS is switched on/m)
    expect(code).toBe(1)
  })
})

describe("gatehouse probe --conformance", () => {
  const doorOf = (times = "") => [
    "doors:",
    `  - { id: front, name: Front, area: hall, position: panel/door-1.position, mode: panel/door-1.mode${times} }`
  ]

  /** Works the door once it is watched. */
  const whileWatched = (act: () => void): RunOptions => {
    let done = false
    return {
      onErr: (err) => {
        if (done || !err.includes("watching for")) return
        done = true
        void Effect.runPromise(door.counters.until(() => door.subscriptions.waiting() === 1)).then(act)
      }
    }
  }

  test("shows what is seen as it comes, and the sheet at the end", async () => {
    configure(doorOf())
    const { code, out, err, last } = await probe(
      ["panel", "--conformance", "--minutes", "0.2"],
      whileWatched(() => {
        door.door("1", { _tag: "Opened" })
        door.door("1", { _tag: "Closed" })
      })
    )
    expect(err).toContain("  - open and close each door: Front door\n")
    expect(err).toContain("  - present a card that is let in, and one that is not: Front door, in\n")
    expect(out).toMatch(
      /^\d\d:\d\d:\d\d {2}door-1\.position {2}closed \(its state\) {2}Door\/State\/DoorPhysicalState$/m
    )
    expect(out).toMatch(/^\d\d:\d\d:\d\d {2}door-1\.position {2}open {2}Door\/State\/DoorPhysicalState$/m)
    expect(out).toMatch(/^door-1\.position +position +closed, open +closed ×\d$/m)
    expect(out).toMatch(/^reports +✔ opening +✔ closing +✘ locking +✘ unlocking +✔ forced +✘ held +✘ mode$/m)
    expect(out).toMatch(/^state +told to a new subscriber, as Initialized; told again when asked$/m)
    expect(out).toMatch(/^lease +60 s asked, 60 s granted; a pull extends it; Renew works$/m)
    expect(out).toMatch(/^empty answers +come when the time asked for is over$/m)
    expect(out).toMatch(/^subscribers +10, and perhaps more, beside those there were$/m)
    expect(last).toBe(`next: ${command(`panel --config ${site.config} --conformance --write`)}   # to save it`)
    expect(code).toBe(0)
    expect(door.subscriptions.open()).toBe(0)
  })

  test("saves the sheet, and check refuses a held time at a door that closes without a word", async () => {
    configure(doorOf(", times: { heldOpenSeconds: 45 }"))
    const { code, out, err, last } = await probe(
      ["panel", "--conformance", "--minutes", "0.2", "--write"],
      whileWatched(() => {
        door.door("1", { _tag: "Opened" })
        door.setFaults({ silent: true })
        door.door("1", { _tag: "Closed" })
        door.setFaults({ silent: false })
      })
    )
    const file = join(site.dataDir, "conformance", "panel.json")
    expect(out).toMatch(/^door-1\.position +position +open; not told: closed +closed ×\d$/m)
    expect(err).toContain(`saved as ${file}`)
    expect(last).toBe(`next: npm run gatehouse -- check ${site.config}`)
    expect(code).toBe(0)
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      format: "gatehouse-conformance",
      version: 1,
      device: "panel",
      profile: "onvif",
      product: { firmware: "2.0" },
      observedBy: expect.stringMatching(/\w/),
      reports: { opening: true, closing: false }
    })
    const checked = await run(["check", site.config])
    expect(checked.out).toMatch(/:\d+:\d+ {2}error {2}"panel\/door-1\.position" was closed and did not tell/)
    expect(checked.out).toContain("heldOpenSeconds: 45")
    expect(checked.code).toBe(1)
    // What is wrong can be looked at again all the same.
    expect((await probe(["panel"])).code).toBe(0)
  })

  test("is doubted once the device has other firmware", async () => {
    const { port } = door
    await Effect.runPromise(door.stop)
    const renewed = await site.start({
      kind: "door-controller",
      doors: [front],
      identity: { firmware: "2.1" },
      port
    })
    const { err } = await probe(["panel"])
    expect(err).toContain("it was observed with firmware 2.0 and has 2.1 now: what was seen of it may no longer hold")
    const { problems } = checkSettings([site.config], installed)
    expect(problems.map(({ severity }) => severity)).toEqual(["warning", "warning"])
    expect(problems[0]?.message).toMatch(/^"panel" was observed with firmware 2\.0 and has 2\.1 since \d{4}-/)
    // It is told once.
    expect((await probe(["panel"])).err).not.toContain("it was observed with")
    await Effect.runPromise(renewed.stop)
    await Effect.runPromise(door.start)
    await probe(["panel"])
    expect(checkSettings([site.config], installed).problems.map(({ severity }) => severity)).toEqual(["error"])
  })

  test("that a person breaks off leaves no subscription", async () => {
    const { code } = await probe(["panel", "--conformance", "--minutes", "5"], {
      onErr: (err, kill) => {
        if (err.includes("watching for"))
          void Effect.runPromise(door.counters.until(() => door.subscriptions.waiting() === 1)).then(() =>
            kill("SIGINT")
          )
      }
    })
    expect(code).toBe(130)
    expect(door.subscriptions.open()).toBe(0)
  })

  test("gives programs what was seen and the sheet", async () => {
    const { out } = await probe(["yard", "--conformance", "--minutes", "0.05", "--json"])
    const lines = objects(out)
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "seen", topic: "VideoSource/MotionAlarm", said: "off", state: true })
    )
    expect(lines.at(-1)).toMatchObject({ event: "sheet", device: "yard", picture: { bytes: expect.any(Number) } })
  })

  test("of a device that does not take us ends with the link's reason", async () => {
    const { code, err } = await probe(["crowded", "--conformance", "--minutes", "0.05"])
    expect(err).toContain("the device could not be observed: all pull points are taken")
    expect(code).toBe(1)
  })
})

test("a sheet that nobody can read is a warning, and its device is probed all the same", async () => {
  configure()
  mkdirSync(join(site.dataDir, "conformance"), { recursive: true })
  writeFileSync(join(site.dataDir, "conformance", "yard.json"), "{")
  expect((await probe(["yard"])).code).toBe(0)
  const { problems } = checkSettings([site.config], installed)
  expect(problems).toMatchObject([{ severity: "warning", message: expect.stringMatching(/yard\.json cannot be used/) }])
})
