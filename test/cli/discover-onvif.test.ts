import { existsSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { checkSettings } from "../../gateway/settings/load-settings.ts"
import { installed } from "../../gateway/installed.ts"
import type { Discovery } from "../../simulators/onvif/wsdiscovery.ts"
import { freePort } from "../road/peers.ts"
import { type OnvifSite, onvifSite } from "./onvif-site.ts"
import { objects, run } from "./run.ts"

const uuid = (digit: string): string => `urn:uuid:${digit.repeat(8)}-1111-8111-8111-111111111111`
const scopes = (...rest: ReadonlyArray<string>) => rest.map((scope) => `onvif://www.onvif.org/${scope}`)

const devices = [
  {
    endpoint: uuid("1"),
    kind: "camera",
    xaddrs: ["http://192.0.2.21/onvif/device_service", "http://[fe80::1]/onvif/device_service"],
    scopes: scopes("Profile/Streaming", "Profile/T", "name/Loading%20bay", "hardware/P3245-LV", "location/campus/north")
  },
  {
    endpoint: uuid("2"),
    kind: "door-controller",
    xaddrs: ["http://192.0.2.22:8000/onvif/device_service"],
    scopes: scopes("Profile/C", "Profile/A", "name/Front%20door", "hardware/A1601")
  },
  { endpoint: uuid("3"), kind: "door-controller", xaddrs: ["http://[fe80::7]/onvif/device_service"], scopes: [] },
  {
    endpoint: uuid("4"),
    kind: "camera",
    xaddrs: ["https://192.0.2.24/onvif/device_service"],
    scopes: scopes("name/%1B[2Jyard")
  }
] as const

/** A busy machine takes seconds to start each command. */
vi.setConfig({ testTimeout: 120_000 })

let site: OnvifSite
let discovery: Discovery
let where: ReadonlyArray<string>

beforeAll(async () => {
  site = onvifSite()
  discovery = await site.answer(devices)
  where = ["--address", `127.0.0.1:${discovery.port}`, "--seconds", "1"]
})
afterAll(() => site.stop())
afterEach(() => {
  discovery.setFault("none")
  rmSync(join(site.config, "discovered.yaml"), { force: true })
})

const known = [
  "{ id: dock, link: field, profile: onvif, address: 192.0.2.21 }",
  `{ id: moved, link: field, profile: onvif, address: 192.0.2.99, disabled: true, parameters: { endpoint: "${uuid("2")}" } }`
]

const discover = (args: ReadonlyArray<string> = []) => run(["discover", "onvif", ...where, ...args])

describe("gatehouse discover onvif", () => {
  test("prints what answered, what it is, and whether it is configured, by address or endpoint", async () => {
    site.configure(known)
    const { code, out, err, last } = await discover(["--config", site.config])
    expect(out.split("\n")).toEqual([
      "ADDRESS                                             KIND                    NAME         HARDWARE  CONFIGURED       LOCATION",
      expect.stringMatching(
        /^192\.0\.2\.21 +camera \(S, T\) +Loading bay +P3245-LV +dock +campus\/north; answers from 127/
      ),
      expect.stringMatching(/^192\.0\.2\.22:8000 +door controller \(A, C\) +Front door +A1601 +moved, disabled +–/),
      expect.stringMatching(/^http:\/\/\[fe80::7\]\/onvif\/device_service \(link-local\) +other +– +– +no/),
      expect.stringMatching(/^https:\/\/192\.0\.2\.24 +camera +\uFFFD\[2Jyard +– +no/),
      ""
    ])
    expect(err).toContain(`asked by 127.0.0.1:${discovery.port}; listening for 1 s; no credentials are sent`)
    expect(err).toContain("4 devices, 2 configured\n")
    expect(last).toBe(
      `next: npm run gatehouse -- discover onvif --address 127.0.0.1:${discovery.port} --config ${site.config} --write`
    )
    expect(code).toBe(0)
  })

  test("gives programs one object a line", async () => {
    site.configure(known)
    const { out } = await discover(["--config", site.config, "--json"])
    const lines = objects(out)
    expect(lines).toHaveLength(4)
    expect(lines.find(({ endpoint }) => endpoint === uuid("2"))).toEqual({
      event: "device",
      endpoint: uuid("2"),
      kinds: ["door controller"],
      profiles: ["A", "C"],
      name: "Front door",
      hardware: "A1601",
      location: null,
      address: "192.0.2.22:8000",
      xaddrs: ["http://192.0.2.22:8000/onvif/device_service"],
      from: ["127.0.0.1"],
      configured: { id: "moved", disabled: true }
    })
  })

  test("needs no configuration, and counts what nobody can read", async () => {
    discovery.setFault("garbage")
    const { code, out, err, last } = await run(["discover", "onvif", ...where])
    expect(out).toBe("no device answered\n")
    expect(err).toMatch(/0 devices, 0 configured; \d+ answers that nobody can read/)
    expect(last).toBe(`next: npm run gatehouse -- probe 127.0.0.1:${discovery.port}`)
    expect(code).toBe(0)
  })

  test("shows what came until then when a person has seen enough", async () => {
    const { code, out } = await run(["discover", "onvif", "--address", where[1]!, "--seconds", "60"], {
      onErr: (err, kill) => {
        if (err.includes("listening for")) setTimeout(() => kill("SIGINT"), 500)
      }
    })
    expect(out).toContain("Loading bay")
    expect(code).toBe(130)
  })

  test.each([
    [["--address", "1:2:3"], /1:2:3 is no address to ask at/],
    [["--address", "10.0.0.1:99999"], /10\.0\.0\.1:99999 is no address/],
    [["192.0.2.1"], /192\.0\.2\.1 is not understood: an address to ask at is given by --address/],
    [["--write", "a.yaml", "b.yaml"], /one file at most is written to, not a\.yaml and b\.yaml/]
  ])("refuses %j", async (args, said) => {
    const { code, err, last } = await run(["discover", "onvif", ...args])
    expect(err).toMatch(said)
    expect(last).toBe("→ npm run gatehouse -- discover onvif --help")
    expect(code).toBe(2)
  })

  test("ends with 3 when nobody can be asked", async () => {
    const { code, err, last } = await run(["discover", "onvif", "--address", "nobody.invalid"])
    expect(err).toMatch(/^nobody could be asked: nobody\.invalid: no address/m)
    expect(last).toBe("→ npm run gatehouse -- discover onvif --address nobody.invalid")
    expect(code).toBe(3)
  })
})

describe("gatehouse discover onvif --write", () => {
  test("adds what is new as disabled stubs that check accepts, and nothing the second time", async () => {
    site.configure(known)
    const { code, err, last } = await discover(["--config", site.config, "--write"])
    const file = join(site.config, "discovered.yaml")
    expect(err).toContain("1 device left out, with no address but a link-local one")
    expect(err).toContain(`1 device added to ${file}, disabled`)
    expect(last).toBe(`next: npm run gatehouse -- probe 2Jyard --config ${site.config}`)
    expect(code).toBe(0)
    const text = site.read("discovered.yaml")
    expect(text).toBe(
      [
        "# Found by `gatehouse discover onvif`. A device is heard once its `disabled: true` is taken away; the rest is yours to change.",
        "devices:",
        "  # answered from 127.0.0.1; camera; \uFFFD[2Jyard",
        `  - { id: 2Jyard, link: field, profile: onvif, address: https://192.0.2.24, parameters: { endpoint: ${uuid("4")} }, disabled: true }`,
        ""
      ].join("\n")
    )
    expect(checkSettings([site.config], installed).problems).toEqual([])
    const again = await discover(["--config", site.config, "--write"])
    expect(again.err).toContain(`nothing to add to ${file}`)
    expect(site.read("discovered.yaml")).toBe(text)
  })

  test("prints the stubs alone, as YAML, when the configuration is one file", async () => {
    site.configure([])
    const { out, err } = await discover(["--config", join(site.config, "gatehouse.yaml"), "--write"])
    expect(out).toMatch(/^# Found by `gatehouse discover onvif`\./)
    expect(out).toContain("id: Loading-bay")
    expect(out).toContain("id: Front-door")
    expect(err).toContain("ADDRESS")
    expect(existsSync(join(site.config, "discovered.yaml"))).toBe(false)
    const merged = join(site.directory, "merged.yaml")
    writeFileSync(merged, `${site.read("gatehouse.yaml").replace("devices: []\n", "")}${out}`)
    expect(checkSettings([merged], installed).problems).toEqual([])
  })

  test("does not guess which link is meant, or that there is one", async () => {
    site.configure([])
    const text = site.read("gatehouse.yaml")
    writeFileSync(join(site.config, "gatehouse.yaml"), text.replace("links:\n", `links:\n  ${site.wrongLink}\n`))
    const two = await discover(["--config", site.config, "--write"])
    expect(two.err).toContain(
      "nothing was written: the configuration has the ONVIF links bad, field, and which one is meant is not said"
    )
    expect(two.code).toBe(1)
    writeFileSync(join(site.config, "gatehouse.yaml"), text.replace(/^ {2}field: .*\n/m, ""))
    const none = await discover(["--config", site.config, "--write"])
    expect(none.err).toMatch(/nothing was written: the configuration has no ONVIF link; add one: links: \{ onvif:/)
    expect(none.code).toBe(1)
  })
})

test("a port where nobody answers is told with where to go on", async () => {
  const port = await freePort()
  const { code, err } = await run(["discover", "onvif", "--address", `127.0.0.1:${port}`, "--seconds", "0.3"])
  expect(err).toMatch(/a firewall may stop UDP port 3702: the device may be there all the same/)
  expect(code).toBe(0)
})
