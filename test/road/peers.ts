import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Debian installs it outside an ordinary user's PATH. */
const mosquittoBinary = "/usr/sbin/mosquitto"

/** Whether the real broker is here; `.ci/run` requires it, a machine without it skips with a plain message. */
export const hasMosquitto = (): boolean => {
  const found = spawnSync(mosquittoBinary, ["-h"]).error === undefined
  if (!found && process.env["GATEHOUSE_REQUIRE_PEERS"] === "1") {
    throw new Error("mosquitto is required here (GATEHOUSE_REQUIRE_PEERS=1): apt-get install mosquitto")
  }
  if (!found) console.warn("skipped: no mosquitto on this machine (apt-get install mosquitto)")
  return found
}

/** A directory of its own, removed by `dispose`. */
export const temporaryDirectory = (prefix: string): { readonly path: string; readonly dispose: () => void } => {
  const path = mkdtempSync(join(tmpdir(), `gatehouse-${prefix}-`))
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) }
}

/**
 * Below the ports that Linux (from 32 768) and macOS (from 49 152) give to connections that go out: one of those would take
 * the port between now and when somebody listens on it, in a run of many tests once in a while.
 */
const [lowestPort, ports] = [20_000, 12_000]

let nextPort = Math.floor(Math.random() * ports)

/** Whether nobody listens on a port of the loopback interface. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error)
    )
    server.listen(port, "127.0.0.1", () => void server.close(() => resolve(true)))
  })

/** A port of the loopback interface that nobody listens on right now, another one each time. */
export const freePort = async (): Promise<number> => {
  for (let tried = 0; tried < ports; tried++) {
    const port = lowestPort + (nextPort++ % ports)
    if (await isFree(port)) return port
  }
  throw new Error(`all ports from ${lowestPort} to ${lowestPort + ports - 1} are listened on`)
}

/** Completes once something listens on `port`; the peer's own readiness, asked for again until it answers. */
export const listening = async (port: number, deadlineMs = 15_000): Promise<void> => {
  const giveUpAt = Date.now() + deadlineMs
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1")
      socket.once("connect", () => resolve(socket.destroy() !== undefined))
      socket.once("error", () => resolve(false))
    })
    if (open) return
    if (Date.now() > giveUpAt) throw new Error(`nothing listens on port ${port} after ${deadlineMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Completes when the process has ended. */
export const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => void child.once("exit", () => resolve()))

/** A real Mosquitto with the settings a gateway's broker should have: nothing is dropped from a session's queue. */
export const startMosquitto = async (directory: string) => {
  const port = await freePort()
  const file = join(directory, "mosquitto.conf")
  writeFileSync(
    file,
    [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      "persistence false",
      "max_queued_messages 0",
      "max_inflight_messages 2000",
      "log_type error"
    ].join("\n")
  )
  const child = spawn(mosquittoBinary, ["-c", file], { stdio: "ignore" })
  await listening(port)
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    stop: async () => {
      child.kill("SIGKILL")
      await ended(child)
    }
  }
}
