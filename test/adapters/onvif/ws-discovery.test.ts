import { createSocket, type RemoteInfo } from "node:dgram"
import { networkInterfaces } from "node:os"
import { Effect, Schema } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import { discover, type Discovered, discoveryPort } from "../../../adapters/onvif/discovery/discover.ts"
import { Answers } from "../../../adapters/onvif/discovery/discover-answers.ts"
import { configuredAs, describe as told, recognisable } from "../../../adapters/onvif/discovery/discover-device.ts"
import { OnvifSettings } from "../../../adapters/onvif/settings.ts"
import { kindsOf, readDatagram, readScopes } from "../../../adapters/onvif/discovery/ws-discovery.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Discoverable } from "../../../simulators/onvif/probe.ts"
import { type Discovery, type DiscoveryOptions, startDiscovery } from "../../../simulators/onvif/wsdiscovery.ts"
import { Bench } from "../../simulators/onvif/bench.ts"

const bench = new Bench()
afterEach(() => bench.clear())

const camera: Discoverable = {
  endpoint: "urn:uuid:11111111-1111-8111-8111-111111111111",
  kind: "camera",
  xaddrs: ["http://192.0.2.7/onvif/device_service", "http://[fe80::1]/onvif/device_service"],
  scopes: ["onvif://www.onvif.org/Profile/Streaming", "onvif://www.onvif.org/name/Loading%20bay"]
}
const controller: Discoverable = {
  endpoint: "urn:uuid:22222222-2222-8222-8222-222222222222",
  kind: "door-controller",
  xaddrs: ["http://192.0.2.8:8000/onvif/device_service"],
  scopes: ["onvif://www.onvif.org/Profile/C"]
}

const start = (options: Partial<DiscoveryOptions> = {}): Promise<Discovery> =>
  bench.run(startDiscovery({ devices: [camera, controller], ...options }))

/** Asks the responder alone, until what came holds. */
const discovered = (
  places: ReadonlyArray<{ readonly host: string; readonly port: number }>,
  holds: (found: Discovered) => boolean
): Promise<Discovered> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const { found } = yield* discover(places)
        while (!holds(found())) yield* Effect.sleep(5)
        return found()
      })
    )
  )

const endpoints = ({ devices }: Discovered): ReadonlyArray<string> => devices.map(({ endpoint }) => endpoint).sort()

/** Each device answers for its types: the camera to both questions, the controller to one, each asked three times. */
const everyAnswer = (found: Discovered, discovery: Discovery): boolean =>
  discovery.probes() === 6 && endpoints(found).length === 2

describe("discovery", () => {
  test("finds the camera and the door controller, each once, with all its addresses", async () => {
    const discovery = await start()
    const found = await discovered([discovery], (seen) => everyAnswer(seen, discovery))
    expect(endpoints(found)).toEqual([camera.endpoint, controller.endpoint])
    expect(found.devices.find(({ endpoint }) => endpoint === camera.endpoint)).toMatchObject({
      xaddrs: camera.xaddrs,
      types: ["NetworkVideoTransmitter", "Device"],
      from: ["127.0.0.1"]
    })
    expect([found.malformed, found.stray, found.dropped]).toEqual([0, 0, 0])
  })

  test.each<[Parameters<Discovery["setFault"]>[0], number, (found: Discovered) => boolean]>([
    ["garbage", 0, ({ malformed }) => malformed >= 9],
    ["truncated", 0, ({ malformed }) => malformed >= 9],
    ["no-xaddrs", 0, ({ malformed }) => malformed >= 9],
    ["huge", 0, ({ malformed }) => malformed >= 9],
    ["doctype", 0, ({ malformed }) => malformed >= 9],
    ["wrong-relates-to", 0, ({ stray }) => stray >= 9],
    ["no-relates-to", 0, ({ stray }) => stray >= 9],
    ["two-matches", 2, ({ devices }) => devices.length === 2],
    ["repeated", 2, ({ devices }) => devices.length === 2],
    ["shared-endpoint", 2, ({ devices }) => devices.length === 2]
  ])("is not led astray by answers with the fault %s", async (fault, devices, holds) => {
    const discovery = await start()
    discovery.setFault(fault)
    const found = await discovered([discovery], holds)
    expect(found.devices).toHaveLength(devices)
  })

  test("takes an answer without a match for nobody", async () => {
    const discovery = await start()
    discovery.setFault("no-match")
    const found = await discovered([discovery], () => discovery.answers() >= 9)
    expect(found).toEqual({ devices: [], malformed: 0, stray: 0, dropped: 0 })
  })

  test("hears the others when one answers nonsense", async () => {
    const broken = await start({ devices: [camera] })
    broken.setFault("garbage")
    const sound = await start({ devices: [controller] })
    const found = await discovered([broken, sound], ({ devices, malformed }) => devices.length === 1 && malformed > 0)
    expect(endpoints(found)).toEqual([controller.endpoint])
  })

  test("asks for either type three times, with growing pauses and one id, and says nothing of who asks", async () => {
    const asked: Array<{ readonly at: number; readonly text: string }> = []
    const socket = createSocket("udp4")
    const port = await new Promise<number>((resolve) =>
      socket.bind(0, "127.0.0.1", () => resolve(socket.address().port))
    )
    const sixth = new Promise<void>((resolve) =>
      socket.on("message", (datagram) => {
        asked.push({ at: performance.now(), text: datagram.toString("utf8") })
        if (asked.length === 6) resolve()
      })
    )
    await Effect.runPromise(
      Effect.scoped(
        Effect.andThen(
          discover([{ host: "127.0.0.1", port }]),
          Effect.promise(() => sixth)
        )
      )
    )
    socket.close()
    const ids = asked.map(({ text }) => /<a:MessageID>(urn:uuid:[0-9a-f-]{36})</.exec(text)?.[1])
    const types = asked.map(({ text }) => /<d:Types>([^<]+)</.exec(text)?.[1])
    expect(new Set(ids).size).toBe(2)
    expect(types).toEqual(Array.from({ length: 3 }, () => ["tds:Device", "dn:NetworkVideoTransmitter"]).flat())
    // SOAP-over-UDP, appendix I: 50 ms at least.
    expect(asked[2]!.at - asked[0]!.at).toBeGreaterThanOrEqual(49)
    expect(asked[4]!.at - asked[2]!.at).toBeGreaterThanOrEqual(98)
    for (const { text } of asked) expect(text).not.toMatch(/Security|Username|Authorization/)
  })

  test("asks by IPv6 too, and keeps the zone that an answer came from", async () => {
    const socket = createSocket("udp6")
    const port = await new Promise<number>((resolve) => socket.bind(0, "::1", () => resolve(socket.address().port)))
    socket.on("message", (datagram: Buffer, { port: to, address }: RemoteInfo) => {
      const id = /<a:MessageID>([^<]+)</.exec(datagram.toString("utf8"))?.[1] ?? ""
      socket.send(answerTo(id, "urn:uuid:6", "http://[fe80::6%25eth0]/onvif/device_service"), to, address)
    })
    const found = await discovered([{ host: "::1", port }], ({ devices }) => devices.length === 1)
    socket.close()
    expect(found.devices[0]).toMatchObject({ xaddrs: ["http://[fe80::6%25eth0]/onvif/device_service"], from: ["::1"] })
  })

  test("fails in words when nobody can be asked", async () => {
    const failure = await Effect.runPromise(
      Effect.flip(Effect.scoped(discover([{ host: "camera.invalid", port: discoveryPort }])))
    )
    expect(failure.message).toMatch(/^nobody could be asked: camera\.invalid: no address/)
  })

  test("leaves no socket behind", async () => {
    const open = (): number => process.getActiveResourcesInfo().filter((one) => one === "UDPWrap").length
    const discovery = await start()
    const before = open()
    await discovered([discovery], ({ devices }) => devices.length === 2)
    // Node tells of the closing some turns before it is done.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(open()).toBe(before)
  })

  const outward = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === "IPv4" && !one.internal)?.address

  test.runIf(outward !== undefined)("reaches a device by multicast on an interface of this machine", async () => {
    const host = outward ?? ""
    await start({ devices: [controller], host, port: discoveryPort, multicast: true })
    const found = await discovered([], ({ devices }) =>
      devices.some(({ endpoint }) => endpoint === controller.endpoint)
    )
    expect(found.devices.find(({ endpoint }) => endpoint === controller.endpoint)?.xaddrs).toEqual(controller.xaddrs)
  })
})

const answerTo = (id: string, endpoint: string, xaddrs: string): string =>
  '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing">' +
  `<e:Header><w:RelatesTo>${id}</w:RelatesTo></e:Header><e:Body>` +
  '<d:ProbeMatches xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><d:ProbeMatch><w:EndpointReference>' +
  `<w:Address>${endpoint}</w:Address></w:EndpointReference><d:XAddrs>${xaddrs}</d:XAddrs></d:ProbeMatch>` +
  "</d:ProbeMatches></e:Body></e:Envelope>"

describe("an answer", () => {
  const mine = "01234567-89ab-8def-8123-456789abcdef"
  const isOurs = (id: string): boolean => id === mine

  test.each([`urn:uuid:${mine}`, `uuid:${mine.toUpperCase()}`, ` ${mine} `])("to %s is ours", (id) => {
    expect(readDatagram(Buffer.from(answerTo(id, "urn:uuid:1", "http://h/")), isOurs)._tag).toBe("Matches")
  })

  test("with an address that is none leaves that out", () => {
    const heard = readDatagram(Buffer.from(answerTo(mine, "urn:uuid:1", "ftp://h/ http://h/a javascript:x")), isOurs)
    expect(heard).toMatchObject({ matches: [{ xaddrs: ["http://h/a"] }] })
  })

  test("that greets instead of answering is somebody else's business", () => {
    const hello = answerTo(mine, "urn:uuid:1", "http://h/").replaceAll("ProbeMatches", "Hello")
    expect(readDatagram(Buffer.from(hello), isOurs)._tag).toBe("Stray")
  })
})

describe("what came", () => {
  const match = { endpoint: "urn:uuid:1", types: [], scopes: [], xaddrs: ["http://a/"] }

  test("is one device when endpoint and an address agree, in whatever case and order", () => {
    const answers = new Answers()
    answers.add(match, "10.0.0.1")
    answers.add({ ...match, endpoint: "URN:UUID:1", xaddrs: ["http://b/", "http://a/"] }, "fe80::1%eth0")
    expect(answers.devices()).toEqual([
      { ...match, xaddrs: ["http://a/", "http://b/"], from: ["10.0.0.1", "fe80::1%eth0"] }
    ])
  })

  test("is two devices when they share an endpoint alone, or an address alone", () => {
    const answers = new Answers()
    answers.add(match, "10.0.0.1")
    answers.add({ ...match, xaddrs: ["http://b/"] }, "10.0.0.2")
    answers.add({ ...match, endpoint: "urn:uuid:2" }, "10.0.0.1")
    expect(answers.count).toBe(3)
  })

  test("is bounded, of one endpoint and in all", () => {
    const answers = new Answers()
    const added = Array.from({ length: 20 }, (_, nth) => answers.add({ ...match, xaddrs: [`http://h${nth}/`] }, "h"))
    expect(added.filter(Boolean)).toHaveLength(16)
    for (let nth = 0; nth < 5000; nth++) answers.add({ ...match, endpoint: `urn:uuid:e${nth}` }, "h")
    expect(answers.count).toBe(4096)
  })
})

describe("scopes", () => {
  test("tell name, hardware, location and profiles, whatever the letters", () => {
    const scopes = [
      "onvif://www.onvif.org/name/Axis%20P3245",
      "onvif://www.onvif.org/hardware/P3245-LV",
      "onvif://www.onvif.org/location/country/norway",
      "onvif://www.onvif.org/location/city/oslo",
      "onvif://www.onvif.org/Profile/Streaming",
      "ONVIF://WWW.ONVIF.ORG/profile/t",
      "onvif://www.onvif.org/Profile/G",
      "http://example.org/name/other",
      "onvif://www.onvif.org/name/100%"
    ]
    expect(readScopes(scopes)).toEqual({
      name: "Axis P3245, 100%",
      hardware: "P3245-LV",
      location: "country/norway, city/oslo",
      profiles: ["G", "S", "T"]
    })
  })

  test.each([
    [["NetworkVideoTransmitter", "Device"], [], ["camera"]],
    [["Device"], ["C"], ["door controller"]],
    [["Device"], ["A", "D"], ["door controller"]],
    [["Device"], ["M"], ["camera"]],
    [["NetworkVideoTransmitter"], ["C", "T"], ["camera", "door controller"]],
    [["Device"], ["G"], []]
  ])("and types %j with profiles %j make it %j", (types, profiles, kinds) => {
    expect(kindsOf(types, profiles)).toEqual(kinds)
  })
})

describe("a device that answered", () => {
  const answered = (xaddrs: ReadonlyArray<string>, from: ReadonlyArray<string> = ["10.0.0.7"]) => ({
    endpoint: "urn:uuid:AB",
    types: [],
    scopes: [],
    xaddrs,
    from
  })

  test.each([
    [["http://10.0.0.7/onvif/device_service"], "10.0.0.7"],
    [["http://10.0.0.7:8000/onvif/device_service"], "10.0.0.7:8000"],
    [["https://10.0.0.7/onvif/device_service"], "https://10.0.0.7"],
    [["http://10.0.0.7/other/path"], "http://10.0.0.7/other/path"],
    [["http://[fe80::1]/onvif/device_service", "http://[2001:db8::7]:80/onvif/device_service"], "[2001:db8::7]"],
    [["http://192.168.0.9/onvif/device_service", "http://10.0.0.7/onvif/device_service"], "10.0.0.7"],
    [["http://169.254.3.4/onvif/device_service", "http://[2001:db8::7]/onvif/device_service"], "[2001:db8::7]"],
    [["http://[fe80::1%25eth0]/onvif/device_service"], undefined]
  ])("at %j is written as %s", (xaddrs, address) => {
    expect(told(answered(xaddrs)).address).toBe(address)
  })

  const settings = Schema.decodeUnknownSync(OnvifSettings)({})
  const configured = (more: Partial<Device>): Device => ({
    id: DeviceId.make("cam"),
    link: LinkId.make("onvif"),
    profile: "onvif",
    address: "10.9.9.9",
    ...more
  })

  test.each<[string, Partial<Device>, ReadonlyArray<string>]>([
    ["by its address", { address: "10.0.0.7" }, ["http://10.0.0.7/onvif/device_service"]],
    ["by its address with a path", { address: "http://10.0.0.7:80/x" }, ["http://10.0.0.7/onvif/device_service"]],
    ["by a name that means the address", { address: "localhost" }, ["http://127.0.0.1/onvif/device_service"]],
    ["by where it answered from", { address: "10.0.0.7" }, ["http://192.168.0.1/onvif/device_service"]],
    [
      "by https where it has a fingerprint",
      { address: "10.0.0.7", parameters: { fingerprint: "ab" } },
      ["https://10.0.0.7/"]
    ],
    ["by its endpoint", { parameters: { endpoint: "uuid:ab" } }, ["http://10.0.0.99/onvif/device_service"]]
  ])("is known %s", async (_, more, xaddrs) => {
    const known = await Effect.runPromise(recognisable(settings, configured(more)))
    expect(configuredAs(told(answered(xaddrs)), [known])).toBe("cam")
  })

  test("is a stranger at another port, and at another address", async () => {
    const known = await Effect.runPromise(recognisable(settings, configured({ address: "10.0.0.7" })))
    expect(configuredAs(told(answered(["http://10.0.0.7:8080/"])), [known])).toBeUndefined()
    expect(configuredAs(told(answered(["http://10.0.0.8/"], ["10.0.0.8"])), [known])).toBeUndefined()
  })
})
