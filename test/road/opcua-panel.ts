import { type ChildProcess, fork } from "node:child_process"
import { join } from "node:path"
import type { ServerOptions } from "../../simulators/opcua/options.ts"
import type { Acknowledged } from "../../simulators/opcua/panel.ts"
import { ended } from "./peers.ts"

/** What a panel's process is started with. */
export interface PanelStart {
  readonly server: Omit<ServerOptions, "clock">
  /** The number of the first event that it tells. */
  readonly first: number
}

/** What a panel can be told. */
export interface PanelOrders {
  /** To tell of cards that nobody knows, so many a second, at its readers in turn, numbered on. */
  readonly speak: (args: { readonly rate: number }) => Promise<void>
  /** To tell of nothing any more; answers with the last number. */
  readonly hush: () => Promise<number>
  /** To say which number was the last. */
  readonly told: () => Promise<number>
  /** A door is opened by force. */
  readonly force: (args: { readonly door: string }) => Promise<void>
  /** To name the acknowledgements that it has accepted. */
  readonly acknowledged: () => Promise<ReadonlyArray<Acknowledged>>
  /** To end in good order, and to start again with its doors as they are. It goes on speaking, though nobody can hear it. */
  readonly restart: () => Promise<void>
}

type Answer = { readonly nth: number; readonly answer?: unknown; readonly error?: string }

const run = async (start: PanelStart): Promise<ChildProcess> => {
  const child = fork(join(import.meta.dirname, "opcua-panel-process.ts"), [JSON.stringify(start)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"]
  })
  // A test that ends by an error of its own leaves no panel.
  const kill = (): void => void child.kill("SIGKILL")
  process.once("exit", kill)
  child.once("exit", () => process.off("exit", kill))
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve())
    child.once("exit", (code) => reject(new Error(`the panel ended with ${code}`)))
  })
  return child
}

/** A simulated panel in a process of its own, once it listens. */
export const startPanelProcess = async (server: PanelStart["server"]) => {
  let child = await run({ server, first: 1 })
  let nth = 0
  const have = <Order extends keyof PanelOrders>(
    order: Order,
    ...args: Parameters<PanelOrders[Order]>
  ): ReturnType<PanelOrders[Order]> => {
    const mine = ++nth
    const asked = child
    const answered = new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error(`the panel's process ended while it was told to ${order}`))
      const hear = ({ nth: which, answer, error }: Answer): void => {
        if (which !== mine) return
        asked.off("message", hear)
        asked.off("exit", gone)
        if (error === undefined) resolve(answer)
        else reject(new Error(error))
      }
      asked.on("message", hear)
      asked.once("exit", gone)
      asked.send({ nth: mine, order, args: args[0] })
    })
    return answered as ReturnType<PanelOrders[Order]>
  }
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL")
    await ended(child)
  }
  return {
    have,
    pid: (): number => child.pid ?? 0,
    kill,
    /** Starts it again where it was killed: all doors are at rest, and its next event has this number. */
    revive: async (first: number): Promise<void> => void (child = await run({ server, first }))
  }
}

export type PanelProcess = Awaited<ReturnType<typeof startPanelProcess>>
