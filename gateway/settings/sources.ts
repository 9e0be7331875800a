import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { isMap, isPair, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from "yaml"
import { frameOf, type Place, type Problem } from "./problem.ts"

type Key = string | number

/** What somebody wrote, and under which name. */
export interface ConfigText {
  readonly file: string
  readonly text: string
}

interface Source extends ConfigText {
  readonly lines: LineCounter
}

interface Origin {
  readonly source: Source
  readonly key: Node | undefined
  readonly value: Node | undefined
}

/** The sections of all files as one value, and the way back from a path in it to a place in a file. */
export interface Sources {
  readonly value: Record<string, unknown>
  readonly problems: ReadonlyArray<Problem>
  /** A problem at `path`; `at: "key"` underlines the key instead of its value. */
  readonly problem: (
    path: ReadonlyArray<Key>,
    message: string,
    at?: "key" | "value",
    severity?: "error" | "warning"
  ) => Problem
  /** What stands at `path`. */
  readonly valueAt: (path: ReadonlyArray<Key>) => unknown
}

const display = (file: string): string => {
  const near = relative(process.cwd(), file)
  return near.startsWith("..") || near === "" ? file : near
}

const placeAt = (source: Source, start: number, end: number): Place => {
  const { line, col } = source.lines.linePos(start)
  const text = source.text.slice(start, end).split("\n")[0] ?? ""
  return {
    file: display(source.file),
    line: Math.max(1, line),
    column: Math.max(1, col),
    length: Math.max(1, text.trimEnd().length)
  }
}

const problemAt = (
  source: Source,
  start: number,
  end: number,
  message: string,
  severity: Problem["severity"] = "error"
): Problem => {
  const place = placeAt(source, start, end)
  return { severity, place, message, frame: frameOf(source.text, place.line) }
}

const withoutPlace = (file: string, message: string): Problem => ({
  severity: "error",
  place: { file: display(file), line: 1, column: 1, length: 1 },
  message,
  frame: []
})

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "range" in value

const pairNamed = (map: YAMLMap, name: Key): Pair<Node, Node | null> | undefined =>
  map.items.find(
    (item) => isPair(item) && isNode(item.key) && String(item.key.toJSON?.() ?? item.key) === String(name)
  ) as Pair<Node, Node | null> | undefined

/** Follows `path` down from `origin` as far as the file goes. */
const descend = (origin: Origin, path: ReadonlyArray<Key>): { readonly origin: Origin; readonly complete: boolean } => {
  let here = origin
  for (const step of path) {
    const node = here.value
    if (isMap(node)) {
      const pair = pairNamed(node, step)
      if (pair === undefined) return { origin: here, complete: false }
      here = { source: here.source, key: pair.key, value: pair.value ?? undefined }
    } else if (isSeq(node)) {
      const item = node.items[Number(step)]
      if (!isNode(item)) return { origin: here, complete: false }
      here = { source: here.source, key: item, value: item }
    } else return { origin: here, complete: false }
  }
  return { origin: here, complete: true }
}

const listFiles = (
  paths: ReadonlyArray<string>
): { readonly files: ReadonlyArray<string>; readonly problems: ReadonlyArray<Problem> } => {
  const files: Array<string> = []
  const problems: Array<Problem> = []
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) problems.push(withoutPlace(path, "there is no such file or directory"))
    else if (stat.isDirectory()) {
      const found = readdirSync(path)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
      if (found.length === 0) problems.push(withoutPlace(path, "the directory holds no .yaml file"))
      files.push(...found.map((name) => join(path, name)))
    } else files.push(path)
  }
  return { files, problems }
}

/** The start of a scalar or collection; a block collection underlines its first token only. */
const span = (node: Node | undefined): readonly [number, number] => {
  const range = node?.range
  return range === null || range === undefined ? [0, 1] : [range[0], range[1]]
}

class Merger {
  readonly value: Record<string, unknown> = {}
  readonly problems: Array<Problem> = []
  readonly sections = new Map<string, Origin>()
  readonly items = new Map<string, Origin>()
  first: Source | undefined

  add({ file, text }: ConfigText): void {
    const lines = new LineCounter()
    const source: Source = { file, text, lines }
    this.first ??= source
    // Somebody is writing it, or has lost it; a file of comments is somebody's intention.
    if (text.trim() === "") {
      this.problems.push(withoutPlace(file, "the file is empty: write its sections, or remove the file"))
      return
    }
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
    // After its first error the parser is lost and the rest are consequences; a key written twice misleads nobody.
    const telling = document.errors.filter((error, nth) => nth === 0 || error.code === "DUPLICATE_KEY")
    for (const error of telling) this.problems.push(problemAt(source, error.pos[0], error.pos[1], error.message))
    if (document.errors.length > 0 || document.contents === null) return
    if (!isMap(document.contents)) {
      this.problems.push(
        problemAt(source, ...span(document.contents as Node), "expected sections such as site, links, doors")
      )
      return
    }
    const whole = document.toJS() as Record<string, unknown>
    for (const item of document.contents.items) this.section(source, item as Pair<Node, Node | null>, whole)
  }

  private section(source: Source, pair: Pair<Node, Node | null>, whole: Record<string, unknown>): void {
    const name = String(pair.key.toJSON())
    const origin: Origin = { source, key: pair.key, value: pair.value ?? undefined }
    const value = whole[name]
    const known = this.value[name]
    if (Array.isArray(value) && (known === undefined || Array.isArray(known))) {
      const merged = (known as Array<unknown> | undefined) ?? []
      value.forEach((_, index) => this.items.set(`${name}/${merged.length + index}`, descend(origin, [index]).origin))
      this.value[name] = [...merged, ...value]
    } else if (name === "links" && isMap(pair.value) && (known === undefined || typeof known === "object")) {
      this.links(origin, value as Record<string, unknown>)
    } else if (known !== undefined) {
      const [start, end] = span(pair.key)
      const other = this.sections.get(name)
      const where = other === undefined ? "" : `, also in ${display(other.source.file)}`
      this.problems.push(problemAt(source, start, end, `section "${name}" is there twice${where}`))
      return
    } else this.value[name] = value ?? undefined
    if (!this.sections.has(name)) this.sections.set(name, origin)
  }

  private links(origin: Origin, value: Record<string, unknown>): void {
    const merged = { ...(this.value["links"] as Record<string, unknown> | undefined) }
    for (const [id, link] of Object.entries(value)) {
      const at = descend(origin, [id]).origin
      const other = this.items.get(`links/${id}`)
      if (other !== undefined)
        this.problems.push(
          problemAt(at.source, ...span(at.key), `link "${id}" is there twice, also in ${display(other.source.file)}`)
        )
      else {
        merged[id] = link
        this.items.set(`links/${id}`, at)
      }
    }
    this.value["links"] = merged
  }

  find(path: ReadonlyArray<Key>): { readonly origin: Origin; readonly complete: boolean } | undefined {
    const [section, item, ...rest] = path
    const own = item === undefined ? undefined : this.items.get(`${section}/${item}`)
    if (own !== undefined) return descend(own, rest)
    const whole = section === undefined ? undefined : this.sections.get(String(section))
    return whole === undefined ? undefined : descend(whole, path.slice(1))
  }
}

/** The configuration's files by their paths, as they would be read now. */
export const configFiles = (paths: ReadonlyArray<string>): ReadonlyArray<string> => listFiles(paths).files

const sourcesOf = (texts: ReadonlyArray<ConfigText>, problems: ReadonlyArray<Problem>, name: string): Sources => {
  const merger = new Merger()
  for (const text of texts) merger.add(text)
  return {
    value: merger.value,
    problems: [...problems, ...merger.problems],
    problem: (path, message, at = "value", severity = "error") => {
      const found = merger.find(path)
      if (found === undefined)
        return merger.first === undefined
          ? withoutPlace(name, message)
          : { ...problemAt(merger.first, 0, 1, message, severity), frame: [] }
      const node = at === "key" || found.origin.value === undefined ? found.origin.key : found.origin.value
      const collection = (isMap(node) || isSeq(node)) && node.items.length > 0
      const [start, end] = span(node)
      return problemAt(found.origin.source, start, collection ? start + 1 : end, message, severity)
    },
    valueAt: (path) => valueAt(merger.value, path)
  }
}

/** What stands at a path of a configuration. */
export const valueAt = (value: Readonly<Record<string, unknown>>, path: ReadonlyArray<Key>): unknown =>
  path.reduce<unknown>((inner, step) => (inner as Record<Key, unknown> | undefined | null)?.[step], value)

/** Reads YAML files and directories of them (not deeper ones), and merges them section by section. Never throws for a wrong file. */
export const readSources = (paths: ReadonlyArray<string>): Sources => {
  const { files, problems } = listFiles(paths)
  const texts = files.map((file) => ({ file, text: readFileSync(file, "utf8") }))
  return sourcesOf(texts, problems, paths[0] ?? ".")
}

/** The same of YAML that lies in no file. */
export const readText = (text: ConfigText): Sources => sourcesOf([text], [], text.file)
