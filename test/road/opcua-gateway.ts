import type { Alert } from "../../gateway/domain/alert.ts"
import { type GatewayFiles, startGateway, stop } from "./gateway-process.ts"
import { becomes } from "./opcua-hearer.ts"
import { ended, listening } from "./peers.ts"

/** An alert as the API tells it, so far as it matters here. */
export type ToldAlert = Pick<Alert, "id" | "condition" | "key" | "acknowledged" | "panelConditions">

const startsWithinMs = 60_000

/** The gateway as its operator starts it, killed and started again as often as is wanted, and its API. */
export const startKillableGateway = async (files: GatewayFiles) => {
  let running = startGateway(files)
  let token: string | undefined
  const kill = (): void => void running.child.kill("SIGKILL")
  process.once("exit", kill)

  const ask = async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${files.port}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token ?? ""}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })
    })
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  const answers = async (): Promise<void> => {
    await Promise.race([
      listening(files.port, startsWithinMs),
      ended(running.child).then(() => {
        throw new Error(`the gateway ended; it printed:\n${running.log()}`)
      })
    ])
    const hasToken = (): boolean => (token ??= /#token=(\S+)/.exec(running.log())?.[1]) !== undefined
    if (!(await becomes(hasToken, startsWithinMs))) throw new Error("the gateway has printed no token")
  }
  const linksAreOnline = async (): Promise<boolean> => {
    const { items } = (await ask("/links")) as {
      readonly items: ReadonlyArray<{ readonly state: { readonly _tag: string } }>
    }
    return items.every(({ state }) => state._tag === "Online")
  }

  await answers()
  if (!(await becomes(linksAreOnline, startsWithinMs))) {
    kill()
    throw new Error(`the gateway's links are not online after ${startsWithinMs / 1000} s:\n${running.log()}`)
  }
  return {
    pid: (): number => running.child.pid ?? 0,
    /** What it printed since it was started last. */
    log: (): string => running.log(),
    ask,
    /** The alerts there ever were about a door. */
    alertsOf: async (door: string): Promise<ReadonlyArray<ToldAlert>> => {
      const { items } = (await ask(`/alerts?state=all&door=${door}`)) as { readonly items: ReadonlyArray<ToldAlert> }
      return items
    },
    /** Ends at once, and starts again; completes when it answers. */
    killAndStart: async (): Promise<void> => {
      await stop(running.child, "SIGKILL")
      running = startGateway(files)
      await answers()
    },
    stop: async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
      await stop(running.child, signal)
      process.off("exit", kill)
    }
  }
}

export type KillableGateway = Awaited<ReturnType<typeof startKillableGateway>>
