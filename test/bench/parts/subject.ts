import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { stop } from "../../road/gateway-process.ts"
import type { Pressed } from "./entry-stream.ts"

/** What is measured, in a process of its own: the gateway, or the floor beside it. */
export interface Subject {
  readonly name: "gateway" | "floor"
  readonly process: ChildProcess
  /** Calls `pressed` for each press that has reached its goal: the floor's store, or the officer's stream. */
  readonly onPress: (pressed: Pressed) => void
  readonly stop: () => Promise<void>
}

/** Has a child end with this process, when that ends by an error of its own. */
export const tie = (child: ChildProcess): void => {
  const kill = (): void => void child.kill("SIGKILL")
  process.once("exit", kill)
  child.once("exit", () => process.off("exit", kill))
}

/** Starts a floor's script and waits until it is ready. */
export const startFloor = async (
  script: "floor-outside.ts" | "floor-embedded.ts",
  ...args: ReadonlyArray<string>
): Promise<Subject> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  tie(child)
  let pressed: Pressed = () => {}
  const lines = createInterface({ input: child.stdout })
  await new Promise<void>((resolve) => lines.once("line", () => resolve()))
  lines.on("line", (action) => pressed(action))
  return {
    name: "floor",
    process: child,
    onPress: (next) => void (pressed = next),
    stop: () => stop(child, "SIGKILL")
  }
}

/** Runs `work` and stops the subject whatever happens. */
export const measuring = async <S extends Subject, A>(subject: S, work: (subject: S) => Promise<A>): Promise<A> => {
  try {
    return await work(subject)
  } finally {
    await subject.stop()
  }
}
