import { type Document, isMap, isNode, isPair, isSeq, LineCounter, type Node, parseDocument } from "yaml"
import type { Place, ScenarioProblem } from "./problem.ts"

export type Path = ReadonlyArray<string | number>

/** A scenario file's text, its value, and the way back from a path in the value to a place in the text. */
export interface Source {
  readonly value: unknown
  readonly problems: ReadonlyArray<ScenarioProblem>
  readonly placeOf: (path: Path, at?: "key" | "value") => Place
  readonly problem: (
    path: Path,
    message: string,
    at?: "key" | "value",
    unknown?: ScenarioProblem["unknown"]
  ) => ScenarioProblem
}

/** The key and the value at `path`; as far as the file goes, when it does not go all the way. */
const nodesAt = (
  document: Document,
  path: Path
): { readonly key: Node | undefined; readonly value: Node | undefined } => {
  let here: { readonly key: Node | undefined; readonly value: Node | undefined } = {
    key: undefined,
    value: document.contents ?? undefined
  }
  for (const step of path) {
    const node = here.value
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isNode(item.key) && String(item.key.toJSON()) === step)
      if (pair === undefined || !isNode(pair.key)) return here
      here = { key: pair.key, value: isNode(pair.value) ? pair.value : undefined }
    } else if (isSeq(node)) {
      const item = node.items[Number(step)]
      if (!isNode(item)) return here
      here = { key: item, value: item }
    } else return here
  }
  return here
}

/** A block collection is underlined at its first character only; a flow one and a scalar whole, to the line's end. */
const rangeOf = (node: Node | undefined): readonly [number, number] => {
  const range = node?.range
  if (range === null || range === undefined) return [0, 1]
  return (isMap(node) || isSeq(node)) && node.flow !== true ? [range[0], range[0] + 1] : [range[0], range[1]]
}

/** Reads the text of a scenario file; `file` names it in places. Never throws for a wrong file. */
export const readSource = (file: string, text: string): Source => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const placeAt = (start: number, end: number): Place => {
    const { line, col } = lines.linePos(start)
    const length = text.slice(start, end).split("\n")[0]?.trimEnd().length ?? 1
    return { file, line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, length) }
  }
  const placeOf: Source["placeOf"] = (path, at = "value") => {
    const { key, value } = nodesAt(document, path)
    return placeAt(...rangeOf(at === "key" ? key : (value ?? key)))
  }
  const problems = document.errors.map((error) => ({
    place: placeAt(error.pos[0], error.pos[1]),
    message: error.message,
    text
  }))
  return {
    value: problems.length > 0 ? undefined : (document.toJS() as unknown),
    problems,
    placeOf,
    problem: (path, message, at = "value", unknown) => ({
      place: placeOf(path, at),
      message,
      text,
      ...(unknown === undefined ? {} : { unknown })
    })
  }
}
