import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { Result } from "effect"
import { type Document, LineCounter, parseDocument } from "yaml"
import { type CompiledProfile, compileProfile, type ProfileIssue } from "./profile.ts"

/** What is wrong with a profile file, and where: line and column count from 1. */
export interface ProfileProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** How many characters are concerned. */
  readonly length: number
  readonly message: string
  /** The file's own text, so that whoever shows the problem can show the line. */
  readonly text: string
}

export interface ReadProfile {
  /** The file's name without `.yaml`: what a device names. */
  readonly name: string
  readonly file: string
  readonly text: string
  readonly profile: CompiledProfile | undefined
  readonly problems: ReadonlyArray<ProfileProblem>
  /** A problem at a path of the file. */
  readonly problemAt: (issue: ProfileIssue) => ProfileProblem
}

interface Ranged {
  readonly range?: readonly [number, number, number] | null
}

/** Where `path` stands; the nearest thing above it when it is not there. */
const rangeAt = (document: Document, path: ProfileIssue["path"]): readonly [number, number] => {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as Ranged | undefined
    if (node?.range !== undefined && node.range !== null) return [node.range[0], node.range[1]]
  }
  return [0, 1]
}

const pathText = (path: ProfileIssue["path"]): string =>
  path.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`)).join("")

const placeIn = (file: string, text: string, lines: LineCounter, range: readonly [number, number], message: string) => {
  const { line, col } = lines.linePos(range[0])
  const length = text.slice(range[0], range[1]).split("\n")[0]?.trimEnd().length ?? 1
  return { file, line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, length), message, text }
}

/** Reads one profile from its text; `file` names it in problems. */
export const readProfile = (file: string, text: string): ReadProfile => {
  const name = basename(file).replace(/\.ya?ml$/, "")
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const problemAt = ({ path, message }: ProfileIssue): ProfileProblem =>
    placeIn(file, text, lines, rangeAt(document, path), path.length === 0 ? message : `${pathText(path)}: ${message}`)
  const [broken] = document.errors
  if (broken !== undefined) {
    // What the parser says after its first error are consequences of it.
    const problems = [placeIn(file, text, lines, [broken.pos[0], broken.pos[1]], broken.message)]
    return { name, file, text, profile: undefined, problems, problemAt }
  }
  const compiled = compileProfile(name, document.toJS())
  return Result.isSuccess(compiled)
    ? { name, file, text, profile: compiled.success, problems: [], problemAt }
    : { name, file, text, profile: undefined, problems: compiled.failure.map(problemAt), problemAt }
}

/** Every profile of a directory, by file name. Throws when the directory cannot be read. */
export const readProfileFiles = (directory: string): ReadonlyArray<ReadProfile> =>
  readdirSync(directory)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => readProfile(join(directory, name), readFileSync(join(directory, name), "utf8")))

/** The profiles of a directory that can be used, and what is wrong with the others. */
export const readProfiles = (
  directory: string
): { readonly profiles: ReadonlyArray<CompiledProfile>; readonly problems: ReadonlyArray<ProfileProblem> } => {
  const files = readProfileFiles(directory)
  return {
    profiles: files.flatMap(({ profile }) => (profile === undefined ? [] : [profile])),
    problems: files.flatMap(({ problems }) => problems)
  }
}
