import { Result } from "effect"
import { type Document, LineCounter, parseDocument } from "yaml"
import type { Device } from "../../gateway/domain/campus.ts"
import type { Profile, ProfileIssue } from "./compile.ts"
import { defaultProtocol, type Protocol, protocols } from "./file.ts"
import type { ParameterProblem } from "./parameters.ts"
import { isPerhapsOf, profileName, type ProfileText, profileTexts, withoutTests } from "./texts.ts"
import type { TrialResult } from "./trial.ts"

/** A profile ready to run, and its own tests ready to be run. */
export interface Usable<P> {
  readonly profile: P
  readonly test: () => TrialResult
  /** What is wrong with the parameters of a device of this profile. */
  readonly parameterProblems: (device: Device) => ReadonlyArray<ParameterProblem>
  /** Where it builds on other profiles: the same with them. */
  readonly link?: (named: Named) => Result.Result<Usable<P>, ReadonlyArray<ProfileIssue>>
}

/** Gives a profile as it is written; a file that cannot be used has told so itself. */
export type Named = (name: string) => Profile | "unusable" | undefined

/** What a protocol adds to the language of profiles: its part of the file, and how a test's message is written. */
export interface ProfileForm<P> {
  readonly protocol: Protocol
  /** Makes what a file holds ready to run, or says all that is wrong with it. */
  readonly compile: (name: string, decoded: unknown) => Result.Result<Usable<P>, ReadonlyArray<ProfileIssue>>
  /** Its profiles may build on others: what one of them says depends on all. */
  readonly buildsOnOthers?: true
}

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

export interface ReadProfile<P> extends ProfileText {
  /** Undefined when the file does not say it in a way that can be read. */
  readonly protocol: Protocol | undefined
  readonly profile: P | undefined
  /** See `Usable`. */
  readonly link?: Usable<P>["link"]
  readonly problems: ReadonlyArray<ProfileProblem>
  /** A problem at a path of the file. */
  readonly problemAt: (issue: ProfileIssue) => ProfileProblem
  /** Runs the tests that the file carries; of a file that cannot be used there are none. */
  readonly test: () => TrialResult
  /** What is wrong with the parameters of a device of this profile; a file that cannot be used says nothing of them. */
  readonly parameterProblems: (device: Device) => ReadonlyArray<ParameterProblem>
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

const noTests = (): TrialResult => ({ passed: 0, failures: [] })

const protocolIn = (decoded: unknown): Protocol | ProfileIssue => {
  const written =
    typeof decoded === "object" && decoded !== null && "protocol" in decoded ? decoded.protocol : undefined
  const protocol = written === undefined ? defaultProtocol : protocols.find((one) => one === written)
  return (
    protocol ?? {
      path: ["protocol"],
      message: `"${String(written)}" is no protocol; known are ${protocols.join(", ")}`
    }
  )
}

/** A file by itself, not yet linked with those it builds on. */
const readAlone = <P>(forms: ReadonlyArray<ProfileForm<P>>, file: string, text: string): ReadProfile<P> => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const problemAt = ({ path, message }: ProfileIssue): ProfileProblem =>
    placeIn(file, text, lines, rangeAt(document, path), path.length === 0 ? message : `${pathText(path)}: ${message}`)
  const read = {
    name: profileName(file),
    file,
    text,
    problemAt,
    test: noTests,
    parameterProblems: () => []
  }
  const unusable = (protocol: Protocol | undefined, problems: ReadonlyArray<ProfileProblem>): ReadProfile<P> => ({
    ...read,
    protocol,
    profile: undefined,
    problems
  })
  const [broken] = document.errors
  // What the parser says after its first error are consequences of it.
  if (broken !== undefined)
    return unusable(undefined, [placeIn(file, text, lines, [broken.pos[0], broken.pos[1]], broken.message)])
  const decoded: unknown = document.toJS()
  const protocol = protocolIn(decoded)
  if (typeof protocol === "object") return unusable(undefined, [problemAt(protocol)])
  const form = forms.find((one) => one.protocol === protocol)
  if (form === undefined) return unusable(protocol, [])
  const compiled = form.compile(read.name, decoded)
  return Result.isSuccess(compiled)
    ? { ...read, protocol, ...compiled.success, problems: [] }
    : unusable(protocol, compiled.failure.map(problemAt))
}

const linked = <P>(read: ReadProfile<P>, named: Named): ReadProfile<P> => {
  if (read.link === undefined) return read
  const result = read.link(named)
  return Result.isSuccess(result)
    ? { ...read, ...result.success }
    : { ...read, profile: undefined, test: noTests, problems: result.failure.map(read.problemAt) }
}

/**
 * Reads one profile from its text; `file` names it in problems. A file of a protocol without a form is left aside.
 * `named` gives the profiles it may build on.
 */
export const readProfile = <P>(
  forms: ReadonlyArray<ProfileForm<P>>,
  file: string,
  text: string,
  named: Named = () => undefined
): ReadProfile<P> => linked(readAlone(forms, file, text), named)

/** What is wanted of profiles; left out: all of them, whole. */
export interface Wanted {
  /** None but these, and those that they build on. */
  readonly names?: ReadonlyArray<string> | undefined
  /** Ready to run, but without their tests, which are more than half of most files. */
  readonly untested?: true
}

/** Without its tests; where anything is wrong, all of it is told. */
const readUntested = <P>(forms: ReadonlyArray<ProfileForm<P>>, { file, text }: ProfileText): ReadProfile<P> => {
  const read = readAlone(forms, file, withoutTests(text))
  return read.problems.length === 0 ? { ...read, text } : readAlone(forms, file, text)
}

/** Reads files when they are asked for, each once; those of a protocol without a form are none. */
const readingAlone = <P>(forms: ReadonlyArray<ProfileForm<P>>, readOne: (one: ProfileText) => ReadProfile<P>) => {
  const known = new Map<ProfileText, ReadProfile<P> | undefined>()
  const read = (one: ProfileText): ReadProfile<P> | undefined => {
    if (known.has(one)) return known.get(one)
    const alone = readOne(one)
    const isOurs = alone.protocol === undefined || forms.some(({ protocol }) => protocol === alone.protocol)
    known.set(one, isOurs ? alone : undefined)
    return known.get(one)
  }
  return { known, read }
}

/**
 * Of these files the profiles that are written for a protocol with a form, and those that nobody can read, in their order.
 */
export const readProfileTexts = <P extends Profile>(
  forms: ReadonlyArray<ProfileForm<P>>,
  texts: ReadonlyArray<ProfileText>,
  { names, untested }: Wanted = {}
): ReadonlyArray<ReadProfile<P>> => {
  const spoken = forms.map(({ protocol }) => protocol)
  const candidates = texts.filter((one) => isPerhapsOf(one, spoken))
  const { known, read } = readingAlone(forms, (one) =>
    untested === true ? readUntested(forms, one) : readAlone(forms, one.file, one.text)
  )
  const named: Named = (name) => {
    const found = candidates.filter((one) => one.name === name).flatMap((one) => read(one) ?? [])
    return found.length === 0 ? undefined : (found.at(-1)?.profile ?? "unusable")
  }
  for (const one of candidates) if (names === undefined || names.includes(one.name)) read(one)
  const whole = new Map<ProfileText, ReadProfile<P>>()
  // What a profile builds on is read as it is linked: it joins `known` meanwhile, and its turn comes too.
  for (const [one, alone] of known) if (alone !== undefined) whole.set(one, linked(alone, named))
  return candidates.flatMap((one) => whole.get(one) ?? [])
}

/** `readProfileTexts` of a directory, by file name. Throws when the directory cannot be read. */
export const readProfileFiles = <P extends Profile>(
  forms: ReadonlyArray<ProfileForm<P>>,
  directory: string,
  wanted?: Wanted
): ReadonlyArray<ReadProfile<P>> => readProfileTexts(forms, profileTexts(directory), wanted)

/**
 * The profiles of a directory that can be used, ready to run, and what is wrong with the others. `names`: none but these, and
 * those that they build on; left out: all.
 */
export const readProfiles = <P extends Profile>(
  forms: ReadonlyArray<ProfileForm<P>>,
  directory: string,
  names?: ReadonlyArray<string>
): { readonly profiles: ReadonlyArray<P>; readonly problems: ReadonlyArray<ProfileProblem> } => {
  const files = readProfileFiles(forms, directory, { names, untested: true })
  return {
    profiles: files.flatMap(({ profile }) => (profile === undefined ? [] : [profile])),
    problems: files.flatMap(({ problems }) => problems)
  }
}
