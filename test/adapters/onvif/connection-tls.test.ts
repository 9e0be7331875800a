import { X509Certificate } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createServer as createTlsServer } from "node:tls"
import { Effect, Fiber } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import type { Access } from "../../../adapters/onvif/wire/connection.ts"
import { readCertificate } from "../../../adapters/onvif/wire/tls.ts"
import { makeCertificates } from "../../deploy/certificates.ts"
import {
  access,
  type Answering,
  callOf,
  callOnce,
  done,
  failureOf,
  say,
  startDevice,
  type WireDevice,
  withConnection
} from "./wire-device.ts"

let directory: string
const file = (name: string): Buffer => readFileSync(join(directory, name))
const identity = (name: string) => ({ key: file(`${name}.key`), cert: file(`${name}.pem`) })
/** The authority's own certificate: signed by nobody else. */
const selfSigned = () => ({ key: file("ca.key"), cert: file("ca.pem") })
const fingerprintOf = (name: string): string => new X509Certificate(file(`${name}.pem`)).fingerprint256

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gatehouse-onvif-"))
  makeCertificates(directory, ["camera", "other"])
})

afterAll(() => rmSync(directory, { recursive: true }))

const devices: Array<{ readonly close: () => Promise<void> }> = []

const start = async (
  tls: { readonly key: Buffer; readonly cert: Buffer },
  answer: Answering = (_, response) => done(response)
): Promise<WireDevice> => {
  const device = await startDevice(answer, tls)
  devices.push(device)
  return device
}

afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.close()))
})

/** Speaks TLS and keeps whatever a client sends after the handshake. */
const startListener = async (tls: { readonly key: Buffer; readonly cert: Buffer }) => {
  const received: Array<string> = []
  const ended: Array<() => void> = []
  const sockets = new Set<Socket>()
  const server = createTlsServer(tls, (socket) => {
    sockets.add(socket)
    socket.on("data", (piece) => received.push(piece.toString("latin1")))
    socket.on("error", () => socket.destroy())
    socket.once("close", () => ended.splice(0).forEach((end) => end()))
  })
  server.on("tlsClientError", () => ended.splice(0).forEach((end) => end()))
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  devices.push({
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((closed) => server.close(() => closed()))
    }
  })
  const { port } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${port}/onvif`, received, ended: () => new Promise<void>((end) => ended.push(end)) }
}

const pinned = (fingerprint: string): Access => ({ ...access, tls: { fingerprint } })

describe("a device with TLS", () => {
  it("that nobody vouches for is refused, and the person told how to enrol it", async () => {
    const device = await start(selfSigned())
    const failure = await failureOf(device.url)
    expect(failure.kind).toBe("unpinned")
    expect(failure.reason).toContain("SELF_SIGNED_CERT")
    expect(failure.reason).toContain("npm run gatehouse -- probe <device> --enrol")
    expect(device.asked).toEqual([])
  })

  it("is spoken to when it shows the certificate enrolled for it, however the fingerprint is written", async () => {
    const device = await start(selfSigned())
    const fingerprint = fingerprintOf("ca")
    for (const written of [fingerprint, fingerprint.replaceAll(":", "").toLowerCase(), ` ${fingerprint} `])
      expect((await callOnce(device.url, pinned(written))).body.name).toBe("Done")
    expect(device.asked).toHaveLength(3)
  })

  it("that shows another certificate than the enrolled one gets not a byte, though an authority of ours signed it", async () => {
    const listener = await startListener(identity("other"))
    const ended = listener.ended()
    const who: Access = { ...access, tls: { fingerprint: fingerprintOf("camera"), ca: file("ca.pem").toString() } }
    const failure = await failureOf(listener.url, { ...who, authentication: "username-token" })
    expect(failure.kind).toBe("unpinned")
    const shown = fingerprintOf("other").replaceAll(":", "").toLowerCase()
    expect(failure.reason).toContain(`another certificate (SHA-256 ${shown}) than the one enrolled`)
    await ended
    expect(listener.received).toEqual([])
  })

  it("that nobody vouches for gets not a byte either", async () => {
    const listener = await startListener(selfSigned())
    const ended = listener.ended()
    expect(await failureOf(listener.url)).toMatchObject({ kind: "unpinned" })
    await ended
    expect(listener.received).toEqual([])
  })

  it("is not enrolled by a fingerprint that is none", async () => {
    const device = await start(selfSigned())
    expect(await failureOf(device.url, pinned(""))).toMatchObject({ kind: "unpinned" })
    expect(device.asked).toEqual([])
  })

  it("is trusted when the authority that is configured signed its certificate", async () => {
    const device = await start(identity("camera"))
    const who: Access = { ...access, tls: { ca: file("ca.pem").toString() } }
    expect((await callOnce(device.url, who)).body.name).toBe("Done")
    expect(await failureOf(device.url)).toMatchObject({ kind: "unpinned" })
  })

  it("is not trusted for a name that its certificate does not have", async () => {
    const who: Access = { ...access, tls: { ca: file("ca.pem").toString() } }
    const named = await start(selfSigned())
    const wrong = await failureOf(named.url, who)
    expect(wrong).toMatchObject({ kind: "unpinned" })
    expect(wrong.reason).toContain("for another name")
  })

  it("is not spoken to in the clear once a certificate is configured for it", async () => {
    const device = await startDevice((_, response) => done(response))
    devices.push(device)
    const failure = await failureOf(device.url, pinned(fingerprintOf("camera")))
    expect(failure.kind).toBe("unpinned")
    expect(failure.reason).toContain("is not encrypted")
    expect(device.asked).toEqual([])
  })

  it("may be told our password by Basic, where it knows nothing better", async () => {
    const device = await start(identity("camera"), ({ authorization }, response) =>
      authorization === `Basic ${Buffer.from("admin:camera-pass").toString("base64")}`
        ? done(response)
        : say(response, 401, "", { "WWW-Authenticate": 'Basic realm="camera"' })
    )
    await withConnection(pinned(fingerprintOf("camera")), (connection) =>
      connection.call(callOf(device.url)).pipe(Effect.andThen(connection.call(callOf(device.url))))
    )
    expect(device.asked.map(({ authorization }) => authorization === undefined)).toEqual([true, false, false])
    const refused = await failureOf(device.url, { ...pinned(fingerprintOf("camera")), password: "wrong" })
    expect(refused.kind).toBe("unauthorized")
  })

  it("keeps its connection for the next call, and loses it when a call is interrupted", async () => {
    const device = await start(identity("camera"), (_, response, nth) => {
      if (nth < 3) done(response)
    })
    await withConnection(pinned(fingerprintOf("camera")), (connection) =>
      Effect.gen(function* () {
        yield* connection.call(callOf(device.url))
        yield* connection.call(callOf(device.url))
        const pulling = yield* Effect.forkChild(connection.call(callOf(device.url)))
        const { socket } = yield* Effect.promise(() => device.askedTimes(3))
        const closed = new Promise<void>((end) => socket.once("close", () => end()))
        yield* Fiber.interrupt(pulling)
        yield* Effect.promise(() => closed)
      })
    )
    expect(new Set(device.asked.map(({ socket }) => socket)).size).toBe(1)
  })

  it("that speaks no TLS at its port is told apart from one that is away", async () => {
    const device = await startDevice((_, response) => done(response))
    devices.push(device)
    const failure = await failureOf(device.url.replace("http:", "https:"), pinned(fingerprintOf("camera")))
    expect(failure.kind).toBe("unreachable")
    expect(failure.reason).toContain("check https and the port")
  })

  it("that never ends the handshake is given up in time", async () => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on("error", () => socket.destroy())
    })
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
    devices.push({
      close: () => {
        for (const socket of sockets) socket.destroy()
        return new Promise((closed) => server.close(() => closed()))
      }
    })
    const { port } = server.address() as AddressInfo
    const who = pinned(fingerprintOf("camera"))
    expect(await failureOf(`https://127.0.0.1:${port}/`, who, { timeoutMs: 100 })).toMatchObject({ kind: "timeout" })
  })
})

describe("a device's certificate", () => {
  it("is read for whoever enrols it, and its fingerprint is what to configure", async () => {
    const device = await start(selfSigned())
    const { port } = new URL(device.url)
    const certificate = await Effect.runPromise(readCertificate("127.0.0.1", Number(port), 20_000))
    expect(certificate).toMatchObject({ subject: "CN=Campus", issuer: "CN=Campus" })
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now())
    expect((await callOnce(device.url, pinned(certificate.fingerprint))).body.name).toBe("Done")
    expect(device.asked).toHaveLength(1)
  })

  it("cannot be read where there is none", async () => {
    const device = await startDevice((_, response) => done(response))
    devices.push(device)
    const { port } = new URL(device.url)
    const failure = await Effect.runPromise(Effect.flip(readCertificate("127.0.0.1", Number(port), 20_000)))
    expect(failure._tag).toBe("NoCertificate")
    expect(failure.reason).not.toBe("")
  })
})
