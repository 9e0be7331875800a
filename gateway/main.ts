import { enableCompileCache } from "node:module"

// Compiled code is kept between runs: the command line answers in a fraction of the time.
enableCompileCache()

const { runCommandLine } = await import("./cli/command-line.ts")

// Every part is loaded by the command that needs it: `--help` and `watch` bring no broker and no database along.
runCommandLine({
  checks: async () => (await import("./installed.ts")).checks,
  starter: async () => (await import("./app.ts")).starter
})
