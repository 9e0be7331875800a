import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ended, freePort, listening, temporaryDirectory } from "./peers.ts"

export interface BrokerOptions {
  /** Lines of mosquitto.conf beside what keeps sessions over a restart. */
  readonly more?: ReadonlyArray<string>
  /** Password of the user "gatehouse"; left out: everybody may connect. */
  readonly password?: string
}

/**
 * A real Mosquitto that can be restarted. A killed one has forgotten what it acknowledged since its last save, so a
 * restart that shall keep its sessions is a SIGTERM: it saves before it ends.
 */
export const openBroker = async ({ more = [], password }: BrokerOptions = {}) => {
  const directory = temporaryDirectory("broker")
  const port = await freePort()
  const path = (name: string): string => join(directory.path, name)
  const passwords = path("passwords")
  const setPassword = (word: string): void => {
    writeFileSync(passwords, "")
    spawnSync("mosquitto_passwd", ["-b", passwords, "gatehouse", word])
  }
  if (password !== undefined) setPassword(password)
  mkdirSync(path("data"))
  const lines = [
    `listener ${port} 127.0.0.1`,
    "user root",
    ...(password === undefined ? ["allow_anonymous true"] : ["allow_anonymous false", `password_file ${passwords}`]),
    "persistence true",
    `persistence_location ${path("data")}/`,
    "autosave_interval 1",
    "max_queued_messages 0",
    "max_inflight_messages 2000",
    "log_type error",
    ...more
  ]
  writeFileSync(path("mosquitto.conf"), lines.join("\n"))
  const run = async () => {
    const child = spawn("/usr/sbin/mosquitto", ["-c", path("mosquitto.conf")], { stdio: "ignore" })
    await listening(port)
    return child
  }
  let child = await run()
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await ended(child)
  }
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    setPassword,
    /** Down and up again. */
    restart: async (sessions: "kept" | "lost"): Promise<void> => {
      await stop("SIGTERM")
      if (sessions === "lost") rmSync(path("data"), { recursive: true })
      if (sessions === "lost") mkdirSync(path("data"))
      child = await run()
    },
    close: async (): Promise<void> => {
      await stop("SIGKILL")
      directory.dispose()
    }
  }
}

export type Broker = Awaited<ReturnType<typeof openBroker>>
