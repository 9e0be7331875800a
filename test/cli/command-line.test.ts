import { spawn, spawnSync } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join, resolve } from "node:path"
import { Cause, Exit } from "effect"
import { describe, expect, test } from "vitest"
import { exitCodeOf } from "../../gateway/cli/command-line.ts"
import { CommandFailed } from "../../gateway/cli/failure.ts"

const root = resolve(import.meta.dirname, "../..")

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const node = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}, onOut?: (kill: () => void) => void) =>
  new Promise<Ended>((done) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let out = ""
    let err = ""
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString()
      onOut?.(() => child.kill("SIGINT"))
    })
    child.stderr.on("data", (chunk: Buffer) => void (err += chunk.toString()))
    child.once("close", (code) => done({ code, out, err }))
  })

const gatehouse = (args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv, onOut?: (kill: () => void) => void) =>
  node([join(root, "gateway/gatehouse.mjs"), ...args], env, onOut)

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? ""

describe("the command line", () => {
  test("names its commands and ends with 0 when asked for help", async () => {
    const { code, out } = await gatehouse(["--help"])
    expect(code).toBe(0)
    for (const command of ["serve", "check", "watch"]) expect(out).toContain(command)
  })

  test("answers bad usage with 2 and a line that can be pasted", async () => {
    const unknown = await gatehouse(["serv"])
    expect(unknown.code).toBe(2)
    expect(lastLine(unknown.err)).toBe("→ npm run gatehouse -- serv --help")
    const flag = await gatehouse(["watch", "--kind", "Nonsense"])
    expect(flag.code).toBe(2)
    expect(lastLine(flag.err)).toBe("→ npm run gatehouse -- watch --help")
  })

  test("answers 3 when the gateway cannot be reached", async () => {
    const { code, out, err } = await gatehouse(["watch", "--url", "http://127.0.0.1:1"])
    expect(code).toBe(3)
    expect(out).toBe("")
    expect(lastLine(err)).toMatch(/^→ /)
  })
})

describe("check", () => {
  const run = (path: string, ...flags: ReadonlyArray<string>) =>
    node([join(root, "test/cli/checking-gateway.ts"), "check", path, ...flags])

  test("answers 0 and names the next command for a whole configuration", async () => {
    const { code, out, err } = await run("test/settings/whole.yaml")
    expect([code, out]).toEqual([0, "✔ 1 door; 0 profile tests passed\n"])
    expect(lastLine(err)).toBe("next: npm run gatehouse -- serve --config test/settings/whole.yaml")
  })

  test("answers 1, with place and caret, for a broken one", async () => {
    const { code, out, err } = await run("test/settings/broken/unknown-key.yaml")
    expect(code).toBe(1)
    expect(out).toContain('unknown-key.yaml:17:5  error  doors[0] has unknown key "nam" — did you mean "name"?')
    expect(out).toContain("     |     ^^^")
    expect(lastLine(out)).toBe("2 errors in 1 file")
    expect(lastLine(err)).toBe("→ npm run gatehouse -- check test/settings/broken/unknown-key.yaml")
  })

  test("tells problems as one JSON object a line", async () => {
    const { out } = await run("test/settings/broken/held-under-10-seconds.yaml", "--json")
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
    expect(lines).toMatchObject([
      { severity: "error", line: 22, column: 31 },
      { ok: false, problems: 1 }
    ])
  })
})

describe("watch", () => {
  const entry = {
    _tag: "Fact",
    seq: 7,
    site: "s",
    recordedAt: "2026-01-01T00:00:00.123Z",
    device: "contact",
    fact: { _tag: "TimePassed", at: "2026-01-01T00:00:00.123Z" }
  }

  const gateway = async (
    status: number
  ): Promise<{ readonly url: string; readonly close: () => void; readonly asked: Array<string> }> => {
    const asked: Array<string> = []
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization ?? "-"}`)
      response.writeHead(status, { "content-type": "text/event-stream" })
      if (status !== 200) return void response.end()
      response.write(`: hello\n\nid: 7\nevent: entry\ndata: ${JSON.stringify(entry)}\n\n`)
    })
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () => (server.closeAllConnections(), server.close()),
      asked
    }
  }

  test("prints whole entries as JSON, takes its token from the environment, and ends with 130 on Ctrl-C", async () => {
    const { url, close, asked } = await gateway(200)
    const { code, out } = await gatehouse(["watch", "--json", "--url", url], { GATEHOUSE_TOKEN: "t0ken" }, (kill) =>
      kill()
    )
    close()
    expect(JSON.parse(out)).toEqual(entry)
    expect(asked).toEqual(["/api/v1/stream Bearer t0ken"])
    expect(code).toBe(130)
  })

  test("prints plain lines without colour when the output is no terminal", async () => {
    const { url, close } = await gateway(200)
    const { out } = await gatehouse(["watch", "--url", url], {}, (kill) => kill())
    close()
    expect(out).toMatch(/\.123 +7 +Fact +contact +TimePassed\n$/)
  })

  test("answers 4 when the gateway refuses the token", async () => {
    const { url, close } = await gateway(401)
    const { code, err } = await gatehouse(["watch", "--url", url])
    close()
    expect(code).toBe(4)
    expect(err).toContain("refuses the token")
  })
})

describe("the exit code", () => {
  test("is 0 for a server that was told to stop, and 130 for anything else that was interrupted", () => {
    const interrupted = Exit.failCause(Cause.interrupt())
    expect(exitCodeOf(interrupted, "serve")).toBe(0)
    expect(exitCodeOf(interrupted, "demo")).toBe(0)
    expect(exitCodeOf(interrupted, "watch")).toBe(130)
  })

  test("is the command's own when it failed, and 1 for a fault of ours", () => {
    expect(exitCodeOf(Exit.fail(new CommandFailed({ exitCode: 3, next: "" })), "watch")).toBe(3)
    expect(exitCodeOf(Exit.die(new TypeError("a bug")), "check")).toBe(1)
  })
})

describe("on a Node that is too old", () => {
  const system = "/usr/bin/node"
  const major = Number(/^v(\d+)/.exec(spawnSync(system, ["--version"]).stdout?.toString() ?? "")?.[1] ?? 24)

  test.skipIf(major >= 24)("the command line says so, and how to get the right one", () => {
    const { status, stderr } = spawnSync(system, [join(root, "gateway/gatehouse.mjs"), "check", "config/demo"])
    expect(status).toBe(2)
    expect(stderr.toString()).toContain(`Gatehouse needs Node 24.12 or newer; this is Node ${major}.`)
    expect(lastLine(stderr.toString())).toBe("→ npm run gatehouse -- check config/demo")
  })
})
