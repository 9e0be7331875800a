import { hint } from "../settings/did-you-mean.ts"
import { countProblems, type Place, problemIn, renderProblem } from "../settings/problem.ts"
import { paint } from "./output.ts"

/** What is wrong with a scenario file, as its reader tells it. */
export interface ScenarioFault {
  readonly place: Place
  readonly message: string
  /** The file's own text. */
  readonly text: string
  readonly unknown?: { readonly word: string; readonly known: ReadonlyArray<string> }
}

/** A scenario cannot be played. The message shows every fault with its line, as `check` shows those of a configuration. */
export class ScenarioUnplayable extends Error {
  override readonly name = "ScenarioUnplayable"

  constructor(faults: ReadonlyArray<ScenarioFault>) {
    const problems = faults.map(({ place, message, text, unknown }) =>
      problemIn(place, text, unknown === undefined ? message : `${message}${hint(unknown.word, unknown.known)}`)
    )
    super([...problems.map((problem) => renderProblem(problem, paint)), countProblems(problems)].join("\n"))
  }
}
