import { Effect } from "effect"
import type { CallFailed, Connection } from "../wire/connection.ts"
import { listAll } from "../wire/listing.ts"
import { tac } from "../wire/namespaces.ts"
import { attributeOf, descendantOf } from "../wire/xml.ts"
import type { XmlElement } from "../wire/xml-element.ts"

/** One side of a door with a reader, as its controller lists it (Access Control Service Specification 21.06, 5.3.1). */
export interface AccessPointInfo {
  readonly token: string
  readonly name: string
  /** Token of the door it gives access to, where that is a door. */
  readonly door: string | undefined
  readonly areaFrom: string | undefined
  readonly areaTo: string | undefined
}

const textOf = (element: XmlElement, name: string): string | undefined => {
  const text = descendantOf(element, name)?.text.trim()
  return text === "" ? undefined : text
}

const accessPointOf = (element: XmlElement): ReadonlyArray<AccessPointInfo> => {
  const token = attributeOf(element, "token") ?? ""
  if (token === "") return []
  // EntityType is a QName; left out, it is a door (section 5.3.1.1).
  const type = textOf(element, "EntityType")
  const isDoor = type === undefined || /(^|:)Door$/.test(type)
  return [
    {
      token,
      name: textOf(element, "Name") ?? token,
      door: isDoor ? textOf(element, "Entity") : undefined,
      areaFrom: textOf(element, "AreaFrom"),
      areaTo: textOf(element, "AreaTo")
    }
  ]
}

/** The access points of a controller. */
export const listAccessPoints = (
  connection: Connection,
  url: string
): Effect.Effect<ReadonlyArray<AccessPointInfo>, CallFailed> =>
  listAll({ connection, url, namespace: tac, operation: "GetAccessPointInfoList", item: "AccessPointInfo" }).pipe(
    Effect.map((elements) => elements.flatMap(accessPointOf))
  )
