/** Where something stands in a scenario file; line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** How many characters are concerned. */
  readonly length: number
}

/** Where an item of a scenario stands, and its parts. */
export interface Where {
  readonly item: Place
  /** What its verb is about: the door that opens, the device that is cut off. */
  readonly subject: Place
  readonly of: (key: string) => Place
}

/** One thing that is wrong with a scenario file. */
export interface ScenarioProblem {
  readonly place: Place
  readonly message: string
  /** The file's own text, so that whoever shows the problem can show the line. */
  readonly text: string
  /** A word that nobody knows, and those that are known: whoever shows the problem can propose the nearest. */
  readonly unknown?: { readonly word: string; readonly known: ReadonlyArray<string> }
}

/** The file cannot be played; every problem says where, and what was expected. */
export class ScenarioRefused extends Error {
  override readonly name = "ScenarioRefused"
  readonly problems: ReadonlyArray<ScenarioProblem>

  constructor(problems: ReadonlyArray<ScenarioProblem>) {
    super(problems.map(({ place, message }) => `${place.file}:${place.line}:${place.column} ${message}`).join("\n"))
    this.problems = problems
  }
}
