import type { IAddressSpace, Namespace, StatusCode, UAObject, UAVariable } from "node-opcua"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { DoorCommand, DoorOptions, DoorState } from "../campus/door-machine.ts"
import { DoorNodes } from "./door-nodes.ts"
import { PanelEvents } from "./event-types.ts"
import type { PanelFaults } from "./faults.ts"
import type { Library } from "./library.ts"
import { panelNamespace, type PanelOptions } from "./options.ts"
import type { PanelEvent } from "./panel-event.ts"

export interface SpaceOptions {
  readonly library: Library
  readonly panels: ReadonlyArray<PanelOptions>
  readonly faults: () => PanelFaults
  readonly now: () => EpochMs
  readonly command: (door: string, command: DoorCommand) => string | undefined
  /** The door of a reader. */
  readonly doorOf: (reader: string) => string | undefined
  /** Told of each acknowledgement and confirmation that was accepted: the condition's node, as text, and the comment. */
  readonly acknowledged: (condition: string, comment: string) => void
}

/** OPC 10000-9, 5.5.7 and 5.7: the methods that a fault may refuse, by their browse names. */
const acknowledging: ReadonlySet<string> = new Set(["Acknowledge", "Confirm"])
const refreshing: ReadonlySet<string> = new Set(["ConditionRefresh", "ConditionRefresh2"])

/**
 * What a server of panels shows. A node's id is its browse path. All is built anew at each start: the library cannot take
 * an address space over.
 */
export class PanelSpace {
  readonly #options: SpaceOptions
  readonly #own: Namespace
  readonly #events: PanelEvents
  readonly #server: UAObject
  readonly #space: IAddressSpace
  readonly #normal: UAVariable
  readonly #folders = new Map<string, UAObject>()
  readonly #doors = new Map<string, DoorNodes>()

  constructor(space: IAddressSpace, options: SpaceOptions) {
    this.#options = options
    this.#space = space
    const { library, panels, faults } = options
    for (const uri of faults().namespacesBefore) space.registerNamespace(uri)
    this.#own = space.registerNamespace(panelNamespace) as unknown as Namespace
    space.installAlarmsAndConditionsService()
    const { objects } = space.rootFolder
    this.#server = objects.server as unknown as UAObject
    this.#events = new PanelEvents(library, this.#own)
    space.addMethodCallInterceptor((_, __, method) => this.#judge(method))
    const normal = this.#own.addVariable({
      browseName: "Normal",
      nodeId: "s=/Normal",
      organizedBy: objects,
      dataType: "Boolean",
      value: { dataType: library.DataType.Boolean, value: false }
    })
    this.#normal = normal
    for (const panel of panels) {
      this.#folders.set(panel.id, this.#doorsFolder(panel, objects as unknown as UAObject))
      for (const door of panel.doors) this.#place(panel, door)
    }
  }

  #place(panel: PanelOptions, door: DoorOptions): void {
    const folder = this.#folders.get(panel.id)
    if (folder === undefined) return
    const { library, faults, now, acknowledged } = this.#options
    const command = (asked: DoorCommand) => this.#options.command(door.token, asked)
    const id = ["", ...panel.path, "Doors", door.token].join("/")
    const surroundings = {
      library,
      own: this.#own,
      folder,
      id,
      normal: this.#normal,
      faults,
      now,
      command,
      acknowledged
    }
    this.#doors.set(door.token, new DoorNodes(door, surroundings))
  }

  /** A door is there from now on, and clients are told that nodes came. */
  hang(panel: PanelOptions, door: DoorOptions): void {
    this.#place(panel, door)
    this.#tellModelChange()
  }

  /** A door's nodes are gone. */
  takeDown(door: string): void {
    const nodes = this.#doors.get(door)
    if (nodes === undefined) return
    this.#doors.delete(door)
    this.#space.deleteNode(nodes.object)
    this.#tellModelChange()
  }

  #tellModelChange(): void {
    const { faults, library } = this.#options
    if (faults().hidesModelChanges) return
    this.#server.raiseEvent("GeneralModelChangeEventType", {
      message: { dataType: library.DataType.LocalizedText, value: { text: "doors came or went" } }
    })
  }

  /** The folder of a panel's doors. What is above it also tells their events. */
  #doorsFolder({ path }: PanelOptions, objects: UAObject): UAObject {
    let parent: UAObject = objects
    let notifier: UAObject = this.#server
    const names: Array<string> = []
    for (const browseName of [...path, "Doors"]) {
      names.push(browseName)
      const known = parent.getFolderElementByName(browseName) as UAObject | null
      const place = known ?? this.#folder(browseName, `/${names.join("/")}`, parent, notifier)
      parent = place
      notifier = place
    }
    return parent
  }

  #folder(browseName: string, id: string, parent: UAObject, notifier: UAObject): UAObject {
    return this.#own.addObject({
      browseName,
      nodeId: `s=${id}`,
      typeDefinition: "FolderType",
      organizedBy: parent,
      eventSourceOf: notifier,
      eventNotifier: 1
    })
  }

  #judge({ browseName }: { readonly browseName: { readonly name: string | null } }): StatusCode {
    const { library, faults } = this.#options
    const { StatusCodes } = library
    const name = browseName.name ?? ""
    if (acknowledging.has(name) && faults().refusesAcknowledgements) return StatusCodes.BadUserAccessDenied
    const { refusesRefresh } = faults()
    return refreshing.has(name) && refusesRefresh !== undefined ? StatusCodes[refusesRefresh] : StatusCodes.Good
  }

  /** A door is so now. `all`: also what is as it was, because its status is another one. */
  show(door: string, state: DoorState, all = false): void {
    this.#doors.get(door)?.show(state, all)
  }

  /** Something happened at a door: whoever listens to it, or to what it is in, hears of it. */
  tell(event: PanelEvent): void {
    const door = event._tag === "ExitRequested" ? event.door : this.#options.doorOf(event.reader)
    const nodes = door === undefined ? undefined : this.#doors.get(door)
    if (nodes !== undefined) this.#events.raise(nodes.object, event, this.#options.now())
  }

  /**
   * The server threw events away before anybody heard them, and says so (OPC 10000-5, 6.4.34). The library never does. It
   * is of whoever listens, so each panel's folder tells it, and what is above.
   */
  overflow(): void {
    const { DataType } = this.#options.library
    for (const folder of this.#folders.values())
      folder.raiseEvent("EventQueueOverflowEventType", {
        message: { dataType: DataType.LocalizedText, value: { text: "events were lost" } },
        severity: { dataType: DataType.UInt16, value: 500 }
      })
  }
}
