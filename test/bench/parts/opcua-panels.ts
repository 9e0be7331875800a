import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import type { Range } from "../../road/opcua-account.ts"
import { type CampusPanel, panelServer } from "../../road/opcua-campus.ts"
import { ended, freePort } from "../../road/peers.ts"
import type { PanelsStart, SpeakOrder } from "./opcua-panels-process.ts"
import { tie } from "./subject.ts"

/** Simulated panels, in processes of their own. */
export interface Panels {
  readonly panels: ReadonlyArray<CampusPanel>
  /** They tell of cards for a while, all together at a rate; answers with the numbers that were told. */
  readonly speak: (order: SpeakOrder) => Promise<ReadonlyArray<Range>>
}

interface Process {
  readonly child: ChildProcess
  /** The number of its next event. */
  next: number
}

/** So far apart are the numbers of two processes. */
const apart = 100_000_000

const start = async (servers: PanelsStart["servers"], nth: number): Promise<Process> => {
  const first = nth * apart + 1
  const child = fork(join(import.meta.dirname, "opcua-panels-process.ts"), [JSON.stringify({ servers, first })], {
    stdio: ["ignore", "ignore", "inherit", "ipc"]
  })
  tie(child)
  await Promise.race([
    once(child, "message"),
    ended(child).then(() => {
      throw new Error("a process of panels ended before it listened")
    })
  ])
  return { child, next: first }
}

/** How many panels there are, how many doors each has, and how many of them share a process. */
export interface PanelsOptions {
  readonly count: number
  readonly doors: number
  readonly aProcess: number
}

/** Runs `work` with these panels, whose certificates are below `directory`. */
export const withPanels = async <A>(
  directory: string,
  { count, doors, aProcess }: PanelsOptions,
  work: (panels: Panels) => Promise<A>
): Promise<A> => {
  const names = Array.from({ length: doors }, (_, nth) => `door-${nth + 1}`)
  const panels: Array<CampusPanel> = []
  for (let nth = 1; nth <= count; nth++) {
    const id = `panel-${nth}`
    panels.push({ id, server: panelServer(directory, id, await freePort(), names) })
  }
  const processes: Array<Process> = []
  try {
    for (let at = 0; at < count; at += aProcess) {
      const servers = panels.slice(at, at + aProcess).map(({ server }) => server)
      processes.push(await start(servers, processes.length))
    }
    const speak = ({ rate, seconds }: SpeakOrder): Promise<ReadonlyArray<Range>> =>
      Promise.all(
        processes.map(async (one) => {
          const answer = once(one.child, "message")
          one.child.send({ rate: rate / processes.length, seconds })
          const [to] = (await answer) as [number]
          const from = one.next
          one.next = to + 1
          return { from, to }
        })
      )
    return await work({ panels, speak })
  } finally {
    for (const { child } of processes) child.kill("SIGKILL")
    await Promise.all(processes.map(({ child }) => ended(child)))
  }
}
