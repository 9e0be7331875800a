import { execFile, spawnSync } from "node:child_process"
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { resolve } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { objects, run } from "./run.ts"

const root = resolve(import.meta.dirname, "../..")

const recordedAt = "2026-01-01T00:00:00.123Z"

const observed = (seq: number, device: string, point: string, more: object = {}) => ({
  _tag: "Fact",
  seq,
  site: "s",
  recordedAt,
  device,
  fact: {
    _tag: "Observed",
    link: "mqtt",
    observation: {
      _tag: "Reading",
      device,
      point,
      origin: "change",
      source: `zigbee2mqtt/${device}`,
      reading: { kind: "position", value: "open" },
      ...more
    }
  }
})

const opened = (seq: number, device: string, door: string) => ({
  _tag: "Event",
  seq,
  site: "s",
  recordedAt,
  device,
  door,
  cause: seq - 1,
  event: {
    _tag: "PointChanged",
    id: `${seq}.1`,
    point: `${device}/contact`,
    name: "DoorOpened",
    from: { kind: "position", value: "closed" },
    to: { kind: "position", value: "open" }
  }
})

const passed = (seq: number) => ({ _tag: "Fact", seq, site: "s", recordedAt, fact: { _tag: "TimePassed" } })

const course = [
  observed(1, "east", "contact"),
  opened(2, "east", "east-exit"),
  observed(3, "west", "contact", { raw: '{"contact":false,"evil":"\u001B[2J"}' }),
  opened(4, "west", "west-exit"),
  passed(5)
]

interface Stream {
  readonly headers: IncomingHttpHeaders
  readonly send: (entry: { readonly seq: number }) => void
  readonly response: ServerResponse
}

const stops: Array<() => void> = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** A gateway's stream, told what to do with each connection in its turn. */
const gateway = async (onStream: (stream: Stream, nth: number) => void) => {
  const seen: Array<IncomingHttpHeaders> = []
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write('event: heartbeat\ndata: {"at":"2026-01-01T00:00:00.000Z","head":0,"accepting":true}\n\n')
    seen.push(request.headers)
    const send = (entry: { readonly seq: number }): void =>
      void response.write(`id: ${entry.seq}\nevent: entry\ndata: ${JSON.stringify(entry)}\n\n`)
    onStream({ headers: request.headers, send, response }, seen.length)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  stops.push(() => (server.closeAllConnections(), server.close()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

/** Cuts the connection, once what was written has left. */
const cut = (response: ServerResponse): void => void response.write(": bye\n\n", () => response.destroy())

const playing = () => gateway(({ send }) => course.forEach(send))

const seqs = (out: string) => objects(out).map(({ seq }) => seq)

describe("gatehouse watch", () => {
  test("ends with 0 after as many lines as were asked for", async () => {
    const { url } = await playing()
    const { code, out } = await run(["watch", "--url", url, "-n", "2"])
    expect(out.trimEnd().split("\n")).toHaveLength(2)
    expect(out).toContain("DoorOpened  east/contact closed → open")
    expect(code).toBe(0)
  })

  test("ends with 0 when its time is over", async () => {
    const { url } = await playing()
    const { code, out } = await run(["watch", "--json", "--url", url, "--for", "700ms"])
    expect(seqs(out)).toEqual([1, 2, 3, 4, 5])
    expect(code).toBe(0)
  })

  test.each([
    ["a device", ["--filter", "EAST"], [1, 2]],
    ["a door", ["--filter", "west-exit"], [4]],
    ["a kind", ["--filter", "fact"], [1, 3, 5]],
    ["a word", ["--filter", "dooropened"], [2, 4]],
    ["two things at once", ["--filter", "dooropened", "--filter", "west"], [4]],
    ["anything but a word", ["--not", "timepassed", "--not", "DoorOpened"], [1, 3]],
    ["one and not the other", ["--filter", "contact", "--not", "east"], [3, 4]]
  ])("shows %s", async (_, flags, wanted) => {
    const { url } = await playing()
    const { out } = await run(["watch", "--json", "--url", url, "--for", "500ms", ...flags])
    expect(seqs(out)).toEqual(wanted)
  })

  test("shows with --raw what devices said, its topic, and the message where it was kept, harmless to a terminal", async () => {
    const { url } = await playing()
    const { out } = await run(["watch", "--url", url, "--raw", "--for", "500ms"])
    const lines = out.trimEnd().split("\n")
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/east\/contact is open \(change\) {2}from zigbee2mqtt\/east$/)
    expect(lines[1]).toMatch(/ {2}from zigbee2mqtt\/west$/)
    expect(lines[2]).toBe('    {"contact":false,"evil":"\uFFFD[2J"}')
  })

  test("counts with --rate what comes in each second, by kind", async () => {
    const { url } = await playing()
    const { code, out } = await run(["watch", "--url", url, "--rate", "--json", "-n", "2"])
    const [first, second] = objects(out)
    expect(first).toMatchObject({ Fact: 3, Event: 2, Alert: 0, total: 5 })
    expect(second).toMatchObject({ Fact: 0, Event: 0, Alert: 0, total: 0 })
    expect(code).toBe(0)
    const plain = await run(["watch", "--url", url, "--rate", "-n", "1"])
    expect(plain.out).toMatch(
      /^\d\d:\d\d:\d\d {2}Fact +3\/s {2}Event +2\/s {2}Alert +0\/s {2}Incident +0\/s {2}Notification +0\/s {2}all +5\/s\n$/
    )
  })

  test("ends quietly with 0 when whoever reads it has seen enough", async () => {
    const { url } = await gateway(({ send }) => {
      let seq = 0
      const timer = setInterval(() => send(passed(++seq)), 20)
      stops.push(() => clearInterval(timer))
    })
    const script = `"${process.execPath}" gateway/gatehouse.mjs watch --url ${url} 2>"$ERR" | head -n 1; echo "\${PIPESTATUS[0]}"; cat "$ERR"`
    const printed = await new Promise<string>((done) => {
      execFile("bash", ["-c", `ERR=$(mktemp); ${script}; rm "$ERR"`], { cwd: root }, (_, stdout) => done(stdout))
    })
    const [line, code, ...err] = printed.trimEnd().split("\n")
    expect(line).toContain("TimePassed")
    expect(code).toBe("0")
    expect(err).toEqual([`watching ${url}; Ctrl-C ends it`])
  })

  test("ends with 3 and says so when the gateway ends the stream", async () => {
    const { url } = await gateway(({ send, response }) => {
      send(passed(1))
      response.end()
    })
    const { code, out, err, last } = await run(["watch", "--json", "--url", url])
    expect(seqs(out)).toEqual([1])
    expect(err).toContain(`${url} cannot be reached: the gateway ended the stream`)
    expect(last).toBe("→ npm run gatehouse -- serve")
    expect(code).toBe(3)
  })

  test("connects again with --follow behind the last entry it has shown, so that nothing is missed", async () => {
    const { url, seen } = await gateway(({ send, response }, nth) => {
      send(passed(nth))
      if (nth < 3) cut(response)
    })
    const { code, out, err } = await run(["watch", "--json", "--url", url, "--follow", "-n", "3"])
    expect(seqs(out)).toEqual([1, 2, 3])
    expect(seen.map((headers) => headers["last-event-id"])).toEqual([undefined, "1", "2"])
    expect(err).toContain("trying again")
    expect(err).toContain("; going on behind entry 2")
    expect(code).toBe(0)
  })

  test("follows from where the log stood when it came, though no entry was seen before the gateway went", async () => {
    const { url, seen } = await gateway(({ send, response }, nth) => {
      if (nth === 1) cut(response)
      else send(passed(nth))
    })
    await run(["watch", "--json", "--url", url, "--follow", "-n", "1"])
    expect(seen.map((headers) => headers["last-event-id"])).toEqual([undefined, "0"])
  })

  test("does not go on following a gateway that refuses the token", async () => {
    const server = createServer((_, response) => void response.writeHead(401).end())
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
    stops.push(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, err, last } = await run(["watch", "--url", url, "--follow"])
    expect(err).toContain("the gateway refuses the token")
    expect(last).toBe(`→ GATEHOUSE_TOKEN=<the token shown at the first start> npm run gatehouse -- watch --url ${url}`)
    expect(code).toBe(4)
  })

  test.each([
    [["--for", "5"], 'Invalid value for flag --for: "5". Expected: a time such as "10s", "500ms" or "2m"'],
    [["-n", "0"], 'Invalid value for flag --number: "0". Expected: a whole number above 0'],
    [["--url", "here"], 'Invalid value for flag --url: "here". Expected: an address such as http://127.0.0.1:8443']
  ])("refuses %j and says what it understands", async (flags, said) => {
    const { code, err, last } = await run(["watch", ...flags])
    expect(err).toContain(said)
    expect(last).toBe("→ npm run gatehouse -- watch --help")
    expect(code).toBe(2)
  })
})

test("a gateway whose output nobody reads any more goes on", () => {
  const script = `"${process.execPath}" gateway/gatehouse.mjs check config/demo | true; echo "\${PIPESTATUS[0]}"`
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: root, encoding: "utf8" })
  expect(stdout).toBe("0\n")
  expect(stderr).not.toContain("EPIPE")
})
