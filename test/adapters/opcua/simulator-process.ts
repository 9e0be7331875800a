/**
 * A simulated panel in a process of its own, so that its sockets and timers are not the test's. Started by
 * `startSimulator` with its options as an argument; told what to do over IPC.
 */
import { Effect, Exit, Scope } from "effect"
import type { ServerOptions } from "../../../simulators/opcua/options.ts"
import { startOpcuaPanel } from "../../../simulators/opcua/panel.ts"
import type { SimulatorCommands } from "./simulator.ts"

const options = JSON.parse(process.argv[2] ?? "{}") as ServerOptions
const scope = Scope.makeUnsafe()
const panel = await Effect.runPromise(startOpcuaPanel(options).pipe(Scope.provide(scope)))

const commands: SimulatorCommands = {
  present: async (reader, number, granted) =>
    panel.present(reader, { number }, granted ? { granted } : { granted, reason: "no access here" }),
  tell: async (event) => panel.tell(event),
  stop: () => Effect.runPromise(panel.stop)
}

process.on("message", ({ nth, command, args }: { nth: number; command: keyof SimulatorCommands; args: never }) => {
  const answering = (commands[command] as (...all: ReadonlyArray<unknown>) => Promise<void>)(...(args as []))
  answering.then(
    () => process.send?.({ nth }),
    (error: Error) => process.send?.({ nth, error: error.message })
  )
})
process.once("disconnect", () => {
  void Effect.runPromise(Scope.close(scope, Exit.void)).finally(() => process.exit(0))
})
process.send?.({ ready: true })
