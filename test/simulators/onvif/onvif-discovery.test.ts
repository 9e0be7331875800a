import { createSocket } from "node:dgram"
import { afterEach, describe, expect, test } from "vitest"
import type { Discoverable } from "../../../simulators/onvif/probe.ts"
import { type Discovery, startDiscovery } from "../../../simulators/onvif/wsdiscovery.ts"
import { Bench } from "./bench.ts"
import { messageIdOf, soap, text, texts } from "./client.ts"

const bench = new Bench()
afterEach(() => bench.clear())

const cam: Discoverable = {
  endpoint: "urn:uuid:11111111-1111-8111-8111-111111111111",
  kind: "camera",
  xaddrs: ["http://192.0.2.7/onvif/device_service", "http://[fe80::1]/onvif/device_service"],
  scopes: ["onvif://www.onvif.org/Profile/Streaming", "onvif://www.onvif.org/location/campus/north"]
}
const door: Discoverable = {
  endpoint: "urn:uuid:22222222-2222-8222-8222-222222222222",
  kind: "door-controller",
  xaddrs: ["http://192.0.2.8/onvif/device_service"],
  scopes: ["onvif://www.onvif.org/Profile/C"]
}

const start = (): Promise<Discovery> => bench.run(startDiscovery({ devices: [cam, door] }))

const probe = (types: string, scopes = "", messageId = messageIdOf()): string =>
  '<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" ' +
  'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" ' +
  'xmlns:net="http://www.onvif.org/ver10/network/wsdl" xmlns:dev="http://www.onvif.org/ver10/device/wsdl">' +
  `<e:Header><w:MessageID>${messageId}</w:MessageID><w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>` +
  "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>" +
  `<e:Body><d:Probe>${types === "" ? "" : `<d:Types>${types}</d:Types>`}${scopes}</d:Probe></e:Body></e:Envelope>`

/** Sends a datagram and gathers the answers, until as many have come as the responder says it sent. */
const ask = ({ port, host, answers, probes }: Discovery, datagram: string): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const heard: Array<string> = []
    const [answersBefore, probesBefore] = [answers(), probes()]
    const socket = createSocket("udp4")
    const done = (): void => {
      if (probes() === probesBefore || heard.length < answers() - answersBefore) return
      clearInterval(look)
      socket.close(() => resolve(heard))
    }
    const look = setInterval(done, 5)
    socket.on("error", reject)
    socket.on("message", (message) => {
      heard.push(message.toString("utf8"))
    })
    socket.send(datagram, port, host)
  })

const endpoints = (answers: ReadonlyArray<string>): ReadonlyArray<string> =>
  answers.map((answer) => text(answer, "Address") ?? "").toSorted((a, b) => a.localeCompare(b))

describe("a probe", () => {
  test("for any device is answered by each, with all its addresses, to the question", async () => {
    const discovery = await start()
    const messageId = messageIdOf()
    const answers = await ask(discovery, probe("dev:Device", "", messageId))
    expect(endpoints(answers)).toEqual([cam.endpoint, door.endpoint])
    for (const answer of answers) {
      expect(text(answer, "RelatesTo")).toBe(messageId)
      expect(text(answer, "Action")).toBe("http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches")
    }
    const camera = answers.find((answer) => answer.includes(cam.endpoint)) ?? ""
    expect(text(camera, "XAddrs")).toBe(cam.xaddrs.join(" "))
    expect(text(camera, "Types")).toBe("dn:NetworkVideoTransmitter tds:Device")
  })

  test.each<[string, string, string, ReadonlyArray<string>]>([
    ["for cameras is not answered by a door controller", "net:NetworkVideoTransmitter", "", [cam.endpoint]],
    ["for both types is answered by who is both", "dev:Device net:NetworkVideoTransmitter", "", [cam.endpoint]],
    ["without types is answered by everybody", "", "", [cam.endpoint, door.endpoint]],
    ["for printers is answered by nobody", "dev:Printer", "", []],
    ["within a scope", "", "<d:Scopes>onvif://www.onvif.org/location/campus</d:Scopes>", [cam.endpoint]],
    ["within half a segment of a scope", "", "<d:Scopes>onvif://www.onvif.org/location/camp</d:Scopes>", []],
    [
      "for exactly a scope",
      "",
      '<d:Scopes MatchBy="http://schemas.xmlsoap.org/ws/2005/04/discovery/strcmp0">onvif://www.onvif.org/location/campus</d:Scopes>',
      []
    ]
  ])("%s", async (_, types, scopes, expected) => {
    expect(endpoints(await ask(await start(), probe(types, scopes)))).toEqual(expected)
  })

  test("leads to a device that is there", async () => {
    const camera = await bench.camera()
    const discovery = await bench.run(startDiscovery({ devices: [camera.discoverable] }))
    const [answer = ""] = await ask(discovery, probe("net:NetworkVideoTransmitter"))
    const reply = await soap({ url: text(answer, "XAddrs") ?? "", body: "<tds:GetEndpointReference/>" })
    expect(text(reply.text, "GUID")).toBe(text(answer, "Address"))
  })

  test("that is none does no harm", async () => {
    const discovery = await start()
    const socket = createSocket("udp4")
    await new Promise<void>((resolve) => socket.send("<not xml", discovery.port, discovery.host, () => resolve()))
    socket.close()
    expect(await ask(discovery, probe("dev:Device"))).toHaveLength(2)
    expect(discovery.probes()).toBe(1)
  })
})

describe("a responder that is wrong", () => {
  /** What is looked at of the answers to one probe. */
  const seen = (answers: ReadonlyArray<string>): Record<string, unknown> => ({
    answers: answers.length,
    matches: answers.map((answer) => texts(answer, "MetadataVersion").length),
    xaddrs: answers.some((answer) => answer.includes("XAddrs>")),
    relatesTo: [...new Set(answers.map((answer) => text(answer, "RelatesTo") === "urn:uuid:1"))],
    complete: answers.every((answer) => answer.trimEnd().endsWith("</env:Envelope>")),
    endpoints: new Set(endpoints(answers)).size
  })
  const right = { answers: 2, matches: [1, 1], xaddrs: true, relatesTo: [true], complete: true, endpoints: 2 }

  test.each<[Parameters<Discovery["setFault"]>[0], Partial<typeof right>]>([
    ["none", {}],
    ["silent", { answers: 0, matches: [], xaddrs: false, relatesTo: [], endpoints: 0 }],
    ["garbage", { matches: [0, 0], xaddrs: false, relatesTo: [false], complete: false, endpoints: 1 }],
    ["truncated", { matches: [0, 0], xaddrs: false, complete: false, endpoints: 1 }],
    ["no-xaddrs", { xaddrs: false }],
    ["no-match", { matches: [0, 0], xaddrs: false, endpoints: 1 }],
    ["two-matches", { matches: [2, 2] }],
    ["wrong-relates-to", { relatesTo: [false] }],
    ["no-relates-to", { relatesTo: [false] }],
    ["shared-endpoint", { endpoints: 1 }],
    ["repeated", { answers: 6, matches: [1, 1, 1, 1, 1, 1] }]
  ])("%s", async (fault, wrong) => {
    const discovery = await start()
    discovery.setFault(fault)
    expect(seen(await ask(discovery, probe("dev:Device", "", "urn:uuid:1")))).toEqual({ ...right, ...wrong })
  })

  test("sends the largest datagram there is, or a document type", async () => {
    const discovery = await start()
    discovery.setFault("huge")
    expect((await ask(discovery, probe("dev:Device")))[0]).toHaveLength(65_507)
    discovery.setFault("doctype")
    expect((await ask(discovery, probe("dev:Device")))[0]).toContain("<!DOCTYPE")
  })
})
