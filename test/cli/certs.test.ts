import { X509Certificate } from "node:crypto"
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { OPCUACertificateManager } from "node-opcua"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { certificateLines, type Listed, validityOf, warnings } from "../../gateway/cli/certs-listed.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { objects, run } from "./run.ts"

const directory = temporaryDirectory("certs")
const profilesDirectory = resolve(import.meta.dirname, "../../config/profiles")
const dayMs = 86_400_000

/** Each run is a process of its own, and trust loads the whole OPC UA library. */
const processesMs = 120_000

interface Made {
  readonly file: string
  readonly thumbprint: string
  readonly until: string
}

const made = new Map<string, Made>()
const the = (name: string): Made => {
  const found = made.get(name)
  if (found === undefined) throw new Error(`no certificate ${name} was made`)
  return found
}

/** Certificates of servers, from days ago and for so many days. */
const make = async (manager: OPCUACertificateManager, name: string, startedDaysAgo: number, forDays: number) => {
  const file = join(directory.path, `${name}.pem`)
  await manager.createSelfSignedCertificate({
    applicationUri: `urn:${name}:server`,
    dns: [],
    outputFile: file,
    subject: `/CN=${name}`,
    startDate: new Date(Date.now() - startedDaysAgo * dayMs),
    validity: forDays
  })
  const { raw, validTo } = new X509Certificate(readFileSync(file))
  const digest = new X509Certificate(raw).fingerprint.replaceAll(":", "").toLowerCase()
  made.set(name, { file, thumbprint: digest, until: new Date(validTo).toISOString().slice(0, 10) })
}

/** Two certificates whose thumbprints begin alike: among 17 there must be two. */
let alike: readonly [Made, Made]

beforeAll(async () => {
  const manager = new OPCUACertificateManager({
    rootFolder: join(directory.path, "maker"),
    disableFileWatchers: true
  })
  await manager.initialize()
  await make(manager, "gatehouse", 1, 3650)
  await make(manager, "panel", 1, 3650)
  await make(manager, "stranger", 1, 3650)
  await make(manager, "old", 20, 10)
  await make(manager, "ending", 1, 10)
  const byDigit = new Map<string, Made>()
  for (let nth = 0; ; nth++) {
    await make(manager, `alike-${nth}`, 1, 3650)
    const one = the(`alike-${nth}`)
    const other = byDigit.get(one.thumbprint.charAt(0))
    if (other !== undefined) {
      alike = [other, one]
      break
    }
    byDigit.set(one.thumbprint.charAt(0), one)
  }
  await manager.dispose()
}, 120_000)
afterAll(() => directory.dispose())

let config: string
let folder: string
let sites = 0

const put = (pki: string, place: string, one: Made): void => {
  mkdirSync(join(pki, place), { recursive: true })
  copyFileSync(one.file, join(pki, place, `${one.thumbprint}.pem`))
}

const link = (id: string, pki: string) =>
  `  ${id}: { adapter: opcua, settings: { endpoint: "opc.tcp://${id}.example:4840", pki: ${pki} } }`

const configure = (links: ReadonlyArray<string>): void =>
  writeFileSync(
    config,
    [
      "site: { id: north, name: North, timeZone: Europe/Berlin }",
      `profilesDirectory: ${profilesDirectory}`,
      "links:",
      ...links,
      "areas: [{ id: hall, name: Hall, kind: building }]",
      ""
    ].join("\n")
  )

const certs = (...args: ReadonlyArray<string>) => run(["certs", ...args, "--config", config])

const inFolder = (place: string): ReadonlyArray<string> =>
  existsSync(join(folder, place)) ? readdirSync(join(folder, place)).filter((name) => name.endsWith(".pem")) : []

beforeEach(() => {
  const site = join(directory.path, `site-${++sites}`)
  folder = join(site, "pki")
  mkdirSync(folder, { recursive: true })
  config = join(site, "gatehouse.yaml")
  configure([link("east", folder), link("west", `${site}/./pki`)])
})

describe("gatehouse certs ls", { timeout: processesMs }, () => {
  test("shows what is ours, trusted and not, with whom it speaks for, until when and for which links", async () => {
    put(folder, "own/certs", the("gatehouse"))
    put(folder, "trusted/certs", the("panel"))
    put(folder, "rejected", the("stranger"))
    const { code, out, err, last } = await certs("ls")
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => line.split(/ {2,}/))
    ).toEqual([
      ["STATE", "THUMBPRINT", "SUBJECT", "APPLICATION URI", "VALID UNTIL", "LINKS"],
      ...(
        [
          ["own", "gatehouse"],
          ["trusted", "panel"],
          ["rejected", "stranger"]
        ] as const
      ).map(([state, name]) => {
        const { thumbprint, until } = the(name)
        return [state, thumbprint, `CN=${name}`, `urn:${name}:server`, until, "east, west"]
      })
    ])
    expect(err).toContain("1 certificate not trusted: trust one only if the server itself shows the same thumbprint")
    expect(last).toBe(`next: npm run gatehouse -- certs trust ${the("stranger").thumbprint} --config ${config}`)
    expect(code).toBe(0)
  })

  test("warns of trusted certificates that have ended or soon will, and proposes no trust in one that has", async () => {
    put(folder, "trusted/certs", the("ending"))
    put(folder, "trusted/certs", the("panel"))
    put(folder, "rejected", the("old"))
    const { code, out, err } = await certs("ls")
    expect(out).toMatch(new RegExp(`${the("ending").until}, ends in [89] days`))
    expect(out).toContain(`${the("old").until}, has ended`)
    const said = `the certificate of CN=ending (${the("ending").thumbprint.slice(0, 8)}) ends on ${the("ending").until}`
    expect(err.trimEnd()).toBe(`${said}: renew it where it comes from, or set the clock`)
    expect(code).toBe(0)
  })

  test("gives programs one object a line", async () => {
    put(folder, "trusted/certs", the("panel"))
    put(folder, "rejected", the("old"))
    put(folder, "rejected", the("stranger"))
    const lines = objects((await certs("ls", "--json")).out)
    expect(lines).toHaveLength(3)
    expect(lines.find(({ subject }) => subject === "CN=panel")).toMatchObject({
      state: "trusted",
      waiting: false,
      thumbprint: the("panel").thumbprint,
      applicationUri: "urn:panel:server",
      validity: "valid",
      pki: folder,
      links: ["east", "west"]
    })
    expect(lines.find(({ subject }) => subject === "CN=old")).toMatchObject({ validity: "ended", waiting: false })
    expect(lines.find(({ subject }) => subject === "CN=stranger")).toMatchObject({ state: "rejected", waiting: true })
  })

  test("says that there is none yet, and that there is no such link, each with its exit code", async () => {
    const none = await certs("ls")
    expect([none.code, none.out]).toEqual([0, ""])
    expect(none.err).toContain("there are no certificates yet")
    const unknown = await certs("ls", "--link", "north")
    expect(unknown.err).toContain('there is no OPC UA link "north" in the configuration; it has east, west')
    expect(unknown.last).toBe(`→ npm run gatehouse -- certs ls --config ${config}`)
    expect(unknown.code).toBe(2)
    configure(["  cameras: { adapter: onvif, settings: {} }"])
    expect((await certs("ls")).err).toBe("the configuration has no OPC UA link, and so no certificates\n")
  })
})

describe("gatehouse certs trust and distrust", { timeout: processesMs }, () => {
  test("trusts by the beginning of a thumbprint, names what was trusted, and takes it back", async () => {
    const { thumbprint, until } = the("stranger")
    put(folder, "rejected", the("stranger"))
    const upper = (thumbprint.slice(0, 12).toUpperCase().match(/../g) ?? []).join(":")
    const trusted = await certs("trust", upper)
    expect(trusted.out).toBe(
      [
        `✔ trusted: ${thumbprint}`,
        "  CN=stranger; urn:stranger:server",
        `  valid until ${until}; in ${folder}, for east, west`,
        ""
      ].join("\n")
    )
    expect(trusted.last).toBe("next: npm run gatehouse -- status")
    expect(trusted.code).toBe(0)
    expect([inFolder("trusted/certs").length, inFolder("rejected").length]).toEqual([1, 0])
    const again = await certs("trust", thumbprint)
    expect([again.code, again.out.split("\n")[0]]).toEqual([0, `✔ trusted already: ${thumbprint}`])
    const back = await certs("distrust", thumbprint, "--json")
    expect(objects(back.out)).toMatchObject([{ state: "rejected", thumbprint, changed: true }])
    expect(back.err).toContain("restart the gateway to end a connection that stands")
    expect([inFolder("trusted/certs").length, inFolder("rejected").length]).toEqual([0, 1])
  })

  test("refuses a thumbprint that nothing has, and a slip, with what there is", async () => {
    put(folder, "rejected", the("stranger"))
    const odd = the("stranger").thumbprint.startsWith("00ff") ? "11ff" : "00ff"
    const unknown = await certs("trust", odd)
    expect(unknown.out).toBe("")
    expect(unknown.err).toContain(the("stranger").thumbprint)
    expect(unknown.err).toContain(`nothing was changed: no certificate has the thumbprint ${odd}`)
    expect(unknown.last).toBe(`→ npm run gatehouse -- certs ls --config ${config}`)
    expect(unknown.code).toBe(2)
    const slip = await certs("trust", `${the("stranger").thumbprint.slice(0, 6)}xyz`)
    expect(slip.err).toContain('xyz" is no thumbprint')
    expect(slip.code).toBe(2)
    expect(inFolder("trusted/certs")).toEqual([])
  })

  test("refuses a beginning that several have, and shows them", async () => {
    for (const one of alike) put(folder, "rejected", one)
    const digit = alike[0].thumbprint.charAt(0)
    const { code, err } = await certs("trust", digit)
    for (const { thumbprint } of alike) expect(err).toContain(thumbprint)
    expect(err).toContain(`nothing was changed: several certificates begin with ${digit}; write more of it`)
    expect(code).toBe(2)
    expect(inFolder("trusted/certs")).toEqual([])
  })

  test("asks whose is meant when links with folders of their own know the same certificate", async () => {
    const other = join(folder, "../other")
    configure([link("east", folder), link("west", other)])
    const { thumbprint } = the("stranger")
    for (const pki of [folder, other]) put(pki, "rejected", the("stranger"))
    expect((await certs("ls")).last).toBe(
      `next: npm run gatehouse -- certs trust ${thumbprint} --link west --config ${config}`
    )
    const unsure = await certs("trust", thumbprint)
    expect(unsure.last).toBe(`→ npm run gatehouse -- certs trust ${thumbprint} --link east --config ${config}`)
    expect(unsure.code).toBe(2)
    expect((await certs("trust", thumbprint, "--link", "east")).code).toBe(0)
    expect([inFolder("trusted/certs").length, readdirSync(join(other, "rejected")).length]).toEqual([1, 1])
  })

  test("does not distrust our own certificate", async () => {
    put(folder, "own/certs", the("gatehouse"))
    const { code, err } = await certs("distrust", the("gatehouse").thumbprint)
    expect(err).toContain("is our own certificate; distrust is for what servers show")
    expect(code).toBe(2)
    expect([inFolder("own/certs").length, inFolder("rejected").length]).toEqual([1, 0])
  })

  test("trusts a certificate that a person has copied to the trusted ones, and that is refused for its other copy", async () => {
    const { thumbprint } = the("stranger")
    put(folder, "rejected", the("stranger"))
    put(folder, "trusted/certs", the("stranger"))
    const { code, out } = await certs("trust", thumbprint)
    expect([code, out.split("\n")[0]]).toEqual([0, `✔ trusted: ${thumbprint}`])
    expect([inFolder("trusted/certs").length, inFolder("rejected").length]).toEqual([1, 0])
  })

  test("does not say that a certificate is distrusted while a copy of it lies among the trusted ones", async () => {
    const { thumbprint } = the("stranger")
    put(folder, "rejected", the("stranger"))
    put(folder, "trusted/certs", the("stranger"))
    const { code, out, err } = await certs("distrust", thumbprint)
    const copy = join(folder, "trusted/certs", `${thumbprint}.pem`)
    expect(err).toContain(`distrust ${thumbprint} did not succeed: a copy lies in ${copy} as well; remove it`)
    expect([code, out]).toEqual([1, ""])
  })
})

describe("how a certificate stands to its time", () => {
  const now = Date.parse("2026-03-01T00:00:00Z")
  const listed = (validFrom: string, validTo: string, trust: Listed["trust"] = "trusted"): Listed => ({
    thumbprint: "ab".repeat(20),
    subject: "CN=\u001B[2Jpanel",
    applicationUri: undefined,
    validFrom,
    validTo,
    trust,
    file: "pki/a.pem",
    pki: "pki",
    links: ["east"]
  })

  test.each([
    ["2026-03-31T00:00:00Z", "ends soon"],
    ["2026-03-31T00:00:01Z", "valid"],
    ["2026-03-01T00:00:01Z", "ends soon"],
    ["2026-03-01T00:00:00Z", "ended"]
  ])("until %s, on the first of March: %s", (validTo, expected) => {
    expect(validityOf(listed("2025-01-01T00:00:00Z", validTo), now)).toBe(expected)
  })

  test("one that begins tomorrow is told, and our own has another remedy", () => {
    const early = listed("2026-03-02T00:00:00Z", "2036-01-01T00:00:00Z")
    expect(validityOf(early, now)).toBe("not yet valid")
    expect(warnings([early], now)[0]).toContain("is not valid before 2026-03-02")
    const own = listed("2016-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "own")
    expect(warnings([own], now)).toEqual([
      "our own certificate (abababab) has ended: move pki/a.pem away, restart the gateway, and approve the new one at the servers"
    ])
  })

  test("no name that a server chose commands the terminal", () => {
    const lines = certificateLines([listed("2025-01-01T00:00:00Z", "2036-01-01T00:00:00Z", "rejected")], now)
    expect(lines[1]).toContain("CN=\uFFFD[2Jpanel")
    expect(lines.join("")).not.toContain("\u001B")
  })
})
