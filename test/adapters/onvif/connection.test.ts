import { type AddressInfo, createServer } from "node:net"
import { Effect, Fiber } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { openConnection } from "../../../adapters/onvif/wire/open-connection.ts"
import { attributeOf, parseXml } from "../../../adapters/onvif/wire/xml.ts"
import {
  access,
  type Answering,
  callOf,
  callOnce,
  done,
  envelope,
  failureOf,
  faultOf,
  fetchOf,
  say,
  startDevice,
  type WireDevice,
  withConnection
} from "./wire-device.ts"

const devices: Array<{ readonly close: () => Promise<void> }> = []

const start = async (answer: Answering): Promise<WireDevice> => {
  const device = await startDevice(answer)
  devices.push(device)
  return device
}

afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.close()))
})

const action = "http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation"

describe("a call", () => {
  it("goes out as SOAP 1.2 over HTTP, its action in the media type", async () => {
    const device = await start((_, response) => done(response))
    const answer = await callOnce(device.url)
    expect(answer.body).toMatchObject({ namespace: "urn:done", name: "Done", text: "yes" })
    const [asked] = device.asked
    expect(asked).toMatchObject({ method: "POST", path: "/onvif/service", authorization: undefined })
    expect(asked!.contentType).toBe(`application/soap+xml; charset=utf-8; action="${action}"`)
    expect(asked!.body).toContain("<tds:GetDeviceInformation ")
  })

  it("carries the reference parameters of its subscription as headers", async () => {
    const device = await start((_, response) => done(response))
    const given = parseXml(
      Buffer.from('<r xmlns:a="http://www.axis.com/2009/event"><a:SubscriptionId>7</a:SubscriptionId></r>')
    )
    const addressing = { to: `${device.url}?a=1&b=2`, referenceParameters: given.children }
    await callOnce(device.url, access, { addressing })
    const header = parseXml(Buffer.from(device.asked[0]!.body)).children[0]!
    const echoed = header.children.find(({ name }) => name === "SubscriptionId")!
    expect(echoed).toMatchObject({ namespace: "http://www.axis.com/2009/event", text: "7" })
    expect(attributeOf(echoed, "IsReferenceParameter", "http://www.w3.org/2005/08/addressing")).toBe("true")
    expect(header.children.find(({ name }) => name === "To")!.text).toBe(addressing.to)
  })

  it("tells when the answer was complete, and how long the device took", async () => {
    const before = Date.now()
    const device = await start((_, response) => done(response))
    const { receivedAt, tookMs } = await callOnce(device.url)
    expect(receivedAt).toBeGreaterThanOrEqual(before)
    expect(receivedAt).toBeLessThanOrEqual(Date.now())
    expect(tookMs).toBeGreaterThanOrEqual(0)
    expect(tookMs).toBeLessThanOrEqual(Date.now() - before + 1)
  })

  it("gives the envelope as text, without what a device sends back of our credentials", async () => {
    const device = await start((asked, response) => {
      const echoed = /<wsse:Security.*<\/wsse:Security>/.exec(asked.body)?.[0] ?? ""
      say(response, 200, envelope('<d xmlns="urn:d">rtsp://admin:camera-pass@192.0.2.7/</d>', echoed))
    })
    const { raw } = await callOnce(device.url, { ...access, authentication: "username-token" })
    const digest = /#PasswordDigest">([^<]+)</.exec(device.asked[0]!.body)![1]!
    const nonce = /#Base64Binary">([^<]+)</.exec(device.asked[0]!.body)![1]!
    expect(raw).toContain("<wsse:Username>admin</wsse:Username>")
    expect(raw).toContain("rtsp://admin:[redacted]@192.0.2.7/")
    for (const secret of [digest, nonce, "camera-pass"]) expect(raw).not.toContain(secret)
  })
})

describe("the action in the media type", () => {
  it("is left out for a device that faults because of it, and that is remembered", async () => {
    const device = await start(({ contentType }, response) =>
      contentType.includes("action=") ? say(response, 500, faultOf("Receiver", "Action", "No")) : done(response)
    )
    await withConnection(access, (connection) => connection.call(callOf(device.url)).pipe(Effect.repeat({ times: 2 })))
    expect(device.asked.map(({ contentType }) => contentType.includes("action="))).toEqual([true, false, false, false])
  })

  it.each([
    ["answers an empty 200", 200],
    ["does not take the media type", 415],
    ["calls the request bad", 400]
  ])("is left out for a device that %s because of it", async (_, status) => {
    const device = await start(({ contentType }, response) =>
      contentType.includes("action=") ? say(response, status, "") : done(response)
    )
    expect((await callOnce(device.url)).body.name).toBe("Done")
    expect(device.asked).toHaveLength(2)
  })

  it("is not to blame for a fault that comes without it too: that fault is told", async () => {
    const device = await start(({ contentType }, response) =>
      say(response, 500, faultOf("Receiver", contentType.includes("action=") ? "First" : "Second", "No such service"))
    )
    const failure = await failureOf(device.url)
    expect(failure).toMatchObject({ kind: "fault", status: 500, reason: "No such service" })
    expect(failure.fault).toEqual({ code: "Receiver", subcodes: ["First"], reason: "No such service", detail: [] })
    expect(device.asked).toHaveLength(2)
  })

  it("is not doubted once it was taken: a command that faults is not sent again", async () => {
    const device = await start((_, response, nth) =>
      nth === 1 ? done(response) : say(response, 500, faultOf("Receiver", "DoorJammed", "The door is jammed"))
    )
    const failure = await withConnection(access, (connection) =>
      connection.call(callOf(device.url)).pipe(Effect.andThen(Effect.flip(connection.call(callOf(device.url)))))
    )
    expect(failure.fault?.subcodes).toEqual(["DoorJammed"])
    expect(device.asked).toHaveLength(2)
  })
})

describe("an answer that is none", () => {
  it.each<[string, number, string | Uint8Array, object, RegExp]>([
    ["a web page", 200, "<!DOCTYPE html><html>Login</html>", { kind: "unreadable" }, /web page .* check its address/],
    ["nothing", 200, "", { kind: "unreadable" }, /empty where a SOAP message was expected/],
    ["an XML bomb", 200, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', { kind: "unreadable" }, /document type/],
    ["XML of another kind", 200, "<config/>", { kind: "unreadable" }, /not a SOAP envelope/],
    ["half an envelope", 200, envelope("<a/>").slice(0, 120), { kind: "unreadable" }, /malformed/],
    ["not found", 404, "<html>404</html>", { kind: "http", status: 404 }, /nothing at this path/],
    ["out of order", 503, "busy", { kind: "http", status: 503 }, /HTTP 503/],
    ["forbidden", 403, "", { kind: "unauthorized", status: 403 }, /forbids/],
    ["a fault in a 200", 200, faultOf("Sender", "InvalidArgVal", "Bad"), { kind: "fault" }, /^Bad$/]
  ])("is %s", async (_, status, text, expected, reason) => {
    const device = await start((__, response) => say(response, status, text))
    const failure = await failureOf(device.url)
    expect(failure).toMatchObject(expected)
    expect(failure.reason).toMatch(reason)
    expect(failure.raw ?? "").toBe(text.length === 0 ? "" : Buffer.from(text).toString("utf8"))
  })

  it("is a redirect, which is not followed, even to the device itself", async () => {
    const device = await start(({ path }, response) =>
      path === "/onvif/service" ? say(response, 302, "", { Location: "/elsewhere" }) : done(response)
    )
    const failure = await failureOf(device.url)
    expect(failure).toMatchObject({ kind: "http", status: 302 })
    expect(failure.reason).toContain("/elsewhere, which is not followed")
    expect(device.asked.map(({ path }) => path)).toEqual(["/onvif/service"])
  })

  it("is in GB2312, and is read all the same", async () => {
    const text = Buffer.from(envelope('<d xmlns="urn:d">??</d>').replace("?>", ' encoding="GB2312"?>'), "latin1")
    const at = text.indexOf("??</d>")
    text.set([0xc3, 0xc5], at)
    const device = await start((_, response) => say(response, 200, text, { "Content-Type": "text/xml" }))
    expect((await callOnce(device.url)).body.text).toBe("\u95e8")
  })

  it("is kept as evidence up to 4 kB", async () => {
    const device = await start((_, response) => say(response, 200, `no soap ${"x".repeat(100_000)}`))
    expect((await failureOf(device.url)).raw).toHaveLength(4096)
  })

  it("is larger than we take, whether it says so before or not", async () => {
    const declared = await start((_, response) => {
      response.writeHead(200, { "Content-Length": 50_000_000 })
      response.write("x")
    })
    expect(await failureOf(declared.url)).toMatchObject({ kind: "unreadable" })
    const endless = await start((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      }
      response.on("drain", more)
      more()
    })
    const failure = await failureOf(endless.url)
    expect(failure.kind).toBe("unreadable")
    expect(failure.reason).toContain("more than the 2097152 bytes")
    expect(failure.raw).toHaveLength(4096)
  })

  it("breaks off: what came is kept as evidence", async () => {
    const device = await start(({ socket }, response) => {
      response.writeHead(200, { "Content-Length": 1000 })
      response.write("<s:Envelope", () => socket.destroy())
    })
    const failure = await failureOf(device.url)
    expect(failure).toMatchObject({ kind: "unreadable", raw: "<s:Envelope" })
    expect(failure.reason).toMatch(/breaks off after 11 bytes/)
  })

  const body = envelope('<d:Done xmlns:d="urn:done">yes</d:Done>')

  /** A device that writes this, to the letter. */
  const writing = async (text: string): Promise<string> => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy())
      socket.once("data", () => socket.end(Buffer.from(text, "latin1")))
    })
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
    devices.push({ close: () => new Promise((closed) => server.close(() => closed())) })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  it.each([
    ["lines that end with LF alone", `HTTP/1.1 200 OK\nContent-Length: ${body.length}\n\n${body}`],
    [
      "a length beside chunks",
      `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    ],
    [
      "control characters in a header",
      `HTTP/1.1 200 OK\r\nX-Name: \u0001caf\u00e9\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    ]
  ])("is not for its HTTP with %s, which old devices write", async (_, text) => {
    expect((await callOnce(await writing(text))).body.name).toBe("Done")
  })

  it("is one with headers without an end", async () => {
    const head = `HTTP/1.1 200 OK\r\n${`X-Name: ${"x".repeat(900)}\r\n`.repeat(100)}`
    expect(await failureOf(await writing(head))).toMatchObject({ kind: "unreadable" })
  })

  it("is packed though nobody asked for that, and the reason says so", async () => {
    const device = await start((_, response) => say(response, 200, "\u001f\u008b\b", { "Content-Encoding": "gzip" }))
    const failure = await failureOf(device.url)
    expect(failure).toMatchObject({ kind: "unreadable", reason: expect.stringContaining("Content-Encoding: gzip") })
  })

  it("is no HTTP", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy())
      socket.once("data", () => socket.end("SSH-2.0-dropbear_2019.78\r\n"))
    })
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
    devices.push({ close: () => new Promise((closed) => server.close(() => closed())) })
    const { port } = server.address() as AddressInfo
    const failure = await failureOf(`http://127.0.0.1:${port}/`)
    expect(failure.kind).toBe("unreadable")
    expect(failure.reason).toContain("malformed")
  })
})

describe("a device that does not answer", () => {
  it("is given up when the call's time is over, its connection closed", async () => {
    const device = await start(() => {})
    const failure = await failureOf(device.url, access, { timeoutMs: 100 })
    expect(failure.kind).toBe("timeout")
    expect(failure.reason).toMatch(/no answer within 0.1 s from 127\.0\.0\.1:/)
  })

  it("is given up too when it answers a byte now and then", async () => {
    const device = await start((_, response) => {
      const drip = setInterval(() => response.write(" "), 10)
      response.once("close", () => clearInterval(drip))
    })
    expect(await failureOf(device.url, access, { timeoutMs: 200 })).toMatchObject({ kind: "timeout" })
  })

  it("closes the connection, as some do in a long pull: how long it took is told, and it is asked once", async () => {
    const device = await start(({ socket }) => setTimeout(() => socket.destroy(), 60))
    const failure = await failureOf(device.url)
    expect(failure.kind).toBe("unreachable")
    expect(failure.reason).toContain("closed the connection without an answer")
    expect(failure.closedAfterMs).toBeGreaterThanOrEqual(50)
    expect(device.asked).toHaveLength(1)
  })

  it("is not there", async () => {
    const device = await start((_, response) => done(response))
    await device.close()
    devices.splice(0)
    const failure = await failureOf(device.url)
    expect(failure.kind).toBe("unreachable")
    expect(failure.reason).toMatch(/nothing listens at 127\.0\.0\.1:/)
    expect(failure.closedAfterMs).toBeUndefined()
    expect(failure.unsent).toBe(true)
  })

  it.each(["ftp://192.0.2.7/", "192.0.2.7", "http:///onvif", ""])("has %j for an address", async (url) => {
    expect(await failureOf(url)).toMatchObject({ kind: "unreachable", reason: expect.stringContaining("address") })
  })
})

describe("the connections to a device", () => {
  it("are taken up again for the next call", async () => {
    const device = await start((_, response) => done(response))
    await withConnection(access, (connection) => {
      const call = connection.call(callOf(device.url))
      return call.pipe(Effect.andThen(call), Effect.andThen(call))
    })
    expect(device.asked).toHaveLength(3)
    expect(new Set(device.asked.map(({ socket }) => socket)).size).toBe(1)
  })

  it("are two at most, however many calls there are", async () => {
    let most = 0
    const device = await start((_, response) => {
      most = Math.max(most, device.sockets.size)
      setImmediate(() => done(response))
    })
    await withConnection(access, (connection) =>
      Effect.forEach(Array.from({ length: 8 }), () => connection.call(callOf(device.url)), { concurrency: "unbounded" })
    )
    expect(device.asked).toHaveLength(8)
    expect(most).toBe(2)
  })

  it("that the device closed while idle cost a call nothing: it goes out again on a new one", async () => {
    const device = await start((asked, response, nth) => {
      if (nth === 2) asked.socket.destroy()
      else done(response)
    })
    const answer = await withConnection(access, (connection) =>
      connection.call(callOf(device.url)).pipe(Effect.andThen(connection.call(callOf(device.url))))
    )
    expect(answer.body.name).toBe("Done")
    expect(device.asked).toHaveLength(3)
    expect(new Set(device.asked.map(({ socket }) => socket)).size).toBe(2)
  })

  it("are new for a call that must not be done twice: it goes out once, whatever becomes of it", async () => {
    const device = await start((asked, response, nth) => {
      if (nth === 2) asked.socket.destroy()
      else done(response)
    })
    const failure = await withConnection(access, (connection) =>
      connection
        .call(callOf(device.url))
        .pipe(Effect.andThen(Effect.flip(connection.call(callOf(device.url, { once: true })))))
    )
    expect(failure).toMatchObject({ kind: "unreachable", closedAfterMs: expect.any(Number) })
    expect(failure.unsent).toBeUndefined()
    expect(device.asked).toHaveLength(2)
    expect(device.asked[1]!.socket).not.toBe(device.asked[0]!.socket)
    expect(device.asked[1]!.socket.destroyed).toBe(true)
  })

  it("are closed after a call that must not be done twice, which an empty answer does not send again either", async () => {
    const device = await start((_, response) => say(response, 200, ""))
    await withConnection(access, (connection) =>
      Effect.gen(function* () {
        yield* Effect.flip(connection.call(callOf(device.url, { once: true })))
        const { socket } = device.asked[0]!
        if (!socket.destroyed)
          yield* Effect.promise(() => new Promise<void>((end) => socket.once("close", () => end())))
      })
    )
    expect(device.asked).toHaveLength(1)
  })

  it("are closed at once when a call is interrupted, which is not sent again", async () => {
    const device = await start((_, response, nth) => {
      if (nth !== 2) done(response)
    })
    await withConnection(access, (connection) =>
      Effect.gen(function* () {
        yield* connection.call(callOf(device.url))
        const pulling = yield* Effect.forkChild(connection.call(callOf(device.url)))
        const { socket } = yield* Effect.promise(() => device.askedTimes(2))
        const closed = new Promise<void>((end) => socket.once("close", () => end()))
        yield* Fiber.interrupt(pulling)
        yield* Effect.promise(() => closed)
        yield* connection.call(callOf(device.url, { body: "<third/>" }))
      })
    )
    const [first, second, third] = device.asked
    expect(second!.socket).toBe(first!.socket)
    expect(third!.body).toContain("<third/>")
    expect(device.asked).toHaveLength(3)
  })

  it("are all closed with the scope, idle or not, and a call that is under way then fails", async () => {
    const device = await start(({ body }, response) => {
      if (!body.includes("<pull/>")) done(response)
    })
    const { outcome, closed } = await Effect.runPromise(
      Effect.gen(function* () {
        const left = yield* Effect.scoped(
          Effect.gen(function* () {
            const connection = yield* openConnection(access)
            const call = connection.call(callOf(device.url))
            yield* call
            const pulling = yield* Effect.forkDetach(
              Effect.flip(connection.call(callOf(device.url, { body: "<pull/>" })))
            )
            yield* Effect.promise(() => device.askedTimes(2))
            yield* call
            const sockets = [...device.sockets]
            expect(sockets).toHaveLength(2)
            return { pulling, closed: sockets.map((socket) => new Promise((end) => socket.once("close", end))) }
          })
        )
        return { outcome: yield* Fiber.join(left.pulling), closed: left.closed }
      })
    )
    expect(outcome.kind).toBe("unreachable")
    await Promise.all(closed)
    expect(device.asked).toHaveLength(3)
  })
})

describe("a file that is fetched", () => {
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])

  it("comes as the device sent it, with its type and when it was complete", async () => {
    const device = await start((_, response) => say(response, 200, jpeg, { "Content-Type": "image/jpeg" }))
    const fetched = await Effect.runPromise(fetchOf(`${device.url}?channel=1`))
    expect(Buffer.from(fetched.bytes)).toEqual(jpeg)
    expect(fetched.contentType).toBe("image/jpeg")
    expect(device.asked[0]).toMatchObject({ method: "GET", path: "/onvif/service?channel=1", body: "" })
  })

  it.each<[string, number, Uint8Array | string, string]>([
    ["too large", 200, Buffer.alloc(100_001), "unreadable"],
    ["empty", 200, "", "unreadable"],
    ["elsewhere", 301, "", "http"],
    ["not there", 404, "", "http"],
    ["forbidden", 403, "", "unauthorized"]
  ])("that is %s is a failure", async (_, status, bytes, kind) => {
    const device = await start((__, response) => say(response, status, bytes, { Location: "http://192.0.2.1/" }))
    expect(await Effect.runPromise(Effect.flip(fetchOf(device.url)))).toMatchObject({ kind })
    expect(device.asked).toHaveLength(1)
  })
})
