import type { IdTemplate, NodeTemplate, StepTemplate, Template } from "./profile-node.ts"
import type { NodeById, NodeName, PathStep } from "../sources.ts"

/** What is filled into the places of a node: the device's address, parameters, captures. */
export type Fillings = Readonly<Record<string, string>>

/**
 * What a device fills in beside its parameters: its address as it is written, and the names that it leads through, each
 * behind a `/`. There are none in the address `/`.
 */
export const deviceFillings = ["address", "path"] as const

/** A step of a path that stands for many names, and what its capture is called; empty: nothing. */
interface Capture {
  readonly name: string
  readonly before: string
  readonly after: string
}

/** A node as the server is asked for it, and what is captured of the names that it stands for. */
export interface Placed {
  readonly node: NodeName
  readonly captures: ReadonlyArray<Capture>
}

/** The template filled in; in words why it cannot be. */
const filled = (template: Template, fillings: Fillings): string | { readonly why: string } => {
  let text = ""
  for (const part of template) {
    const filling = typeof part === "string" ? part : Object.hasOwn(fillings, part.place) ? fillings[part.place] : ""
    if (typeof part !== "string" && filling === "" && part.place !== "path") {
      return { why: `{${part.place}} has no value` }
    }
    text += filling ?? ""
  }
  return text
}

/** `;` ends a namespace's URI in the name of a node, so it is written otherwise (OPC 10000-6, 5.1.12). */
const uriText = (uri: string): string => uri.replaceAll("%", "%25").replaceAll(";", "%3B")

const nodeText = (uri: string | undefined, id: string): string => (uri === undefined ? id : `nsu=${uriText(uri)};${id}`)

/** The node of an id, or in words why there is none. */
export const fillId = ({ uri, id }: IdTemplate, fillings: Fillings): NodeById | string => {
  const namespace = uri === undefined ? undefined : filled(uri, fillings)
  if (typeof namespace === "object") return `its namespace is not known: ${namespace.why}`
  const own = filled(id, fillings)
  return typeof own === "object" ? own.why : { nodeId: nodeText(namespace, own) }
}

interface FilledStep {
  readonly step: PathStep
  readonly capture?: Capture
}

const fillStep = ({ uri, name }: StepTemplate, fillings: Fillings): FilledStep | string => {
  const namespace = uri === undefined ? undefined : filled(uri, fillings)
  if (typeof namespace === "object") return `its namespace is not known: ${namespace.why}`
  let [before, after]: [string, string | undefined] = ["", undefined]
  let open: string | undefined
  for (const part of name) {
    const isOpen = typeof part !== "string" && !Object.hasOwn(fillings, part.place)
    const text = typeof part === "string" ? part : (fillings[part.place] ?? "")
    if (isOpen) [open, after] = [part.place, ""]
    else if (after === undefined) before += text
    else after += text
  }
  const path = open === undefined ? before : `${before}*${after ?? ""}`
  if (path === "") return "a step of its path is empty"
  return {
    step: { name: path, ...(namespace === undefined ? {} : { uri: namespace }) },
    ...(open === undefined ? {} : { capture: { name: open, before, after: after ?? "" } })
  }
}

/**
 * A node filled in, or in words why it cannot be. A path that is not from the Objects folder on goes on from `base`, the
 * steps of the device's address; places that nothing fills are captures.
 */
export const fillNode = (
  template: NodeTemplate,
  fillings: Fillings,
  base: ReadonlyArray<StepTemplate> | string
): Placed | string => {
  if (template._tag === "Id") {
    const node = fillId(template, fillings)
    return typeof node === "string" ? node : { node, captures: [] }
  }
  if (!template.absolute && typeof base === "string") return base
  const before = template.absolute || typeof base === "string" ? [] : base
  const steps = [...before, ...template.steps].map((step) => fillStep(step, fillings))
  const problem = steps.find((step) => typeof step === "string")
  if (problem !== undefined) return problem
  const all = steps as ReadonlyArray<FilledStep>
  return {
    node: { path: all.map(({ step }) => step) },
    captures: all.flatMap(({ capture }) => (capture === undefined ? [] : [capture]))
  }
}

/** What the captures of a node are, by the names that its `*` stood for. */
export const capturesIn = ({ captures }: Placed, matched: ReadonlyArray<string>): Fillings =>
  Object.fromEntries(
    captures.flatMap(({ name, before, after }, nth) => {
      const whole = matched[nth]
      if (name === "" || whole === undefined) return []
      return [[name, whole.slice(before.length, whole.length - after.length)] as const]
    })
  )

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)

/** Tells whether a node is one that a pattern means, and what its captures are then. A capture has no `/` in it. */
export type NodePattern = (node: string) => Fillings | undefined

/** Compiles a pattern of node ids, or says in words why it cannot be. */
export const patternOf = ({ uri, id }: IdTemplate, fillings: Fillings): NodePattern | string => {
  const namespace = uri === undefined ? undefined : filled(uri, fillings)
  if (typeof namespace === "object") return `its namespace is not known: ${namespace.why}`
  const names: Array<string> = []
  const form = id.map((part) => {
    if (typeof part === "string") return escaped(part)
    if (Object.hasOwn(fillings, part.place)) return escaped(fillings[part.place] ?? "")
    names.push(part.place)
    return "([^/]+)"
  })
  const pattern = new RegExp(`^${escaped(nodeText(namespace, ""))}${form.join("")}$`, "s")
  return (node) => {
    const match = pattern.exec(node)
    return match === null ? undefined : Object.fromEntries(names.map((name, nth) => [name, match[nth + 1] ?? ""]))
  }
}
