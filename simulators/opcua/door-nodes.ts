import type { Namespace, StatusCode, UAObject, UAVariable } from "node-opcua"
import { DoorMode } from "../../gateway/domain/door.ts"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { DoorCommand, DoorOptions, DoorState } from "../campus/door-machine.ts"
import type { PanelFaults } from "./faults.ts"
import type { Library } from "./library.ts"

/** Modes are told as numbers: their place in ONVIF's list. */
const modes: ReadonlyArray<DoorMode> = DoorMode.literals

const lockStates = { Locked: 0, Unlocked: 1, Unknown: 2, Fault: 2 } as const

/** The numbers that a door's Command variable takes: those of SiPass (OPC DA specification, AC Doorset), and its like. */
export const commandCodes: Readonly<Record<number, DoorCommand>> = {
  19: { _tag: "Lock" },
  20: { _tag: "Unlock" },
  21: { _tag: "Access", extended: false },
  32: { _tag: "Block" }
}

const methods: ReadonlyArray<DoorCommand> = [
  { _tag: "Access", extended: false },
  { _tag: "Lock" },
  { _tag: "Unlock" },
  { _tag: "Block" },
  { _tag: "LockDown" },
  { _tag: "LockDownRelease" },
  { _tag: "LockOpen" },
  { _tag: "LockOpenRelease" }
]

/** OPC UA's way to say that there is no time. */
const noTime = new Date("1601-01-01T00:00:00Z")

/** What a door's nodes need of their server. */
export interface DoorSurroundings {
  readonly library: Library
  readonly own: Namespace
  readonly folder: UAObject
  /** The door's own node id, without `s=`; its variables' begin with it. */
  readonly id: string
  /** One variable that is always false: what an alarm's input is normally. */
  readonly normal: UAVariable
  readonly faults: () => PanelFaults
  readonly now: () => EpochMs
  /** Commands the door; answers with the reason when the panel refuses. */
  readonly command: (command: DoorCommand) => string | undefined
  /** An alarm of the door was acknowledged, or confirmed. */
  readonly acknowledged: (condition: string, comment: string) => void
}

type Value = { readonly type: "Boolean"; readonly value: boolean } | { readonly type: "Int32"; readonly value: number }

const truth = (value: boolean): Value => ({ type: "Boolean", value })
const integer = (value: number): Value => ({ type: "Int32", value })

/** A lock's state as a newer panel tells it: no client knows what it means. */
const strangeLockState = 9

/** A door's variables, with what each is in a state of the door. */
const variables: Readonly<Record<string, (state: DoorState) => Value>> = {
  Contact: ({ physical }) => truth(physical === "Open"),
  LockState: ({ lock }) => integer(lockStates[lock]),
  Mode: ({ mode }) => integer(modes.indexOf(mode)),
  Tamper: ({ tampered }) => truth(tampered),
  Forced: ({ alarm }) => truth(alarm === "DoorForcedOpen"),
  Held: ({ alarm }) => truth(alarm === "DoorOpenTooLong")
}

const isThere = (name: string, { capabilities }: DoorOptions): boolean =>
  (name !== "Contact" || capabilities?.doorMonitor !== false) && (name !== "Tamper" || capabilities?.tamper !== false)

/** The nodes of one door: its variables, its methods, its alarms. */
export class DoorNodes {
  readonly object: UAObject
  readonly #token: string
  readonly #surroundings: DoorSurroundings
  readonly #variables = new Map<string, UAVariable>()
  #shown: DoorState | undefined

  constructor(door: DoorOptions, surroundings: DoorSurroundings) {
    this.#token = door.token
    this.#surroundings = surroundings
    const { own, folder } = surroundings
    this.object = own.addObject({
      browseName: door.token,
      displayName: door.name,
      nodeId: `s=${surroundings.id}`,
      componentOf: folder,
      eventSourceOf: folder,
      eventNotifier: 1
    })
    for (const name of Object.keys(variables)) if (isThere(name, door)) this.#variables.set(name, this.#variable(name))
    this.#commandVariable()
    for (const command of methods) this.#method(command)
    this.#alarm("DoorForced", "Forced", "Door forced open", 900)
    this.#alarm("DoorHeld", "Held", "Door open too long", 500)
  }

  #variable(name: string): UAVariable {
    const { library, own } = this.#surroundings
    const dataType = name === "LockState" || name === "Mode" ? "Int32" : "Boolean"
    const value = dataType === "Int32" ? 0 : false
    return own.addVariable({
      browseName: name,
      nodeId: `s=${this.#surroundings.id}/${name}`,
      componentOf: this.object,
      dataType,
      minimumSamplingInterval: 0,
      value: { dataType: library.DataType[dataType], value }
    })
  }

  /** What a command comes to, as a status. */
  #commanded(command: DoorCommand): StatusCode {
    const { library, faults, command: give } = this.#surroundings
    const { StatusCodes } = library
    if (faults().refusesCommands) return StatusCodes.BadNotSupported
    if (faults().ignoresCommands) return StatusCodes.Good
    return give(command) === undefined ? StatusCodes.Good : StatusCodes.BadInvalidState
  }

  #commandVariable(): void {
    const { library, own } = this.#surroundings
    const { DataType, StatusCodes, Variant } = library
    let last = 0
    own.addVariable({
      browseName: "Command",
      nodeId: `s=${this.#surroundings.id}/Command`,
      componentOf: this.object,
      dataType: "Int32",
      minimumSamplingInterval: 0,
      value: {
        get: () => new Variant({ dataType: DataType.Int32, value: last }),
        set: ({ value }: { readonly value: unknown }) => {
          const command = commandCodes[Number(value)]
          if (command === undefined) return StatusCodes.BadOutOfRange
          last = Number(value)
          return this.#commanded(command)
        }
      }
    })
  }

  #method(command: DoorCommand): void {
    const { own } = this.#surroundings
    const method = own.addMethod(this.object, {
      browseName: command._tag,
      nodeId: `s=${this.#surroundings.id}/${command._tag}`,
      inputArguments: [],
      outputArguments: []
    })
    method.bindMethod((_, __, done) => done(null, { statusCode: this.#commanded(command), outputArguments: [] }))
  }

  #alarm(name: string, input: string, message: string, severity: number): void {
    const { library, own, normal } = this.#surroundings
    const inputNode = this.#variables.get(input)
    if (inputNode === undefined) return
    const alarm = own.instantiateOffNormalAlarm({
      browseName: name,
      nodeId: `s=${this.#surroundings.id}/${name}`,
      componentOf: this.object,
      conditionSource: this.object,
      conditionName: name,
      inputNode,
      normalState: normal,
      maxTimeShelved: 3_600_000,
      optionals: ["ConfirmedState", "Confirm", "ShelvingState"]
    })
    // The library leaves it without a state, and refuses to shelve what is in none.
    ;(alarm.shelvingState as unknown as { setState: (state: string) => void }).setState("Unshelved")
    const { ConditionInfo, StatusCodes } = library
    alarm.calculateConditionInfo = (_, active) =>
      new ConditionInfo({
        message: active ? message : `${message}: over`,
        quality: StatusCodes.Good,
        severity: active ? severity : 1,
        retain: true
      })
    for (const answer of ["acknowledged", "confirmed"] as const)
      alarm.on(answer, (_: unknown, comment: { readonly text?: string | null } | null) =>
        this.#surroundings.acknowledged(`s=${this.#surroundings.id}/${name}`, comment?.text ?? "")
      )
  }

  /** Which status the door's variables have now. */
  get #status(): StatusCode {
    const { library, faults } = this.#surroundings
    const { statuses } = faults()
    const name = statuses[this.#token] ?? statuses["*"]
    return name === undefined ? library.StatusCodes.Good : library.StatusCodes[name]
  }

  /** The door is so now: its variables say so, and its alarms follow. Only what has changed is told, unless `all` is. */
  show(state: DoorState, all = false): void {
    const { library, faults, now } = this.#surroundings
    const { stale, strange, undated } = faults()
    if (stale && this.#shown !== undefined) return
    const status = this.#status
    const before = this.#shown
    this.#shown = state
    for (const [name, variable] of this.#variables) {
      const of = variables[name]!
      const { type, value } = strange && name === "LockState" ? integer(strangeLockState) : of(state)
      if (!all && before !== undefined && of(before).value === value) continue
      // The alarms' inputs are the panel's own reckoning, and are good whatever its modules say.
      const told = name === "Forced" || name === "Held" ? library.StatusCodes.Good : status
      const at = undated ? noTime : new Date(now())
      variable.setValueFromSource({ dataType: library.DataType[type], value }, told, at)
    }
  }
}
