import { Result, Schema } from "effect"
import { type PointKind, PointValue, unknownValue } from "../../../gateway/domain/observation.ts"
import { type Compiled, Compiler, decodeProfile, type Profile, type ProfileIssue } from "../../profile/compile.ts"
import { eventNames, valueNames } from "./normalize-scope.ts"
import {
  type OpcuaAvailable,
  type OpcuaCommand,
  type OpcuaLosing,
  type OpcuaOccurring,
  OpcuaProfileFile,
  type OpcuaReading
} from "./profile-file.ts"
import { type Acts, compileActs } from "./profile-command.ts"
import { serverObject } from "../nodes/node-names.ts"
import { deviceFillings } from "./normalize-node.ts"
import { type HeardOf, type Listening, listensOf } from "./profile-listens.ts"
import { type IdTemplate, type Namespaces, type NodeTemplate, parseNode, parsePath, placesOf } from "./profile-node.ts"

/** A field of events that a profile selects. */
export interface Field {
  readonly name: string
  readonly path: NodeTemplate
}

/** A command of a door, ready to be filled in. */
export interface Command {
  readonly point: string
  readonly acts: Acts
}

/** The two words of an alarm: while it is active, and while it is not. */
export interface AlarmWords {
  readonly active: string
  readonly inactive: string
}

type Ready<M> = Compiled<M> & Listening

/** A profile of OPC UA servers, ready to run. */
export interface OpcuaProfile extends Profile {
  readonly protocol: "opcua"
  readonly file: OpcuaProfileFile
  readonly namespaces: Namespaces
  readonly readings: ReadonlyArray<Ready<OpcuaReading> & { readonly words?: AlarmWords }>
  readonly occurrences: ReadonlyArray<Ready<OpcuaOccurring>>
  readonly gaps: ReadonlyArray<Ready<OpcuaLosing>>
  readonly availability: ReadonlyArray<Ready<OpcuaAvailable>>
  readonly commands: ReadonlyArray<Command>
  readonly fields: ReadonlyArray<Field>
  readonly notifier: NodeTemplate
}

/** Where a profile names no notifier. */
const usualNotifier: IdTemplate = { _tag: "Id", text: serverObject, id: [serverObject] }

const isPointValue = Schema.is(PointValue)

/** The words of an alarm where the profile leaves them out. */
const usualWords = (kind: PointKind): Partial<AlarmWords> => {
  switch (kind) {
    case "rex":
    case "tamper":
    case "fault":
    case "motion":
    case "input":
      return { active: "on", inactive: "off" }
    case "battery":
      return { active: "low", inactive: "ok" }
    case "alarm":
      return { inactive: "Normal" }
    default:
      return {}
  }
}

const shortNameForm = /^[A-Za-z_][\w.-]*$/

/** Names in braces of a point's or key's template, without `|last` and what is below a path's first name. */
const namesIn = (template: string): ReadonlyArray<string> =>
  [...template.matchAll(/\{([^{}|]*)/g)].map(([, name]) => name!.split(".")[0]!)

class OpcuaCompiler extends Compiler {
  readonly file: OpcuaProfileFile
  readonly namespaces: Namespaces
  /** Places that are filled in; all others are captures. */
  readonly filled: ReadonlySet<string>

  constructor(file: OpcuaProfileFile) {
    super()
    this.file = file
    this.filled = new Set([...Object.keys(file.parameters ?? {}), ...deviceFillings])
    this.namespaces = Object.fromEntries(Object.entries(file.namespaces ?? {}).map(([name, uri]) => [name, `${uri}`]))
    for (const [name, uri] of Object.entries(this.namespaces)) {
      const path = ["namespaces", name]
      if (!shortNameForm.test(name)) this.fail(path, `"${name}" is no short name: letters, digits, "_", "-", "."`)
      if (uri === "") this.fail(path, "it is empty: write the namespace's URI")
      if (/^\d+$/.test(uri)) {
        this.fail(path, `${uri} is an index, which changes when the server is updated: write the namespace's URI`)
      }
      for (const [, place = ""] of uri.matchAll(/\{([^{}]*)\}/g))
        if (!this.filled.has(place)) this.fail(path, `{${place}} is not among the profile's parameters`)
    }
  }

  node(text: string, path: ProfileIssue["path"]): NodeTemplate | undefined {
    const node = parseNode(text, this.namespaces)
    if (typeof node !== "string") return node
    this.fail(path, node)
    return undefined
  }

  fields(): ReadonlyArray<Field> {
    return Object.entries(this.file.fields ?? {}).flatMap(([name, text]) => {
      const at = ["fields", name]
      if ((eventNames as ReadonlyArray<string>).includes(name))
        this.fail(at, `"${name}" is there without being selected`)
      const path = parsePath(text, this.namespaces)
      if (typeof path === "string") this.fail(at, path)
      else if (path.absolute || path.steps.length === 0) this.fail(at, "a field is a path below the event")
      else if (placesOf(path).some((place) => !this.filled.has(place))) this.fail(at, "a field has no captures")
      else return [{ name, path }]
      return []
    })
  }

  /** Adds to mappings what each listens to; one that does not say it is left out, and told. */
  listening<M extends HeardOf>(
    mappings: ReadonlyArray<Compiled<M>>,
    section: string,
    notifier: NodeTemplate
  ): ReadonlyArray<Ready<M>> {
    const { namespaces, filled, file } = this
    return mappings.flatMap((mapping, index) => {
      const listens = listensOf(mapping, { namespaces, filled, notifier, source: file.source })
      if ("listens" in listens) return [{ ...mapping, listens: listens.listens }]
      for (const { path, message } of listens.issues) this.fail([section, index, ...path], message)
      return []
    })
  }

  /** Names in a template that no message of a mapping has. */
  template(text: string, { listens, each }: Listening & { readonly each?: string }, path: ProfileIssue["path"]): void {
    const roots: ReadonlyArray<string> =
      listens._tag === "Value" ? valueNames : [...eventNames, ...Object.keys(this.file.fields ?? {}), "source"]
    const known = new Set([...roots, ...listens.captures, ...(each === undefined ? [] : ["item", ...namesIn(each)])])
    for (const name of namesIn(text))
      if (!known.has(name)) this.fail(path, `nothing is called {${name}} here; known are ${[...known].join(", ")}`)
  }

  words(
    { kind, is, inactive, path, values, ranges, each, listens }: OpcuaReading & Listening,
    index: number
  ): AlarmWords | undefined {
    const at = (...keys: ReadonlyArray<string>) => ["readings", index, ...keys]
    if (listens._tag !== "Alarm") {
      if (inactive !== undefined) this.fail(at("inactive"), "only an alarm has it")
      if (listens._tag === "Event" && path === undefined && is === undefined && each === undefined)
        this.fail(at(), "it needs either path or is: an event as a whole is no value")
      return undefined
    }
    if ([path, values, ranges, each].some((one) => one !== undefined))
      this.fail(at(), "an alarm is active or not: is and inactive say what that means")
    const usual = usualWords(kind)
    const words = { active: is ?? usual.active, inactive: inactive ?? usual.inactive }
    for (const [key, word] of [["is", words.active] as const, ["inactive", words.inactive] as const]) {
      if (word === undefined) this.fail(at(key), `the kind "${kind}" has no usual word for it: it is required`)
      else if (!isPointValue({ kind, value: word })) this.fail(at(key), `"${word}" is not a word of the kind "${kind}"`)
    }
    return words.active === undefined || words.inactive === undefined
      ? undefined
      : { active: words.active, inactive: words.inactive }
  }

  readings(mappings: ReadonlyArray<Compiled<OpcuaReading>>, notifier: NodeTemplate): OpcuaProfile["readings"] {
    return this.listening(mappings, "readings", notifier).map((mapping, index) => {
      this.template(mapping.point, mapping, ["readings", index, "point"])
      const words = this.words(mapping, index)
      const whole = mapping.path === undefined && mapping.each === undefined && mapping.is === undefined
      return {
        ...mapping,
        ...(whole && mapping.listens._tag === "Value" ? { path: "value" } : {}),
        // A variable without a good value leaves its points unknown.
        empty: mapping.empty ?? unknownValue(mapping.kind).value,
        ...(words === undefined ? {} : { words })
      }
    })
  }

  occurrences(mappings: ReadonlyArray<Compiled<OpcuaOccurring>>, notifier: NodeTemplate): OpcuaProfile["occurrences"] {
    const ready = this.listening(mappings, "occurrences", notifier)
    ready.forEach((mapping, index) => this.template(mapping.point, mapping, ["occurrences", index, "point"]))
    return ready
  }

  availability(notifier: NodeTemplate): OpcuaProfile["availability"] {
    const mappings = this.mappings<OpcuaAvailable>(this.file.availability, "availability")
    mappings.forEach(({ values, is, event, path }, index) => {
      const at = ["availability", index]
      if ((values === undefined) === (is === undefined)) this.fail(at, "it needs either values or is")
      if (event !== undefined && values !== undefined && path === undefined)
        this.fail(at, "it needs path beside values")
    })
    return this.listening(mappings, "availability", notifier)
  }

  commands(readings: OpcuaProfile["readings"]): ReadonlyArray<Command> {
    const captured = readings.flatMap(({ listens }) => (listens._tag === "Value" ? [listens.captures] : []))
    return (this.file.commands ?? []).map((mapping: OpcuaCommand, index) => {
      const { acts, issues } = compileActs(mapping, { namespaces: this.namespaces, filled: this.filled, captured })
      for (const { path, message } of issues) this.fail(["commands", index, ...path], message)
      return { point: mapping.point, acts }
    })
  }
}

/** Makes a profile ready to run, or says all that is wrong with it. `decoded` is what the file holds. */
export const compileProfile = (
  name: string,
  decoded: unknown
): Result.Result<OpcuaProfile, ReadonlyArray<ProfileIssue>> => {
  const decodedFile = decodeProfile(OpcuaProfileFile, decoded)
  if (Result.isFailure(decodedFile)) return Result.fail(decodedFile.failure)
  const file = decodedFile.success
  const compiler = new OpcuaCompiler(file)
  const parts = compiler.profile<OpcuaReading, OpcuaOccurring, OpcuaLosing, OpcuaProfileFile>(file)
  const notifier = file.notifier === undefined ? usualNotifier : compiler.node(file.notifier, ["notifier"])
  if (notifier === undefined) return Result.fail(compiler.issues)
  const readings = compiler.readings(parts.readings, notifier)
  const profile: OpcuaProfile = {
    name,
    protocol: "opcua",
    file,
    ...parts,
    namespaces: compiler.namespaces,
    notifier,
    fields: compiler.fields(),
    readings,
    occurrences: compiler.occurrences(parts.occurrences, notifier),
    gaps: compiler.listening(parts.gaps, "gaps", notifier),
    availability: compiler.availability(notifier),
    commands: compiler.commands(readings)
  }
  return compiler.issues.length > 0 ? Result.fail(compiler.issues) : Result.succeed(profile)
}
