import { type ChildProcess, spawn } from "node:child_process"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "../..")

/** A demonstration that runs: its process, and what it prints. */
export interface Demo {
  readonly child: ChildProcess
  readonly startedAt: number
  /** The console's address and token, once the demonstration has printed them. */
  readonly console: Promise<{ readonly url: string; readonly token: string }>
  readonly printed: () => string
}

/** `npm run demo`, as a process of its own. */
export const startDemo = (data: string, port: number): Demo => {
  const startedAt = performance.now()
  const args = [join(root, "gateway/gatehouse.mjs"), "demo", "--data", data, "--port", String(port)]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
  let printed = ""
  const address = new Promise<{ readonly url: string; readonly token: string }>((found, failed) => {
    const hear = (chunk: Buffer): void => {
      printed += chunk.toString()
      const match = /(http:\/\/\S+?)\/#token=([\w-]+)/.exec(printed)
      if (match !== null) found({ url: match[1] ?? "", token: match[2] ?? "" })
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.once("exit", () => failed(new Error(`the demonstration ended early:\n${printed}`)))
  })
  return { child, startedAt, console: address, printed: () => printed }
}
