import { existsSync, rmSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { installed } from "../../gateway/installed.ts"
import { checkSettings } from "../../gateway/settings/load-settings.ts"
import type { OpcuaPanel } from "../../simulators/opcua/panel.ts"
import { freePort } from "../road/peers.ts"
import { type OpcuaSite, opcuaSite } from "./opcua-site.ts"
import { objects, run, type RunOptions } from "./run.ts"

/** A busy machine takes seconds to start each command. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let site: OpcuaSite
let panel: OpcuaPanel
let web: Server

beforeAll(async () => {
  site = opcuaSite()
  panel = await site.start()
  web = createServer((_, response) => response.end("hello"))
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve))
  site.configure({ "panel-7": site.settings(panel.url) })
})
afterAll(async () => {
  web.close()
  await site.stop()
})
afterEach(() => rmSync(join(site.config, "discovered.yaml"), { force: true }))

const discover = (args: ReadonlyArray<string>, options: RunOptions = {}) =>
  run(["discover", "opcua", ...args, "--config", site.config], options)
const command = (args: string): string => `npm run gatehouse -- ${args} --config ${site.config}`

describe("gatehouse discover opcua", () => {
  test("shows what an untrusted server offers, asks nothing more of it, and says how to trust it", async () => {
    const { code, out, err, last } = await discover([panel.url])
    expect(out).toMatch(/^MODE +POLICY +USERS +LEVEL$/m)
    expect(out).toMatch(/^SignAndEncrypt +Basic256Sha256 +username, certificate +\d+$/m)
    const [shown] = site.rejected()
    expect(out).toContain(`certificate  ${shown!.thumbprint}  not trusted`)
    expect(out).toContain("urn:panel-1:server")
    expect(out).not.toContain("ADDRESS")
    expect(err).toContain("trust it only if the server itself shows the same thumbprint")
    expect(last).toBe(`→ ${command(`certs trust ${shown!.thumbprint} --link panel-7`)}`)
    expect(code).toBe(4)
    expect(panel.sessions()).toBe(0)
  })

  describe("of a server that is trusted", () => {
    beforeAll(async () => {
      await discover([panel.url])
      await site.trustShown()
    })

    test("proposes a device by its browse path, with its points as they are, and leaves nothing at the server", async () => {
      const { code, out, err, last } = await discover([panel.url])
      const row = out.split("\n").find((line) => line.startsWith("/p:North"))
      expect(row).toMatch(/^\/p:North\/p:Panel 7 +opcua-generic-panel +4 of 4 +6 of 6 +no +door-front\.position/)
      expect(row).toContain("door-back.lock (lock) locked")
      expect(out).toMatch(/^Events are told by: \/Server, \/North, /m)
      expect(out).toMatch(/^ {2}AccessEventType .*below BaseEventType; Reader, Credential/m)
      expect(out).toMatch(/^ {2}DoorForced +2 of +OffNormalAlarmType$/m)
      expect(err).toContain("SignAndEncrypt with Basic256Sha256, as gatehouse; nothing is written or subscribed to")
      expect(err).toContain("1 device, 0 configured")
      expect(last).toBe(`next: npm run gatehouse -- discover opcua --link panel-7 --config ${site.config} --write`)
      expect(code).toBe(0)
      expect([panel.sessions(), panel.subscriptions()]).toEqual([0, 0])
    })

    test("takes the one link's server when none is named, and tells which device is configured", async () => {
      site.configure({ "panel-7": site.settings(panel.url) }, [
        '{ id: north-panel, link: panel-7, profile: opcua-generic-panel, address: "/p:North/p:Panel 7", disabled: true }',
        '{ id: lost, link: panel-7, profile: opcua-generic-panel, address: "/p:North/p:Panel 8" }'
      ])
      const { code, out, err, last } = await discover([])
      expect(out).toMatch(/^\/p:North\/p:Panel 7 +opcua-generic-panel .* north-panel, disabled +door/m)
      expect(err).toContain("1 device, 1 configured; configured and not there: lost")
      expect(last).toBe(`next: ${command("probe north-panel")}`)
      expect(code).toBe(0)
      site.configure({ "panel-7": site.settings(panel.url) })
    })

    test("gives programs one object a line", async () => {
      const { out } = await discover([panel.url, "--json"])
      const lines = objects(out)
      expect(lines.filter(({ event }) => event === "offer")).toHaveLength(7)
      expect(lines.find(({ event }) => event === "server")).toMatchObject({
        applicationUri: "urn:panel-1:server",
        trusted: true
      })
      expect(lines.find(({ event }) => event === "device")).toMatchObject({
        address: "/p:North/p:Panel 7",
        profile: "opcua-generic-panel",
        variables: { there: 4, wanted: 4 },
        missing: [],
        configured: null
      })
      expect(lines.at(-1)).toMatchObject({ event: "looked", stopped: [] })
    })

    test("writes a disabled stub that the configuration accepts, once", async () => {
      const { code, err, last } = await discover([panel.url, "--write"])
      expect(site.read("discovered.yaml")).toMatch(
        /- \{ id: Panel-7, link: panel-7, profile: opcua-generic-panel, address: \/p:North\/p:Panel 7, disabled: true \}/
      )
      expect(err).toContain("1 device added to")
      expect(last).toBe(`next: ${command("probe Panel-7")}`)
      expect(code).toBe(0)
      expect(checkSettings([site.config], installed).problems).toEqual([])
      const again = await discover([panel.url, "--write"])
      expect(again.err).toContain("nothing to add to")
      expect(site.read("discovered.yaml").match(/- \{/g)).toHaveLength(1)
    })

    test("stops at its bounds, and says which flag takes it further", async () => {
      const { err, out } = await discover([panel.url, "--nodes", "4"])
      expect(err).toContain("4 nodes; 0 devices, 0 configured; there are more nodes: --nodes")
      expect(out).toContain("no profile fits anything that was seen")
      expect((await discover([panel.url, "--depth", "2"])).err).toContain("there is more below: --depth")
    })

    test("goes in by name and password from elsewhere, and by a user that is refused not at all", async () => {
      site.configure({ other: site.settings("opc.tcp://127.0.0.1:1") })
      const bare = await discover([panel.url])
      expect(bare.err).toContain("the server takes nobody without a user: it takes username, certificate")
      expect(bare.last).toContain(
        `→ GATEHOUSE_DEVICE_PASSWORD=<password> npm run gatehouse -- discover opcua ${panel.url}`
      )
      expect(bare.code).toBe(4)
      const named = await discover([panel.url, "--username", "gatehouse", "--password-env", "PANEL"], {
        env: { PANEL: "right" }
      })
      expect(named.out).toContain("opcua-generic-panel")
      expect(named.code).toBe(0)
      const wrong = await discover([panel.url, "--username", "gatehouse"], {
        env: { GATEHOUSE_DEVICE_PASSWORD: "wrong" }
      })
      expect(wrong.err).toContain("the server refuses the user (gatehouse)")
      expect(wrong.code).toBe(4)
      const written = await discover([
        panel.url,
        "--username",
        "gatehouse",
        "--password-file",
        site.password,
        "--write"
      ])
      expect(written.err).toContain(
        `nothing was written: no link of the configuration goes to ${panel.url}; it has other`
      )
      expect([written.code, existsSync(join(site.config, "discovered.yaml"))]).toEqual([1, false])
      site.configure({ "panel-7": site.settings(panel.url) })
    })
  })

  test("never looks unsecured by itself where a server offers nothing better", async () => {
    const plain = await site.start({ securityModes: ["None"] })
    site.configure({ mqtt: '{ adapter: mqtt, settings: { broker: { url: "mqtt://127.0.0.1:1", clientId: site } } }' })
    const args = [plain.url, "--pki", site.pki, "--username", "gatehouse", "--password-file", site.password]
    const refused = await discover(args)
    expect(refused.err).toMatch(
      /the server does not offer SignAndEncrypt or Sign: it offers None; --security-mode None/
    )
    expect(refused.code).toBe(4)
    const asked = await discover([...args, "--security-mode", "None"])
    expect([asked.code, asked.out.includes("opcua-generic-panel")]).toEqual([0, true])
    site.configure({ "panel-7": site.settings(panel.url) })
  })

  test("says what is at a port that is no OPC UA server's, with the code for what cannot be reached", async () => {
    const { port } = web.address() as { port: number }
    const page = await discover([`127.0.0.1:${port}`])
    expect(page.err).toContain("what answers there does not speak OPC UA, and hung up")
    const nobody = await discover([`opc.tcp://127.0.0.1:${await freePort()}`])
    expect(nobody.err).toContain("nobody listens there")
    expect([page.code, nobody.code]).toEqual([3, 3])
  })

  test.each([
    [["opc.tcp://me:pw@panel"], "the address must hold no user"],
    [["http://panel"], "http://panel is not the address of a server"],
    [["a", "b"], "one server and one file at most"],
    [["panel", "--link", "panel-7"], "give the server's address or --link, not both"],
    [["--link", "none"], 'there is no OPC UA link "none" in the configuration; it has panel-7'],
    [["panel", "--password-env", "X"], "a password belongs to --username"],
    [["panel", "--certificate", "a.pem"], "--certificate and --key belong together"]
  ])("refuses %j as bad usage", async (args, said) => {
    const { code, err, last } = await discover(args)
    expect(err).toContain(said)
    expect(last).toBe("→ npm run gatehouse -- discover opcua --help")
    expect(code).toBe(2)
  })
})
