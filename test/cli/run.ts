import { spawn } from "node:child_process"
import { join, resolve } from "node:path"
import { type Ended, ended, here, isBusy } from "./run-here.ts"

export type { Ended } from "./run-here.ts"

const root = resolve(import.meta.dirname, "../..")

type Heard = (text: string, kill: (signal: NodeJS.Signals) => void) => void

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  /** What standard input holds; such a command runs in a process of its own. */
  readonly input?: string
  readonly cwd?: string
  /** Called with all that standard error has said until now. */
  readonly onErr?: Heard
  readonly onOut?: Heard
  /** Another entry than the command line of the product. */
  readonly entry?: string
}

/** Runs the real command line in a process of its own, without a terminal. */
const runApart = (args: ReadonlyArray<string>, options: RunOptions = {}): Promise<Ended> =>
  new Promise((done) => {
    const { entry = join(root, "gateway/gatehouse.mjs"), cwd = root, env = {}, input, onErr, onOut } = options
    const child = spawn(process.execPath, [entry, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"]
    })
    const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
    let out = ""
    let err = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString()
      onOut?.(out, kill)
    })
    child.stderr?.on("data", (chunk: Buffer) => {
      err += chunk.toString()
      onErr?.(err, kill)
    })
    child.stdin?.end(input)
    child.once("close", (code) => done(ended(code, out, err)))
  })

/** Commands that have had a process of their own. */
const known = new Set<string>()

/**
 * Runs the real command line. The first time of each command it has a process of its own, which shows that it ends by itself;
 * after that it runs in this one, where all that it loads is loaded once, unless another is under way here.
 */
export const run = (args: ReadonlyArray<string>, options: RunOptions = {}): Promise<Ended> => {
  const command = args.slice(0, args[0] === "discover" ? 2 : 1).join(" ")
  const apart = !known.has(command) || options.input !== undefined || options.entry !== undefined || isBusy()
  known.add(command)
  return apart ? runApart(args, options) : here(args, { cwd: root, ...options })
}

/** Newline-delimited JSON, each line as an object. */
export const objects = (out: string): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  out
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
