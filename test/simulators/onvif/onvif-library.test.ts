import { createRequire } from "node:module"
import { afterEach, expect, test } from "vitest"
import type { OnvifDevice } from "../../../simulators/onvif/device.ts"
import type { Authentication } from "../../../simulators/onvif/options.ts"
import { Bench } from "./bench.ts"

/** What is used of the `onvif` package, a client that nobody here wrote. */
interface Client {
  readonly connect: () => Promise<unknown>
  readonly getDeviceInformation: () => Promise<Readonly<Record<string, unknown>>>
  readonly getServices: (
    includeCapability: boolean
  ) => Promise<ReadonlyArray<{ readonly XAddr?: string; readonly namespace?: string }>>
  readonly getSystemDateAndTime: () => Promise<Date>
  readonly getScopes: () => Promise<unknown>
  readonly getHostname: () => Promise<unknown>
  readonly getProfiles: () => Promise<ReadonlyArray<{ readonly $: { readonly token: string } }>>
  readonly getSnapshotUri: (options: { readonly profileToken: string }) => Promise<{ readonly uri: string }>
  readonly getStreamUri: (options: {
    readonly profileToken: string
    readonly protocol: string
  }) => Promise<{ readonly uri: string }>
  readonly getEventProperties: () => Promise<Readonly<Record<string, unknown>>>
}

const { Cam } = createRequire(import.meta.url)("onvif/promises") as { readonly Cam: new (options: object) => Client }

const bench = new Bench()
afterEach(() => bench.clear())

const guard = { name: "guard", password: "secret" }

const client = (device: OnvifDevice, useWSSecurity: boolean): Client =>
  new Cam({
    hostname: "127.0.0.1",
    port: device.port,
    username: guard.name,
    password: guard.password,
    useWSSecurity,
    autoconnect: false
  })

test.each<[Authentication, boolean]>([
  ["username-token", true],
  ["digest-md5", false],
  ["digest-sha256", false],
  ["digest-both", false]
])("the onvif package connects to a camera with %s and finds its way to the picture", async (authentication, token) => {
  const camera = await bench.camera({ users: [guard], authentication })
  const cam = client(camera, token)
  await cam.connect()
  expect(await cam.getDeviceInformation()).toMatchObject({ manufacturer: "Gatehouse", serialNumber: "SIM-CAM-1" })
  expect(await cam.getServices(true)).toHaveLength(3)
  const profiles = await cam.getProfiles()
  const profileToken = profiles[0]?.$.token ?? ""
  expect(profileToken).toBe("profile-source-1")
  const { uri } = await cam.getSnapshotUri({ profileToken })
  expect(uri).toBe(`http://127.0.0.1:${camera.port}/onvif/snapshot/source-1`)
  expect((await cam.getStreamUri({ profileToken, protocol: "RTSP" })).uri).toMatch(/^rtsp:/)
  await cam.getScopes()
  await cam.getHostname()
  expect(Object.keys(camera.counters.byOperation)).toEqual(expect.arrayContaining(["GetProfiles", "GetSnapshotUri"]))
})

test("the onvif package connects to a door controller, which has no media", async () => {
  const device = await bench.start({
    kind: "door-controller",
    users: [guard],
    authentication: "username-token",
    doors: [{ token: "d1", name: "Main entrance" }]
  })
  const cam = client(device, true)
  await cam.connect()
  const services = await cam.getServices(true)
  expect(JSON.stringify(services)).toContain("http://www.onvif.org/ver10/doorcontrol/wsdl")
})
