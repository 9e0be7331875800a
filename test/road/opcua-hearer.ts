import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { stop } from "./gateway-process.ts"
import { panelUser } from "./opcua-campus.ts"

/** Whoever hears a panel: the gateway's log, or the control. */
export interface Hearer {
  /** What it has heard so far, in its order. */
  readonly numbers: () => ReadonlyArray<number>
  /** The highest that it has heard by now; 0 before the first. */
  readonly newest: () => number
}

/** Whether it becomes so within a time. */
export const becomes = async (isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> => {
  const giveUpAt = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) return false
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return true
}

/** The library's own client in a process of its own, once it listens; `heard` is told each credential as it comes. */
export const startAsShipped = async (
  urls: ReadonlyArray<string>,
  pki: string,
  heard: (credential: string, atUs: number) => void = () => {}
) => {
  const script = join(import.meta.dirname, "opcua-as-shipped.ts")
  const child = spawn(process.execPath, [script, urls.join(), pki, panelUser.name, panelUser.password], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const kill = (): void => void child.kill("SIGKILL")
  process.once("exit", kill)
  child.once("exit", () => process.off("exit", kill))
  const numbers: Array<number> = []
  let newest = 0
  const lines = createInterface({ input: child.stdout })
  const ready = new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      if (line === "ready") return resolve()
      // The library prints as well.
      const [, credential, atUs] = /^(\d+@\d+) (\d+)$/.exec(line) ?? []
      if (credential === undefined) return
      const number = Number.parseInt(credential, 10)
      numbers.push(number)
      newest = Math.max(newest, number)
      heard(credential, Number(atUs))
    })
    void once(child, "exit").then(([code]) => reject(new Error(`the client as shipped ended with ${code}`)))
  })
  ready.catch(() => {})
  await ready
  return {
    process: child,
    numbers: (): ReadonlyArray<number> => numbers,
    newest: (): number => newest,
    stop: () => stop(child, "SIGKILL")
  }
}

export type AsShipped = Awaited<ReturnType<typeof startAsShipped>>
