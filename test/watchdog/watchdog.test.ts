import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join, resolve } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { wrongSignature } from "../../gateway/notify/signature.ts"
import { objects, run } from "../cli/run.ts"
import { canMount, startRealGateway } from "../e2e/real-gateway.ts"
import { startGateway, stop, writeGatewayConfig } from "../road/gateway-process.ts"
import { ended, freePort, listening, temporaryDirectory } from "../road/peers.ts"
import { serving } from "../road/serving.ts"
import { startHolding, startReceiver } from "./watchdog-peers.ts"

const root = resolve(import.meta.dirname, "../..")
const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

const directory = (): string => {
  const { path, dispose } = temporaryDirectory("watchdog")
  cleanups.push(dispose)
  return path
}

const receiver = async (statusOf?: (nth: number) => number) => {
  const started = await startReceiver(statusOf)
  cleanups.push(started.close)
  return started
}

/** A gateway in a process of its own, answering. Its link has nobody to speak to: a watchdog does not mind. */
const gateway = async () => {
  const files = writeGatewayConfig(directory(), "mqtt://127.0.0.1:1", await freePort())
  const start = async () => {
    const { child, log } = startGateway(files)
    cleanups.push(() => stop(child, "SIGKILL"))
    await listening(files.port)
    // It says where the console is once it is whole.
    const heard = () => /Console +\S+/.test(log())
    while (!heard()) await new Promise<void>((done) => child.stdout?.once("data", () => setImmediate(done)))
    return { child, log }
  }
  return { url: `http://127.0.0.1:${files.port}`, start }
}

const watchdogFile = (url: string, alarms: string, more = ""): string => {
  const file = join(directory(), "watchdog.yaml")
  const times = "lookEverySeconds: 1\nanswerWithinSeconds: 1\nalarmAfterSeconds: 1\nstreamSilentSeconds: 11\n"
  writeFileSync(file, `gateway: { url: "${url}", token: { env: WATCH_TOKEN } }\n${times}alarms:\n${alarms}\n${more}`)
  return file
}

const watchdog = (file: string, token = "none"): { readonly child: ChildProcess; readonly said: () => string } => {
  let said = ""
  const child = spawn(process.execPath, [join(root, "gateway/gatehouse.mjs"), "watchdog", "--config", file, "--json"], {
    env: { ...process.env, WATCH_TOKEN: token, ALARM_SECRET: "s3cret" },
    stdio: ["ignore", "pipe", "ignore"]
  })
  child.stdout.on("data", (chunk: Buffer) => void (said += chunk.toString()))
  cleanups.push(async () => {
    child.kill("SIGKILL")
    await ended(child)
  })
  return { child, said: () => said }
}

const tokenIn = (log: string): string => /#token=(\S+)/.exec(log)?.[1] ?? ""

describe("a watchdog on another host", { timeout: 60_000 }, () => {
  test("calls for a gateway that was killed, signed, and says that it is well again", async () => {
    const { url, start } = await gateway()
    const first = await start()
    const told = await receiver()
    const { child, said } = watchdog(
      watchdogFile(url, `  - webhook: { url: "${told.url}", secret: { env: ALARM_SECRET } }`),
      tokenIn(first.log())
    )
    await stop(first.child, "SIGKILL")
    const alarm = await told.until(({ body }) => body["kind"] === "alarm")
    expect(alarm.body).toMatchObject({ sign: "gateway", gateway: url })
    expect(String(alarm.body["why"])).toMatch(/ECONNREFUSED|closed|socket/i)
    const signed = {
      timestamp: String(alarm.headers["x-gatehouse-timestamp"]),
      signature: String(alarm.headers["x-gatehouse-signature"])
    }
    expect(wrongSignature("s3cret", alarm.raw, signed, Date.now())).toBeUndefined()
    expect(wrongSignature("guessed", alarm.raw, signed, Date.now())).toBe("its signature is wrong")
    await start()
    const again = await told.until(({ body }) => body["kind"] === "well again")
    expect(again.body).toMatchObject({ sign: "gateway" })
    child.kill("SIGTERM")
    await ended(child)
    expect(child.exitCode).toBe(0)
    expect(objects(said()).filter((line) => line["kind"] === "alarm")).toHaveLength(1)
  })

  test("calls for a gateway that stands still, though its port is open", async () => {
    const { url, start } = await gateway()
    const { child, log } = await start()
    const told = await receiver()
    watchdog(watchdogFile(url, `  - webhook: { url: "${told.url}" }`), tokenIn(log()))
    child.kill("SIGSTOP")
    const alarm = await told.until(({ body }) => body["kind"] === "alarm")
    expect(alarm.body).toMatchObject({ sign: "gateway", why: "no answer within 1 s" })
    child.kill("SIGCONT")
    await told.until(({ body }) => body["kind"] === "well again")
  })

  test("calls when the stream falls silent while the gateway answers", async () => {
    const { url, start } = await gateway()
    const { log } = await start()
    const between = await startHolding(url)
    cleanups.push(between.close)
    const told = await receiver()
    watchdog(watchdogFile(between.url, `  - webhook: { url: "${told.url}" }`), tokenIn(log()))
    between.hold()
    const alarm = await told.until(({ body }) => body["kind"] === "alarm")
    expect(alarm.body).toMatchObject({ sign: "stream" })
    between.release()
    await told.until(({ body }) => body["kind"] === "well again" && body["sign"] === "stream")
  })

  test("calls when the gateway refuses its token: it would be blind", async () => {
    const { url, start } = await gateway()
    await start()
    const told = await receiver()
    watchdog(watchdogFile(url, `  - webhook: { url: "${told.url}" }`), "not-a-token")
    const alarm = await told.until(({ body }) => body["kind"] === "alarm")
    expect(alarm.body).toMatchObject({ sign: "stream", why: "the gateway refuses the token (401)" })
  })

  test.each([
    [{ lookedMsAgo: 60_000, owed: 1 }, "nobody has looked at the outbox for 60 s"],
    [{ lookedMsAgo: 100, owed: 1, oldestMs: 720_000 }, "a notification has waited for 12 min to go out"]
  ])("calls when the outbox %j has stopped though the gateway answers", async (outbox, why) => {
    const server = createServer((_request, response) => {
      response.end(JSON.stringify({ ready: true, store: { accepting: true }, outbox }))
    })
    const { port, close } = await serving(server)
    cleanups.push(close)
    const told = await receiver()
    watchdog(watchdogFile(`http://127.0.0.1:${port}`, `  - webhook: { url: "${told.url}" }`))
    const alarm = await told.until(({ body }) => body["sign"] === "outbox")
    expect(alarm.body).toMatchObject({ kind: "alarm", why })
  })

  test("goes on calling somebody who does not take it, with the same key each time", async () => {
    const told = await receiver((nth) => (nth < 3 ? 503 : 200))
    watchdog(watchdogFile("http://127.0.0.1:1", `  - webhook: { url: "${told.url}" }`))
    await told.until(() => told.calls.length >= 3)
    expect(new Set(told.calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(1)
  })

  test("runs a program, with what there is to say in its environment", async () => {
    const there = directory()
    const program = join(there, "siren")
    writeFileSync(program, `#!/bin/sh\necho "$GATEHOUSE_ALARM_KIND $GATEHOUSE_ALARM_SIGN" >> ${there}/heard\n`, {
      mode: 0o755
    })
    const file = watchdogFile("http://127.0.0.1:1", `  - command: ["${program}"]`)
    const env = { WATCH_TOKEN: "none" }
    const tried = await run(["watchdog", "--config", file, "--try-alarms", "--json"], { env })
    expect([tried.code, objects(tried.out)]).toEqual([0, [{ way: `command ${program}`, ok: true }]])
    expect(readFileSync(join(there, "heard"), "utf8")).toBe("test gateway\n")
  })

  test("sends SMS by a provider's own request, to each number", async () => {
    const provider = await receiver()
    const http = `{ url: "${provider.url}", headers: { authorization: "Bearer {{key}}" }, body: '{"to":"{{to}}","text":"{{text}}"}' }`
    const file = watchdogFile(
      "http://127.0.0.1:1",
      `  - sms: { http: ${http}, secrets: { key: { env: SMS_KEY } }, to: ["+15550100", "+15550101"] }`
    )
    const { code } = await run(["watchdog", "--config", file, "--try-alarms"], {
      env: { WATCH_TOKEN: "-", SMS_KEY: "k-1" }
    })
    expect(code).toBe(0)
    expect(provider.calls.map(({ body }) => String(body["to"])).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "+15550100",
      "+15550101"
    ])
    expect(provider.calls[0]?.headers.authorization).toBe("Bearer k-1")
    expect(String(provider.calls[0]?.body["text"])).toMatch(/^TEST of the Gatehouse watchdog/)
  })

  test("says by its exit code how a gateway stands when it looks once", async () => {
    const { url, start } = await gateway()
    await start()
    const well = await run(["watchdog", "--url", url, "--once", "--json"])
    expect([well.code, objects(well.out)[0]?.["ok"]]).toEqual([0, true])
    const away = await run(["watchdog", "--url", "http://127.0.0.1:1", "--once"])
    expect([away.code, away.last]).toEqual([3, "→ npm run gatehouse -- status --url http://127.0.0.1:1"])
  })

  test("watches nothing with a file that is wrong, and says where", async () => {
    const file = join(directory(), "watchdog.yaml")
    writeFileSync(
      file,
      `gateway: { url: "http://127.0.0.1:1" }\nalarmAfterSeconds: 100\nalarms: [{ webhook: { url: "ftp://x" } }]\n`
    )
    const wrong = await run(["watchdog", "--config", file])
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain("must be an http: or https: address")
    const nobody = await run(["watchdog"])
    expect([nobody.code, nobody.err]).toEqual([2, expect.stringContaining("which gateway?")])
  })
})

test.skipIf(!canMount)(
  "a watchdog calls when the gateway's store refuses, and says when it keeps again",
  { timeout: 60_000 },
  async () => {
    const full = await startRealGateway({ smallDisk: true })
    cleanups.push(full.stop)
    const told = await receiver()
    watchdog(watchdogFile(full.url, `  - webhook: { url: "${told.url}" }`), full.token)
    await full.fillDisk()
    const alarm = await told.until(({ body }) => body["kind"] === "alarm")
    expect(alarm.body).toMatchObject({ sign: "store" })
    full.freeDisk()
    await told.until(({ body }) => body["kind"] === "well again" && body["sign"] === "store")
  }
)
