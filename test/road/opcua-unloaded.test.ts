import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { writeGatewayConfig } from "./gateway-process.ts"
import { becomes } from "./opcua-hearer.ts"
import { ended, freePort, listening, temporaryDirectory } from "./peers.ts"

const gatehouse = resolve(import.meta.dirname, "../../gateway/gatehouse.mjs")

/** Run before everything else in each thread of a process: writes down what is loaded below `node_modules`. */
const writesDown = (file: string): string => `
  import { appendFileSync } from "node:fs"
  import { registerHooks } from "node:module"
  registerHooks({
    load: (url, context, next) => {
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]
      if (name !== undefined) appendFileSync(${JSON.stringify(file)}, name + "\\n")
      return next(url, context)
    }
  })`

describe("the OPC UA library", () => {
  const children: Array<ChildProcess> = []
  const directory = temporaryDirectory("unloaded")
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill("SIGKILL")
      await ended(child)
    }
    directory.dispose()
  })

  /** Starts a gateway, which answers; with what it has loaded so far. */
  const start = async (config: string, port: number): Promise<() => ReadonlySet<string>> => {
    const file = join(directory.path, `loaded-${port}`)
    const child = spawn(process.execPath, [gatehouse, "serve", "--config", config], {
      env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(writesDown(file))}` },
      stdio: "ignore"
    })
    children.push(child)
    await listening(port, 60_000)
    return () => new Set(existsSync(file) ? readFileSync(file, "utf8").split("\n") : [])
  }

  const opcuaOf = (loaded: ReadonlySet<string>): ReadonlyArray<string> =>
    [...loaded].filter((name) => name.startsWith("node-opcua"))

  it("is not loaded by a gateway without such a link, and is by one that has one", async () => {
    const without = writeGatewayConfig(directory.path, `mqtt://127.0.0.1:${await freePort()}`, await freePort())
    const loadedWithout = await start(without.config, without.port)

    const port = await freePort()
    const config = join(directory.path, "with-opcua.yaml")
    writeFileSync(
      config,
      readFileSync(without.config, "utf8")
        .replace(
          "links:",
          `links:
  panel:
    adapter: opcua
    settings:
      endpoint: opc.tcp://127.0.0.1:${await freePort()}
      securityMode: None
      pki: ${join(directory.path, "pki")}
      state: ${join(directory.path, "state")}`
        )
        .replace(`port: ${without.port}`, `port: ${port}`)
        .replace(`dataDir: ${without.data}`, `dataDir: ${without.data}-2`)
        .replace("devices:", "devices:\n  - { id: panel, link: panel, profile: opcua-generic-panel, address: / }")
    )
    const loadedWith = await start(config, port)
    expect(await becomes(() => opcuaOf(loadedWith()).length > 0, 60_000)).toBe(true)

    // The other one has answered for longer than this one took.
    expect(loadedWithout()).toContain("effect")
    expect(opcuaOf(loadedWithout())).toEqual([])
  }, 120_000)
})
