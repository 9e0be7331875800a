import { resolve } from "node:path"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { probeDevice } from "../../../adapters/opcua/probe/probe.ts"
import type { Step } from "../../../adapters/opcua/probe/probe-step.ts"
import { OpcuaSettings } from "../../../adapters/opcua/settings.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { OpcuaPanel } from "../../../simulators/opcua/panel.ts"
import { startProxy } from "../../road/proxy.ts"
import { type OpcuaSite, opcuaSite } from "../../cli/opcua-site.ts"

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let site: OpcuaSite
let panel: OpcuaPanel

const open = { securityModes: ["None"] as const, users: undefined as never }

beforeAll(async () => {
  site = opcuaSite()
  panel = await site.start(open)
})
afterAll(() => site.stop())

const decode = Schema.decodeUnknownSync(OpcuaSettings)
const profilesDirectory = resolve(import.meta.dirname, "../../../config/profiles")

interface Probing {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly address?: string
  readonly profile?: string
  readonly now?: () => number
  readonly tell?: (step: Step) => void
}

/** The steps of a probe by their names. */
const probe = async (url: string, { settings = {}, address, profile, now = Date.now, tell }: Probing = {}) => {
  const steps = new Map<string, Step>()
  await Effect.runPromise(
    probeDevice({
      settings: decode({ endpoint: url, securityMode: "None", pki: site.pki, ...settings }),
      device: {
        id: DeviceId.make("north"),
        link: LinkId.make("panel"),
        profile: profile ?? "opcua-generic-panel",
        address: address ?? "/p:North/p:Panel 7"
      },
      profilesDirectory,
      timeZone: "UTC",
      now,
      tell: (step) => {
        steps.set(step.step, step)
        tell?.(step)
      }
    })
  )
  return steps
}

/** The steps that ended so. */
const named = (steps: ReadonlyMap<string, Step>, result: Step["result"]): ReadonlyArray<string> =>
  [...steps.values()].flatMap((step) => (step.result === result ? [step.step] : []))

describe("a probe of an OPC UA device", () => {
  test("finds nothing to do at a panel that is in order but for its security, and leaves nothing there", async () => {
    const steps = await probe(panel.url)
    expect(named(steps, "failed")).toEqual([])
    expect(named(steps, "left-out")).toEqual(["name", "certificate", "trust"])
    expect(steps.get("session")?.todo).toContain("it has no user")
    expect(steps.get("values")?.details).toContain("door-front.position  closed")
    expect(steps.get("values")?.said).toBe("8 of 8 first values came")
    expect([panel.sessions(), panel.subscriptions()]).toEqual([0, 0])
  })

  test("two probes at once do not disturb each other", async () => {
    const first: Array<number> = []
    // The second begins while the first has its subscription.
    let inner: Promise<unknown> | undefined
    await probe(panel.url, {
      tell: ({ step }) => {
        if (step !== "subscription") return
        first.push(panel.subscriptions())
        inner = probe(panel.url)
      }
    })
    await inner
    expect(first).toEqual([1])
    expect([panel.sessions(), panel.subscriptions()]).toEqual([0, 0])
  })

  test("tells of an alarm that is active when the server repeats its conditions", async () => {
    panel.door("front", { _tag: "Opened" })
    const { said, details } = (await probe(panel.url)).get("conditions") ?? {}
    expect(said).toBe("repeated when asked: 1 condition, 1 active")
    expect(details).toEqual([expect.stringMatching(/front DoorForced is active, not acknowledged/)])
    panel.door("front", { _tag: "Closed" })
  })

  test("doubts a server that does not repeat its conditions, that queues less, and whose clock is off", async () => {
    panel.setFaults({ refusesRefresh: "BadNothingToDo" })
    const steps = await probe(panel.url, { settings: { queueSize: 900_000 }, now: () => Date.now() + 3_600_000 })
    panel.setFaults({ refusesRefresh: undefined })
    expect(named(steps, "failed")).toEqual([])
    expect(steps.get("conditions")?.said).toBe("the server does not repeat its conditions (BadNothingToDo)")
    expect(steps.get("events")?.todo).toContain("900000 were asked for")
    expect(steps.get("clock")?.said).toMatch(/^it is 60 min behind ours/)
    expect(steps.get("clock")?.todo).toContain("NTP")
  })

  test("names variables without a good value, and values that the profile does not know", async () => {
    panel.setFaults({ statuses: { back: "BadNoCommunication" }, strange: true })
    const { said, todo, details } = (await probe(panel.url)).get("values") ?? {}
    panel.setFaults({ statuses: {}, strange: false })
    expect(said).toBe("8 of 8 first values came")
    expect(todo).toMatch(/4 variables without a good value, such as nsu=.*\/back\/.* \(BadNoCommunication\)/)
    expect(todo).toContain("1 value that the profile does not know")
    expect(details).toContain("door-back.position  unknown")
  })

  test("goes on with what is there where a part of the profile's variables is not", async () => {
    const bare = await site.start({
      ...open,
      panels: [
        {
          id: "bare",
          path: [],
          doors: [{ token: "front", name: "Front", capabilities: { tamper: false } }],
          readers: []
        }
      ]
    })
    const steps = await probe(bare.url, { address: "/" })
    expect(named(steps, "failed")).toEqual(["nodes"])
    expect(steps.get("nodes")?.said).toBe("1 of 4 paths lead to nothing that can be heard")
    expect(steps.get("nodes")?.details).toContain("✘ /Doors/*/Tamper: nothing is at /Doors/*/Tamper")
    expect(steps.get("values")?.said).toBe("3 of 3 first values came")
  })

  test("says what the server offers where the link wants another way in", async () => {
    const steps = await probe(panel.url, { settings: { securityMode: "Sign" } })
    expect(steps.get("endpoints")).toMatchObject({
      result: "failed",
      said: "the server does not offer Sign with Basic256Sha256: it offers None"
    })
    expect(named(steps, "left-out")).toContain("session")
  })

  test("turns another server than the configured one away before anything secret is sent", async () => {
    const secured = await site.start()
    const settings = {
      securityMode: "SignAndEncrypt",
      user: { username: "gatehouse", password: { file: site.password } }
    }
    const other = await probe(secured.url, { settings: { ...settings, applicationUri: "urn:another" } })
    expect(other.get("certificate")).toMatchObject({
      result: "failed",
      todo: expect.stringContaining("another server")
    })
    const untrusted = await probe(secured.url, { settings })
    expect(named(untrusted, "failed")).toEqual(["trust"])
    expect(secured.sessions()).toBe(0)
    await site.trustShown()
    expect(named(await probe(secured.url, { settings }), "failed")).toEqual([])
  })

  test("says that the server does not trust us, and which of our certificates to approve there", async () => {
    const strict = await site.start({ trustsEverybody: false })
    const settings = {
      securityMode: "SignAndEncrypt",
      user: { username: "gatehouse", password: { file: site.password } }
    }
    await probe(strict.url, { settings })
    await site.trustShown()
    const channel = (await probe(strict.url, { settings })).get("channel")
    expect(channel).toMatchObject({
      result: "failed",
      said: expect.stringMatching(
        /does not trust the gateway's certificate: approve it there \(thumbprint [0-9a-f]{40}\)/
      ),
      todo: expect.stringContaining("approve our certificate at the server")
    })
  })

  test("a certificate that has ended is no question of trust", async () => {
    const expired = await site.start({}, { expiredCertificate: true })
    const settings = {
      securityMode: "SignAndEncrypt",
      user: { username: "gatehouse", password: { file: site.password } }
    }
    const steps = await probe(expired.url, { settings })
    expect(steps.get("certificate")).toMatchObject({ result: "failed", said: expect.stringContaining("has ended on") })
    expect(steps.get("trust")?.said).toBe("not tried")
  })

  test("a cable that is pulled in the middle ends the probe, with what to look at", async () => {
    const cable = await startProxy(Number(new URL(panel.url).port))
    const steps = await probe(panel.url.replace(/:\d+/, `:${cable.port}`), {
      tell: ({ step }) => {
        if (step === "namespaces") cable.refuse(true)
      }
    })
    await cable.stop()
    expect(named(steps, "failed")).toHaveLength(1)
    expect([...steps.values()].find(({ result }) => result === "failed")?.todo).toContain("the connection broke off")
  })

  test("a profile that is not there is told before anything is connected to", async () => {
    const steps = await probe(panel.url, { profile: "opcua-none" })
    expect(steps.get("settings")?.said).toBe('there is no usable OPC UA profile "opcua-none"')
    expect(steps.get("connection")?.said).toBe("not tried")
  })
})
