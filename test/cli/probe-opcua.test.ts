import { createServer, type Server } from "node:net"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import type { OpcuaPanel } from "../../simulators/opcua/panel.ts"
import { freePort } from "../road/peers.ts"
import { type OpcuaSite, opcuaSite } from "./opcua-site.ts"
import { objects, run, type RunOptions } from "./run.ts"

/** A busy machine takes seconds to start each command. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let site: OpcuaSite
let panel: OpcuaPanel
let mute: Server

const address = "/p:North/p:Panel 7"

beforeAll(async () => {
  site = opcuaSite()
  panel = await site.start()
  mute = createServer(() => {})
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve))
  const { port } = mute.address() as { port: number }
  const closed = await freePort()
  site.configure(
    {
      panel: site.settings(panel.url),
      wrong: site.settings(panel.url).replace(site.password, `${site.directory}/none`),
      mute: site.settings(`opc.tcp://127.0.0.1:${port}`),
      closed: site.settings(`opc.tcp://127.0.0.1:${closed}`)
    },
    [
      `{ id: north, link: panel, profile: opcua-generic-panel, address: "${address}" }`,
      '{ id: moved, link: panel, profile: opcua-generic-panel, address: "/p:North/p:Panel 8" }',
      `{ id: unread, link: wrong, profile: opcua-generic-panel, address: "${address}" }`,
      "{ id: silent, link: mute, profile: opcua-generic-panel, address: / }",
      "{ id: away, link: closed, profile: opcua-generic-panel, address: / }"
    ]
  )
})
afterAll(async () => {
  mute.close()
  await site.stop()
})

const probe = (args: ReadonlyArray<string>, options: RunOptions = {}) =>
  run(["probe", ...args, "--config", site.config], options)
const command = (args: string): string => `npm run gatehouse -- ${args} --config ${site.config}`

/** Each step with its sign. */
const steps = (out: string): ReadonlyArray<string> =>
  out.split("\n").flatMap((line) => /^([✔!✘–] \w+)/.exec(line)?.[1] ?? [])

describe("gatehouse probe of an OPC UA device", () => {
  test("stops at a certificate that nobody trusts, with the command that has a person decide", async () => {
    const { code, out, err, last } = await probe(["north"])
    expect(steps(out).slice(0, 6)).toEqual([
      "– name",
      "✔ connection",
      "✔ endpoints",
      "✔ certificate",
      "✘ trust",
      "– channel"
    ])
    expect(out).toMatch(/^– commands +not tried$/m)
    const [shown] = site.rejected()
    expect(err).toContain("trust: compare the thumbprint with the one that the server itself shows")
    expect(last).toBe(`→ ${command(`certs trust ${shown!.thumbprint} --link panel`)}`)
    expect(code).toBe(1)
  })

  describe("of a server that is trusted", () => {
    beforeAll(async () => {
      await probe(["north"])
      await site.trustShown()
    })

    test("walks every step to the first values, and leaves neither session nor subscription", async () => {
      const { code, out, last } = await probe(["north"])
      expect(steps(out)).toEqual([
        "– name",
        "✔ connection",
        "✔ endpoints",
        "✔ certificate",
        "✔ trust",
        "✔ channel",
        "✔ session",
        "✔ server",
        "✔ clock",
        "✔ namespaces",
        "✔ nodes",
        "✔ subscription",
        "✔ values",
        "✔ events",
        "✔ conditions",
        "✔ commands"
      ])
      expect(out).toContain("✔ /North/Panel 7/Doors/*/Contact: 2 variables, boolean; read")
      expect(out).toContain("door-back.lock  locked")
      expect(last).toBe("next: npm run gatehouse -- status   # what the running gateway makes of it")
      expect(code).toBe(0)
      expect([panel.sessions(), panel.subscriptions()]).toEqual([0, 0])
    })

    test("gives programs one object a step, each node among its facts, then the outcome", async () => {
      const { code, out } = await probe(["moved", "--json"])
      const lines = objects(out)
      const nodes = lines.find(({ step }) => step === "nodes")
      expect(nodes).toMatchObject({ event: "step", result: "failed" })
      expect((nodes!["facts"] as { sources: ReadonlyArray<unknown> }).sources[0]).toEqual({
        path: "/North/Panel 8/Doors/*/Contact",
        missing: "nothing is at /North/Panel 8",
        nodes: []
      })
      expect(lines.at(-1)).toMatchObject({ event: "probe", device: "moved", ok: false })
      expect(code).toBe(1)
    })

    test("sends to discover whoever has an address that leads nowhere", async () => {
      const { err, last } = await probe(["moved"])
      expect(err).toContain("nodes: check the device's address and profile")
      expect(last).toBe(`→ npm run gatehouse -- discover opcua --link panel --config ${site.config}`)
    })
  })

  test("says of a port that is mute, of one where nobody listens and of a password that is missing what to do", async () => {
    const silent = await probe(["silent"])
    expect(silent.out).toContain("it takes connections and says nothing: no OPC UA server answers there")
    const away = await probe(["away"])
    expect(away.err).toContain("connection: check the port in the endpoint (4840 is usual)")
    const unread = await probe(["unread"])
    expect(unread.out).toMatch(/^✘ settings .*the password's file cannot be read: .*none/m)
    expect(unread.last).toBe(`→ ${command("probe unread")}`)
    expect([silent.code, away.code, unread.code]).toEqual([1, 1, 1])
  })

  test.each([
    [["north", "--enrol"], "is decided by certs, not by --enrol", "certs ls --link panel"],
    [["north", "--conformance"], "--conformance observes ONVIF devices", "probe north"],
    [["nort"], 'there is no device "nort" — did you mean "north"?', "probe --help"],
    [["opc.tcp://10.0.0.7:4840"], "an OPC UA server has many devices", "discover opcua opc.tcp://10.0.0.7:4840"]
  ])("refuses %j as bad usage", async (args, said, next) => {
    const { code, err, last } = await probe(args)
    expect(err).toContain(said)
    expect(last).toContain(`→ npm run gatehouse -- ${next}`)
    expect(code).toBe(2)
  })
})
