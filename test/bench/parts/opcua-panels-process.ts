/**
 * Simulated panels that are OPC UA servers, in a process of their own. Started by `opcua-panels.ts` with `PanelsStart` as an
 * argument; does what it is told, one order after another, and answers.
 */
import { Effect, Scope } from "effect"
import { type OpcuaPanel, startOpcuaPanel } from "../../../simulators/opcua/panel.ts"
import type { PanelStart } from "../../road/opcua-panel.ts"
import { monotonicUs } from "./press.ts"

/** What a process of panels is started with. */
export interface PanelsStart {
  readonly servers: ReadonlyArray<PanelStart["server"]>
  /** The number of the first event that they tell. */
  readonly first: number
}

/** To tell of cards that nobody knows: so many a second, all panels together, for so long. Answers with the last number. */
export interface SpeakOrder {
  readonly rate: number
  readonly seconds: number
}

const { servers, first } = JSON.parse(process.argv[2] ?? "{}") as PanelsStart
const scope = Scope.makeUnsafe()
const panels: Array<OpcuaPanel> = []
for (const server of servers) {
  panels.push(await Effect.runPromise(startOpcuaPanel(server).pipe(Scope.provide(scope))))
}
const readers = servers.map((server) => server.panels.flatMap((panel) => panel.readers.map(({ token }) => token)))

let last = first - 1

const tell = (): void => {
  const nth = last++ % panels.length
  const tokens = readers[nth] ?? []
  const reader = tokens[Math.floor(last / panels.length) % tokens.length]
  if (reader === undefined) throw new Error("a panel has no reader")
  const card = { number: `${last}@${monotonicUs()}` }
  panels[nth]?.tell({ _tag: "AccessDenied", reader, card, reason: "unknown card" })
}

const speak = ({ rate, seconds }: SpeakOrder): Promise<number> => {
  const [before, startedAt] = [last, performance.now()]
  const all = Math.round(rate * seconds)
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = before + Math.min(all, Math.floor(((performance.now() - startedAt) * rate) / 1000))
      while (last < due) tell()
      if (last === before + all) resolve((clearInterval(timer), last))
    }, 5)
  })
}

process.on("message", (order: SpeakOrder) => void speak(order).then((answer) => process.send?.(answer)))
process.once("disconnect", () => process.exit())
process.send?.("ready")
