import { Console } from "node:console"
import { Writable } from "node:stream"
import { Console as EffectConsole, Effect, Fiber } from "effect"
import { commandLine, exitCodeOf } from "../../gateway/cli/command-line.ts"
import { parts } from "../../gateway/parts.ts"
import type { RunOptions } from "./run.ts"

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** The last line of standard error: what to paste. */
  readonly last: string
}

export const ended = (code: number | null, out: string, err: string): Ended => ({
  code,
  out,
  err,
  last: err.trimEnd().split("\n").at(-1) ?? ""
})

let busy = false

/** Whether a command is under way in this process: it has the process's output, environment and directory to itself. */
export const isBusy = (): boolean => busy

/** What is written to a stream of this process until `end`, kept apart from what else the process writes. */
const hearing = (stream: NodeJS.WriteStream, heard: (all: string) => void) => {
  const write = stream.write.bind(stream)
  let all = ""
  stream.write = ((chunk: string | Uint8Array, ...rest: ReadonlyArray<unknown>): boolean => {
    all += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()
    heard(all)
    const done = rest.at(-1)
    if (typeof done === "function") process.nextTick(done)
    return true
  }) as typeof stream.write
  return {
    all: () => all,
    end: () => void (stream.write = write)
  }
}

/** A stream that writes to whatever the other one's `write` is by then. */
const onto = (stream: NodeJS.WriteStream): Writable =>
  new Writable({ write: (chunk: Buffer, _, done) => void stream.write(chunk, () => done()) })

/** Runs the command line in this process as `runMain` would in its own: a signal interrupts it, and its end is its exit code. */
export const here = async (
  args: ReadonlyArray<string>,
  { cwd, env = {}, onErr, onOut }: RunOptions & { readonly cwd: string }
): Promise<Ended> => {
  busy = true
  const before = { cwd: process.cwd(), env: process.env }
  const fiber: { running?: Fiber.Fiber<unknown, unknown> } = {}
  // A signal arrives later, never within what sends it.
  const kill = (): void => void setImmediate(() => fiber.running?.interruptUnsafe())
  const out = hearing(process.stdout, (all) => onOut?.(all, kill))
  const err = hearing(process.stderr, (all) => onErr?.(all, kill))
  process.env = { ...before.env, ...env }
  process.chdir(cwd)
  try {
    const console = new Console({ stdout: onto(process.stdout), stderr: onto(process.stderr) })
    const command = commandLine(parts, args).pipe(Effect.provideService(EffectConsole.Console, console))
    fiber.running = Effect.runFork(command)
    const exit = await Effect.runPromise(Fiber.await(fiber.running))
    return ended(exitCodeOf(exit, args[0]), out.all(), err.all())
  } finally {
    process.chdir(before.cwd)
    process.env = before.env
    out.end()
    err.end()
    busy = false
  }
}
