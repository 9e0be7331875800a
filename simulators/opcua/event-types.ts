import type { Namespace, NodeId, UAObject } from "node-opcua"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Library } from "./library.ts"
import type { PanelEvent } from "./panel-event.ts"

/** How severe each of the panel's own events is, 0 to 1000; ours. */
const severities: Readonly<Record<PanelEvent["_tag"], number>> = {
  AccessGranted: 100,
  AccessDenied: 400,
  AccessTaken: 50,
  AccessNotTaken: 50,
  Duress: 1000,
  ExitRequested: 50
}

const names: Readonly<Record<PanelEvent["_tag"], string>> = {
  AccessGranted: "AccessGrantedEventType",
  AccessDenied: "AccessDeniedEventType",
  AccessTaken: "AccessTakenEventType",
  AccessNotTaken: "AccessNotTakenEventType",
  Duress: "DuressEventType",
  ExitRequested: "ExitRequestedEventType"
}

const messages: { readonly [Tag in PanelEvent["_tag"]]: string } = {
  AccessGranted: "Access granted",
  AccessDenied: "Access denied",
  AccessTaken: "Door opened by the card",
  AccessNotTaken: "Door not opened by the card",
  Duress: "Card presented under duress",
  ExitRequested: "Exit requested"
}

/** The panel's own event types, below BaseEventType: AccessEventType with what was read, and what was decided below it. */
export class PanelEvents {
  readonly #library: Library
  readonly #types: ReadonlyMap<PanelEvent["_tag"], NodeId>

  constructor(library: Library, own: Namespace) {
    this.#library = library
    const { DataType } = library
    const access = own.addObjectType({
      browseName: "AccessEventType",
      nodeId: "s=AccessEventType",
      subtypeOf: "BaseEventType",
      isAbstract: true
    })
    for (const [browseName, dataType] of [
      ["Reader", DataType.String],
      ["Credential", DataType.String],
      ["Cardholder", DataType.String],
      ["Reason", DataType.String],
      ["Extended", DataType.Boolean]
    ] as const) {
      own.addVariable({ browseName, propertyOf: access, dataType, modellingRule: "Mandatory" })
    }
    this.#types = new Map(
      (Object.keys(names) as ReadonlyArray<PanelEvent["_tag"]>).map((tag) => {
        const browseName = names[tag]
        const subtypeOf = tag === "ExitRequested" ? "BaseEventType" : access
        return [tag, own.addObjectType({ browseName, nodeId: `s=${browseName}`, subtypeOf, isAbstract: false }).nodeId]
      })
    )
  }

  /** The door tells of it: so do the folders above it, and the server. */
  raise(door: UAObject, event: PanelEvent, at: EpochMs): void {
    const { DataType, Variant } = this.#library
    const type = this.#types.get(event._tag)
    if (type === undefined) return
    const text = (value: string) => new Variant({ dataType: DataType.String, value })
    const card = event._tag === "ExitRequested" ? undefined : event.card
    door.raiseEvent(type, {
      time: { dataType: DataType.DateTime, value: new Date(at) },
      message: { dataType: DataType.LocalizedText, value: { text: messages[event._tag] } },
      severity: { dataType: DataType.UInt16, value: severities[event._tag] },
      ...(card === undefined || event._tag === "ExitRequested"
        ? {}
        : {
            reader: text(event.reader),
            credential: text(card.number),
            cardholder: text(card.holder ?? ""),
            reason: text(event._tag === "AccessDenied" ? event.reason : ""),
            extended: new Variant({
              dataType: DataType.Boolean,
              value: event._tag === "AccessGranted" && event.extended
            })
          })
    })
  }
}
