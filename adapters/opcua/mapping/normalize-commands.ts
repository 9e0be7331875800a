import type { DoorCommand } from "../../../gateway/domain/command.ts"
import { pointNamed } from "../../profile/point-name.ts"
import { type Fillings, fillNode } from "./normalize-node.ts"
import type { Act } from "./profile-command.ts"
import type { Command, OpcuaProfile } from "./profile.ts"
import type { StepTemplate, Template } from "./profile-node.ts"
import type { NodeName } from "../sources.ts"
import type { Sent } from "../commands/write-back.ts"

/** What is to be done at the server for a command. */
export type Deed =
  | { readonly _tag: "Call"; readonly object: NodeName; readonly method: NodeName; readonly args: ReadonlyArray<Sent> }
  | { readonly _tag: "Write"; readonly variable: NodeName; readonly value: Sent }

interface Place {
  readonly command: Command
  readonly fillings: Fillings
}

/** A template of a point's name or of a text, filled in; `undefined` where something is missing. */
const fill = (template: string, fillings: Fillings): string | undefined => {
  let whole = true
  const text = template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    if (!Object.hasOwn(fillings, name)) whole = false
    return fillings[name] ?? ""
  })
  return whole ? text : undefined
}

const sent = (value: boolean | number | Template, fillings: Fillings): Sent =>
  typeof value === "object"
    ? value.map((part) => (typeof part === "string" ? part : (fillings[part.place] ?? ""))).join("")
    : value

/**
 * Which node takes a command of a point. What stands in braces in the point's name is learnt from the variables that are
 * heard: names of points cannot be read backwards.
 */
export class Commands {
  readonly #commands: OpcuaProfile["commands"]
  readonly #fixed: Fillings
  readonly #base: ReadonlyArray<StepTemplate> | string
  readonly #places = new Map<string, Place>()
  readonly #learnt = new Set<string>()

  constructor(
    { commands }: Pick<OpcuaProfile, "commands">,
    fixed: Fillings,
    base: ReadonlyArray<StepTemplate> | string
  ) {
    this.#commands = commands
    this.#fixed = fixed
    this.#base = base
    this.learn({})
  }

  /** A variable was heard, of which this was captured. */
  learn(captures: Fillings): void {
    if (this.#commands.length === 0) return
    const known = JSON.stringify(captures)
    if (this.#learnt.has(known)) return
    this.#learnt.add(known)
    const fillings = { ...this.#fixed, ...captures }
    for (const command of this.#commands) {
      const name = fill(command.point, fillings)
      const point = name === undefined ? undefined : pointNamed(name)
      if (point !== undefined) this.#places.set(point, { command, fillings })
    }
  }

  get any(): boolean {
    return this.#commands.length > 0
  }

  /** The commands that a point takes. */
  at(point: string): ReadonlyArray<DoorCommand> {
    return [...(this.#places.get(point)?.command.acts.keys() ?? [])]
  }

  /** What is to be done for a command at a point, or in words why nothing can be. */
  deed(point: string, command: DoorCommand): Deed | string {
    const place = this.#places.get(point)
    if (place === undefined) return `no node takes commands for ${point}: the server has not told of such a door`
    const act = place.command.acts.get(command)
    if (act === undefined) return `the profile does not say how ${point} is told to ${command}`
    return this.#filled(act, place.fillings)
  }

  #filled(act: Act, fillings: Fillings): Deed | string {
    if (act._tag === "Write") {
      const variable = fillNode(act.variable, fillings, this.#base)
      if (typeof variable === "string") return variable
      return { _tag: "Write", variable: variable.node, value: sent(act.value, fillings) }
    }
    const object = fillNode(act.object, fillings, this.#base)
    const method = fillNode(act.method, fillings, this.#base)
    if (typeof object === "string") return object
    if (typeof method === "string") return method
    const args = act.args.map((value) => sent(value, fillings))
    return { _tag: "Call", object: object.node, method: method.node, args }
  }
}
