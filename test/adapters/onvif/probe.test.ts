import { X509Certificate } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Fiber, Schema } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { showCertificate } from "../../../adapters/onvif/probe/probe-enrol.ts"
import type { Step } from "../../../adapters/onvif/probe/probe-step.ts"
import { probeDevice, type Target } from "../../../adapters/onvif/probe/probe.ts"
import { OnvifSettings } from "../../../adapters/onvif/settings.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { Faults } from "../../../simulators/onvif/faults.ts"
import type { OnvifDeviceOptions } from "../../../simulators/onvif/options.ts"
import { makeCertificates } from "../../deploy/certificates.ts"
import { freePort } from "../../road/peers.ts"
import { camera, controller, listen, openDevice, type OnvifPeer, until } from "./peers.ts"
import { type Answering, envelope, say, startDevice } from "./wire-device.ts"

const peers: Array<{ readonly stop: () => Promise<void> }> = []
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.stop()))
})

const open = async (
  options: OnvifDeviceOptions,
  faults: Partial<Faults> = {},
  more: Readonly<Record<string, unknown>> = {},
  configured: Partial<Device> = {}
): Promise<OnvifPeer> => {
  const peer = await openDevice(options, faults, more, configured)
  peers.push(peer)
  return peer
}

const decode = Schema.decodeUnknownSync(OnvifSettings)

const targetOf = (
  { devices, settings }: Pick<OnvifPeer, "devices" | "settings">,
  more: Partial<Device> = {}
): Target => ({
  settings: decode(settings),
  device: { ...devices[0]!, ...more }
})

/** Every step of a probe, by its name, and what the probe learnt. */
const walk = async (target: Target) => {
  const steps: Array<Step> = []
  const probed = await Effect.runPromise(probeDevice({ ...target, now: Date.now, tell: (step) => steps.push(step) }))
  const named = (name: Step["step"]): Step => steps.find(({ step }) => step === name)!
  return { probed, steps, named, results: steps.map(({ step, result }) => `${step} ${result}`) }
}

/** Without a name to look up, and without TLS. */
const plain = ["name left-out", "connection passed", "certificate left-out"]
const notTried = (...steps: ReadonlyArray<string>) => steps.map((step) => `${step} left-out`)

describe("a probe of a device that is well", () => {
  test("passes every step, says what was found, and leaves no subscription", async () => {
    const peer = await open(camera)
    const { probed, results, named } = await walk(targetOf(peer))
    expect(results).toEqual([
      ...plain,
      "clock passed",
      "login passed",
      "device passed",
      "services passed",
      "events passed",
      "picture passed"
    ])
    expect(named("clock").said).toMatch(/^it agrees with ours, within \d\.\d s$/)
    expect(named("login").said).toBe("HTTP digest (SHA-256), as gatehouse")
    expect(named("device").said).toBe("Gatehouse Simulated camera, firmware 1.10, serial number SIM-CAM-1")
    expect(named("services").said).toBe("profile S, T; events by PullPoint, 10 subscribers by its own account; media")
    expect(named("events").said).toMatch(/^\d+ messages of 8 topics, \d+ of them the state at the beginning$/)
    expect(named("picture").said).toMatch(/^a JPEG picture of \d+ kB$/)
    expect(named("picture").facts).toMatchObject({ type: "image/jpeg" })
    expect(probed?.information?.firmwareVersion).toBe("1.10")
    expect(peer.device.subscriptions.open()).toBe(0)
    expect(peer.device.counters.requests("Unsubscribe")).toBe(1)
  })

  test("tells a door controller's doors, what they can, and that it has no pictures", async () => {
    const peer = await open(controller)
    const { named, results } = await walk(targetOf(peer))
    expect(named("services").said).toBe(
      "profile A, C; events by PullPoint, 10 subscribers by its own account; door control: 1 door; access control: 2 access points; no media"
    )
    expect(named("services").facts).toMatchObject({
      doors: [{ token: "door-1", name: "Main entrance", can: expect.arrayContaining(["Access", "DoorMonitor"]) }],
      accessPoints: [{ token: "reader-in", door: "door-1" }, { token: "reader-out" }]
    })
    expect(results.at(-1)).toBe("picture left-out")
    expect(results.filter((result) => result.endsWith("failed"))).toEqual([])
  })

  test("disturbs nothing that a gateway hears of it meanwhile", async () => {
    const peer = await open(controller)
    const link = listen(peer)
    await link.online()
    await until(peer, () => peer.device.subscriptions.waiting() === 1)
    const { named } = await walk(targetOf(peer))
    expect(named("events").result).toBe("passed")
    expect(peer.device.subscriptions.open()).toBe(1)
    expect(link.counts["resubscribed"]).toBeUndefined()
    await link.stop()
  })

  test("that is interrupted gives its subscription back", async () => {
    const peer = await open(camera, { silent: true })
    const fiber = Effect.runFork(probeDevice({ ...targetOf(peer), now: Date.now, tell: () => {} }))
    await until(peer, () => peer.device.subscriptions.waiting() === 1)
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(peer.device.subscriptions.open()).toBe(0)
    await expect.poll(() => peer.device.connections()).toBe(0)
  })

  test("does not end a subscription where that would end everybody's", async () => {
    const peer = await open(camera, {}, { unsubscribe: "never" })
    const { named } = await walk(targetOf(peer))
    expect(named("events").result).toBe("passed")
    expect(peer.device.counters.requests("Unsubscribe")).toBe(0)
  })
})

describe("a step that fails says why, what to do, and what was not come to:", () => {
  test("a name that nobody knows", async () => {
    const peer = await open(camera)
    const { results, named, steps } = await walk(targetOf(peer, { address: "camera.invalid" }))
    expect(results).toEqual([
      "name failed",
      ...notTried("connection", "certificate", "clock", "login", "device", "services", "events", "picture")
    ])
    expect(named("name").said).toContain('"camera.invalid"')
    expect(named("name").todo).toMatch(/IP address instead/)
    expect(steps.slice(1).every(({ said }) => said === "not tried")).toBe(true)
  })

  test("a port where nothing listens", async () => {
    const peer = await open(camera)
    const port = await freePort()
    const { named } = await walk(targetOf(peer, { address: `127.0.0.1:${port}` }))
    expect(named("connection")).toMatchObject({ result: "failed", said: `nothing listens at 127.0.0.1:${port}` })
    expect(named("connection").todo).toMatch(/check the port .* switch ONVIF on/)
  })

  test("a password that is nowhere", async () => {
    const peer = await open(camera, {}, { password: { env: "GATEHOUSE_TEST_NO_SUCH" } })
    const { results, named } = await walk(targetOf(peer))
    expect(results[0]).toBe("settings failed")
    expect(named("settings").said).toMatch(/GATEHOUSE_TEST_NO_SUCH is not set/)
  })

  test("a wrong password, tried once", async () => {
    const peer = await open(camera)
    const { results, named } = await walk(targetOf({ ...peer, settings: peer.wrongSettings }))
    expect(results).toEqual([
      ...plain,
      "clock passed",
      "login failed",
      ...notTried("device", "services", "events", "picture")
    ])
    expect(named("login").said).toMatch(/^the device refuses the user "gatehouse"/)
    expect(named("login").todo).toMatch(
      /^set the password anew where the device keeps its ONVIF users.*Do not try often/
    )
    // Two questions without a password, one with it.
    expect(peer.device.counters.requests("GetDeviceInformation")).toBe(3)
  })

  test("no user where one is wanted", async () => {
    const { devices } = await open(camera)
    const { named } = await walk(targetOf({ devices, settings: {} }))
    expect(named("login").said).toMatch(/wants to know who we are/)
    expect(named("login").todo).toMatch(/^put username and password: \{ env: NAME \}/)
  })

  test("digest insisted on where there is none", async () => {
    const peer = await open({ ...camera, authentication: "username-token" }, {}, { authentication: "digest" })
    const { named } = await walk(targetOf(peer))
    expect(named("login").todo).toMatch(/authentication: digest, and this device offers none/)
  })

  test("a login that a wrong clock may be the reason of", async () => {
    const options: OnvifDeviceOptions = { ...camera, authentication: "username-token" }
    const peer = await open(options, { clockSkewMs: 3 * 3_600_000 })
    const { named } = await walk(targetOf({ ...peer, settings: peer.wrongSettings }))
    expect(named("clock")).toMatchObject({ result: "doubtful" })
    expect(named("login").todo).toMatch(/^set the device's clock first/)
  })

  test("no pull point free, and the picture is looked at all the same", async () => {
    const peer = await open(camera, { maxPullPoints: 0 })
    const { results, named } = await walk(targetOf(peer))
    expect(results.slice(-2)).toEqual(["events failed", "picture passed"])
    expect(named("events").said).toBe("the device gives no pull point: all pull points are taken")
    expect(named("events").todo).toMatch(/^its places are taken by other programs/)
  })

  test("a pull that nobody answers to the point", async () => {
    const peer = await open(camera, { answers: { PullMessages: { _tag: "Html", status: 200 } } })
    const { named } = await walk(targetOf(peer))
    expect(named("events").said).toMatch(/^the device gives a pull point and no messages: .*web page/)
    expect(peer.device.subscriptions.open()).toBe(0)
  })

  test("no pull points at all, and nowhere to push to", async () => {
    const peer = await open(camera, { unsupported: ["CreatePullPointSubscription"] })
    const { named } = await walk(targetOf(peer))
    expect(named("events")).toMatchObject({
      result: "failed",
      said: expect.stringMatching(/^the device has no pull points/)
    })
    expect(named("events").todo).toMatch(/push: \{ host/)
  })

  test("what is no picture", async () => {
    const peer = await open(camera, { snapshot: "html" })
    const { named, results } = await walk(targetOf(peer))
    expect(results.slice(-2)).toEqual(["events passed", "picture failed"])
    expect(named("picture").said).toMatch(/^there is no picture: a .* picture was asked for and text\/html came$/)
    expect(named("picture").todo).toMatch(/mediaProfile.*snapshotUri/)
  })

  test("something that is no ONVIF device", async () => {
    const peer = await open(camera, { answers: { "*": { _tag: "Html", status: 404 } } })
    const { named } = await walk(targetOf(peer))
    expect(named("clock").result).toBe("failed")
    expect(named("clock").todo).toMatch(/whole address of its device service|ONVIF port/)
  })

  test("a device that takes connections and answers nothing", async () => {
    const sockets = new Set<{ destroy: () => void }>()
    const server = createServer((socket) => void sockets.add(socket))
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
    peers.push({
      stop: () => {
        for (const socket of sockets) socket.destroy()
        return new Promise((closed) => server.close(() => closed()))
      }
    })
    const { port } = server.address() as AddressInfo
    const { devices } = await open(camera)
    const { named } = await walk(targetOf({ devices, settings: {} }, { address: `127.0.0.1:${port}` }))
    expect(named("connection").result).toBe("passed")
    expect(named("clock")).toMatchObject({ result: "failed", said: expect.stringMatching(/no answer within 10 s/) })
    expect(named("clock").todo).toMatch(/restart it/)
  }, 20_000)

  test("a device without an event service", async () => {
    const service = (name: string): string =>
      `<r:Service><r:Namespace>http://www.onvif.org/ver10/${name}/wsdl</r:Namespace>` +
      `<r:XAddr>http://127.0.0.1/${name}</r:XAddr><r:Version><r:Major>2</r:Major><r:Minor>0</r:Minor></r:Version></r:Service>`
    const services = `<r:GetServicesResponse xmlns:r="http://www.onvif.org/ver10/device/wsdl">${service("device")}${service("media")}</r:GetServicesResponse>`
    const answer: Answering = ({ body }, response) => {
      if (body.includes("GetServices")) return say(response, 200, envelope(services))
      const name = /<tds:(\w+)/.exec(body)?.[1] ?? "Other"
      return say(response, 200, envelope(`<r:${name}Response xmlns:r="http://www.onvif.org/ver10/device/wsdl"/>`))
    }
    const wire = await startDevice(answer)
    peers.push({ stop: wire.close })
    const { devices } = await open(camera)
    const { named } = await walk(targetOf({ devices, settings: {} }, { address: wire.url }))
    expect(named("clock")).toMatchObject({ result: "doubtful", said: "the device does not tell its time" })
    expect(named("services")).toMatchObject({
      result: "failed",
      said: "the device has no event service; it has device, media"
    })
    expect(named("services").todo).toMatch(/without events the gateway hears nothing of it/)
  })
})

describe("what is doubtful passes, and says what to put right:", () => {
  test.each([
    [7200, /^it is \d+(\.\d)? s ahead of ours, give or take \d+(\.\d)? s$/],
    [-26 * 3_600_000, /^it is 26 hours behind ours/],
    [-20 * 365 * 86_400_000, /^it is 20 years behind ours/]
  ])("a clock that is %d ms off", async (clockSkewMs, said) => {
    const { named, results } = await walk(targetOf(await open(camera, { clockSkewMs })))
    expect(named("clock").result).toBe("doubtful")
    expect(named("clock").said).toMatch(said)
    expect(named("clock").todo).toMatch(/^set the device's clock by NTP/)
    expect(results.slice(-2)).toEqual(["events passed", "picture passed"])
  })

  test("a device that lets anybody in", async () => {
    const { named } = await walk(targetOf(await open({ ...camera, authentication: "none" })))
    expect(named("login")).toMatchObject({ result: "doubtful", todo: expect.stringMatching(/a user with a password/) })
  })
})

describe("the scheme that let us in is named:", () => {
  test.each<[OnvifDeviceOptions["authentication"], string]>([
    ["digest-md5", "HTTP digest (MD5), as gatehouse"],
    ["digest-sha256", "HTTP digest (SHA-256), as gatehouse"],
    ["username-token", "WS-UsernameToken, as gatehouse"]
  ])("%s", async (authentication, said) => {
    const { named } = await walk(targetOf(await open({ ...camera, authentication: authentication! })))
    expect(named("login").said).toBe(said)
  })
})

describe("events of a device", () => {
  test("where nothing happens are in order", async () => {
    const peer = await open(camera, { silent: true, synchronizationUnsupported: true })
    const { named } = await walk(targetOf(peer))
    expect(named("events")).toMatchObject({
      result: "passed",
      said: "the subscription works; nothing was said within 5 s; it does not repeat its state when asked"
    })
  }, 15_000)

  test("that answers empty at once are waited for without haste", async () => {
    const peer = await open(camera, { silent: true, emptyReplyEarly: true })
    await walk(targetOf(peer))
    expect(peer.device.counters.requests("PullMessages")).toBeLessThan(10)
  }, 15_000)

  test("that sends them itself are not asked for", async () => {
    const push = { mode: "push", push: { host: "127.0.0.1", port: 0 } }
    const { named } = await walk(targetOf(await open(camera, {}, push)))
    expect(named("events")).toMatchObject({ result: "left-out", said: expect.stringMatching(/^they come by push/) })
  })
})

describe("the certificate of a device with TLS", () => {
  let directory: string
  const pem = (name: string): string => readFileSync(join(directory, name), "utf8")
  const fingerprintOf = (name: string): string =>
    new X509Certificate(pem(`${name}.pem`)).fingerprint256.replaceAll(":", "").toLowerCase()
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "gatehouse-probe-"))
    makeCertificates(directory, ["camera", "other"])
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const secure = async (more: Readonly<Record<string, unknown>> = {}): Promise<OnvifPeer> =>
    open({ ...camera, tls: { key: pem("camera.key"), cert: pem("camera.pem") } }, {}, more)
  const at = ({ device }: OnvifPeer): string => `https://127.0.0.1:${device.port}`

  test("that nobody vouches for is shown, and not trusted", async () => {
    const peer = await secure()
    const { results, named } = await walk(targetOf(peer, { address: at(peer) }))
    expect(results.slice(1, 4)).toEqual(["connection passed", "certificate failed", "clock left-out"])
    expect(named("certificate").said).toMatch(
      /^nobody we trust vouches for the device's certificate: CN=camera, issued by CN=Campus, valid until .* GMT, SHA-256 ([0-9A-F]{2}:){31}/
    )
    expect(named("certificate").facts).toMatchObject({ fingerprint: fingerprintOf("camera"), trust: "none" })
    expect(named("certificate").todo).toMatch(/--enrol/)
    expect(peer.device.counters.byOperation).toEqual({})
  })

  test("that is enrolled is pinned, and the rest goes on", async () => {
    const peer = await secure()
    const parameters = { fingerprint: fingerprintOf("camera") }
    const { named, results } = await walk(targetOf(peer, { address: at(peer), parameters }))
    expect(named("certificate").said).toMatch(/^pinned: CN=camera/)
    expect(results.at(-1)).toBe("picture passed")
  })

  test("that is not the one enrolled is told with what to do", async () => {
    const peer = await secure()
    const parameters = { fingerprint: fingerprintOf("other") }
    const { named } = await walk(targetOf(peer, { address: at(peer), parameters }))
    expect(named("certificate").said).toMatch(/^the device shows another certificate than the one enrolled \(/)
    expect(named("certificate").todo).toMatch(/enrol the new one by `--enrol`; if nobody did that, somebody may stand/)
  })

  test("that our own authority signed is trusted, and to be renewed in time", async () => {
    const peer = await secure({ tls: { ca: join(directory, "ca.pem") } })
    const { named } = await walk(targetOf(peer, { address: at(peer) }))
    expect(named("certificate").said).toMatch(/^signed by our CA: /)
    // It is made for thirty days.
    expect(named("certificate")).toMatchObject({ result: "doubtful", todo: expect.stringMatching(/^renew it/) })
  })

  const enrol = async (target: Target) => {
    const steps: Array<Step> = []
    const shown = await Effect.runPromise(showCertificate({ ...target, tell: (step) => steps.push(step) }))
    return { shown, failed: steps.find(({ result }) => result === "failed") }
  }

  test("is shown to whoever enrols it, and nothing is sent", async () => {
    const peer = await secure()
    const { shown } = await enrol(targetOf(peer, { address: `127.0.0.1:${peer.device.port}` }))
    expect(shown).toMatchObject({ fingerprint: fingerprintOf("camera"), subject: "CN=camera", enrolled: false })
    expect(shown?.withColons).toBe(new X509Certificate(pem("camera.pem")).fingerprint256)
    const parameters = { fingerprint: shown?.withColons ?? "" }
    expect((await enrol(targetOf(peer, { address: at(peer), parameters }))).shown?.enrolled).toBe(true)
    expect(peer.device.counters.byOperation).toEqual({})
  })

  test("is not there where nothing is encrypted", async () => {
    const peer = await open(camera)
    expect((await enrol(targetOf(peer))).failed).toMatchObject({
      step: "certificate",
      said: "the device shows no certificate: what answers there is not TLS 1.2 or newer"
    })
    const http = await enrol(targetOf(peer, { address: `http://127.0.0.1:${peer.device.port}` }))
    expect(http.failed?.todo).toMatch(/^a certificate is shown by TLS alone/)
  })
})
