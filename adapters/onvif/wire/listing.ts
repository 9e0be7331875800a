import { Effect } from "effect"
import type { CallFailed, Connection } from "./connection.ts"
import { descendantOf, escapeXml } from "./xml.ts"
import type { XmlElement } from "./xml-element.ts"

export interface Listing {
  readonly connection: Connection
  readonly url: string
  readonly namespace: string
  /** Such as `GetDoorInfoList`; its answer holds elements named `item`. */
  readonly operation: string
  readonly item: string
}

const pageSize = 100

/** Ten thousand doors at one controller: nobody builds that, and a device that never ends is not followed. */
const pagesMax = 100

const callMs = 10_000

/** Everything a list operation has, page by page (ONVIF Access Control Service Specification 21.06, section 5.2). */
export const listAll = Effect.fnUntraced(function* ({
  connection,
  url,
  namespace,
  operation,
  item
}: Listing): Effect.fn.Return<ReadonlyArray<XmlElement>, CallFailed> {
  const found: Array<XmlElement> = []
  const asked = new Set<string>()
  let reference: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const start = reference === undefined ? "" : `<n:StartReference>${escapeXml(reference)}</n:StartReference>`
    const { body } = yield* connection.call({
      url,
      action: `${namespace}/${operation}`,
      body: `<n:${operation} xmlns:n="${namespace}"><n:Limit>${pageSize}</n:Limit>${start}</n:${operation}>`,
      timeoutMs: callMs
    })
    found.push(...body.children.filter(({ name }) => name === item))
    reference = descendantOf(body, "NextStartReference")?.text.trim()
    if (reference === undefined || reference === "" || asked.has(reference)) break
    asked.add(reference)
  }
  return found
})
