/**
 * A simulated panel of access doors in a process of its own, so that it can be killed. Started by `opcua-panel.ts` with
 * `PanelStart` as an argument; told what to do over IPC: `{ nth, order, args }` in, `{ nth, answer }` or `{ nth, error }`
 * out.
 */
import { Effect, Scope } from "effect"
import { type OpcuaPanel, startOpcuaPanel } from "../../simulators/opcua/panel.ts"
import type { PanelOrders, PanelStart } from "./opcua-panel.ts"

const { server, first } = JSON.parse(process.argv[2] ?? "{}") as PanelStart
const scope = Scope.makeUnsafe()
const panel: OpcuaPanel = await Effect.runPromise(startOpcuaPanel(server).pipe(Scope.provide(scope)))

const readers = server.panels.flatMap((one) => one.readers.map(({ token }) => token))

/** How often it speaks, milliseconds. */
const tickMs = 5

let last = first - 1
let speaking: NodeJS.Timeout | undefined

/** The number, and when it was told by the clock that all processes of the machine read alike. */
const credentialOf = (number: number): string => `${number}@${process.hrtime.bigint() / 1000n}`

const tell = (): void => {
  const reader = readers[++last % readers.length]
  if (reader === undefined) throw new Error("the panel has no reader")
  panel.tell({ _tag: "AccessDenied", reader, card: { number: credentialOf(last) }, reason: "unknown card" })
}

const orders: PanelOrders = {
  speak: async ({ rate }) => {
    clearInterval(speaking)
    const before = last
    const startedAt = performance.now()
    speaking = setInterval(() => {
      const due = before + Math.floor(((performance.now() - startedAt) * rate) / 1000)
      while (last < due) tell()
    }, tickMs)
  },
  hush: async () => {
    clearInterval(speaking)
    return last
  },
  told: async () => last,
  force: async ({ door }) => void panel.door(door, { _tag: "Opened" }),
  acknowledged: async () => panel.acknowledged(),
  restart: () => Effect.runPromise(panel.restart)
}

interface Asked {
  readonly nth: number
  readonly order: keyof PanelOrders
  readonly args: never
}

process.on("message", ({ nth, order, args }: Asked) => {
  const answering: Promise<unknown> = orders[order](args)
  answering.then(
    (answer) => process.send?.({ nth, answer }),
    (error: Error) => process.send?.({ nth, error: error.message })
  )
})
process.once("disconnect", () => process.exit())
process.send?.({ ready: true })
