import { enableCompileCache } from "node:module"

// Compiled code is kept between runs: the command line answers in a fraction of the time.
enableCompileCache()

const [{ runCommandLine }, { parts }] = await Promise.all([import("./cli/command-line.ts"), import("./parts.ts")])

runCommandLine(parts)
