import type { DoorCommand } from "../../../gateway/domain/command.ts"
import type { ProfileIssue } from "../../profile/compile.ts"
import type { OpcuaAct, OpcuaCommand } from "./profile-file.ts"
import {
  type Namespaces,
  type NodeTemplate,
  parseNode,
  placesIn,
  placesOf,
  type Template,
  templateOf
} from "./profile-node.ts"

type Value = boolean | number | Template

/** How a command is given, ready to be filled in. */
export type Act =
  | {
      readonly _tag: "Call"
      readonly object: NodeTemplate
      readonly method: NodeTemplate
      readonly args: ReadonlyArray<Value>
    }
  | { readonly _tag: "Write"; readonly variable: NodeTemplate; readonly value: Value }

export type Acts = ReadonlyMap<DoorCommand, Act>

/** What names mean in a command: captures are known from the variables that the profile watches. */
interface Names {
  readonly namespaces: Namespaces
  readonly filled: ReadonlySet<string>
  readonly captured: ReadonlyArray<ReadonlyArray<string>>
}

const valueOf = (value: boolean | number | string): Value => (typeof value === "string" ? templateOf(value) : value)

/** The object of a method: what is above it in its path. */
const above = (method: NodeTemplate): NodeTemplate | undefined =>
  method._tag === "Path" && method.steps.length > 1 ? { ...method, steps: method.steps.slice(0, -1) } : undefined

const compileAct = (act: OpcuaAct, names: Names, fail: (path: ProfileIssue["path"], message: string) => void) => {
  const parse = (text: string, key: string): NodeTemplate | undefined => {
    const node = parseNode(text, names.namespaces)
    if (typeof node !== "string") return node
    fail([key], node)
    return undefined
  }
  if ("write" in act) {
    const variable = parse(act.write, "write")
    return variable === undefined ? undefined : ({ _tag: "Write", variable, value: valueOf(act.value) } as const)
  }
  const method = parse(act.call, "call")
  if (method === undefined) return undefined
  const object = act.on === undefined ? above(method) : parse(act.on, "on")
  if (object === undefined) {
    if (act.on === undefined) fail(["call"], "say in `on` which object's method it is: that is not in its name")
    return undefined
  }
  return { _tag: "Call", object, method, args: (act.arguments ?? []).map(valueOf) } as const
}

const placesOfAct = (act: Act): ReadonlyArray<string> =>
  act._tag === "Call" ? [...placesOf(act.object), ...placesOf(act.method)] : placesOf(act.variable)

const textsOf = (act: Act): ReadonlyArray<Value> => (act._tag === "Call" ? act.args : [act.value])

/** The commands of a point, and all that is wrong with them. */
export const compileActs = (
  { point, do: acts }: OpcuaCommand,
  names: Names
): { readonly acts: Acts; readonly issues: ReadonlyArray<ProfileIssue> } => {
  const issues: Array<ProfileIssue> = []
  const compiled = new Map<DoorCommand, Act>()
  const inPoint = placesIn(templateOf(point))
  const source = names.captured.find((captures) => inPoint.every((place) => captures.includes(place)))
  if (source === undefined)
    issues.push({ path: ["point"], message: "no reading's node captures what stands in braces here" })
  for (const [command, written] of Object.entries(acts) as ReadonlyArray<[DoorCommand, OpcuaAct]>) {
    const fail = (path: ProfileIssue["path"], message: string): void =>
      void issues.push({ path: ["do", command, ...path], message })
    const act = compileAct(written, names, fail)
    if (act === undefined) continue
    compiled.set(command, act)
    const unknown = placesOfAct(act).find((place) => !names.filled.has(place) && !inPoint.includes(place))
    if (unknown !== undefined) fail([], `{${unknown}} is neither a parameter nor in the name of the point`)
    const texts = textsOf(act).flatMap((value) => (typeof value === "object" ? placesIn(value) : []))
    const stray = texts.find((place) => !names.filled.has(place) && !inPoint.includes(place))
    if (stray !== undefined) fail([], `{${stray}} is neither a parameter nor in the name of the point`)
  }
  return { acts: compiled, issues }
}
