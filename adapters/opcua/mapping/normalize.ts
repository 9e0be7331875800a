import type { Device } from "../../../gateway/domain/campus.ts"
import type { DoorCommand } from "../../../gateway/domain/command.ts"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { Memory } from "../../profile/memory.ts"
import { parametersOf } from "../../profile/parameters.ts"
import type { Answering } from "../answering.ts"
import { Commands, type Deed } from "./normalize-commands.ts"
import { Events } from "./normalize-events.ts"
import { ignored, type Normalized, type Workings } from "./normalize-message.ts"
import { capturesIn } from "./normalize-node.ts"
import { baseOf, type DeviceSources, fillingsOf, sourcesOf } from "./normalize-sources.ts"
import { Values } from "./normalize-values.ts"
import type { OpcuaProfile } from "./profile.ts"
import type { SeverityBand } from "../settings.ts"
import type { Heard, Sources } from "../sources.ts"

export interface OpcuaMappingOptions {
  readonly timeZone: string
  /** How severe what is, where the profile does not say. */
  readonly severity: ReadonlyArray<SeverityBand>
  /** What of officers' acts goes back to its conditions; left out: nothing. */
  readonly answering?: Answering
}

/**
 * What one device is asked for, and what its messages mean in our words. Takes its time from the caller; what it remembers
 * is bounded. It should outlive a link: it knows which conditions were active.
 */
export interface OpcuaMapping {
  readonly sources: Sources
  /** What of officers' acts goes back to the device's conditions. */
  readonly answering: Answering
  /** What of the profile cannot be asked for with this device's address and parameters: for people. */
  readonly problems: ReadonlyArray<string>
  /** Never throws. A message of another device's source says nothing. */
  readonly normalize: (heard: Heard, receivedAt: EpochMs) => Normalized
  /** The server has said again what is so: the device is there, unless the server answers for that itself. */
  readonly reached: () => ReadonlyArray<Observation>
  /** The profile has commands at all. */
  readonly takesCommands: boolean
  /** The commands that a point takes, as far as its node is known. */
  readonly commandsAt: (point: string) => ReadonlyArray<DoorCommand>
  /** What is to be done for a command, or in words why nothing can be. */
  readonly deed: (point: string, command: DoorCommand) => Deed | string
}

const nothing: Answering = { acknowledge: "none", comments: false, shelving: false }

class Mapping implements OpcuaMapping {
  readonly sources: Sources
  readonly problems: ReadonlyArray<string>
  readonly #workings: Workings
  readonly #sources: DeviceSources
  readonly #values: Values
  readonly #events: Events
  readonly #commands: Commands

  constructor(profile: OpcuaProfile, device: Device, { timeZone, severity, answering = nothing }: OpcuaMappingOptions) {
    const parameters = parametersOf(profile, device)
    const bands = profile.file.severity ?? severity
    this.#workings = { profile, device, parameters, timeZone, bands, memory: new Memory(), answering }
    this.#sources = sourcesOf(profile, device, parameters)
    this.#values = new Values(this.#workings)
    this.#events = new Events(this.#workings)
    this.#commands = new Commands(profile, fillingsOf(profile, device, parameters), baseOf(profile, device))
    this.problems = this.#sources.problems
    this.sources = {
      values: [...this.#sources.values.values()].map(({ source }) => source),
      events: [...this.#sources.events.values()].map(({ source }) => source)
    }
  }

  readonly normalize = (heard: Heard, receivedAt: EpochMs): Normalized => {
    if (heard._tag === "Value") {
      const watched = this.#sources.values.get(heard.key)
      if (watched === undefined) return ignored
      this.#commands.learn(capturesIn(watched.placed, heard.matched))
      return this.#values.normalize(watched, heard, receivedAt)
    }
    const listened = this.#sources.events.get(heard.key)
    if (listened === undefined) return ignored
    return heard._tag === "ConditionGone"
      ? this.#events.gone(listened, heard, receivedAt)
      : this.#events.normalize(listened, heard, receivedAt)
  }

  readonly reached = (): ReadonlyArray<Observation> => {
    const { profile, device } = this.#workings
    if (profile.availability.length > 0) return []
    const reason = "its server answers"
    return [{ _tag: "Availability", device: device.id, state: "online", origin: "recovery", reason, source: "opcua" }]
  }

  get answering(): Answering {
    return this.#workings.answering
  }

  get takesCommands(): boolean {
    return this.#commands.any
  }

  readonly commandsAt = (point: string): ReadonlyArray<DoorCommand> => this.#commands.at(point)

  readonly deed = (point: string, command: DoorCommand): Deed | string => this.#commands.deed(point, command)
}

/** The mapping of one device's nodes, events and conditions by its profile. */
export const makeOpcuaMapping = (profile: OpcuaProfile, device: Device, options: OpcuaMappingOptions): OpcuaMapping =>
  new Mapping(profile, device, options)
