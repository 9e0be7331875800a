import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { Effect, Result } from "effect"
import onvif from "onvif"
import { describe, expect, it, test } from "vitest"
import { reachableUrl } from "../../../adapters/onvif/wire/address.ts"
import { type Call, CallFailed, type Connection } from "../../../adapters/onvif/wire/connection.ts"
import { makeLibrary } from "../../../adapters/onvif/device/library.ts"
import { parseXml } from "../../../adapters/onvif/wire/xml.ts"

const deviceUrl = new URL("http://10.0.0.7/onvif/device_service")

const tds = 'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'
const trt = 'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'

const service = (namespace: string, path: string): string =>
  `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>http://192.168.0.2${path}</tds:XAddr>` +
  "<tds:Version><tt:Major>2</tt:Major><tt:Minor>6</tt:Minor></tds:Version></tds:Service>"

const someServices =
  service("http://www.onvif.org/ver10/device/wsdl", "/onvif/device_service") +
  service("http://www.onvif.org/ver10/events/wsdl", "/onvif/events") +
  service("http://www.onvif.org/ver10/media/wsdl", "/onvif/media")

const answers: Readonly<Record<string, string>> = {
  GetServices: `<tds:GetServicesResponse ${tds}>${someServices}</tds:GetServicesResponse>`,
  GetDeviceInformation:
    `<tds:GetDeviceInformationResponse ${tds}><tds:Manufacturer>Acme</tds:Manufacturer><tds:Model>7</tds:Model>` +
    "<tds:FirmwareVersion>1.10</tds:FirmwareVersion><tds:SerialNumber>12345678901234567890</tds:SerialNumber>" +
    "<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>",
  GetProfiles:
    `<trt:GetProfilesResponse ${trt}><trt:Profiles token="1.0"><tt:Name>main</tt:Name><tt:VideoSourceConfiguration ` +
    'token="v"><tt:Name>v</tt:Name><tt:SourceToken>source-1</tt:SourceToken></tt:VideoSourceConfiguration>' +
    '<tt:VideoEncoderConfiguration token="e"><tt:Encoding>H264</tt:Encoding></tt:VideoEncoderConfiguration>' +
    "</trt:Profiles></trt:GetProfilesResponse>",
  GetVideoSources: `<trt:GetVideoSourcesResponse ${trt}><trt:VideoSources token="source-1"/></trt:GetVideoSourcesResponse>`,
  GetSnapshotUri:
    `<trt:GetSnapshotUriResponse ${trt}><trt:MediaUri><tt:Uri>http://192.168.0.2/snap.jpg?a=1&amp;b=2</tt:Uri>` +
    "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect></trt:MediaUri></trt:GetSnapshotUriResponse>"
}

const operationIn = ({ action }: Call): string => action.slice(action.lastIndexOf("/") + 1)

const notHere = new CallFailed({
  kind: "fault",
  reason: "not implemented",
  fault: { code: "Receiver", subcodes: ["ActionNotSupported"], reason: "not implemented", detail: [] }
})

/** A connection that gives these answers, and what was asked for on it. */
const answering = async (given: Readonly<Record<string, string | CallFailed>>) => {
  const calls: Array<Call> = []
  const connection = {
    call: (call: Call) =>
      Effect.suspend(() => {
        calls.push(call)
        const answer = given[operationIn(call)] ?? notHere
        return typeof answer === "string"
          ? Effect.succeed({ body: parseXml(Buffer.from(answer)), raw: answer, receivedAt: 0, tookMs: 0 })
          : Effect.fail(answer)
      }),
    fetch: () => Effect.die("nothing is fetched"),
    setClockOffset: () => {}
  } as Connection
  const reachable = (advertised: string) => reachableUrl(advertised, deviceUrl, [])
  const library = await Effect.runPromise(makeLibrary({ connection, deviceUrl, reachable, timeoutMs: 1000 }))
  return { library, calls, run: <A>(effect: Effect.Effect<A, CallFailed>) => Effect.runPromise(Effect.result(effect)) }
}

describe("the ONVIF library", () => {
  // What adapters/onvif/device/library.ts takes for granted was read in this very text: look at it anew before changing these.
  test.each([
    ["cam.js", "043886a724994d0a"],
    ["media.js", "ee210be0f3a06e6c"],
    ["utils.js", "0e9bc596bfc386ea"]
  ])("is the one whose %s was read", (file, digest) => {
    const main = createRequire(import.meta.url).resolve("onvif")
    const text = readFileSync(join(dirname(main), file))
    expect(createHash("sha256").update(text).digest("hex").slice(0, 16)).toBe(digest)
  })

  it("sends everything by _request, as a whole envelope", () => {
    const cam = new onvif.Cam({ hostname: "192.0.2.1", autoconnect: false, useWSSecurity: false })
    const sent: Array<string> = []
    Object.assign(cam, { _request: ({ body }: { body: string }) => void sent.push(body) })
    cam.getServices(true, () => {})
    cam.getDeviceInformation(() => {})
    expect(sent).toHaveLength(2)
    for (const body of sent)
      expect(body).toMatch(/^<s:Envelope [^>]*><s:Header><\/s:Header><s:Body[^>]*><Get\w+ xmlns="[^"]+"/)
  })

  it("finds the services of a device", async () => {
    const { library, run, calls } = await answering(answers)
    expect(Object.fromEntries(Result.getOrThrow(await run(library.services)))).toEqual({
      device: "http://192.168.0.2/onvif/device_service",
      events: "http://192.168.0.2/onvif/events",
      media: "http://192.168.0.2/onvif/media"
    })
    expect(calls).toMatchObject([
      { url: deviceUrl.href, action: "http://www.onvif.org/ver10/device/wsdl/GetServices", timeoutMs: 1000 }
    ])
    // It knows no password; who we are is the connection's business.
    expect(calls[0]?.body).not.toContain("Security")
  })

  it("asks a device of before ONVIF 2.0 for its capabilities", async () => {
    const capabilities =
      `<tds:GetCapabilitiesResponse ${tds}><tds:Capabilities><tt:Events><tt:XAddr>http://192.168.0.2/ev</tt:XAddr>` +
      "</tt:Events></tds:Capabilities></tds:GetCapabilitiesResponse>"
    const { library, run } = await answering({ GetCapabilities: capabilities })
    expect(Result.getOrThrow(await run(library.services)).get("events")).toBe("http://192.168.0.2/ev")
  })

  it("keeps every digit of what a device says of itself", async () => {
    const { library, run } = await answering(answers)
    expect(Result.getOrThrow(await run(library.information))).toEqual({
      manufacturer: "Acme",
      model: "7",
      firmwareVersion: "1.10",
      serialNumber: "12345678901234567890"
    })
  })

  it("finds the picture of the first video source, by the token as it was sent", async () => {
    const { library, run, calls } = await answering(answers)
    await run(library.services)
    expect(Result.getOrThrow(await run(library.snapshotUri(undefined)))).toBe("http://192.168.0.2/snap.jpg?a=1&b=2")
    expect(calls.map(operationIn)).toEqual(["GetServices", "GetProfiles", "GetVideoSources", "GetSnapshotUri"])
    // The media service is called where the device is, not where it says it is.
    expect(calls.at(-1)?.url).toBe("http://10.0.0.7/onvif/media")
    expect(calls.at(-1)?.body).toContain("<ProfileToken>1.0</ProfileToken>")
  })

  it("writes no token into a request that could be more than a token", async () => {
    const { library, run, calls } = await answering(answers)
    await run(library.services)
    await run(library.snapshotUri('a<b>&"'))
    expect(calls.at(-1)?.body).toContain("<ProfileToken>a&lt;b&gt;&amp;&quot;</ProfileToken>")
  })

  it("does without the video sources where the device does not tell them", async () => {
    const { library, run } = await answering({ ...answers, GetVideoSources: notHere })
    await run(library.services)
    expect(Result.isSuccess(await run(library.snapshotUri(undefined)))).toBe(true)
  })

  it("does without Media2 where that only faults", async () => {
    const media2 = service("http://www.onvif.org/ver20/media/wsdl", "/onvif/media2")
    const both = `<tds:GetServicesResponse ${tds}>${someServices}${media2}</tds:GetServicesResponse>`
    const { run, calls, library } = await answering({ ...answers, GetServices: both })
    await run(library.services)
    expect(Result.isSuccess(await run(library.snapshotUri(undefined)))).toBe(true)
    expect(calls.map(({ url }) => url)).toContain("http://10.0.0.7/onvif/media2")
  })

  const hostile: ReadonlyArray<readonly [string, string]> = [
    [
      "one service only",
      `<tds:GetServicesResponse ${tds}>${service("http://www.onvif.org/ver10/device/wsdl", "/x")}</tds:GetServicesResponse>`
    ],
    ["no service", `<tds:GetServicesResponse ${tds}/>`],
    ["something else", `<tds:GetUsersResponse ${tds}/>`],
    [
      "a service without an address",
      `<tds:GetServicesResponse ${tds}><tds:Service/><tds:Service/></tds:GetServicesResponse>`
    ],
    ["names of JavaScript's own", `<x><__proto__ a="b"/><constructor/><toString/></x>`]
  ]
  test.each(hostile)("fails, and never throws, when a device answers with %s", async (_, answer) => {
    const { library, run } = await answering({ GetServices: answer, GetCapabilities: answer })
    const result = await run(library.services)
    // What it finds is nothing, or that it can make nothing of the answer.
    const found = Result.isFailure(result) ? result.failure.kind : result.success.size
    expect(["unreadable", 0]).toContain(found)
  })

  test.each(["GetProfiles", "GetVideoSources", "GetSnapshotUri", "GetDeviceInformation"])(
    "fails, and never throws, when %s is answered with nothing of the kind",
    async (operation) => {
      const { library, run } = await answering({ ...answers, [operation]: `<x ${tds}/>` })
      await run(library.services)
      const failures = [await run(library.information), await run(library.snapshotUri(undefined))].flatMap((result) =>
        Result.isFailure(result as Result.Result<unknown, CallFailed>)
          ? [(result as { failure: CallFailed }).failure]
          : []
      )
      for (const failure of failures) expect(failure).toBeInstanceOf(CallFailed)
      // The next call is not disturbed by the one that failed.
      expect(Result.isSuccess(await run(library.services))).toBe(true)
    }
  )

  it("tells what the connection told when a call fails", async () => {
    const refused = new CallFailed({ kind: "unauthorized", reason: "the device refuses the user" })
    const { library, run } = await answering({ ...answers, GetDeviceInformation: refused })
    const result = await run(library.information)
    expect(Result.isFailure(result) && result.failure).toBe(refused)
  })
})
