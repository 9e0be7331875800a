import { fork } from "node:child_process"
import { join } from "node:path"
import { ended } from "../../road/peers.ts"
import type { CameraOrders, CamerasStart, CamerasState, Told } from "./cameras-process.ts"

/** Simulated cameras, in processes of their own. */
export interface Cameras {
  /** Where each listens, `host:port` by id. */
  readonly addresses: ReadonlyMap<string, string>
  /** Each tells of motion once a second from now on, begin and end in turn. */
  readonly speak: () => Promise<void>
  /** They tell of nothing any more; answers with how many events they told in all. */
  readonly hush: () => Promise<number>
  readonly tell: () => Promise<CamerasState>
  /** All that they have told. */
  readonly account: () => Promise<ReadonlyArray<Told>>
}

interface Process {
  readonly have: <Order extends keyof CameraOrders>(order: Order) => Promise<CameraOrders[Order]>
  readonly stop: () => Promise<void>
}

const startProcess = (start: CamerasStart): Process => {
  const child = fork(join(import.meta.dirname, "cameras-process.ts"), [JSON.stringify(start)])
  return {
    have: (order) =>
      new Promise((resolve, reject) => {
        const gone = (): void => reject(new Error(`the cameras' process ended while it was told to ${order}`))
        child.once("exit", gone)
        child.once("message", (answer) => {
          child.off("exit", gone)
          resolve(answer as CameraOrders[typeof order])
        })
        child.send(order)
      }),
    stop: async () => {
      child.kill("SIGKILL")
      await ended(child)
    }
  }
}

const sumOf = (states: ReadonlyArray<CamerasState>): CamerasState => {
  const requests: Record<string, number> = {}
  for (const state of states)
    for (const [operation, count] of Object.entries(state.requests))
      requests[operation] = (requests[operation] ?? 0) + count
  const all = (of: (state: CamerasState) => number): number => states.reduce((sum, state) => sum + of(state), 0)
  return {
    requests,
    unauthorized: all(({ unauthorized }) => unauthorized),
    dropped: all(({ dropped }) => dropped),
    expired: all(({ expired }) => expired)
  }
}

/**
 * Runs `work` with these cameras, each list of ids in a process of its own. To draw a picture takes a process some twenty
 * milliseconds, in which its other cameras answer nobody: those that are asked for pictures should be by themselves.
 */
export const withCameras = async <A>(
  user: CamerasStart["user"],
  ids: ReadonlyArray<ReadonlyArray<string>>,
  work: (cameras: Cameras) => Promise<A>
): Promise<A> => {
  const processes = ids.filter((some) => some.length > 0).map((some) => startProcess({ ids: some, user }))
  const haveAll = <Order extends keyof CameraOrders>(order: Order): Promise<Array<CameraOrders[Order]>> =>
    Promise.all(processes.map(({ have }) => have(order)))
  try {
    const ports = (await haveAll("listen")).flat()
    return await work({
      addresses: new Map(ids.flat().map((id, at) => [id, `127.0.0.1:${ports[at]}`])),
      speak: async () => void (await haveAll("speak")),
      hush: async () => (await haveAll("hush")).reduce((sum, count) => sum + count, 0),
      tell: async () => sumOf(await haveAll("tell")),
      account: async () => (await haveAll("account")).flat()
    })
  } finally {
    await Promise.all(processes.map(({ stop }) => stop()))
  }
}
