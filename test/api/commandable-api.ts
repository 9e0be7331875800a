import { join, resolve } from "node:path"
import { Effect, Exit, Logger, Scope } from "effect"
import { serve } from "../../gateway/api/serve.ts"
import { startCommands } from "../commands/commandable-door.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { memoryGateway } from "./memory-gateway.ts"

/** The console as it was built last. */
const built = resolve(import.meta.dirname, "../../gateway/console/dist")

interface Init extends RequestInit {
  readonly headers?: Record<string, string>
}

/** The HTTP face over commands that go to real links from a real log. */
export const startCommandApi = async (
  options: Parameters<typeof startCommands>[1] = {},
  consoleDir = process.env["GATEHOUSE_CONSOLE_DIST"] ?? built
) => {
  const directory = temporaryDirectory("command-api")
  const gateway = await startCommands(join(directory.path, "gatehouse.db"), options)
  await gateway.online()
  const scope = Scope.makeUnsafe()
  const { intake, log, alerts, areas, links, commands } = gateway
  const listening = await Effect.runPromise(
    serve(
      { ...memoryGateway().faces, intake, log, alerts, areas, links, commands },
      { port: 0, dataDir: directory.path, consoleDir }
    ).pipe(Scope.provide(scope), Effect.provide(Logger.layer([])))
  )
  const origin = `http://127.0.0.1:${listening.port}`
  const token = listening.firstToken ?? ""
  const call = (path: string, init: Init = {}) =>
    fetch(`${origin}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } })
  return {
    gateway,
    origin,
    token,
    call,
    get: async (path: string): Promise<unknown> => (await call(path)).json(),
    /** Gives a command, as a program does. */
    command: (door: string, body: object, headers: Record<string, string> = {}) =>
      call(`/doors/${door}/commands`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers }
      }),
    stop: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      await gateway.stop()
      directory.dispose()
    }
  }
}

export type CommandApi = Awaited<ReturnType<typeof startCommandApi>>
