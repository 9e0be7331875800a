/** Where something stands in a configuration file; line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** How many characters the caret underlines. */
  readonly length: number
}

/** One thing that is wrong with the configuration, for the person who has to put it right. */
export interface Problem {
  readonly severity: "error" | "warning"
  readonly place: Place
  readonly message: string
  /** The line of the file, and the one before it, as they stand there. */
  readonly frame: ReadonlyArray<{ readonly line: number; readonly text: string }>
}

/** The line at a place, and the one before it. */
export const frameOf = (text: string, line: number): Problem["frame"] => {
  const lines = text.split(/\r?\n/)
  return [line - 1, line].filter((n) => n >= 1 && n <= lines.length).map((n) => ({ line: n, text: lines[n - 1] ?? "" }))
}

/** An error at a place of a file whose text is at hand. */
export const problemIn = (place: Place, text: string, message: string): Problem => ({
  severity: "error",
  place,
  message,
  frame: frameOf(text, place.line)
})

/** The text of a problem as `check` prints it: place, severity, message, and the line with a caret under the fault. */
export const renderProblem = (problem: Problem, paint: (style: "red" | "yellow", text: string) => string): string => {
  const { place, severity, message } = problem
  const style = severity === "error" ? "red" : "yellow"
  const width = String(place.line).length
  const frame = problem.frame.map(({ line, text }) => `  ${String(line).padStart(width)} | ${text}`)
  const caret = `  ${" ".repeat(width)} | ${" ".repeat(place.column - 1)}${paint(style, "^".repeat(Math.max(1, place.length)))}`
  return [
    `${place.file}:${place.line}:${place.column}  ${paint(style, severity)}  ${message}`,
    ...(frame.length > 0 ? [...frame, caret] : [])
  ].join("\n")
}

/** "2 errors, 1 warning in 1 file". */
export const countProblems = (problems: ReadonlyArray<Problem>): string => {
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`
  const errors = problems.filter((problem) => problem.severity === "error").length
  const files = new Set(problems.map((problem) => problem.place.file)).size
  const warnings = problems.length - errors
  return `${count(errors, "error")}${warnings > 0 ? `, ${count(warnings, "warning")}` : ""} in ${count(files, "file")}`
}
