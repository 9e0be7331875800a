import { runCommandLine } from "../../gateway/cli/command-line.ts"
import { simulate } from "../../gateway/cli/scenario-runner.ts"
import { parts, read } from "./stage.ts"

/** The real command line, as far as it plays scenarios. */
runCommandLine({
  checks: () => Promise.reject(new Error("this gateway only plays")),
  starter: () => Promise.reject(new Error("this gateway only plays")),
  scenarios: () => Promise.resolve(parts),
  simulate: () => Promise.resolve(simulate(read))
})
