import { resolve } from "node:path"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { guessOf, straysOf } from "../../../adapters/opcua/discovery/discover-doors.ts"
import { fits } from "../../../adapters/opcua/discovery/discover-fit.ts"
import { chooseWay, type Offer } from "../../../adapters/opcua/discovery/discover-offers.ts"
import {
  type Found,
  lookFromOutside,
  lookInside,
  type LookingOptions
} from "../../../adapters/opcua/discovery/discover.ts"
import type { Seen, Tree } from "../../../adapters/opcua/discovery/discover-tree.ts"
import { compileProfile } from "../../../adapters/opcua/mapping/profile.ts"
import { readOpcuaProfiles } from "../../../adapters/opcua/mapping/profiles.ts"
import { OpcuaSettings } from "../../../adapters/opcua/settings.ts"
import { type OpcuaSite, opcuaSite } from "../../cli/opcua-site.ts"
import { startPanel } from "./panel.ts"
import { freePort } from "../../road/peers.ts"

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const maker = "urn:maker:panel"

/** A node as it would have been seen. */
const seen = (browseName: string, parent: Seen | undefined, more: Partial<Seen> = {}): Seen => {
  const one: Seen = {
    node: undefined as never,
    name: `nsu=${maker};s=${parent === undefined ? "" : `${parent.name}/`}${browseName}`,
    uri: parent === undefined ? undefined : maker,
    browseName,
    nodeClass: "object",
    type: undefined,
    isCondition: false,
    parent,
    depth: (parent?.depth ?? -1) + 1,
    children: [],
    notifies: false,
    value: undefined,
    ...more
  }
  parent?.children.push(one)
  return one
}

const variable = (browseName: string, parent: Seen, value: boolean | number | string): Seen =>
  seen(browseName, parent, {
    nodeClass: "variable",
    value: {
      kind: typeof value as "boolean",
      value,
      status: "good",
      statusName: "Good",
      array: false
    }
  })

const treeOf = (root: Seen): Tree => {
  const nodes = new Map<string, Seen>()
  const add = (one: Seen): void => {
    nodes.set(one.name, one)
    one.children.forEach(add)
  }
  add(root)
  return { root, nodes }
}

const reading = { timeZone: "UTC", severity: [{ from: 0, priority: 4 }] as const, now: 0 }

const profileOf = (file: Readonly<Record<string, unknown>>) => {
  const compiled = compileProfile("maker", { description: "a panel", protocol: "opcua", tests: [], ...file })
  if (compiled._tag === "Failure") throw new Error(JSON.stringify(compiled.failure))
  return compiled.success
}

const contact = { point: "door.position", kind: "position", values: { true: "open", false: "closed" } }

describe("where a profile fits", () => {
  test("each door is a device where the profile is of one door", () => {
    const root = seen("Objects", undefined)
    const doors = seen("Doors", root)
    for (const name of ["Door 1", "Door 2"]) variable("Contact", seen(name, doors), name === "Door 1")
    const profile = profileOf({ namespaces: { p: maker }, readings: [{ node: "p:Contact", ...contact }] })
    const found = fits(treeOf(root), [profile], [maker], reading)
    expect(found.map(({ address, points }) => [address, points[0]?.value])).toEqual([
      ["/p:Doors/p:Door 1", "open"],
      ["/p:Doors/p:Door 2", "closed"]
    ])
  })

  test("a profile whose namespace is a parameter is tried with each that the server has", () => {
    const root = seen("Objects", undefined)
    variable("Contact", seen("Door", root), true)
    const profile = profileOf({
      parameters: { namespace: "" },
      namespaces: { w: "{namespace}" },
      readings: [{ node: "w:Contact", ...contact }]
    })
    const [fit, ...others] = fits(treeOf(root), [profile], ["urn:other", maker], reading)
    expect([fit?.address, fit?.parameters, others]).toEqual(["/w:Door", { namespace: maker }, []])
  })

  test("a variable of another type is no fit, and fewer than half of the variables are none", () => {
    const root = seen("Objects", undefined)
    const door = seen("Door", root)
    variable("Contact", door, "ajar")
    variable("Lock", door, 1)
    const lock = { node: "p:Lock", point: "door.lock", kind: "lock", values: { 0: "locked", 1: "unlocked" } }
    const both = profileOf({ namespaces: { p: maker }, readings: [{ node: "p:Contact", ...contact }, lock] })
    const [half] = fits(treeOf(root), [both], [maker], reading)
    expect([half?.there, half?.wanted]).toEqual([1, 2])
    expect(half?.missing).toEqual(["/Door/Contact holds a string, not a boolean"])
    const tamper = { node: "p:Tamper", point: "door.tamper", kind: "tamper", values: { true: "on", false: "off" } }
    const more = profileOf({ namespaces: { p: maker }, readings: [{ node: "p:Contact", ...contact }, lock, tamper] })
    expect(fits(treeOf(root), [more], [maker], reading)).toEqual([])
  })

  test("signs of a path in a browse name are written so that they are none", () => {
    const root = seen("Objects", undefined)
    variable("Contact", seen("A/B: {x}", root), true)
    const profile = profileOf({ namespaces: { p: maker }, readings: [{ node: "p:Contact", ...contact }] })
    const [fit] = fits(treeOf(root), [profile], [maker], reading)
    expect(fit?.address).toBe("/p:A&/B&: &{x&}")
    expect(fit?.points).toHaveLength(1)
  })
})

describe("what no profile fits", () => {
  test("doors that are alike are told together, with lines for a profile that compile", () => {
    const root = seen("Objects", undefined)
    const folder = seen("Portals", root)
    for (const name of ["P1", "P2", "P3"]) {
      const door = seen(name, folder)
      variable("DoorContact", door, false)
      variable("LockState", door, 0)
      variable("Vendor", door, "x")
    }
    variable("Temperature", seen("Boiler", root), 20)
    const [doors, boiler] = straysOf(treeOf(root), new Set())
    expect([doors?.path, doors?.count, doors?.isDoor, doors?.names]).toEqual([
      "/Portals/*",
      3,
      true,
      ["P1", "P2", "P3"]
    ])
    expect(doors?.variables.map(({ name, kind, value, guess }) => [name, kind, value, guess])).toEqual([
      ["DoorContact", "boolean", "false", "position"],
      ["LockState", "number", "0", "lock"],
      ["Vendor", "string", "x", undefined]
    ])
    expect(doors?.suggestions).toEqual([
      {
        node: "/n:Portals/n:{door}/n:DoorContact",
        point: "door-{door}.position",
        kind: "position",
        values: { true: "open", false: "closed" }
      },
      { node: "/n:Portals/n:{door}/n:LockState", point: "door-{door}.lock", kind: "lock" }
    ])
    expect(doors?.namespaces).toEqual({ n: maker })
    const [position] = doors!.suggestions
    expect(() => profileOf({ namespaces: doors!.namespaces, readings: [position!] })).not.toThrow()
    expect([boiler?.path, boiler?.isDoor, boiler?.suggestions]).toEqual(["/Boiler", false, []])
  })

  test("what a profile reads is told no second time", () => {
    const root = seen("Objects", undefined)
    const read = variable("Contact", seen("Door", root), true)
    expect(straysOf(treeOf(root), new Set([read]))).toEqual([])
  })

  test.each([
    ["DoorContact", "position"],
    ["door_position", "position"],
    ["LockState", "lock"],
    ["Tamper1", "tamper"],
    ["RequestToExit", "rex"],
    ["Forced", "alarm"],
    ["Türkontakt", "position"],
    ["Clock", undefined],
    ["Blocked", undefined]
  ])("a signal called %s could be: %s", (name, guess) => {
    expect(guessOf(name)).toBe(guess)
  })
})

describe("which way in is taken", () => {
  const offer = (mode: Offer["mode"], policy: string): Offer => ({ mode, policy, users: [], level: 0, url: "" })
  const all = [
    offer("None", "None"),
    offer("Sign", "Basic256Sha256"),
    offer("SignAndEncrypt", "Aes256_Sha256_RsaPss"),
    offer("SignAndEncrypt", "Basic256Sha256")
  ]
  test.each([
    [all, {}, { securityMode: "SignAndEncrypt", securityPolicy: "Basic256Sha256" }],
    [all.slice(0, 3), {}, { securityMode: "SignAndEncrypt", securityPolicy: "Aes256_Sha256_RsaPss" }],
    [all.slice(0, 2), {}, { securityMode: "Sign", securityPolicy: "Basic256Sha256" }],
    [all.slice(0, 1), {}, undefined],
    [[offer("SignAndEncrypt", "Basic128Rsa15")], {}, undefined],
    [all, { securityMode: "None" as const }, { securityMode: "None", securityPolicy: "Basic256Sha256" }],
    [all.slice(1), { securityMode: "None" as const }, undefined],
    [all, { securityPolicy: "Aes128_Sha256_RsaOaep" as const }, undefined]
  ])("of %j with %j: %j", (offers, wanted, expected) => {
    expect(chooseWay(offers, wanted)).toEqual(expected)
  })
})

describe("a server on a socket", () => {
  let site: OpcuaSite
  beforeAll(() => {
    site = opcuaSite()
  })
  afterAll(() => site.stop())

  const { profiles } = readOpcuaProfiles(resolve(import.meta.dirname, "../../../config/profiles"))
  const bounds = { depthMax: 8, nodesMax: 20_000, withinMs: 30_000 }
  const decode = Schema.decodeUnknownSync(OpcuaSettings)

  const look = (settings: unknown, more: Partial<LookingOptions> = {}): Promise<Found> =>
    Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const decoded = decode(settings)
          const options = { settings: decoded, profiles, devices: [], timeZone: "UTC", bounds, now: Date.now, ...more }
          const looking = yield* lookInside(options)
          yield* looking.done
          return looking.found()
        })
      )
    )

  test("a certificate is shown, lies among the rejected ones, and is trusted by nobody but a person", async () => {
    const panel = await site.start()
    const outside = () => Effect.runPromise(Effect.scoped(lookFromOutside(panel.url, site.pki, Date.now())))
    const { judgement, shown, offers } = await outside()
    expect([judgement?._tag, offers.length]).toEqual(["Untrusted", 7])
    expect(site.rejected().map(({ thumbprint }) => thumbprint)).toEqual([shown?.thumbprint])
    await site.trustShown()
    expect((await outside()).judgement?._tag).toBe("Trusted")
  })

  test("a certificate that has ended cannot be trusted", async () => {
    const panel = await site.start({}, { expiredCertificate: true })
    const { judgement } = await Effect.runPromise(Effect.scoped(lookFromOutside(panel.url, site.pki, Date.now())))
    expect(judgement).toMatchObject({ _tag: "Unacceptable", why: expect.stringContaining("has ended on") })
  })

  test("another certificate of a server that is trusted already is told as such", async () => {
    const options = { applicationUri: "urn:renewed" }
    const first = await site.start(options)
    await Effect.runPromise(Effect.scoped(lookFromOutside(first.url, site.pki, Date.now())))
    await site.trustShown()
    const second = await site.start(options)
    const { judgement, replaces } = await Effect.runPromise(
      Effect.scoped(lookFromOutside(second.url, site.pki, Date.now()))
    )
    expect([judgement?._tag, replaces]).toEqual(["Untrusted", true])
  })

  test("the panel is found whatever its namespace's index, and a module that is lost makes points unknown", async () => {
    const panel = await site.start(
      { securityModes: ["None"], users: undefined as never },
      { namespacesBefore: ["urn:before"], statuses: { front: "BadNoCommunication" } }
    )
    const { devices, strays } = await look({ endpoint: panel.url, securityMode: "None", pki: site.pki })
    expect(devices.map(({ address, profile }) => [address, profile])).toEqual([
      ["/p:North/p:Panel 7", "opcua-generic-panel"]
    ])
    expect(devices[0]?.points.find(({ point }) => point === "door-front.position")?.value).toBe("unknown")
    expect(devices[0]?.points.find(({ point }) => point === "door-back.position")?.value).toBe("closed")
    expect(strays).toEqual([])
  })

  test("a panel of another maker is told as doors that no profile fits, with its event types and conditions", async () => {
    const port = await freePort()
    const panel = await startPanel({
      port,
      pki: `${site.directory}/other`,
      applicationUri: "urn:other:panel",
      trustsEverybody: true,
      allowAnonymous: true,
      doors: 3
    })
    try {
      const found = await look({ endpoint: `opc.tcp://127.0.0.1:${port}`, securityMode: "None", pki: site.pki })
      expect(found.devices).toEqual([])
      const [doors] = found.strays
      expect([doors?.path, doors?.count, doors?.isDoor]).toEqual(["/Doors/*", 3, true])
      expect(doors?.variables.find(({ name }) => name === "Contact")).toMatchObject({
        kind: "boolean",
        guess: "position"
      })
      expect(found.eventTypes).toContainEqual({
        name: expect.stringMatching(/^nsu=urn:campus:doorpanel;/),
        browseName: "AccessDeniedEventType",
        below: ["AccessEventType", "BaseEventType"],
        fields: []
      })
      expect(found.conditions).toEqual([{ name: "DoorForced", type: "OffNormalAlarmType", count: 3 }])
      expect(found.notifiers).toContain("/Doors/Door1")
    } finally {
      await panel.kill()
    }
  })

  test("a server that tells of its nodes in small parts, and of one at a time, is seen whole", async () => {
    const lookAt = async (referencesAtOnce: number | undefined) => {
      const options = { applicationUri: "urn:in-parts", securityModes: ["None"] as const, users: undefined as never }
      const panel = await site.start(options, { referencesAtOnce })
      return look({ endpoint: panel.url, securityMode: "None", pki: site.pki })
    }
    const [whole, inParts] = [await lookAt(undefined), await lookAt(2)]
    expect(whole.eventTypes.some(({ fields }) => fields.length > 2)).toBe(true)
    expect(inParts).toEqual(whole)
  })

  test("a server that goes away meanwhile ends the look, and leaves what was seen", async () => {
    const panel = await site.start({ securityModes: ["None"], users: undefined as never })
    const [failure, nodes] = await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const settings = decode({ endpoint: panel.url, securityMode: "None", pki: site.pki })
          const looking = yield* lookInside({ settings, profiles, devices: [], timeZone: "UTC", bounds, now: Date.now })
          yield* panel.unplug
          const failed = yield* Effect.flip(looking.done)
          return [failed._tag, looking.found().nodes] as const
        })
      )
    )
    expect([failure, nodes >= 1]).toEqual(["LinkLost", true])
  })
})
