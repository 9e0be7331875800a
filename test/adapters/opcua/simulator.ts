import { fork } from "node:child_process"
import { join } from "node:path"
import type { ServerOptions } from "../../../simulators/opcua/options.ts"
import type { PanelEvent } from "../../../simulators/opcua/panel-event.ts"
import { ended } from "../../road/peers.ts"

/** What a simulated panel in another process can be told. */
export interface SimulatorCommands {
  readonly present: (reader: string, card: string, granted: boolean) => Promise<void>
  readonly tell: (event: PanelEvent) => Promise<void>
  readonly stop: () => Promise<void>
}

interface Answer {
  readonly nth?: number
  readonly error?: string
}

/** A simulated panel in a process of its own, once it listens. */
export const startSimulator = async (options: Omit<ServerOptions, "clock">) => {
  const child = fork(join(import.meta.dirname, "simulator-process.ts"), [JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"]
  })
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve())
    child.once("exit", (code) => reject(new Error(`the simulator ended with ${code}`)))
  })
  let nth = 0
  const order =
    <Name extends keyof SimulatorCommands>(command: Name) =>
    (...args: Parameters<SimulatorCommands[Name]>): Promise<void> => {
      const mine = ++nth
      const answered = new Promise<void>((resolve, reject) => {
        const hear = (answer: Answer): void => {
          if (answer.nth !== mine) return
          child.off("message", hear)
          if (answer.error === undefined) resolve()
          else reject(new Error(answer.error))
        }
        child.on("message", hear)
      })
      child.send({ nth: mine, command, args })
      return answered
    }
  return {
    present: order("present"),
    tell: order("tell"),
    stop: order("stop"),
    kill: async (): Promise<void> => {
      child.kill("SIGKILL")
      await ended(child)
    }
  }
}

export type Simulator = Awaited<ReturnType<typeof startSimulator>>
