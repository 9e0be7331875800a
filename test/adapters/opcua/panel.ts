import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { ended } from "../../road/peers.ts"

/** How a panel is to be. */
export interface PanelOptions {
  readonly port: number
  /** The folder of its certificates; of its own for each panel that lives at the same time. */
  readonly pki: string
  readonly applicationUri: string
  readonly doors: number
  readonly allowAnonymous: boolean
  /** Takes any client certificate; else those in its folder. */
  readonly trustsEverybody: boolean
  /** A namespace that is registered before the panel's own. */
  readonly namespaceBefore?: string
  /** What it offers; left out: everything. */
  readonly securityPolicies?: ReadonlyArray<"None" | "Basic256Sha256">
}

interface DoorArgs {
  readonly door: string
}

/** What a panel can be told. */
export interface PanelCommands {
  readonly set: (
    args: DoorArgs & {
      readonly variable: string
      readonly value: boolean | number
      readonly status?: "good" | "uncertain" | "bad"
    }
  ) => Promise<void>
  readonly access: (
    args: DoorArgs & { readonly seq: number; readonly granted: boolean; readonly credential?: string }
  ) => Promise<void>
  readonly burst: (args: DoorArgs & { readonly from: number; readonly count: number }) => Promise<void>
  readonly stream: (args: DoorArgs & { readonly perSecond: number }) => Promise<void>
  readonly stopStream: () => Promise<number>
  readonly overflowEvent: () => Promise<void>
  readonly alarmState: (args: DoorArgs) => Promise<{
    readonly acked: boolean
    readonly active: boolean
    readonly comment: string
    readonly shelving: string
  }>
  /** The comments on a door's alarm that the panel has taken, oldest first. */
  readonly comments: (args: DoorArgs) => Promise<ReadonlyArray<string>>
  /** Somebody acknowledges a door's alarm at the panel itself. */
  readonly acknowledgeHere: (args: DoorArgs & { readonly comment: string }) => Promise<void>
  /** The acknowledgements of a door's alarm that the panel has accepted, oldest first; `branch`: of an earlier state. */
  readonly acknowledgements: (
    args: DoorArgs
  ) => Promise<ReadonlyArray<{ readonly door: string; readonly comment: string; readonly branch: boolean }>>
  readonly subscriptions: () => Promise<{
    readonly sessions: number
    readonly subscriptions: number
    readonly parkedPublishRequests: number
  }>
  /** Every subscription is deleted at once, as a panel does that runs out of memory. */
  readonly dropSubscriptions: () => Promise<void>
  /** Every session is ended, as after a timeout. */
  readonly closeSessions: () => Promise<void>
  /** The subscriptions stay, and say nothing any more: no keep-alive either. */
  readonly muteSubscriptions: () => Promise<void>
  readonly shutdown: () => Promise<void>
}

type Answer = { readonly nth: number; readonly answer?: unknown; readonly error?: string } | { readonly ready: true }

const run = async (options: PanelOptions): Promise<ChildProcess> => {
  const child = fork(join(import.meta.dirname, "panel-process.ts"), [JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"]
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve())
    child.once("exit", (code) => reject(new Error(`the panel ended with ${code}`)))
  })
  await ready
  return child
}

/** A door panel in a process of its own, once it listens. */
export const startPanel = async (options: PanelOptions) => {
  let child = await run(options)
  let nth = 0
  const tell = <Name extends keyof PanelCommands>(
    command: Name,
    ...args: Parameters<PanelCommands[Name]>
  ): ReturnType<PanelCommands[Name]> => {
    const mine = ++nth
    const answered = new Promise((resolve, reject) => {
      const hear = (answer: Answer): void => {
        if (!("nth" in answer) || answer.nth !== mine) return
        child.off("message", hear)
        if (answer.error === undefined) resolve(answer.answer)
        else reject(new Error(answer.error))
      }
      child.on("message", hear)
    })
    child.send({ nth: mine, command, args: args[0] })
    return answered as ReturnType<PanelCommands[Name]>
  }
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL")
    await ended(child)
  }
  return {
    options,
    url: `opc.tcp://127.0.0.1:${options.port}`,
    tell,
    kill,
    /** Completes once the panel's process has ended by itself. */
    ended: () => (child.exitCode === null ? once(child, "exit") : Promise.resolve()),
    /** Starts it again where it was killed. */
    revive: async (): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) child = await run(options)
    },
    /** Starts it again, perhaps otherwise. */
    restart: async (changed: Partial<PanelOptions> = {}): Promise<void> => {
      await kill()
      child = await run({ ...options, ...changed })
    }
  }
}

export type Panel = Awaited<ReturnType<typeof startPanel>>
